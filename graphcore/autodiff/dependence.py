"""The entries that the cost depends on: where it does not, the zero of a gradient is a structural one.

A structural zero stays 0 against an infinite or undefined local derivative; any other zero against one is NaN. Only
such a product requests the masks, so that a backward pass in which none appears costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..graph.node import Node
from ..operations.operation import op_of
from ..operations.rules import Rule
from .interpreters import Interpreter, PlanEdge
from .plan import Plan

#: the cost does not depend on the node by any path along which there are derivatives
_NOWHERE = object()


def everywhere(_node: Node) -> None:
    """Return that the cost may depend on every entry: no zero is known to be structural."""


class Dependence:
    """The entries that the output of a plan depends on, found from the output backward when they are read.

    >>> import numpy as np, graphcore as gc, ops
    >>> from graphcore.autodiff.executor import forward
    >>> from graphcore.autodiff.interpreters import interpreter_for
    >>> from graphcore.autodiff.plan import plan_for
    >>> x = gc.Graph().input("x", (3,))
    >>> C = ops.sum(ops.relu(x) * np.array([1.0, 0.0, 2.0]))
    >>> plan, values = plan_for(x.graph, (C,)), {x: np.array([1.0, 2.0, -3.0])}
    >>> values |= {node: node.data for node in plan.leaves if node.kind == "constant"}
    >>> forward(plan, values, np)
    >>> dependence = Dependence(plan, values, interpreter_for(np), lambda: None)
    >>> dependence.of(x), dependence.of(C)
    (array([ True, False, False]), None)
    """

    def __init__(self, plan: Plan, values: Mapping[Node, Any], on: Interpreter, of_seed: Callable[[], Any]) -> None:
        self._plan, self._values, self._on, self._of_seed = plan, values, on, of_seed
        self._masks: dict[Node, Any] = {}
        self._edges: dict[PlanEdge, Any] = {}

    def of(self, node: Node) -> Any:
        """Return the mask of a node: true where the cost may depend on an entry; ``None`` for everywhere."""
        waiting = [node]
        while waiting:
            here = waiting[-1]
            ahead = () if here in self._masks else self._unknown_ahead(here)
            if ahead:
                waiting.extend(ahead)
            else:
                waiting.pop()
                if here not in self._masks:
                    self._masks[here] = self._union(self._plan.edges_from(here))
        mask = self._masks[node]
        return None if mask is _NOWHERE else mask

    def keep(self, edges: Iterable[PlanEdge]) -> None:
        """Find and keep the masks along some edges into a node, before values that they are found from are dropped."""
        for edge in edges:
            self.of(edge.target)
            self._edges[edge] = self._along(edge)

    def _unknown_ahead(self, node: Node) -> list[Node]:
        """Return the nodes that are needed first; if none of the edges says anything, the mask is known at once."""
        if node is self._plan.outputs[0]:
            self._masks[node] = self._of_seed()
            return []
        edges = list(self._plan.edges_from(node))
        if any(_zeros_of(edge) == "mixed" for edge in edges):
            self._masks[node] = None
            return []
        return [e.target for e in edges if e.target not in self._masks and _zeros_of(e) != "none"]

    def _union(self, edges: Iterable[PlanEdge]) -> Any:
        """Return where the cost depends on a node by one of its edges."""
        union: Any = _NOWHERE
        for edge in edges:
            mask = self._edges[edge] if edge in self._edges else self._along(edge)
            if mask is None:
                return None
            if mask is not _NOWHERE:
                union = mask if union is _NOWHERE else self._on.xp.logical_or(union, mask)
        return union

    def _along(self, edge: PlanEdge) -> Any:
        """Return where the cost depends on the source of an edge by that edge."""
        zeros, dout = _zeros_of(edge), self._masks.get(edge.target)
        if zeros == "none" or dout is _NOWHERE:
            return _NOWHERE
        if zeros == "mixed":
            return None
        rule = op_of(edge.target).rule_for(edge.argument)
        if rule is not None and rule.kind == "pullback" and not isinstance(zeros, Rule):
            return self._through_pullback(rule, edge, dout)
        own = None
        if isinstance(zeros, Rule):
            own = self._evaluate(zeros, edge, None)
        elif rule is not None and (zeros == "made" or (zeros == "factor" and self._plan.is_independent(edge))):
            own = self._on.nonzero(self._ones_like(edge.target) * self._evaluate(rule, edge, None))
        mask = own if dout is None else dout if own is None else self._on.xp.logical_and(dout, own)
        return None if mask is None else self._unbroadcast(mask, edge)

    def _through_pullback(self, rule: Rule, edge: PlanEdge, dout: Any) -> Any:
        """Return where a pullback that only moves entries puts those on which the cost depends."""
        if dout is None:
            if rule.zeros == "moved":
                return None
            dout = self._ones_like(edge.target)
        else:
            dout = self._on.as_float(dout, edge.target)
        return self._on.nonzero(self._on.unbroadcast(self._evaluate(rule, edge, dout), edge, self._values))

    def _ones_like(self, node: Node) -> Any:
        return self._on.xp.ones_like(self._values[node])

    def _evaluate(self, rule: Rule, edge: PlanEdge, dout: Any) -> Any:
        return rule.evaluate(edge.target, edge.argument, self._values, dout, self._on.xp)

    def _unbroadcast(self, mask: Any, edge: PlanEdge) -> Any:
        """Return a mask in the shape of the source: entries that were repeated count where one of them does."""
        on, shape = self._on, tuple(edge.source.shape)
        if None not in shape and tuple(mask.shape) == shape:
            return mask
        whole = on.as_float(mask, edge.source)
        fitted = on.unbroadcast(whole, edge, self._values)
        return mask if fitted is whole else on.nonzero(fitted)


def _zeros_of(edge: PlanEdge) -> Any:
    """Return what the rule of an edge says of structural zeros; ``"none"`` where there is no derivative."""
    if not edge.source.type.is_float:
        return "none"
    op = op_of(edge.target)
    rule = op.rule_for(edge.argument)
    if rule is None:
        return "carried" if op.is_elementwise else "mixed"
    return "none" if rule.kind == "flat" else rule.zeros
