"""The gradient of one weight of a layer: the input it scales, the neuron it feeds, and the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...arrays.namespace import Array
from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import Run
from ...graph.node import Node
from ...symbolic.expression import Formula
from ..paths.edge_jvp import EdgeJVP, one_hot
from ..paths.path_graph import PathGraph, resolve_entry
from ..text import numbers
from ..text.document import Explainable, MathText, Row, Section, join_equal, join_product, join_sum, math_text
from ..text.symbols import Partial, gradient_symbol, symbol_of
from .factors import Factor, factors_of

_TERMS_SHOWN = 6
#: a cost that is spelled out in more operations than this is not shown as a formula
_LONGEST_REST = 6
_LETTERS = "ijklmn"


@dataclass(frozen=True)
class EntryFactor:
    """One factor for one entry: its symbol, one value for each entry of the layer that is moved, and its meaning."""

    symbol: MathText
    values: Array
    meaning: str = ""
    #: what it is made of, where that is not the symbol
    formula: MathText | None = None

    @property
    def value(self) -> Array:
        """The number, where there is only one."""
        return self.values[0] if len(self.values) == 1 else self.values

    def __str__(self) -> str:
        return str(self.symbol)


def explain_entry(run: Run, node: Node, entry: Any) -> EntryExplanation:
    """Explain one entry, and check its index.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w = g.parameter("w", [1.0, 2.0])
    >>> explain_entry(gc.backprop(ops.sum(w * w)), w, (2,))
    Traceback (most recent call last):
    graphcore.errors.ShapeError: 'w' has the shape (2,) and no entry (2,): say (0,) to (1,)
    """
    return EntryExplanation(run, node, resolve_entry(run, node, entry))


class EntryExplanation(Explainable):
    """The chain rule for one entry of an array, with the numbers of that very entry.

    >>> import graphcore as gc, numpy as np
    >>> from ops import matmul, sigmoid, squared_error
    >>> g = gc.Graph()
    >>> x, y, w = g.input("x", (2,)), g.input("y", (2,)), g.parameter("w", [[0.5, -1.0], [2.0, 0.25]])
    >>> a = sigmoid(matmul(x, w, name="z"), name="a")
    >>> why = gc.explain(gc.backprop(squared_error(a, y, name="C"), {x: [1.0, 3.0], y: [1.0, 0.0]}), "w", (1, 0))
    >>> print(why)
    ∂C/∂w[1,0] = x[1] · σ′(z[0]) · ∂C/∂a[0]
    <BLANKLINE>
        x[1]                             =          3   how active the input was
        σ′(z[0]) = a[0] · (1 − σ(z[0]))  =   0.001499   how responsive the neuron is
        ∂C/∂a[0] = 2 · (a[0] − y[0])     =  −0.003002   how wrong the output is
    <BLANKLINE>
    ∂C/∂w[1,0] = 3 · 0.001499 · (−0.003002) = −1.35·10⁻⁵
    """

    def __init__(self, run: Run, node: Node, entry: tuple[int, ...]) -> None:
        self.run, self.node, self.entry = run, node, entry
        #: the explained gradient
        self.gradient: Array = run.grad[node][entry]
        path_graph = PathGraph(run.order, node, run.output)
        #: one for each edge that leaves the node: the factors there, and what they come to
        self.parts = [EntryUse(run, path_graph, step, entry) for step in path_graph.out_edges.get(node, [])]

    @property
    def factors(self) -> tuple[EntryFactor, ...]:
        """The factors, from the entry to the cost; of the heaviest use, if the node is used several times."""
        return max(self.parts, key=lambda part: abs(float(part.contribution))).factors if self.parts else ()

    def __repr__(self) -> str:
        return f"<Explanation of {self._symbol}>"

    @cached_property
    def _symbol(self) -> MathText:
        return math_text(at(gradient_symbol(self.run, self.node), self.entry))

    @cached_property
    def sections(self) -> list[Section]:
        """The explanation in parts: for programs that display it themselves."""
        if not self.parts:
            return [Section(join_equal(self._symbol, self.gradient))]
        if len(self.parts) == 1:
            return self.parts[0].sections(self._symbol)
        heading = f"{self.node.label}{numbers.format_index(self.entry)} is used {len(self.parts)} times"
        sections = [Section(math_text(f"{heading}; the contributions add up"))]
        for number, part in enumerate(self.parts, 1):
            sections += part.sections(math_text(f"contribution {number}"))
        return [
            *sections,
            Section(join_equal(self._symbol, join_sum([part.contribution for part in self.parts]), self.gradient)),
        ]


class EntryUse:
    """One use of the node: what the entry moves there, how that propagates elementwise, and the remaining derivative of
    the
    cost."""

    def __init__(self, run: Run, path_graph: PathGraph, first: PlanEdge, entry: tuple[int, ...]) -> None:
        self.run = run
        self.entry = entry
        self.answer = EdgeJVP(run, first, one_hot(run, first.source, entry))
        steps = self._entry_by_entry(path_graph, first)
        self.last = steps[-1].target
        moved = np.asarray(self.answer.values)
        #: the entries that the nudge moves
        self.places = [tuple(int(i) for i in place) for place in np.argwhere(moved != 0)]
        named, self.fixed = self._letters(self.places, self.last)
        self.index = named
        self.factors = tuple(self._factors(steps, path_graph))
        #: one product for each entry that is moved
        self.products = np.prod([factor.values for factor in self.factors], axis=0) if self.places else np.zeros(0)
        #: what this use contributes to the gradient
        self.contribution = np.sum(self.products)

    def _entry_by_entry(self, path_graph: PathGraph, first: PlanEdge) -> list[PlanEdge]:
        """Return the first edge and the elementwise edges after it."""
        steps, node = [first], first.target
        shape = np.shape(self.run.value[node])
        while node is not path_graph.end and len(out_edges := path_graph.out_edges[node]) == 1:
            (step,) = out_edges
            edge = self.run.edge(*step)
            if edge.local is None or np.shape(edge.local) != shape:
                break
            steps.append(step)
            node = step.target
        return steps

    @staticmethod
    def _letters(places: list[tuple[int, ...]], node: Node) -> tuple[tuple[str, ...], bool]:
        """Return the index of the moved entries: a letter for every axis on which they differ."""
        letters = iter(_LETTERS)
        varying = [len({place[axis] for place in places}) > 1 for axis in range(node.ndim)]
        index = tuple(
            next(letters) if varies else str(places[0][axis]) if places else "·" for axis, varies in enumerate(varying)
        )
        return index, not any(varying)

    def _factors(self, steps: list[PlanEdge], path_graph: PathGraph) -> list[EntryFactor]:
        groups = factors_of(self.run, steps)
        factors = []
        for place, factor in enumerate(groups):
            values = self._at(self.answer.values) if place == 0 else 1.0
            for step in factor.steps[place == 0 :]:
                values = values * self._at(self.run.edge(*step).local)
            factors.append(self._first(factor, values) if place == 0 else self._later(factor, values))
        if self.last is not path_graph.end:
            symbol = math_text(at(gradient_symbol(self.run, self.last), self.index))
            factors.append(EntryFactor(symbol, self._at(self.run.grad[self.last]), *self._rest(path_graph)))
        return factors

    def _at(self, array: Array) -> Any:
        host = np.asarray(array)
        return np.array([host[place] for place in self.places], dtype=host.dtype)

    def _first(self, factor: Factor, values: Any) -> EntryFactor:
        probes = _spread_out(self.places)
        owners = [self.answer.owner(place) for place in probes]
        node = owners[0].node if owners and owners[0] is not None else None
        if node is not None and all(owner is not None and owner.node is node for owner in owners):
            if node.kind == "constant" and node.name is None and node.size == 1:
                return EntryFactor(math_text(values[0]), values, "a constant")
            entries = [owner.entry for owner in owners if owner is not None]
            symbol = math_text(at(symbol_of(node, self.run), self._by_letter(entries, probes)))
            return EntryFactor(symbol, values, factor.meaning)
        symbol = math_text(Partial(at(factor.symbol.upper, self.index), at(factor.symbol.lower, self.entry)))
        same = len(values) > 1 and np.all(values == values[0])
        return EntryFactor(symbol, values, factor.meaning, math_text(values[0]) if same else None)

    def _by_letter(self, entries: list[tuple[int, ...]], probes: list[tuple[int, ...]]) -> tuple[str, ...]:
        """Return the index of another node's entries in the letters of the moved entries: ``i``, ``j+1``, ``2−k``."""
        letters = {axis: letter for axis, letter in enumerate(self.index) if letter.isalpha()}
        index = []
        for along in zip(*entries, strict=True):
            if len(set(along)) == 1:
                index.append(str(along[0]))
                continue
            fits = (_in_letter(letter, [probe[axis] for probe in probes], along) for axis, letter in letters.items())
            index.append(next(filter(None, fits), "·"))
        return tuple(index)

    def _later(self, factor: Factor, values: Any) -> EntryFactor:
        symbol = factor.short or Partial(*(at(f, self.index) for f in (factor.symbol.upper, factor.symbol.lower)))
        written = None if factor.formula is None else math_text(self._indexed(factor.formula))
        return EntryFactor(math_text(self._indexed(symbol)), values, factor.meaning, written)

    def _indexed(self, formula: Any) -> Any:
        """Return a formula with the index appended to every name of that shape."""
        if not isinstance(formula, Formula):
            return formula
        graph, shape = self.run.graph, self.last.shape
        names = tuple(
            f"{name}[{','.join(self.index)}]" if name in graph and graph[name].shape == shape else name
            for name in formula.names
        )
        return Formula(formula.template.replace(r"\odot", r"\cdot"), names)

    def _rest(self, path_graph: PathGraph) -> tuple[str, MathText | None]:
        """Return the meaning of the remaining derivative, and its formula if only the cost follows."""
        steps: list[PlanEdge] = []
        node = self.last
        while (
            node is not path_graph.end
            and len(out_edges := path_graph.out_edges[node]) == 1
            and len(steps) < _LONGEST_REST
        ):
            steps += out_edges
            node = out_edges[0].target
        if node is path_graph.end and (node is steps[0].target or steps[0].target.ndim < self.last.ndim):
            rest = Factor(self.run, tuple(steps))
            return rest.meaning, None if rest.formula is None else math_text(self._indexed(rest.formula))
        return "how sensitive the cost is to it", None

    # -- output

    def sections(self, symbol: MathText) -> list[Section]:
        """Return the sections of this use."""
        if not self.places:
            moved = symbol_of(self.answer.step.target, self.run)
            return [Section(math_text(f"It affects no entry of {moved} at these values"), [], join_equal(symbol, 0.0))]
        if len(self.places) == 1:
            return [self._one_term(symbol)]
        return self._several_terms(symbol)

    def _one_term(self, symbol: MathText) -> Section:
        rows = [Row(join_equal(f.symbol, f.formula), math_text(f.values[0]), f.meaning) for f in self.factors]
        rows = [
            Row(row.what, row.value if row.what.text != row.value.text else math_text(""), row.meaning) for row in rows
        ]
        values = join_product([f.values[0] for f in self.factors])
        return Section(
            join_equal(symbol, join_product([f.symbol for f in self.factors])),
            rows,
            join_equal(symbol, values, self.contribution),
        )

    def _several_terms(self, symbol: MathText) -> list[Section]:
        letters = ", ".join(letter for letter in self.index if letter.isalpha())
        count = len(self.places)
        examples = self.last.ndim and self.last.shape[0] is None and letters == self.index[0]
        over = f"the {count} {'examples' if examples else 'entries'} {letters}"
        if not examples or count < self.run.value[self.last].shape[0]:
            over += " it affects"
        summed = join_product([f.symbol for f in self.factors])
        heading = MathText(
            f"{symbol} = Σ {summed}, over {over}", rf"{symbol.latex} = \sum_{{{letters}}} {summed.latex}"
        )
        meanings = [Row(join_equal(f.symbol, f.formula), math_text(""), f.meaning) for f in self.factors]
        varying = [axis for axis, letter in enumerate(self.index) if letter.isalpha()]
        rows = []
        for at_term in range(min(count, _TERMS_SHOWN)):
            place = ", ".join(f"{self.index[axis]} = {self.places[at_term][axis]}" for axis in varying)
            values = [f.values[at_term] for f in self.factors]
            terms = join_product(values)
            rows.append(
                Row(MathText(f"{place}:  {terms}", rf"{place}: \quad {terms.latex}"), math_text(self.products[at_term]))
            )
        if count > _TERMS_SHOWN:
            left = np.sum(self.products[_TERMS_SHOWN:])
            rows.append(Row(math_text(f"… {count - _TERMS_SHOWN} more, added up"), math_text(left)))
        by = math_text("example by example" if examples else "term by term")
        return [
            Section(heading, meanings),
            Section(by, rows, join_equal(symbol, self.contribution), is_product=False),
        ]


def _spread_out(places: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return a few of many entries, among which every axis varies that varies at all."""
    if not places:
        return []
    others = [next((p for p in places if p[axis] != index), None) for axis, index in enumerate(places[0])]
    return [p for p in dict.fromkeys([*places[:2], *others, places[len(places) // 2], places[-1]]) if p is not None]


def _in_letter(letter: str, values: Sequence[int], along: Sequence[int]) -> str:
    """Return numbers as a multiple of a letter and a constant, for the letter's values; empty if they are not.

    >>> _in_letter("i", [0, 1, 2], [0, 1, 2]), _in_letter("j", [0, 1, 2], [1, 3, 5]), _in_letter("k", [0, 2], [2, 0])
    ('i', '2j+1', '2−k')
    >>> _in_letter("i", [0, 1, 2], [0, 1, 4])
    ''
    """
    first = next((n for n, value in enumerate(values) if value != values[0]), 0)
    if first == 0:
        return ""
    slope, rest = divmod(along[first] - along[0], values[first] - values[0])
    constant = along[0] - slope * values[0]
    if rest or not slope or any(slope * v + constant != a for v, a in zip(values, along, strict=True)):
        return ""
    term = letter if abs(slope) == 1 else f"{abs(slope)}{letter}"
    if slope < 0:
        return f"{constant}−{term}"
    return term + (f"+{constant}" if constant > 0 else f"−{-constant}" if constant else "")


def at(piece: Any, index: tuple[Any, ...]) -> Any:
    r"""Append an index to a symbol.

    >>> from graphcore.explaining.text.symbols import named
    >>> print(at(named("W1"), (0, 2))), at(named("W1"), (0, 2)).latex
    W1[0,2]
    (None, 'W_{1}[0,2]')
    """
    if not index:
        return piece
    return MathText(f"{piece}{numbers.format_index(index)}", f"{piece.latex}{numbers.format_index(index)}")
