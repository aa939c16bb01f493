"""Why a gradient is what it is: the chain rule, factor by factor."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any

from ...arrays.namespace import Array
from ...autodiff.run import Run
from ...errors import shorten
from ...graph.node import Node
from ..paths.path_graph import subject
from ..paths.paths import Path, Paths
from ..text import numbers
from ..text.document import ABOUT_THE_HOLE, HOLE, Row, Said, Section, Told, equal, product, said, total
from ..text.numbers import show_count
from ..text.symbols import gradient_symbol
from .entry_explanation import Entry, entry_of
from .factors import Factor, only_parts

_WAYS_SHOWN = 4
#: a longer chain is shown by this many factors at each end
_END = 4


def explain(run: Run, node: Node | str, entry: int | tuple[int, ...] | None = None) -> Explanation | Entry:
    """Say why the gradient of a node is what it is: which factors it is the product of, and what each means.

    Where a node reaches the cost in several ways, each way has its own factors and its own share, and the shares are
    added up. ``entry`` asks about one entry of an array: one weight of a layer. The result is shown as text by ``str``
    and in notebooks, and has ``.latex``, ``.html`` and ``.factors``.

    Raises `GraphError` for a node that does not reach the cost or belongs to another graph, `UnknownNameError` for a
    name that nothing bears, and `ShapeError` for an entry that is not there.

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
    found = subject(run, node, "explain")
    return Explanation(run, found) if entry is None else entry_of(run, found, entry)


class Explanation(Told):
    """The chain rule for one node.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> why = gc.explain(gc.backprop((x * x).named("C"), {x: 3.0}), "x")
    >>> print(why)
    x reaches C in 2 ways, whose shares are added up
    <BLANKLINE>
    way 1: x → C (as x1)
    <BLANKLINE>
        part of ∂C/∂x = x  =  3   what it is multiplied by
    <BLANKLINE>
    way 2: x → C (as x2)
    <BLANKLINE>
        part of ∂C/∂x = x  =  3   what it is multiplied by
    <BLANKLINE>
    ∂C/∂x = 3 + 3 = 6
    >>> why.ways.count, float(why.gradient)
    (2, 6.0)
    """

    def __init__(self, run: Run, node: Node) -> None:
        self.run, self.node = run, node
        #: the ways to the cost, heaviest first (see `graphcore.paths`)
        self.ways = Paths(run, node, _WAYS_SHOWN)
        #: what is explained
        self.gradient: Array = self.ways.total

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors along the way, from the node to the cost; along the heaviest, if there are several."""
        return self.ways.shown[0].factors if self.ways.shown else ()

    def __repr__(self) -> str:
        return f"<Explanation of {self._symbol}: {show_count(self.ways.count)} way{'s' * (self.ways.count != 1)}>"

    # -- the parts

    @property
    def _cost(self) -> str:
        return "the cost" if self.run.output.name is None else _name(self.run.output)

    @cached_property
    def _symbol(self) -> Said:
        return said(gradient_symbol(self.run, self.node))

    @cached_property
    def sections(self) -> list[Section]:
        """The explanation in parts: for programs that show it in a way of their own."""
        if self.node is self.run.output:
            return [Section(equal(self._symbol, 1.0), [], said("It is the cost itself."))]
        if not self.ways.count:
            heading = f"Every way from {_name(self.node)} to {self._cost} passes an operation that is flat"
            return [Section(said(heading), [], equal(self._symbol, 0.0))]
        if self.ways.count == 1:
            return [self._only_way(self.ways.shown[0])]
        return self._several_ways()

    def _only_way(self, path: Path) -> Section:
        heading = equal(self._symbol, product(_shown([factor.symbol for factor in path.factors])))
        if len(path.factors) == 1:
            steps = len(path.factors[0].steps)
            ends = f"{_name(self.node)} to {self._cost}"
            many = f"{show_count(steps)} steps lead from {ends}, and nothing in between has a name"
            heading = said(f"One step leads from {ends}" if steps == 1 else many)
        return Section(heading, self._rows(path), self._come_to(path))

    def _come_to(self, path: Path) -> Said:
        values = [factor.value for factor in _shown(path.factors) if isinstance(factor, Factor)]
        if self.gradient.shape != () or any(value is None or value.shape != () for value in values):
            return self._in_size()
        parts: list[Any] = list(values)
        if len(path.factors) > len(values):
            parts.insert(_END, self._middle(path))
        return equal(self._symbol, product(parts) if len(parts) > 1 else None, self.gradient)

    def _several_ways(self) -> list[Section]:
        count = show_count(self.ways.count)
        heading = f"{_name(self.node)} reaches {self._cost} in {count} ways, whose shares are added up"
        if not self.ways.is_certain:
            heading += "; these are heavy ones, and a heavier one cannot be ruled out"
        sections = [Section(said(heading))]
        parts = only_parts(factor for path in self.ways.shown for factor in path.factors)
        for number, path, name in zip(range(1, _WAYS_SHOWN + 1), self.ways.shown, self.ways.names, strict=False):
            share = None
            if len(path.factors) > 1 and path.contribution.shape == ():
                share = equal("share", path.contribution)
            sections.append(Section(said(f"way {number}: {name}"), self._rows(path, parts), share))
        is_single = self.gradient.shape == ()
        shares = [
            said(path.contribution if is_single else numbers.brief(path.contribution)) for path in self.ways.shown
        ]
        left = self.ways.count - len(shares)
        if left:
            shares.append(said(f"{numbers.brief(self.ways.remainder)} along the other {show_count(left)}"))
        result = equal(self._symbol, total(shares), self.gradient) if is_single else self._in_size(shares)
        sections.append(Section(result))
        return sections

    def _in_size(self, shares: Sequence[Said] = ()) -> Said:
        """What an array comes to, and how to see one of its entries."""
        size = numbers.brief(self.gradient)
        text = f"{self._symbol}: {size}" + (f", the sum of {'; '.join(map(str, shares))}" if shares else "")
        told = (factor for path in self.ways.shown for factor in _shown(path.factors) if isinstance(factor, Factor))
        if any(HOLE in str(factor.formula) for factor in told):
            text += f"\n{ABOUT_THE_HOLE}"
        if self.gradient.shape != ():
            text += "\nOne entry alone is explained by gc.explain(run, node, entry)."
        return Said(text, rf"{self._symbol.latex}: \text{{{size}}}")

    def _rows(self, path: Path, parts: Container[tuple[Node, Node]] = ()) -> list[Row]:
        """The factors of a path; a derivative of which this way is only a part is called that."""
        rows = []
        for factor in _shown(path.factors):
            if isinstance(factor, Factor):
                rows.append(row_of(factor, is_part=(factor.source, factor.target) in parts))
            else:
                middle = self._middle(path)
                words = f"{factor.text}, multiplied"
                rows.append(Row(said(words), said("") if middle is None else said(middle)))
        return rows

    def _middle(self, path: Path) -> Array | None:
        """What the factors that are not shown come to."""
        steps = [step for factor in path.factors[_END:-_END] for step in factor.steps]
        single = all(step.source.shape == () for step in steps) and steps[-1].target.shape == ()
        return self.ways.product(tuple(steps)) if single else None


def row_of(factor: Factor, *, is_part: bool = False) -> Row:
    """A factor as a row of an explanation.

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
    shown = said("") if value is None else said(value) if value.shape == () else said(numbers.brief(value))
    formula = factor.formula
    if formula is not None and shown.text in (str(formula), f"{formula} everywhere"):
        formula = None  # 1 = 1 says nothing
    symbol = said(factor.symbol)
    if is_part:
        symbol = Said(f"part of {symbol}", rf"\text{{part of }} {symbol.latex}")
    return Row(equal(symbol, factor.short, formula), shown, factor.meaning)


def _shown(factors: Any) -> list[Any]:
    """The factors to show: all, or of a long chain both ends and how many there are between."""
    if len(factors) <= 2 * _END + 1:
        return list(factors)
    left = len(factors) - 2 * _END
    between = Said(f"… {show_count(left)} more factors", rf"\cdots \text{{{show_count(left)} more}} \cdots")
    return [*factors[:_END], between, *factors[-_END:]]


def _name(node: Node) -> str:
    return shorten(node.label, 24)
