"""A graph as networkx has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from .node import Node


def mirrored(name: str, nodes: Iterable[Node]) -> nx.MultiDiGraph:
    """The `networkx.MultiDiGraph` of some nodes, arguments before results, and of the edges into them.

    networkx needs five dictionaries for a node with its edge, which take longer to make, and more memory, than all that
    a run needs: so a graph is written down for those who ask for it.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> [key for _, _, key in mirrored("square", [x, x * x]).edges(keys=True)]
    ['x1', 'x2']
    """
    mirror = nx.MultiDiGraph(name=name)
    for node in nodes:
        add(mirror, node)
    return mirror


def add(mirror: nx.MultiDiGraph, node: Node) -> None:
    """Write down one more node, with an edge for each of its arguments.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> mirror = mirrored("square", [x])
    >>> add(mirror, ops.square(x))
    >>> mirror.number_of_nodes(), mirror.out_degree(x)
    (2, 1)
    """
    if not node.inputs:  # any other comes with its edges
        mirror.add_node(node)
    for source, argument in zip(node.inputs, node.arguments, strict=True):
        mirror.add_edge(source, node, key=argument)
