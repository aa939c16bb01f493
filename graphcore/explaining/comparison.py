"""Two runs side by side: which values, factors of the chain rule and gradients changed, and which did not."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import GraphError, shorten, some_of
from ..node import Node
from ..run import Run
from . import numbers
from .factors import Factor
from .symbols import Partial, gradient_symbol, symbol_of
from .ways import Step, carries, made_sure_of_run

#: how many ways from one name to the next are followed at most
_MOST = 64
_SHOWN = 40


def compare(before: Run, after: Run) -> Comparison:
    """Say what changed from one run to another, node by node and factor by factor.

    Nodes are matched by name, so the two may be runs of one graph or of two: after a step of learning, or after another
    cost was put in the place of the first. Raises `GraphError` if they have no name in common.

    >>> import graphcore as gc
    >>> from ops import log_loss, sigmoid, squared_error
    >>> def neuron(cost):
    ...     g = gc.Graph()
    ...     x, y, w = g.input("x"), g.input("y"), g.parameter("w", 1.5)
    ...     a = sigmoid((w * x).named("z"), name="a")
    ...     return gc.backprop(cost(a, y, name="C"), {x: 0.62, y: 1.0})
    >>> print(gc.compare(neuron(squared_error), neuron(log_loss)))
    values that are the same: x, y, w, z, a
        C   0.08005  →  0.3326
    <BLANKLINE>
    factors that are the same: ∂z/∂x, ∂z/∂w, ∂a/∂z
        ∂C/∂y   −2 · (a − y) = 0.5658  →  ln(1 − a) − ln(a) = −0.93
        ∂C/∂a   2 · (a − y) = −0.5658  →  (1 − y) / (1 − a) − y / a = −1.395
    <BLANKLINE>
    gradients that are the same: none
        ∂C/∂x   −0.1722  →  −0.4244
        ∂C/∂y   0.5658  →  −0.93
        ∂C/∂w   −0.07118  →  −0.1754
        ∂C/∂z   −0.1148  →  −0.2829
        ∂C/∂a   −0.5658  →  −1.395
    """
    for run in (before, after):
        made_sure_of_run(run, "compare")
    return Comparison(before, after)


@dataclass(frozen=True)
class Change:
    """One thing in both runs: what it is, what it was and is, and whether that is the same.

    >>> Change("w", "1", "2", is_same=False)
    Change(what='w', before='1', after='2', is_same=False)
    """

    what: str
    before: str
    after: str
    is_same: bool


class Comparison:
    """What changed between two runs: ``.values``, ``.factors``, ``.gradients``, each a list of `Change`.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> C = ops.square((w * x).named("z"), name="C")
    >>> found = gc.compare(gc.backprop(C, {x: 1.0}), gc.backprop(C, {x: 3.0}))
    >>> [(change.what, change.is_same) for change in found.factors]
    [('∂z/∂x', True), ('∂z/∂w', False), ('∂C/∂z', False)]
    """

    def __init__(self, before: Run, after: Run) -> None:
        self.before, self.after = before, after
        in_after = {node.name: node for node in after.order if node.name is not None}
        #: the nodes that have the same name in both, in order of the first run
        self.pairs = [(n, in_after[n.name]) for n in before.order if n.name in in_after and n.name is not None]
        if not self.pairs:
            told = some_of([n.name for n in before.order if n.name]), some_of(list(in_after))
            raise GraphError(
                f"the two runs have no name in common ({told[0] or 'no names'} beside {told[1] or 'no names'}); "
                f"name the nodes that are to be compared, as in z.named('z')"
            )

    @cached_property
    def values(self) -> list[Change]:
        """The value of each node that both have."""
        found = []
        for one, other in self.pairs:
            a, b = self.before.value[one], self.after.value[other]
            found.append(Change(str(symbol_of(one, self.before)), *_both(a, b)))
        return found

    @cached_property
    def gradients(self) -> list[Change]:
        """The gradient of each node that both have, the cost itself left out."""
        found = []
        for one, other in self.pairs:
            if one not in self.before.grad or other not in self.after.grad or one is self.before.output:
                continue
            a, b = self.before.grad[one], self.after.grad[other]
            found.append(Change(str(gradient_symbol(self.before, one)), *_both(a, b)))
        return found

    @cached_property
    def factors(self) -> list[Change]:
        """Each factor of the chain rule from one name to the next: its formula and its number."""
        shared = {node.name for node, _ in self.pairs}
        found: list[Change] = []
        for one, other in self.pairs:
            ways, others = (_to_the_next(run, node, shared) for run, node in ((self.before, one), (self.after, other)))
            for target in ways:
                if target in others:
                    found += _factors(self.before, self.after, ways[target], others[target])
        return found

    @property
    def only_before(self) -> list[str]:
        """The names that only the first run has."""
        shared = {node.name for node, _ in self.pairs}
        return [node.name for node in self.before.order if node.name is not None and node.name not in shared]

    @property
    def only_after(self) -> list[str]:
        """The names that only the second run has."""
        shared = {node.name for node, _ in self.pairs}
        return [node.name for node in self.after.order if node.name is not None and node.name not in shared]

    def __str__(self) -> str:
        parts = [_section(what, getattr(self, what)) for what in ("values", "factors", "gradients")]
        for which, names in (("first", self.only_before), ("second", self.only_after)):
            if names:
                parts.append(f"only in the {which}: {some_of(names)}")
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"

    def __repr__(self) -> str:
        changed = [sum(not c.is_same for c in part) for part in (self.values, self.factors, self.gradients)]
        return f"<Comparison: {changed[0]} values, {changed[1]} factors and {changed[2]} gradients changed>"


def _both(a: Any, b: Any) -> tuple[str, str, bool]:
    one, other = np.asarray(a), np.asarray(b)
    if one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
        return numbers.brief(a), numbers.brief(b), True
    told = numbers.brief(a), numbers.brief(b)
    if told[0] != told[1]:
        return *told, False
    return *told[:1], f"the same but for {numbers.plain(np.max(np.abs(one - other)))} at most", False


def _to_the_next(run: Run, node: Node, shared: set[str | None]) -> dict[str, list[tuple[Step, ...]]]:
    """The ways from a node to the next ones with a name that both runs have, by that name."""
    found: dict[str, list[tuple[Step, ...]]] = {}
    waiting: list[tuple[Node, tuple[Step, ...]]] = [(node, ())]
    count = 0
    while waiting and count < _MOST:
        here, steps = waiting.pop()
        for step in _leaving(run, here):
            count += 1
            way = (*steps, step)
            if step.target.name in shared:
                found.setdefault(str(step.target.name), []).append(way)
            else:
                waiting.append((step.target, way))
    return found


def _leaving(run: Run, node: Node) -> Iterator[Step]:
    if not node.type.is_float:
        return
    for target, arguments in node.graph.successors_of(node).items():
        if target in run.value:
            for argument in arguments:
                if carries(target, argument):
                    yield Step(node, target, argument)


def _factors(before: Run, after: Run, ways: list[Any], others: list[Any]) -> Iterator[Change]:
    if len(ways) != len(others):
        name = Partial(symbol_of(ways[0][-1].target, before), symbol_of(ways[0][0].source, before))
        yield Change(str(name), f"{len(ways)} ways", f"{len(others)} ways", is_same=False)
        return
    for way, other in zip(ways, others, strict=True):
        one, two = Factor(before, way), Factor(after, other)
        a, b = one.value, two.value
        is_same = str(one.formula) == str(two.formula) and (
            _answers_alike(before, after, way, other) if a is None or b is None else _both(a, b)[2]
        )
        texts = _told(one), _told(two)
        if texts[0] == texts[1] and not is_same:
            texts = texts[0], "the same formula, with other numbers in it"
        yield Change(str(one.symbol), *texts, is_same)


def _told(factor: Factor) -> str:
    parts = [None if factor.formula is None else str(factor.formula)]
    parts.append(None if factor.value is None else numbers.brief(factor.value))
    return " = ".join(dict.fromkeys(part for part in parts if part is not None))


def _answers_alike(before: Run, after: Run, way: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether maps of whole arrays are the same: both hand back the same of numbers with nothing special about them."""
    handed = []
    for run, steps in ((before, way), (after, other)):
        shape = tuple(run.value[steps[-1].target].shape)
        dout: Any = np.cos(np.arange(int(np.prod(shape))) * 1.7 + 0.4).reshape(shape)
        for step in reversed(steps):
            dout = run.pull(*step, dout)
        handed.append(np.asarray(dout))
    return bool(np.array_equal(handed[0], handed[1], equal_nan=True))


def _section(what: str, changes: list[Change]) -> str:
    same = list(dict.fromkeys(change.what for change in changes if change.is_same))
    differ = [change for change in changes if not change.is_same]
    lines = [f"{what} that are the same: {', '.join(map(shorten, same[:_SHOWN])) or 'none'}"]
    if len(same) > _SHOWN:
        lines[0] += f" and {len(same) - _SHOWN} more"
    width = max((len(change.what) for change in differ), default=0)
    lines += [f"    {change.what:{width}}   {change.before}  →  {change.after}" for change in differ[:_SHOWN]]
    if len(differ) > _SHOWN:
        lines.append(f"    … {len(differ) - _SHOWN} more …")
    return "\n".join(lines)
