"""The ids by which a page finds the parts of a picture: made of numbers, never of what a user wrote."""

from __future__ import annotations

from graphcore import Node


def node_key(node: Node) -> str:
    """The id of a node's box.

    >>> import graphcore as gc
    >>> node_key(gc.Graph().input("<script>"))
    'node-0'
    """
    return f"node-{node.index}"


def edge_key(source: Node, target: Node, argument: str) -> str:
    """The id of the arrow from a node into one argument of another.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> square = x * x
    >>> [edge_key(x, square, argument) for argument in square.arguments]
    ['edge-0-1-0', 'edge-0-1-1']
    """
    return f"edge-{source.index}-{target.index}-{target.arguments.index(argument)}"
