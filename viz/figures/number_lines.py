"""A number line for each quantity: a nudge, and the changes that follow from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import graphviz
import numpy as np

from graphcore import Node, Run, nudge
from graphcore.errors import ShapeError, shorten
from graphcore.extend import Nudge, format_index, symbol_of

from ..format.numbers import number
from ..render.markup import cell, escape, font, row, table
from ..render.picture import Picture
from ..render.theme import FONTS, Theme, get_theme

#: in points: the start and length of the lines, their distance, and the room for words beside them
_LEFT, _LENGTH, _APART, _WORDS = 110.0, 430.0, 74.0, 160.0
#: changes shorter than this fraction of a line are drawn at a larger scale
_SMALLEST = 0.05
_MOST_LINES = 12


@dataclass(frozen=True)
class Line:
    """One quantity: its name, its value, and its actual and predicted change.

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
    """Draw a number line for every quantity from a node to the cost, with the nudge and the changes that follow.

    The graph is run again with the nudge (see `graphcore.nudge`). All lines have the scale of the first, so that the
    ratio of two arrows is the derivative; a line whose arrow would be too short has another scale, which is written
    beside it. A hollow mark is the end of the arrow that the derivatives predict. Of an array the entry that moves most
    is shown; ``entry`` is the entry that is nudged.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> figure = number_lines(gc.backprop(ops.square((w * x).named("z"), name="C"), {x: 3.0}), "w")
    >>> figure, "ΔC = +0.3609" in figure.source, "predicted +0.36" in figure.source
    (<Picture of 'Nudge w by +0.01'>, True, True)
    """
    colours = get_theme(theme)
    if np.ndim(by) or not isinstance(by, (int, float, np.generic)):
        advice = f"; to nudge one entry write entry={by!r}" if isinstance(by, (tuple, list)) else ""
        raise ShapeError(f"`by`: expected a number, the size of the nudge, got {by!r}{advice}")
    moved = nudge(run, node, float(by), entry)
    lines = list(_lines(moved))
    nudged = lines[0].name
    if entry is None and run.value[moved.node].shape != ():
        nudged = f"every entry of {shorten(moved.node.label, 24)}"
    title = f"Nudge {nudged} by {_format_change(float(by))}"
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
    _LinePainter(dot, colours, len(lines)).draw(lines, unit, f"{title}: what moves?")
    return Picture(lambda: dot.source, title)


def _lines(moved: Nudge) -> Iterator[Line]:
    """Yield the named quantities along the paths, and both ends."""
    run = moved.run
    nodes = [n for n in moved.nodes if n.name is not None or n in (moved.node, run.output)]
    if len(nodes) > _MOST_LINES:
        nodes = [*nodes[: _MOST_LINES // 2], *nodes[-_MOST_LINES // 2 :]]
    for node in nodes:
        value, actual, predicted = (np.asarray(m[node], float) for m in (run.value, moved.actual, moved.predicted))
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(actual))), actual.shape))
        if node is moved.node and moved.entry is not None:
            index = moved.entry
        name = shorten(str(symbol_of(node, run)), 14) + format_index(index)
        yield Line(name, float(value[index]), float(actual[index]), float(predicted[index]))


class _LinePainter:
    """Draws lines below each other, at fixed positions."""

    def __init__(self, dot: graphviz.Graph, theme: Theme, lines: int) -> None:
        self.dot, self.theme, self.lines = dot, theme, lines
        self.number = 0

    def draw(self, lines: list[Line], unit: float, heading: str) -> None:
        """Draw all lines, with ``unit`` points for each unit of the first."""
        self._label(0, self._height(0) + 44, heading, size=15, bold=True, align="w")
        for index, line in enumerate(lines):
            self._line(line, self._height(index), unit)

    def _height(self, index: int) -> float:
        return (self.lines - 1 - index) * _APART

    def _line(self, line: Line, y: float, unit: float) -> None:
        self._label(_LEFT - 14, y, line.name, size=14, bold=True, align="e")
        largest = max(abs(line.actual), abs(line.predicted))
        if not math.isfinite(line.value) or not math.isfinite(largest * unit):
            self._stroke((_LEFT, y), (_LEFT + _LENGTH, y), self.theme.line, 1.2)
            self._words(line, y, 1.0)  # infinities and NaN have numbers, and no position
            return
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

        rows = [(f"Δ{line.name} = {_format_change(line.actual)}", self.theme.ink, 12)]
        rows.append((f"predicted {_format_change(line.predicted)}", self.theme.quiet, 10))
        if times != 1:
            rows.append((f"shown at {number(times)}×", self.theme.quiet, 10))
        words = table(*(row(cell(font(escape(text), colour, size), width=_WORDS)) for text, colour, size in rows))
        self._node(_LEFT + _LENGTH + 16 + _WORDS / 2, y, f"<{words}>")

    # -- elements of DOT

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


def _format_change(value: float) -> str:
    """Format a change with its sign."""
    return ("+" if value > 0 else "") + number(value, 4)


def _round_step(rough: float) -> float:
    """Round a distance between ticks up to 1, 2 or 5 times a power of ten.

    >>> _round_step(0.003), _round_step(7.0)
    (0.005, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))


def _tick(value: float, step: float) -> str:
    """Format a tick's number with enough digits to distinguish it from its neighbours."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals > 6 or abs(value) >= 1e6:
        return number(value, 4)
    return f"{value + 0.0:.{decimals}f}".replace("-", "−")
