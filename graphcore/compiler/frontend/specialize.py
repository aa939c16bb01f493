"""A copy of a graph for fixed shapes, with its gradient as nodes of the copy."""

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
    """A copy of a graph in which the shapes of the inputs are fixed."""

    graph: Graph
    leaves: dict[Node, Node]
    outputs: list[Node]
    gradients: list[Node]
    #: recomputed nodes, and the gradient after which each of them is computed
    after: Mapping[Node, Node]


def specialize(
    order: Sequence[Node], outputs: Sequence[Node], wrt: Sequence[Node], fed: Mapping[Node, ShapedArray]
) -> SpecializedGraph:
    """Copy the nodes of ``order`` for inputs of the types ``fed``, and add the gradient of the first output.

    The graph of the caller is not changed.

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
        gradients, after = _differentiate(values[outputs[0]], inside, _parts(order, values)) if wrt else ([], {})
    return SpecializedGraph(twin, leaves, [values[node] for node in outputs], gradients, after)


def _parts(order: Sequence[Node], values: Mapping[Node, Any]) -> dict[Node, int]:
    """Return the copies of nodes in checkpointed parts with the numbers of their parts."""
    return {values[node]: node.region for node in order if node.op is not None and node.region is not None}


def _differentiate(cost: Node, wrt: Sequence[Node], parts: Mapping[Node, int]) -> tuple[list[Node], dict[Node, Node]]:
    """Return the gradients as nodes, in an order that keeps few values alive, and the order of recomputed nodes."""
    plan = plan_for(cost.graph, (cost,))
    gradients: dict[Node, Node] = {}
    recomputed = RecomputedNodes(cost.graph, parts, gradients)
    seed = cost.graph.constant(1.0, dtype=cost.dtype)
    reverse(plan, recomputed, seed, registry, plan.descendants(wrt), gradients=gradients)
    return [gradients[node] if node in gradients else zero_of(node) for node in wrt], recomputed.after


def _leaf(twin: Graph, node: Node, type_: ShapedArray, number: int) -> Node:
    if node.kind == "constant":
        return twin.add_constant(node.data)
    return twin.input(f"{node.kind} {number}", type_.shape, type_.dtype)
