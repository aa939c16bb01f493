"""One neuron, one image, one target as they are drawn."""

from __future__ import annotations

import math

from ..format.numbers import number, signed
from ..render.canvas import Canvas, tooltip
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .model import Column, Neuron
from .neuron_layout import Places, Size

#: a ring is this wide at least, and wider with the square root of δ
_RING, _RING_MORE = 1.0, 2.4


def colour(value: float, theme: Theme) -> str:
    """Blue above zero, vermillion below.

    >>> from viz.render.theme import THEMES
    >>> [colour(value, THEMES["light"]) for value in (1.0, -1.0, 0.0, math.nan)]
    ['#0072b2', '#d55e00', '#8a919b', '#c4007a']
    """
    if not math.isfinite(value):
        return theme.alarm
    return theme.positive if value > 0 else theme.negative if value < 0 else theme.line


def sign(value: float) -> str:
    """The class of what has a sign.

    >>> [sign(value) for value in (1.0, -1.0, 0.0, math.nan)]
    ['positive', 'negative', 'zero', 'alarm']
    """
    return "positive" if value > 0 else "negative" if value < 0 else "zero" if value == 0 else "alarm"


def strength(value: float, largest: float) -> float:
    """How strongly a number is drawn, from 0 to 1: with its square root, so that small ones are seen too.

    >>> strength(0.25, 1.0), strength(math.inf, 1.0), strength(0.0, 0.0)
    (0.5, 1.0, 0.0)
    """
    if not math.isfinite(value):
        return 1.0
    return min(1.0, (abs(value) / largest) ** 0.5) if largest else 0.0


def shaded(part: float, theme: Theme) -> str:
    """The ground of an activation: from the box's colour to the ink, and below zero to vermillion.

    >>> from viz.render.theme import THEMES
    >>> shaded(0.0, THEMES["light"]), shaded(1.0, THEMES["dark"]), shaded(-1.0, THEMES["light"])
    ('#ffffff', '#e9ecef', '#d55e00')
    """
    if math.isnan(part):
        return theme.alarm
    return theme.mix(theme.box, theme.ink if part >= 0 else theme.negative, abs(part))


def draw_neuron(
    canvas: Canvas, neuron: Neuron, spot: tuple[float, float], size: Size, beside: float, ring: float
) -> str:
    """A circle shaded by the activation, in a ring of δ's colour; the bias and δ beside or below it.

    >>> from viz.network.neuron_layout import size_for
    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> draw_neuron(canvas, Neuron("neuron-1-0", "a", 0.25, delta=-0.5), (0, 0), size_for(1), 0.0, 1.0)
    'n0'
    >>> "▼ −0.5" in canvas.source, 'class="neuron negative"' in canvas.source
    (True, True)
    """
    theme, (x, y) = canvas.theme, spot
    if beside:
        _beside(canvas, neuron, spot, size, beside)
    given = {"color": theme.line, "penwidth": "1"}
    if neuron.delta is not None:
        given = {"color": colour(neuron.delta, theme), "penwidth": f"{_RING + _RING_MORE * ring:.2f}"}
    name = _circle(
        canvas, x, y, size.radius, neuron.value, shaded(neuron.shade, theme), id=neuron.key,
        tooltip=tooltip(neuron.tooltip), **{"class": f"neuron {sign(neuron.delta or 0.0)}"}, **given,
    )  # fmt: skip
    if not beside:
        told = _told(neuron, theme, size.small)
        canvas.words(x, y - size.radius - 5 - 0.65 * size.small * len(told), *told, halo=True)
    return name


def _beside(canvas: Canvas, neuron: Neuron, spot: tuple[float, float], size: Size, beside: float) -> None:
    """A capsule around the neuron and what is written at its right, so that no weight runs through the words."""
    theme, radius, (x, y) = canvas.theme, size.radius, spot
    width, height = 2 * radius + beside + 3, 2 * radius + 3
    canvas.shape(
        x + beside / 2, y, width, height, shape="box", style="rounded,filled", fillcolor=theme.paper,
        color=theme.mix(theme.paper, theme.line, 0.55), penwidth="0.7", **{"class": "capsule"},
    )  # fmt: skip
    index = neuron.name.rpartition("[")[2].rstrip("]") if neuron.name.endswith("]") else ""
    first, *rest = _told(neuron, theme, size.small) or [""]
    head = font(f"<B>{escape(index)}</B>&#160; ", theme.ink, size.small) if index else ""
    words = [row(cell(line, width=beside - 6)) for line in (head + first, *rest) if line]
    if words:
        canvas.put(x + radius + beside / 2 + 2, y, table(*words), **{"class": "words"})


def _told(neuron: Neuron, theme: Theme, small: float) -> list[str]:
    """Bias and δ."""
    told = []
    if neuron.bias is not None:
        told.append(font(escape(f"b {number(neuron.bias, 2)}"), theme.quiet, small))
    if neuron.delta is not None:
        told.append(font(escape(f"δ {signed(neuron.delta, 2)}"), theme.ink, small))
    return told


def draw_target(canvas: Canvas, neuron: Neuron, x: float, y: float, radius: float) -> None:
    """What a neuron should have said, shaded alike.

    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> draw_target(canvas, Neuron("neuron-3-7", "a[7]", 0.25, target=1.0), 0, 0, 10.0)
    >>> 'id="target-3-7"' in canvas.source, "target of a[7]: 1" in canvas.source
    (True, True)
    """
    value = float(neuron.target or 0.0)
    full = max(neuron.full, abs(value)) if math.isfinite(value) else 1.0
    ground = shaded(value / full, canvas.theme)
    _circle(
        canvas, x, y, radius, value, ground, style="filled,dashed", color=canvas.theme.quiet, penwidth="1",
        id=neuron.key.replace("neuron", "target"), tooltip=tooltip([f"target of {neuron.name}: {number(value, 4)}"]),
        **{"class": "target"},
    )  # fmt: skip


def _circle(canvas: Canvas, x: float, y: float, radius: float, value: float, ground: str, **given: str) -> str:
    shown = _inside(value, 3 if radius > 20 else 2)
    size = min(radius * 0.62, 1.66 * radius / (0.58 * max(2, len(shown))))
    label = font(escape(shown), canvas.theme.on(ground), round(size, 1))
    return canvas.shape(x, y, 2 * radius, 2 * radius, label, fillcolor=ground, **given)


def _inside(value: float, digits: int) -> str:
    """A number that fits into a circle: of a small one its first decimals, which may all be zero."""
    if not math.isfinite(value) or abs(value) >= 10 or value == round(value):
        return number(value, digits)
    shown = f"{value:.{digits - (abs(value) >= 1)}f}"
    if float(shown) == value:
        return number(value, digits)
    return shown.replace("-", "−") if float(shown) else shown.lstrip("-")


def draw_image(canvas: Canvas, column: Column, x: float, places: Places, used: set[str]) -> dict[str, str]:
    """The input as it looks, and beneath it a point for each pixel that is used, where its weights begin.

    >>> from viz.network.model import Network
    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> column = Column("x", [], [Neuron(f"neuron-0-{i}", "", 0.25 * i) for i in range(4)], pixels=2)
    >>> draw_image(canvas, column, 0, Places(Network("net", [column], [], "C", 0.0, "weight")), {"neuron-0-3"})
    {'neuron-0-3': 'n1'}
    """
    theme, side, size = canvas.theme, column.pixels, places.pixel(column)
    rows = []
    for line in range(side):
        cells = [
            cell("", align=None, fixedsize="TRUE", width=size, height=size, bgcolor=shaded(neuron.shade, theme))
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
