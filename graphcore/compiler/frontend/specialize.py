"""From a graph to the same graph for certain shapes, with its gradient written beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...arrays.registry import registry
from ...arrays.shaped_array import ShapedArray
from ...autodiff.executor import forward, reverse
from ...autodiff.gradient import zero_of
from ...autodiff.plan import plan_for
from ...graph.graph import Graph
from ...graph.node import Node
from .recompute import RecomputedNodes


class SpecializedGraph(NamedTuple):
    """A graph of its own, in which every length is known that the fed shapes decide."""

    graph: Graph
    leaves: dict[Node, Node]
    outputs: list[Node]
    gradients: list[Node]


def specialize(
    order: Sequence[Node], outputs: Sequence[Node], wrt: Sequence[Node], fed: Mapping[Node, ShapedArray]
) -> SpecializedGraph:
    """Copy the nodes of ``order``, for inputs of certain types, and write the gradient of the first one.

    The graph of the caller stays as it is: what is written for the compiled step is nobody else's to see.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", (None,))
    >>> C = ops.sum(x * x)
    >>> special = specialize(g.nodes, [C], [x], {x: ShapedArray((5,), x.dtype)})
    >>> special.gradients[0].shape, special.gradients[0].graph is g, len(g)
    ((5,), False, 3)
    >>> [leaf.shape for leaf in special.leaves.values()]
    [(5,)]
    """
    twin = Graph("step")
    leaves: dict[Node, Node] = {}
    with twin.inherit_metadata(outputs[0]):
        for node in order:
            if node.op is None:
                leaves[node] = _leaf(twin, node, fed.get(node, node.type), len(leaves))
        values: dict[Node, Any] = dict(leaves)
        forward(order, values, registry)
        inside = [values[node] for node in wrt]
        gradients = _gradients(values[outputs[0]], inside, _parts(order, values)) if wrt else []
    return SpecializedGraph(twin, leaves, [values[node] for node in outputs], gradients)


def _parts(order: Sequence[Node], values: Mapping[Node, Any]) -> dict[Node, int]:
    """The copies of nodes in checkpointed parts, and the number of each one's part."""
    return {values[node]: node.region for node in order if node.op is not None and node.region is not None}


def _gradients(cost: Node, wrt: Sequence[Node], parts: Mapping[Node, int]) -> list[Node]:
    """The gradients as nodes, written in an order in which little has to be remembered at a time."""
    order = topological_order(cost.graph, (cost,))
    gradients = {cost: cost.graph.constant(1.0, dtype=cost.dtype)}
    reading = RecomputedNodes(cost.graph, parts, gradients)
    reverse_by_target(order, reading, gradients, registry, descendants(wrt, order).__contains__)
    return [gradients[node] if node in gradients else zero_of(node) for node in wrt]


def _leaf(twin: Graph, node: Node, type_: ShapedArray, number: int) -> Node:
    if node.kind == "constant":
        return twin.add_constant(node.data)
    return twin.input(f"{node.kind} {number}", type_.shape, type_.dtype)
