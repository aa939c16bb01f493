"""Two runs side by side: changed and unchanged values, gradients and local factors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import Run
from ...errors import GraphError, some_of
from ...graph.node import Node
from ..chain_rule.factors import Factor
from ..paths.path_graph import is_differentiable, require_run
from ..text.document import UPSTREAM, UPSTREAM_NOTE, Row, Section, math_text, to_html, to_text
from ..text.numbers import summarize
from ..text.symbols import gradient_symbol, symbol_of
from .diff import Change, FactorChange, format_change, formula_text, number_of

_ROWS_SHOWN = 12
#: between two names; what is longer or branches more is not shown as a factor
_LONGEST, _MOST_ROUTES = 20, 8


def compare(run1: Run, run2: Run) -> Comparison:
    """Compare two runs node by node: values, gradients and local factors.

    Nodes are the same if they have the same name, and the two costs are the same whatever they are called. A factor is
    the local derivative from one named node to the next; it changed if its numbers did. So when squared error is
    replaced by another cost, every gradient changes and just one factor does.

    Raises `GraphError` if the runs have no name in common.

    >>> import graphcore as gc
    >>> from ops import log_loss, sigmoid, squared_error
    >>> def neuron(cost):
    ...     g = gc.Graph("one neuron")
    ...     x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
    ...     a = sigmoid((w * x + b).named("z"), name="a")
    ...     return gc.backprop(cost(a, y, name="C"), {x: 0.62, y: 1.0})
    >>> found = gc.compare(neuron(squared_error), neuron(log_loss))
    >>> [str(factor.symbol) for factor in found.factors if factor.changed]
    ['∂C/∂y', '∂C/∂a']
    >>> [str(factor.symbol) for factor in found.factors if not factor.changed]
    ['∂z/∂x', '∂z/∂w', '∂z/∂b', '∂a/∂z']
    >>> [change.name for change in found.values if change.changed]
    ['C']
    """
    require_run(run1, "compare")
    require_run(run2, "compare")
    return Comparison(run1, run2)


class Comparison:
    """The changes from one run to another; shown as text by ``str`` and in notebooks.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x = g.parameter("w", 2.0), g.input("x")
    >>> C = ops.square((w * x).named("z"), name="C")
    >>> print(gc.compare(gc.backprop(C, {x: 1.0}), gc.backprop(C, {x: 3.0})))
    2 of 3 factors changed: ∂z/∂w, ∂C/∂z
    <BLANKLINE>
    factors that changed
    <BLANKLINE>
        ∂z/∂w  =   1 → 3   x
        ∂C/∂z  =  4 → 12   2 · z
    <BLANKLINE>
    factors that stayed the same
    <BLANKLINE>
        ∂z/∂x  =  2   w
    <BLANKLINE>
    values that changed
    <BLANKLINE>
        x  =   1 → 3
        z  =   2 → 6
        C  =  4 → 36
    <BLANKLINE>
    gradients that changed
    <BLANKLINE>
        ∂C/∂w  =  4 → 36
        ∂C/∂x  =  8 → 24
        ∂C/∂z  =  4 → 12
    <BLANKLINE>
    the same value: w
    """

    def __init__(self, run1: Run, run2: Run) -> None:
        self.run1, self.run2 = run1, run2
        first, second = _by_name(run1), _by_name(run2)
        both = [name for name in first if name in second]
        if not any(name is not None for name in both):
            raise GraphError(
                f"the two runs have no name in common, and nodes are compared by name: the first has "
                f"{some_of(name for name in first if name) or 'none'}, the second "
                f"{some_of(name for name in second if name) or 'none'}; give what is the same in both the same name"
            )
        self._both: list[tuple[Node, Node]] = [(first[name], second[name]) for name in both]
        #: names that only one of the runs has
        self.only_in_first = [name for name in first if name and name not in second]
        self.only_in_second = [name for name in second if name and name not in first]

    @cached_property
    def values(self) -> list[Change]:
        """The value of every node that both runs have."""
        return [
            Change(one.label, math_text(symbol_of(one, self.run1)), self.run1.value[one], self.run2.value[other])
            for one, other in self._both
        ]

    @cached_property
    def gradients(self) -> list[Change]:
        """The gradient of every node that both runs have; that of the cost itself is 1 and left out."""
        return [
            Change(one.label, math_text(gradient_symbol(self.run1, one)), self.run1.grad[one], self.run2.grad[other])
            for one, other in self._both
            if one in self.run1.grad and other in self.run2.grad and one is not self.run1.output
        ]

    @property
    def factors(self) -> list[FactorChange]:
        """Every factor that leads from one node to the next in both runs."""
        return self._matched[0]

    @property
    def factors_only_in_first(self) -> list[Factor]:
        """The factors for which the second run has no counterpart."""
        return self._matched[1]

    @property
    def factors_only_in_second(self) -> list[Factor]:
        """The factors for which the first run has no counterpart."""
        return self._matched[2]

    @cached_property
    def _matched(self) -> tuple[list[FactorChange], list[Factor], list[Factor]]:
        first, second = _factors(self.run1), _factors(self.run2)
        both = [FactorChange(factor, second[key]) for key, factor in first.items() if key in second]
        return both, _without(first, second), _without(second, first)

    def __str__(self) -> str:
        return to_text(self._sections)

    def _repr_html_(self) -> str:
        return self.html

    @property
    def html(self) -> str:
        """The comparison for a page."""
        return to_html(self._sections)

    def __repr__(self) -> str:
        return f"<Comparison of {self.run1!r} and {self.run2!r}>"

    @cached_property
    def _sections(self) -> list[Section]:
        summary, nothing = self._summary
        if nothing:
            return [Section(math_text(summary))]
        factors, values, gradients = _apart(self.factors), _apart(self.values), _apart(self.gradients)
        told: list[tuple[str, Sequence[Any], Callable[[Any], Row]]] = [
            ("factors that changed", factors[0], _factor_row),
            ("factors only in the first run", self.factors_only_in_first, _one_row),
            ("factors only in the second run", self.factors_only_in_second, _one_row),
            ("factors that stayed the same", [change.first for change in factors[1]], _one_row),
            ("values that changed", values[0], _change_row),
            ("gradients that changed", gradients[0], _change_row),
        ]
        sections = [Section(math_text(heading), _rows(changes, row)) for heading, changes, row in told if changes]
        names = [
            ("the same value", [change.name for change in values[1]]),
            ("the same gradient", [change.name for change in gradients[1]]),
            ("only in the first run", self.only_in_first),
            ("only in the second run", self.only_in_second),
        ]
        lines = [f"{what}: {some_of(which, _ROWS_SHOWN)}" for what, which in names if which]
        if any(row.meaning and UPSTREAM in row.meaning for section in sections for row in section.rows):
            lines.append(UPSTREAM_NOTE)
        return [Section(math_text(summary)), *sections, *([Section(math_text("\n".join(lines)))] if lines else [])]

    @cached_property
    def _summary(self) -> tuple[str, bool]:
        """The finding in one sentence, and whether there is nothing more to say."""
        count = len(self.factors)
        changed = [str(change.symbol) for change in self.factors if change.changed]
        if changed:
            return f"{len(changed)} of {count} factors changed: {some_of(changed, _ROWS_SHOWN)}", False
        others = any((self.only_in_first, self.only_in_second, self.factors_only_in_first, self.factors_only_in_second))
        if others or any(change.changed for change in (*self.values, *self.gradients)):
            return f"All {count} shared factors are unchanged", False
        return "Nothing changed: every value, every gradient and every factor is the same", True


# -- what there is to compare


def _by_name(run: Run) -> dict[str | None, Node]:
    """Return the named nodes of a run, in order, and its cost as None."""
    found: dict[str | None, Node] = {n.name: n for n in run.order if n.name is not None and n is not run.output}
    return {**found, None: run.output}


def _factors(run: Run) -> dict[Any, Factor]:
    """Every factor of a run, by the names that it leads from and to and the how many-th it is between them."""
    within = set(run.order)
    return {
        (name, *where): Factor(run, steps)
        for name, node in _by_name(run).items()
        for where, steps in _routes(run, node, within)
    }


def _without(some: dict[Any, Factor], others: dict[Any, Factor]) -> list[Factor]:
    return [factor for key, factor in some.items() if key not in others]


def _routes(run: Run, start: Node, within: set[Node]) -> Iterator[tuple[Any, tuple[PlanEdge, ...]]]:
    """Return the ways from a node to the next named ones, each with where it ends and the how many-th it is there."""
    found: dict[str | None, int] = {}
    waiting: list[tuple[PlanEdge, ...]] = [()]
    routes = []
    while waiting:
        route = waiting.pop()
        node = route[-1].target if route else start
        if route and (node.name is not None or node is run.output):
            routes.append(route)
            continue
        onward = _steps(node, within)
        if len(route) >= _LONGEST or len(routes) + len(waiting) + len(onward) > _MOST_ROUTES:
            return
        waiting += [(*route, step) for step in reversed(onward)]
    for route in routes:
        end = route[-1].target
        name = None if end is run.output else end.name
        yield (name, found.setdefault(name, 0)), route
        found[name] += 1


def _steps(node: Node, within: set[Node]) -> list[PlanEdge]:
    """Return the edges along which a nudge of a node is felt."""
    if not node.type.is_float:
        return []
    return [
        PlanEdge(node, target, argument)
        for target, arguments in node.graph.successors(node).items()
        if target in within
        for argument in arguments
        if is_differentiable(target, argument)
    ]


# -- output


def _factor_row(change: FactorChange) -> Row:
    return Row(math_text(change.symbol), math_text(change.numbers), change.formulas)


def _one_row(factor: Factor) -> Row:
    value = number_of(factor)
    return Row(math_text(factor.symbol), math_text("" if value is None else summarize(value)), formula_text(factor))


def _change_row(change: Change) -> Row:
    return Row(change.symbol, math_text(format_change(change.first, change.second)))


def _apart(changes: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Return the changed and the unchanged."""
    apart: tuple[list[Any], list[Any]] = ([], [])
    for change in changes:
        apart[not change.changed].append(change)
    return apart


def _rows(changes: Sequence[Any], row: Callable[[Any], Row]) -> list[Row]:
    rows = [row(change) for change in changes[:_ROWS_SHOWN]]
    left = len(changes) - len(rows)
    return [*rows, Row(math_text(f"… {left} more"), math_text(""))] if left else rows
