"""One factor of the chain rule: its symbol, its formula, its number, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...arrays.namespace import Array
from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import Edge, Run
from ...graph.node import Node
from ...operations.operation import op_of
from ...symbolic.expression import Formula
from ...symbolic.formulas import derivative_symbol, local_formula, route_formula
from ..text.numbers import format_count, summarize
from ..text.symbols import Partial, symbol_of

#: a factor of more steps is a number without a formula
_LONGEST = 20


@dataclass(frozen=True)
class Factor:
    """A local derivative along a path to the cost, from one named node to the next.

    What has no name in between is written out: in ``z = w · x + b`` the factor is ∂z/∂w = x.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x, b = g.parameter("w", 2.0), g.input("x"), g.parameter("b", 1.0)
    >>> run = gc.backprop((w * x + b).named("z"), {x: 3.0})
    >>> factor = gc.explain(run, "w").factors[0]
    >>> print(factor)
    ∂z/∂w = x = 3: how active the input was
    >>> factor.value
    np.float64(3.0)
    """

    run: Run = field(repr=False)
    steps: tuple[PlanEdge, ...]

    @property
    def source(self) -> Node:
        """The node that is nudged."""
        return self.steps[0].source

    @property
    def target(self) -> Node:
        """The node that responds."""
        return self.steps[-1].target

    @property
    def argument(self) -> str:
        """The argument as which the source enters."""
        return self.steps[0].argument

    @property
    def symbol(self) -> Partial:
        """``∂z/∂w``."""
        return Partial(symbol_of(self.target, self.run), symbol_of(self.source, self.run))

    @cached_property
    def formula(self) -> Formula | None:
        """The local derivative, written from the registered rules; for a map of whole arrays □ stands for what it is
        applied to, and ``None`` for a rule that cannot be written and for a very long one."""
        if len(self.steps) > _LONGEST:
            return None
        return route_formula([(step.target, step.argument) for step in self.steps])

    @cached_property
    def short(self) -> Formula | None:
        """``σ′(z)``, where the formula has such a name."""
        return derivative_symbol(self.target) if len(self.steps) == 1 else None

    @cached_property
    def value(self) -> Array | None:
        """The number, or for elementwise rules the numbers; ``None`` for a map of whole arrays."""
        product: Any = None
        for step in reversed(self.steps):
            local = local_value(self.run, self.run.edge(*step))
            if local is None:
                return None
            product = local if product is None else product * local
        return product

    @cached_property
    def meaning(self) -> str:
        """The meaning of the factor for the network, in words; empty where no rule has one."""
        if len(self.steps) > _LONGEST:
            return f"{format_count(len(self.steps))} local derivatives, multiplied"
        said = [
            (rule.meaning_for(step.source, step.target), step)
            for step in self.steps
            if (rule := op_of(step.target).rule_for(step.argument)) is not None
        ]
        telling = [words for words, step in said if str(local_formula(step.target, step.argument)) not in ("1", "□")]
        words = telling or [words for words, _ in said[-1:]]
        return " × ".join(dict.fromkeys(word for word in words if word)) if all(words) else ""

    def __str__(self) -> str:
        parts = [self.symbol, self.short, self.formula, None if self.value is None else summarize(self.value)]
        told = list(dict.fromkeys(str(part) for part in parts if part is not None))
        return " = ".join(told) + (f": {self.meaning}" if self.meaning else "")


def factors_of(run: Run, path: Sequence[PlanEdge]) -> tuple[Factor, ...]:
    """Return the factors along a path: one from each named node to the next.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop(ops.exp(2 * x + 1, name="C"), {x: 0.0})
    >>> [str(factor.symbol) for factor in gc.paths(run, "x").shown[0].factors]
    ['∂C/∂x']
    """
    factors: list[Factor] = []
    steps: list[PlanEdge] = []
    for step in path:
        steps.append(step)
        if step.target.name is not None or step is path[-1]:
            factors.append(Factor(run, tuple(steps)))
            steps = []
    return tuple(factors)


def partial_factors(factors: Iterable[Factor]) -> set[tuple[Node, Node]]:
    """Return source and target of the factors that are only a part of ∂target/∂source, because there is another path.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> found = gc.paths(gc.backprop(ops.square(x * x, name="C"), {x: 3.0}), "x")
    >>> len(partial_factors(found.shown[0].factors)), len(partial_factors([]))
    (1, 0)
    """
    routes: dict[tuple[Node, Node], set[tuple[PlanEdge, ...]]] = {}
    parts = set()
    for factor in factors:
        ends = factor.source, factor.target
        routes.setdefault(ends, set()).add(factor.steps)
        is_used_twice = any(sum(s is step.source for s in step.target.inputs) > 1 for step in factor.steps)
        if is_used_twice or len(routes[ends]) > 1:
            parts.add(ends)
    return parts


def local_value(run: Run, edge: Edge) -> Array | None:
    """Return ∂target/∂source for an elementwise rule or between single numbers, else ``None``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> a, y = g.input("a"), g.input("y")
    >>> run = gc.backprop(ops.squared_error(a, y), {a: 0.5, y: 1.0})
    >>> [float(local_value(run, edge)) for edge in run.edges]
    [-1.0, 1.0]
    """
    if edge.local is not None:
        return edge.local
    if edge.contribution is None or edge.target.shape != () or edge.source.shape != ():
        return None
    return run.edge_vjp(edge.source, edge.target, edge.argument, 1.0)
