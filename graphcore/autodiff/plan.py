"""The flat plan of a computation: an order of its nodes and the edges into each, from one query of networkx.

The executor walks nothing else: forward along ``nodes``, backward along ``edges_into`` from the last node to the first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

from ..graph.networkx_view import ancestors_with_edges
from ..graph.node import GraphOfNodes, Node
from ..operations.operation import op_of
from ..operations.rules import Rule
from ..support.bounded_cache import bounded_cache
from .interpreters import Interpreter, PlanEdge

_PLANS_KEPT = 32
#: a plan of more nodes binds its steps anew at every run, as they take more memory than it
_MOST_BOUND = 1000


class Plan(Sequence[Node]):
    """All nodes that some outputs depend on, arguments before results, and the edges between them.

    Made by `plan_for`; as a sequence it is that of its nodes.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, unused = g.input("x"), g.input("unused")
    >>> C = ops.multiply(x, x, name="C")
    >>> plan = plan_for(g, (C,))
    >>> list(plan), [edge.argument for edge in plan.edges_into(1)]
    ([<x (input): float64 ()>, <C = multiply: float64 ()>], ['x1', 'x2'])
    """

    def __init__(self, graph: GraphOfNodes, outputs: tuple[Node, ...]) -> None:
        self.graph, self.outputs = graph, outputs
        self.nodes, edges = _query_networkx(graph, outputs)
        self.inside = frozenset(self.nodes)
        #: inputs, parameters and constants
        self.leaves = [node for node in self.nodes if node.op is None]
        #: where the gradients of a run are needed: parameters, and everything that was computed
        self.trainable = frozenset(n for n in self.nodes if n.type.is_float and n.kind in ("op", "parameter"))
        self._bound: dict[Any, tuple[int, list[Any]]] = {}
        # flat, the edges into one node after those into the node before it: an object for each would cost more
        self._sources: list[Node] = []
        self._arguments: list[str] = []
        for source, argument in edges:
            self._sources.append(source)
            self._arguments.append(argument)
        self._ends = list(itertools.accumulate(len(node.arguments) for node in self.nodes))

    def edges_into(self, position: int) -> list[PlanEdge]:
        """Return the edges into the node at a position, in order of its arguments."""
        target, span = self.nodes[position], slice(self._ends[position - 1] if position else 0, self._ends[position])
        return [PlanEdge(s, target, a) for s, a in zip(self._sources[span], self._arguments[span], strict=True)]

    def edges_from(self, node: Node) -> Iterator[PlanEdge]:
        """Yield the edges that leave a node for another of the plan, in order of making.

        >>> import graphcore as gc
        >>> x = gc.Graph().input("x", (2,))
        >>> C = (x[0] * x[1]).named("C")
        >>> [edge.target.label for edge in plan_for(x.graph, (C,)).edges_from(x)]
        ['getitem#1', 'getitem#2']
        """
        users = node.users.copy()  # other threads may add to it
        for target, argument in zip(users[::2], users[1::2], strict=True):
            if target in self.inside:
                yield PlanEdge(node, target, argument)

    def bound(self, direction: str, on: Interpreter, steps: Iterable[Any]) -> Iterable[Any]:
        """Return the steps of one pass, bound to an interpreter: kept for the next run, if they are not very many."""
        if len(self.nodes) > _MOST_BOUND:
            return steps
        made, kept = self._bound.get((direction, on.xp), (-1, []))
        if made != Rule.made:
            made, kept = self._bound[direction, on.xp] = Rule.made, list(steps)
        return kept

    def is_independent(self, edge: PlanEdge) -> bool:
        """Return whether the source of an edge depends on no input or parameter that the other arguments depend on.

        >>> import graphcore as gc
        >>> g = gc.Graph()
        >>> x, w = g.input("x"), g.parameter("w", 2.0)
        >>> C = ((x * w) * w).named("C")
        >>> plan = plan_for(g, (C,))
        >>> [plan.is_independent(edge) for node in plan for edge in plan.edges_from(node)]
        [True, True, False, False]
        """
        leaves = self._leaves_below
        others = (n for n, a in zip(edge.target.inputs, edge.target.arguments, strict=True) if a != edge.argument)
        return not any(leaves[edge.source] & leaves[other] for other in others)

    @cached_property
    def _leaves_below(self) -> dict[Node, int]:
        """The inputs and parameters that every node depends on by derivatives, as the bits of a number."""
        found = {leaf: 0 if leaf.kind == "constant" else 1 << number for number, leaf in enumerate(self.leaves)}
        for node in self.nodes:
            if node.op is None:
                continue
            bits = 0
            for source, argument in zip(node.inputs, node.arguments, strict=True):
                rule = op_of(node).rule_for(argument)
                if source.type.is_float and (rule is None or rule.kind != "flat"):
                    bits |= found[source]
            found[node] = bits
        return found

    def descendants(self, starts: Iterable[Node]) -> set[Node]:
        """Return the nodes that depend on one of ``starts``, and these themselves."""
        return descendants(starts, self.nodes)

    @overload
    def __getitem__(self, index: int) -> Node: ...

    @overload
    def __getitem__(self, index: slice) -> list[Node]: ...

    def __getitem__(self, index: int | slice) -> Any:
        return self.nodes[index]

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __reversed__(self) -> Iterator[Node]:
        return reversed(self.nodes)

    def __reduce__(self) -> tuple[Any, ...]:
        return plan_for, (self.graph, self.outputs)


def plan_for(graph: GraphOfNodes, outputs: tuple[Node, ...]) -> Plan:
    """Return the plan of some outputs, which is kept: a graph only grows, so that it never changes.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> a = ops.exp(g.input("x"), name="a")
    >>> before = plan_for(g, (a,))
    >>> b = ops.exp(a)
    >>> plan_for(g, (a,)) is before, len(plan_for(g, (b,)))
    (True, 3)
    """
    plans = bounded_cache(graph.cache, "plans", _PLANS_KEPT)
    plan: Plan | None = plans.get(outputs)
    if plan is None:
        plan = plans[outputs] = Plan(graph, outputs)
    return plan


def descendants(starts: Iterable[Node], order: Iterable[Node]) -> set[Node]:
    """Return the nodes of ``order`` that depend on one of ``starts``, and these themselves.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, y = g.input("x"), g.input("y")
    >>> a, b = ops.exp(x, name="a"), ops.exp(y, name="b")
    >>> sorted(n.name for n in descendants([x], g.nodes))
    ['a', 'x']
    """
    found = set(starts)
    for node in order:
        if not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def _query_networkx(graph: GraphOfNodes, outputs: tuple[Node, ...]) -> tuple[list[Node], Iterator[tuple[Node, str]]]:
    """Return the ancestors of the outputs in topological order, and the source and key of every edge into each."""
    found = ancestors_with_edges(graph.structure, outputs)
    # An operation uses nodes that exist, so the order in which nodes were added is a topological one: the same as
    # nx.lexicographical_topological_sort by index finds, without a heap.
    nodes = sorted(found, key=_index_of)
    return nodes, ((source, key) for node in nodes for source, keys in found.pop(node).items() for key in keys)


def _index_of(node: Node) -> int:
    return node.index
