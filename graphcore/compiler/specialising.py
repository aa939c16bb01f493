"""From a graph to the same graph for certain shapes, with its gradient written beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..arraytype import ArrayType
from ..executor import forward
from ..gradient import derivative
from ..graph import Graph
from ..node import Node
from ..registration import registry


class Special(NamedTuple):
    """A graph of its own, in which every length is known that the fed shapes decide."""

    graph: Graph
    leaves: dict[Node, Node]
    outputs: list[Node]
    gradients: list[Node]


def specialised(
    order: Sequence[Node], outputs: Sequence[Node], wrt: Sequence[Node], fed: Mapping[Node, ArrayType]
) -> Special:
    """Copy the nodes of ``order``, for inputs of certain types, and write the gradient of the first one.

    The graph of the caller stays as it is: what is written for the compiled step is nobody else's to see.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", (None,))
    >>> C = ops.sum(x * x)
    >>> special = specialised(g.nodes, [C], [x], {x: ArrayType((5,), x.dtype)})
    >>> special.gradients[0].shape, special.gradients[0].graph is g, len(g)
    ((5,), False, 3)
    >>> [leaf.shape for leaf in special.leaves.values()]
    [(5,)]
    """
    twin = Graph("step")
    leaves: dict[Node, Node] = {}
    with twin.on_behalf_of(outputs[0]):
        for node in order:
            if node.op is None:
                leaves[node] = _leaf(twin, node, fed.get(node, node.type), len(leaves))
        values: dict[Node, Any] = dict(leaves)
        forward(order, values, registry)
        inside = [values[node] for node in wrt]
        gradients = derivative(values[outputs[0]], inside) if wrt else []
    return Special(twin, leaves, [values[node] for node in outputs], gradients)


def _leaf(twin: Graph, node: Node, type_: ArrayType, number: int) -> Node:
    if node.kind == "constant":
        return twin.add_constant(node.held)
    return twin.input(f"{node.kind} {number}", type_.shape, type_.dtype)
