"""Ids of the elements of a picture; they contain numbers only, never text of a user."""

from __future__ import annotations

from graphcore import Node


def node_id(node: Node) -> str:
    """Return the id of a node's box.

    >>> import graphcore as gc
    >>> node_id(gc.Graph().input("<script>"))
    'node-0'
    """
    return f"node-{node.index}"


def edge_id(source: Node, target: Node, argument: str) -> str:
    """Return the id of the arrow from a node into one argument of another.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> square = x * x
    >>> [edge_id(x, square, argument) for argument in square.arguments]
    ['edge-0-1-0', 'edge-0-1-1']
    """
    return f"edge-{source.index}-{target.index}-{target.arguments.index(argument)}"
