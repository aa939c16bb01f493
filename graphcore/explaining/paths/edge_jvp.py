"""Jacobian-vector products of one edge: the change of the target for a change of the source.

A rule goes backward. What goes forward is the transpose of it, and that is found by differentiating the rule itself,
which is linear in the upstream gradient. The same formula finds the input entry that a number is a copy of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...arrays.namespace import Array, asarray, zeros
from ...arrays.registry import registry
from ...autodiff.executor import contribution, forward, reverse
from ...autodiff.interpreters import SYMBOLS, PlanEdge, SymbolicValues
from ...autodiff.plan import Plan, descendants, plan_for
from ...autodiff.run import Run
from ...errors import MissingRuleError
from ...graph.graph import Graph
from ...graph.node import Node
from ...operations.core_ops import sum_like
from ...operations.operation import op_of
from ...operations.rules import Rule
from ...support.bounded_cache import bounded_cache

#: the number of formulas that a graph keeps
_KEPT = 256


class SourceEntry(NamedTuple):
    """An entry of an input."""

    node: Node
    entry: tuple[int, ...]


class _Formula(NamedTuple):
    """The jvp of an edge, written as a small graph."""

    rule: Rule
    inputs: dict[Node, Node]
    seed: Node
    dout: Node
    answer: Node
    order: Plan


def _formula(step: PlanEdge, rule: Rule | None, shapes: Mapping[Node, tuple[int, ...]]) -> _Formula:
    source, target, argument = step
    if rule is None:
        raise MissingRuleError(f"{op_of(target).name} has no rule of its own")
    scratch = Graph("answer")
    inputs = {node: scratch.input(f"{i}", shape, node.dtype) for i, (node, shape) in enumerate(shapes.items())}
    like, shape = inputs[source], inputs[target].shape
    dout = scratch.input("dout", shape, target.dtype)
    back = contribution(target, argument, inputs, dout, SYMBOLS)
    if back is None:
        raise MissingRuleError(f"{op_of(target).name} is flat")
    back = back if back.shape == like.shape else sum_like(back, like)
    seed = scratch.input("one", like.shape, source.dtype)
    order = plan_for(scratch, (back,))
    answer = reverse(order, SymbolicValues(), seed, registry, descendants([dout], order))[dout]
    return _Formula(rule, inputs, seed, dout, answer, plan_for(scratch, (answer,)))


class EdgeJVP:
    """The change of an edge's target for a change of its source.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (2, 2)), g.parameter("w", [[1.0], [2.0]])
    >>> run = gc.backprop(ops.sum(ops.matmul(x, w, name="z")), {x: [[3.0, 4.0], [5.0, 6.0]]})
    >>> answer = EdgeJVP(run, PlanEdge(w, g["z"], "b"), one_hot(run, w, (0, 0)))
    >>> answer.values
    array([[3.],
           [5.]])
    >>> answer.owner((1, 0))
    SourceEntry(node=<x (input): float64 (2, 2)>, entry=(1, 0))
    """

    def __init__(self, run: Run, step: PlanEdge, move: Array) -> None:
        self.run, self.step = run, step
        self._order: Plan | None = None
        try:
            self._formula, self._known = self._written(move)
        except Exception:  # noqa: BLE001  a rule that works on arrays only is applied to unit vectors instead
            self._order = None
            self.values: Array = self._tried(move)
            return
        forward(self._order or (), self._known, run.xp)
        #: how much each entry of the target moves as the source moves by ``move``
        self.values = self._known[self._formula]

    def _written(self, move: Array) -> tuple[Node, dict[Node, Any]]:
        """Return the result as a node of a small graph, and the values there."""
        run, target = self.run, self.step.target
        nodes = list(dict.fromkeys((*target.inputs, target)))
        shapes = tuple(tuple(run.value[node].shape) for node in nodes)
        rule = op_of(target).rule_for(self.step.argument)
        # every entry of an array, and every run of the same shapes, has the same formula
        written = bounded_cache(run.graph.cache, "answers", _KEPT)
        key = (*self.step, shapes)
        formula: _Formula | None = written.get(key)
        if formula is None or formula.rule is not rule:
            formula = written[key] = _formula(self.step, rule, dict(zip(nodes, shapes, strict=True)))
        self._inputs, self._order = formula.inputs, formula.order
        known: dict[Node, Any] = {inner: run.value[outer] for outer, inner in self._inputs.items()}
        known[formula.seed] = move
        known[formula.dout] = zeros(shapes[-1], target.dtype, run.xp)
        return formula.answer, known

    def _tried(self, move: Array) -> Array:
        """Return the result found by one vjp for each entry of the target."""
        target = self.step.target
        shape, moved = tuple(self.run.value[target].shape), np.asarray(move)
        answers = np.zeros(shape, target.dtype)
        for place in np.ndindex(shape):
            back = self.run.edge_vjp(*self.step, one_hot(self.run, target, place))
            answers[place] = np.sum(np.where(moved == 0, 0, np.asarray(back) * moved))
        return asarray(answers, self.run.xp, target.dtype)

    def owner(self, entry: tuple[int, ...]) -> SourceEntry | None:
        """Return the entry of an input that is one of the numbers in ``values``; ``None`` if it is no such thing."""
        if self._order is None:
            return None
        seed = one_hot(self.run, self.step.target, entry)
        inner = [self._inputs[node] for node in self.step.target.inputs]
        found = reverse(self._order, self._known, seed, self.run.xp, descendants(inner, self._order))
        owners = [
            (node, gradient)
            for node in dict.fromkeys(self.step.target.inputs)
            if np.any(gradient := np.asarray(found.get(self._inputs[node], 0.0)))
        ]
        if len(owners) != 1 or np.count_nonzero(owners[0][1]) != 1:
            return None
        node, gradient = owners[0]
        place = tuple(int(i) for i in np.argwhere(gradient)[0])
        is_it = gradient[place] == 1 and np.asarray(self.run.value[node])[place] == np.asarray(self.values)[entry]
        return SourceEntry(node, place) if is_it else None


def one_hot(run: Run, node: Node, entry: tuple[int, ...]) -> Array:
    """Zeros in the shape of a node, and 1 at one entry.

    >>> import graphcore as gc
    >>> w = gc.Graph().parameter("w", [1.0, 2.0])
    >>> one_hot(gc.backprop(w[0] * w[1]), w, (1,))
    array([0., 1.])
    """
    one = np.zeros(tuple(run.value[node].shape), node.dtype)
    one[entry] = 1
    return asarray(one, run.xp, node.dtype)
