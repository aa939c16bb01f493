"""The chain rule for a gradient, factor by factor."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any

from ...arrays.namespace import Array
from ...autodiff.run import Run
from ...errors import shorten
from ...graph.node import Node
from ..paths.path_graph import resolve_node
from ..paths.paths import Path, Paths
from ..text import numbers
from ..text.document import (
    UPSTREAM,
    UPSTREAM_NOTE,
    Explainable,
    MathText,
    Row,
    Section,
    join_equal,
    join_product,
    join_sum,
    math_text,
)
from ..text.numbers import format_count, summarize_constant
from ..text.symbols import gradient_symbol
from .entry_explanation import EntryExplanation, explain_entry
from .factors import Factor, partial_factors

_PATHS_SHOWN = 4
#: a longer chain is shown by this many factors at each end
_END = 4


def explain(run: Run, node: Node | str, entry: int | tuple[int, ...] | None = None) -> Explanation | EntryExplanation:
    """Explain the gradient of a node as the product of its factors, each with its meaning.

    Where a node affects the cost along several paths, each path has its own factors and contribution, and the
    contributions add up. ``entry`` selects one entry of an array: one weight of a layer. The result is shown as text by
    ``str`` and in notebooks, and has ``.latex``, ``.html`` and ``.factors``.

    Raises `GraphError` for a node that does not reach the cost or belongs to another graph, `UnknownNameError` for a
    name that no node has, and `ShapeError` for an entry that is not there.

    >>> import graphcore as gc
    >>> from ops import sigmoid, squared_error
    >>> g = gc.Graph("one neuron")
    >>> x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
    >>> z = (w * x + b).named("z")
    >>> C = squared_error(sigmoid(z, name="a"), y, name="C")
    >>> print(gc.explain(gc.backprop(C, {x: 0.62, y: 1.0}), "w"))
    ∂C/∂w = ∂z/∂w · ∂a/∂z · ∂C/∂a
    <BLANKLINE>
        ∂z/∂w = x                       =     0.62   how active the input was
        ∂a/∂z = σ′(z) = a · (1 − σ(z))  =   0.2332   how responsive the neuron is
        ∂C/∂a = 2 · (a − y)             =   −0.741   how wrong the output is
    <BLANKLINE>
    ∂C/∂w = 0.62 · 0.2332 · (−0.741) = −0.1072
    """
    found = resolve_node(run, node, "explain")
    return Explanation(run, found) if entry is None else explain_entry(run, found, entry)


class Explanation(Explainable):
    """The chain rule for one node.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> why = gc.explain(gc.backprop((x * x).named("C"), {x: 3.0}), "x")
    >>> print(why)
    x affects C along 2 paths; their contributions add up
    <BLANKLINE>
    path 1: x → C (as x1)
    <BLANKLINE>
        part of ∂C/∂x = x  =  3   the other factor
    <BLANKLINE>
    path 2: x → C (as x2)
    <BLANKLINE>
        part of ∂C/∂x = x  =  3   the other factor
    <BLANKLINE>
    ∂C/∂x = 3 + 3 = 6
    >>> why.paths.count, float(why.gradient)
    (2, 6.0)
    """

    def __init__(self, run: Run, node: Node) -> None:
        self.run, self.node = run, node
        #: the paths to the cost, largest first (see `graphcore.paths`)
        self.paths = Paths(run, node, _PATHS_SHOWN)
        #: the explained gradient
        self.gradient: Array = self.paths.total

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors from the node to the cost; along the path with the largest contribution, if there are several."""
        return self.paths.shown[0].factors if self.paths.shown else ()

    def __repr__(self) -> str:
        return f"<Explanation of {self._symbol}: {format_count(self.paths.count)} path{'s' * (self.paths.count != 1)}>"

    # -- the parts

    @property
    def _cost(self) -> str:
        return "the cost" if self.run.output.name is None else _name(self.run.output)

    @cached_property
    def _symbol(self) -> MathText:
        return math_text(gradient_symbol(self.run, self.node))

    @cached_property
    def sections(self) -> list[Section]:
        """The explanation in parts: for programs that display it themselves."""
        if self.node is self.run.output:
            return [Section(join_equal(self._symbol, 1.0), [], math_text("It is the cost itself."))]
        if not self.paths.count:
            heading = f"Every path from {_name(self.node)} to {self._cost} has an edge whose derivative is zero"
            return [Section(math_text(heading), [], join_equal(self._symbol, 0.0))]
        if self.paths.count == 1:
            return [self._only_path(self.paths.shown[0])]
        return self._several_paths()

    def _only_path(self, path: Path) -> Section:
        heading = join_equal(self._symbol, join_product(_shown([factor.symbol for factor in path.factors])))
        if len(path.factors) == 1:
            steps = len(path.factors[0].steps)
            ends = f"{_name(self.node)} to {self._cost}"
            many = f"{format_count(steps)} steps lead from {ends}, and nothing in between has a name"
            heading = math_text(f"One step leads from {ends}" if steps == 1 else many)
        return Section(heading, self._rows(path), self._come_to(path))

    def _come_to(self, path: Path) -> MathText:
        values = [factor.value for factor in _shown(path.factors) if isinstance(factor, Factor)]
        if self.gradient.shape != () or any(value is None or value.shape != () for value in values):
            return self._in_size()
        parts: list[Any] = list(values)
        if len(path.factors) > len(values):
            parts.insert(_END, self._middle(path))
        return join_equal(self._symbol, join_product(parts) if len(parts) > 1 else None, self.gradient)

    def _several_paths(self) -> list[Section]:
        count = format_count(self.paths.count)
        heading = f"{_name(self.node)} affects {self._cost} along {count} paths; their contributions add up"
        if not self.paths.is_certain:
            heading += "; a heavier path than those shown cannot be ruled out"
        sections = [Section(math_text(heading))]
        parts = partial_factors(factor for path in self.paths.shown for factor in path.factors)
        for number, path, name in zip(range(1, _PATHS_SHOWN + 1), self.paths.shown, self.paths.names, strict=False):
            contribution = None
            if len(path.factors) > 1 and path.contribution.shape == ():
                contribution = join_equal("contribution", path.contribution)
            sections.append(Section(math_text(f"path {number}: {name}"), self._rows(path, parts), contribution))
        is_single = self.gradient.shape == ()
        contributions = [
            math_text(path.contribution if is_single else numbers.summarize(path.contribution))
            for path in self.paths.shown
        ]
        left = self.paths.count - len(contributions)
        if left:
            contributions.append(
                math_text(f"{numbers.summarize(self.paths.remainder)} along the other {format_count(left)}")
            )
        result = (
            join_equal(self._symbol, join_sum(contributions), self.gradient)
            if is_single
            else self._in_size(contributions)
        )
        sections.append(Section(result))
        return sections

    def _in_size(self, contributions: Sequence[MathText] = ()) -> MathText:
        """Return the summary of an array, with a hint for its single entries."""
        size = numbers.summarize(self.gradient)
        text = f"{self._symbol}: {size}" + (
            f", the sum of {'; '.join(map(str, contributions))}" if contributions else ""
        )
        told = (factor for path in self.paths.shown for factor in _shown(path.factors) if isinstance(factor, Factor))
        if any(UPSTREAM in str(factor.formula) for factor in told):
            text += f"\n{UPSTREAM_NOTE}"
        if self.gradient.shape != ():
            text += "\nOne entry alone is explained by gc.explain(run, node, entry)."
        return MathText(text, rf"{self._symbol.latex}: \text{{{size}}}")

    def _rows(self, path: Path, parts: Container[tuple[Node, Node]] = ()) -> list[Row]:
        """Return the rows of a path's factors; a partial factor is marked as a part."""
        rows = []
        for factor in _shown(path.factors):
            if isinstance(factor, Factor):
                rows.append(row_of(factor, is_part=(factor.source, factor.target) in parts))
            else:
                middle = self._middle(path)
                words = f"{factor.text}, multiplied"
                rows.append(Row(math_text(words), math_text("") if middle is None else math_text(middle)))
        return rows

    def _middle(self, path: Path) -> Array | None:
        """Return the product of the factors that are not shown."""
        steps = [step for factor in path.factors[_END:-_END] for step in factor.steps]
        single = all(step.source.shape == () for step in steps) and steps[-1].target.shape == ()
        return self.paths.product(tuple(steps)) if single else None


def row_of(factor: Factor, *, is_part: bool = False) -> Row:
    """Return a factor as a row of an explanation.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> row = row_of(gc.explain(gc.backprop(ops.tanh(x, name="C"), {x: 0.0}), "x").factors[0])
    >>> print(row.what), print(row.value), print(row.meaning)
    ∂C/∂x = tanh′(x) = cosh(x)⁻²
    1
    how responsive the neuron is
    (None, None, None)
    """
    value = factor.value
    shown = (
        math_text("")
        if value is None
        else math_text(value)
        if value.shape == ()
        else math_text(numbers.summarize(value))
    )
    formula = factor.formula
    if formula is not None and shown.text in (str(formula), summarize_constant(str(formula))):
        formula = None  # 1 = 1 says nothing
    symbol = math_text(factor.symbol)
    if is_part:
        symbol = MathText(f"part of {symbol}", rf"\text{{part of }} {symbol.latex}")
    return Row(join_equal(symbol, factor.short, formula), shown, factor.meaning)


def _shown(factors: Any) -> list[Any]:
    """Return all factors, or both ends of a long chain and the number between them."""
    if len(factors) <= 2 * _END + 1:
        return list(factors)
    left = len(factors) - 2 * _END
    between = MathText(f"… {format_count(left)} more factors", rf"\cdots \text{{{format_count(left)} more}} \cdots")
    return [*factors[:_END], between, *factors[-_END:]]


def _name(node: Node) -> str:
    return shorten(node.label, 24)
