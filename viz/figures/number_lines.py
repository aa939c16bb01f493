"""Each quantity on a number line of its own: a nudge, and how everything behind it answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import graphviz
import numpy as np

from graphcore import Node, Run, nudge
from graphcore.errors import shorten
from graphcore.extend import Nudge, format_index, symbol_of

from ..format.numbers import number
from ..render.markup import cell, escape, font, row, table
from ..render.picture import Picture
from ..render.theme import FONTS, Theme, theme_named

#: in points: where the lines begin, how long they are, how far apart, and the room for words beside them
_LEFT, _LENGTH, _APART, _WORDS = 110.0, 430.0, 74.0, 160.0
#: what moves less than this share of a line is magnified
_SMALLEST = 0.05
_MOST_LINES = 12


@dataclass(frozen=True)
class Line:
    """One quantity: what it is called, where it was, where it went and where it was predicted to go.

    >>> Line("w", 1.5, 0.01, 0.01).value
    1.5
    """

    name: str
    value: float
    actual: float
    predicted: float


def number_lines(
    run: Run,
    node: Node | str,
    by: float = 0.01,
    entry: int | tuple[int, ...] | None = None,
    *,
    theme: str | Theme = "light",
) -> Picture:
    """Draw the number line of every quantity from a node to the cost, with the nudge and what it led to.

    The node is nudged for real (see `graphcore.nudge`). All lines have the scale of the first, so that the ratio of two
    arrows is the derivative; where an arrow would be too short to be seen its line is magnified, and says how much. A
    hollow mark stands where the derivatives predict the end of the arrow. Of an array the entry that moves most is
    shown; ``entry`` says which entry is nudged.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> figure = number_lines(gc.backprop(ops.square((w * x).named("z"), name="C"), {x: 3.0}), "w")
    >>> figure, "ΔC = +0.3609" in figure.source, "predicted +0.36" in figure.source
    (<Picture of 'a nudge of w'>, True, True)
    """
    colours = theme_named(theme)
    moved = nudge(run, node, float(by), entry)
    lines = list(_lines(moved))
    title = f"a nudge of {lines[0].name}"
    if entry is None and run.value[moved.node].shape != ():
        title = f"a nudge of every entry of {shorten(moved.node.label, 24)}"
    dot = graphviz.Graph(
        "number_lines",
        graph_attr={
            "layout": "neato", "inputscale": "72", "bgcolor": colours.paper, "pad": "0.2", "splines": "line",
            "tooltip": escape(title), "fontname": FONTS,
        },
        node_attr={"shape": "plain", "fontname": FONTS, "fontsize": "12", "fontcolor": colours.ink},
        edge_attr={"color": colours.line},
    )  # fmt: skip
    unit = _LENGTH / 2.8 / max(abs(lines[0].actual), abs(lines[0].predicted))
    _Board(dot, colours, len(lines)).draw(lines, unit, f"{title}, and how the others answer")
    return Picture(lambda: dot.source, title)


def _lines(moved: Nudge) -> Iterator[Line]:
    """The quantities with a name on the way, and both ends."""
    run = moved.run
    told = [n for n in moved.nodes if n.name is not None or n in (moved.node, run.output)]
    if len(told) > _MOST_LINES:
        told = [*told[: _MOST_LINES // 2], *told[-_MOST_LINES // 2 :]]
    for node in told:
        value, actual, predicted = (np.asarray(m[node], float) for m in (run.value, moved.actual, moved.predicted))
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(actual))), actual.shape))
        if node is moved.node and moved.entry is not None:
            place = moved.entry
        name = shorten(str(symbol_of(node, run)), 14) + format_index(place)
        yield Line(name, float(value[place]), float(actual[place]), float(predicted[place]))


class _Board:
    """Draws lines below each other, at places that are fixed."""

    def __init__(self, dot: graphviz.Graph, theme: Theme, lines: int) -> None:
        self.dot, self.theme, self.lines = dot, theme, lines
        self.number = 0

    def draw(self, lines: list[Line], unit: float, heading: str) -> None:
        """All of them, ``unit`` points for each unit of the first."""
        self._label(0, self._height(0) + 44, heading, size=15, bold=True, align="w")
        for place, line in enumerate(lines):
            self._line(line, self._height(place), unit)

    def _height(self, place: int) -> float:
        return (self.lines - 1 - place) * _APART

    def _line(self, line: Line, y: float, unit: float) -> None:
        largest = max(abs(line.actual), abs(line.predicted))
        times = 1.0
        if 0 < largest * unit < _SMALLEST * _LENGTH:
            times = 10.0 ** math.ceil(math.log10(_SMALLEST * _LENGTH / (largest * unit)))
        elif largest * unit > _LENGTH / 2:
            times = 1 / _round_step(largest * unit / (_LENGTH / 2))
        scale = unit * times
        middle = _LEFT + _LENGTH / 2
        self._stroke((_LEFT, y), (_LEFT + _LENGTH, y), self.theme.line, 1.2)
        step = _round_step(_LENGTH / scale / 6)
        first = math.ceil((line.value - _LENGTH / 2 / scale) / step)
        for tick in range(first, first + 8):
            x = middle + (tick * step - line.value) * scale
            if _LEFT <= x <= _LEFT + _LENGTH:
                self._stroke((x, y - 4), (x, y + 4), self.theme.line, 1)
                self._label(x, y - 13, _tick(tick * step, step), size=9, colour=self.theme.quiet)
        self._label(_LEFT - 14, y, line.name, size=14, bold=True, align="e")
        self._arrow(line, y, middle, scale)
        self._words(line, y, times)

    def _arrow(self, line: Line, y: float, middle: float, scale: float) -> None:
        colour = self.theme.positive if line.actual > 0 else self.theme.negative
        start, end = middle, middle + line.actual * scale
        predicted = middle + line.predicted * scale
        if line.actual:
            self._stroke((start, y), (end, y), colour, 3.2, arrow=abs(end - start) > 9)
        self._dot(start, y, 8, fill=self.theme.ink)
        if abs(end - start) <= 9 and line.actual:
            self._dot(end, y, 6, fill=colour)
        self._dot(predicted, y + 10, 7, fill=self.theme.paper, edge=self.theme.ink, shape="invtriangle")

    def _words(self, line: Line, y: float, times: float) -> None:
        sign = "+" if line.actual > 0 else ""
        rows = [(f"Δ{line.name} = {sign}{number(line.actual, 4)}", self.theme.ink, 12)]
        sign = "+" if line.predicted > 0 else ""
        rows.append((f"predicted {sign}{number(line.predicted, 4)}", self.theme.quiet, 10))
        if times != 1:
            how = f"{number(times)} times magnified" if times > 1 else f"shown {number(1 / times)} times smaller"
            rows.append((how, self.theme.quiet, 10))
        words = table(*(row(cell(font(escape(text), colour, size), width=_WORDS)) for text, colour, size in rows))
        self._node(_LEFT + _LENGTH + 16 + _WORDS / 2, y, f"<{words}>")

    # -- what DOT knows of

    def _label(
        self, x: float, y: float, words: str, *, size: float, bold: bool = False, colour: str = "", align: str = "c"
    ) -> None:
        shown = font(f"<B>{escape(words)}</B>" if bold else escape(words), colour or self.theme.ink, size)
        width = {"c": 0.0, "e": _LEFT - 14, "w": _LEFT + _LENGTH}[align]
        side = {"c": "CENTER", "e": "RIGHT", "w": "LEFT"}[align]
        x = x - width / 2 if align == "e" else x + width / 2
        inner = table(row(cell(shown, align=side, width=width))) if width else shown
        self._node(x, y, f"<{inner}>")

    def _node(self, x: float, y: float, label: str, **given: str) -> str:
        name = f"n{self.number}"
        self.number += 1
        self.dot.node(name, label, pos=f"{x:.2f},{y:.2f}!", **given)
        return name

    def _dot(self, x: float, y: float, size: float, *, fill: str, edge: str = "", shape: str = "circle") -> str:
        given = {"shape": shape, "style": "filled", "fillcolor": fill, "color": edge or fill, "fixedsize": "true"}
        return self._node(x, y, "", width=f"{size / 72:.4f}", height=f"{size / 72:.4f}", **given)

    def _stroke(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float, *, arrow: bool = False
    ) -> None:
        ends = [self._invisible(*point) for point in (start, end)]
        more = {"dir": "forward", "arrowsize": "0.8"} if arrow else {}
        self.dot.edge(*ends, color=colour, penwidth=f"{width:g}", headclip="false", tailclip="false", **more)

    def _invisible(self, x: float, y: float) -> str:
        return self._node(x, y, "", shape="point", width="0.001", height="0.001", style="invis")


def _round_step(rough: float) -> float:
    """A distance between ticks that people like: 1, 2 or 5 times a power of ten, no shorter than ``rough``.

    >>> _round_step(0.003), _round_step(7.0)
    (0.005, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))


def _tick(value: float, step: float) -> str:
    """A tick's number with as many digits as tell it from its neighbours."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals > 6 or abs(value) >= 1e6:
        return number(value, 4)
    return f"{value + 0.0:.{decimals}f}".replace("-", "−")
