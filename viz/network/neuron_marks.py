"""Draws single neurons, images and targets."""

from __future__ import annotations

import math

from ..format.numbers import format_signed, number
from ..render.canvas import Canvas, tooltip
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .model import Column, Neuron
from .neuron_layout import NetworkLayout, Size

#: the minimum width of a ring, and the range that grows with the square root of δ
_RING, _RING_MORE = 1.0, 2.4


def choose_colour(value: float, theme: Theme) -> str:
    """Return blue above zero, vermillion below.

    >>> from viz.render.theme import THEMES
    >>> [choose_colour(value, THEMES["light"]) for value in (1.0, -1.0, 0.0, math.nan)]
    ['#0072b2', '#d55e00', '#8a919b', '#c4007a']
    """
    if not math.isfinite(value):
        return theme.alarm
    return theme.positive if value > 0 else theme.negative if value < 0 else theme.line


def sign_class(value: float) -> str:
    """Return the CSS class of a sign.

    >>> [sign_class(value) for value in (1.0, -1.0, 0.0, math.nan)]
    ['positive', 'negative', 'zero', 'alarm']
    """
    return "positive" if value > 0 else "negative" if value < 0 else "zero" if value == 0 else "alarm"


def compute_strength(value: float, largest: float) -> float:
    """Return the visual weight of a number, from 0 to 1: its square root, so that small ones remain visible.

    >>> compute_strength(0.25, 1.0), compute_strength(math.inf, 1.0), compute_strength(0.0, 0.0)
    (0.5, 1.0, 0.0)
    """
    if not math.isfinite(value):
        return 1.0
    return min(1.0, (abs(value) / largest) ** 0.5) if largest else 0.0


def shade_colour(part: float, theme: Theme) -> str:
    """Return the fill of an activation: from the box's colour to the foreground, and below zero to vermillion.

    >>> from viz.render.theme import THEMES
    >>> shade_colour(0.0, THEMES["light"]), shade_colour(1.0, THEMES["dark"]), shade_colour(-1.0, THEMES["light"])
    ('#ffffff', '#e9ecef', '#d55e00')
    """
    if math.isnan(part):
        return theme.alarm
    return theme.mix(theme.box, theme.ink if part >= 0 else theme.negative, abs(part))


def draw_neuron(
    canvas: Canvas, neuron: Neuron, spot: tuple[float, float], size: Size, beside: float, ring: float
) -> str:
    """Draw a circle shaded by the activation, in a ring of δ's colour, with the bias and δ beside or below it.

    >>> from viz.network.neuron_layout import choose_size
    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> draw_neuron(canvas, Neuron("neuron-1-0", "a", 0.25, delta=-0.5), (0, 0), choose_size(1), 0.0, 1.0)
    'n0'
    >>> "▼ −0.5" in canvas.source, 'class="neuron negative"' in canvas.source
    (True, True)
    """
    theme, (x, y) = canvas.theme, spot
    if beside:
        _beside(canvas, neuron, spot, size, beside)
    given = {"color": theme.line, "penwidth": "1"}
    if neuron.delta is not None:
        given = {"color": choose_colour(neuron.delta, theme), "penwidth": f"{_RING + _RING_MORE * ring:.2f}"}
    name = _circle(
        canvas, x, y, size.radius, neuron.value, shade_colour(neuron.shade, theme), id=neuron.key,
        tooltip=tooltip(neuron.tooltip), **{"class": f"neuron {sign_class(neuron.delta or 0.0)}"}, **given,
    )  # fmt: skip
    if not beside:
        lines = _bias_and_delta(neuron, theme, size.small)
        canvas.words(x, y - size.radius - 5 - 0.65 * size.small * len(lines), *lines, halo=True)
    return name


def _beside(canvas: Canvas, neuron: Neuron, spot: tuple[float, float], size: Size, beside: float) -> None:
    """Draw a capsule around the neuron and the words at its right, so that no weight crosses the words."""
    theme, radius, (x, y) = canvas.theme, size.radius, spot
    width, height = 2 * radius + beside + 3, 2 * radius + 3
    canvas.shape(
        x + beside / 2, y, width, height, shape="box", style="rounded,filled", fillcolor=theme.paper,
        color=theme.mix(theme.paper, theme.line, 0.55), penwidth="0.7", **{"class": "capsule"},
    )  # fmt: skip
    index = neuron.name.rpartition("[")[2].rstrip("]") if neuron.name.endswith("]") else ""
    first, *rest = _bias_and_delta(neuron, theme, size.small) or [""]
    head = font(f"<B>{escape(index)}</B>&#160; ", theme.ink, size.small) if index else ""
    words = [row(cell(line, width=beside - 6)) for line in (head + first, *rest) if line]
    if words:
        canvas.put(x + radius + beside / 2 + 2, y, table(*words), **{"class": "words"})


def _bias_and_delta(neuron: Neuron, theme: Theme, small: float) -> list[str]:
    """Return the lines of bias and δ."""
    lines = []
    if neuron.bias is not None:
        lines.append(font(escape(f"b {number(neuron.bias, 2)}"), theme.quiet, small))
    if neuron.delta is not None:
        lines.append(font(escape(f"δ {format_signed(neuron.delta, 2)}"), theme.ink, small))
    return lines


def draw_target(canvas: Canvas, neuron: Neuron, x: float, y: float, radius: float) -> None:
    """Draw the target of a neuron, shaded alike.

    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> draw_target(canvas, Neuron("neuron-3-7", "a[7]", 0.25, target=1.0), 0, 0, 10.0)
    >>> 'id="target-3-7"' in canvas.source, "target of a[7]: 1" in canvas.source
    (True, True)
    """
    value = float(neuron.target or 0.0)
    full = max(neuron.full, abs(value)) if math.isfinite(value) else 1.0
    fill = shade_colour(value / full, canvas.theme)
    _circle(
        canvas, x, y, radius, value, fill, style="filled,dashed", color=canvas.theme.quiet, penwidth="1",
        id=neuron.key.replace("neuron", "target"), tooltip=tooltip([f"target of {neuron.name}: {number(value, 4)}"]),
        **{"class": "target"},
    )  # fmt: skip


def _circle(canvas: Canvas, x: float, y: float, radius: float, value: float, fill: str, **given: str) -> str:
    shown = _format_inside(value, 3 if radius > 20 else 2)
    size = min(radius * 0.62, 1.66 * radius / (0.58 * max(2, len(shown))))
    label = font(escape(shown), canvas.theme.on(fill), round(size, 1))
    return canvas.shape(x, y, 2 * radius, 2 * radius, label, fillcolor=fill, **given)


def _format_inside(value: float, digits: int) -> str:
    """Format a number that fits into a circle: of a small one its first decimals, which may all be zero."""
    if not math.isfinite(value) or abs(value) >= 10 or value == round(value):
        return number(value, digits)
    shown = f"{value:.{digits - (abs(value) >= 1)}f}"
    if float(shown) == value:
        return number(value, digits)
    return shown.replace("-", "−") if float(shown) else shown.lstrip("-")


def draw_image(canvas: Canvas, column: Column, x: float, layout: NetworkLayout, used: set[str]) -> dict[str, str]:
    """Draw the input as an image, with an invisible point under each used pixel, at which its weights begin.

    >>> from viz.network.model import Network
    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> column = Column("x", [], [Neuron(f"neuron-0-{i}", "", 0.25 * i) for i in range(4)], pixels=2)
    >>> draw_image(canvas, column, 0, NetworkLayout(Network("net", [column], [], "C", 0.0, "weight")), {"neuron-0-3"})
    {'neuron-0-3': 'n1'}
    """
    theme, side, size = canvas.theme, column.pixels, layout.pixel(column)
    rows = []
    for line in range(side):
        cells = [
            cell("", align=None, fixedsize="TRUE", width=size, height=size, bgcolor=shade_colour(neuron.shade, theme))
            for neuron in column.neurons[line * side : (line + 1) * side]
        ]
        rows.append(row(*cells))
    inner = table(*rows)
    framed = table(row(cell(inner, align=None)), border=1, color=theme.line)
    canvas.put(x, 0, framed, id="image", tooltip=tooltip([column.title, *column.about_lines]), **{"class": "image"})
    middle = (side - 1) / 2
    return {
        neuron.key: canvas.point(x + (i % side - middle) * size, (middle - i // side) * size)
        for i, neuron in enumerate(column.neurons)
        if neuron.key in used
    }
