"""The heading of a network's picture: title, examples, and the legend of shades, colours and widths."""

from __future__ import annotations

import re

from ..diagram.legend import make_bar, make_label, make_swatch
from ..format.numbers import DOWN, UP, number
from ..render.canvas import Canvas
from ..render.markup import cell, escape, font, row, table
from .model import Network
from .neuron_layout import NetworkLayout
from .neuron_marks import shade_colour

#: the approximate width of a letter of the legend
_LETTER = 4.6


def draw_heading(canvas: Canvas, network: Network, layout: NetworkLayout, widths: tuple[float, float]) -> None:
    """Draw title, examples and legend; ``widths`` are those of the thinnest and thickest line.

    >>> from viz.render.theme import THEMES
    >>> canvas, network = Canvas("net", "net", THEMES["light"]), Network("my net", [], [], "C", 0.0, "weight")
    >>> draw_heading(canvas, network, NetworkLayout(network), (0.4, 4.0))
    >>> "my net" in canvas.source, "weight above 0" in canvas.source
    (True, True)
    """
    theme = canvas.theme
    title = font(f"<B>{escape(network.title)}</B>", theme.ink, 16)
    if network.about:
        title += font(escape(f"   {network.about}"), theme.quiet, 11)
    rows = [row(cell(title, cellpadding=3))]
    rows += [
        row(cell(table(row(*keys), cellspacing=3)))
        for keys in _equalize(_edge_keys(canvas, network, widths), _neuron_keys(canvas, network))
    ]
    rows += [row(cell(font(escape(note), theme.quiet, 9), cellpadding=3)) for note in network.notes]
    width = max(layout.right, 480.0)
    whole = table(*rows, cellpadding=1, width=round(width))
    for corner in layout.corners(28 + 22 * len(rows)):
        canvas.point(*corner)
    canvas.put(width / 2, layout.titles + 24 + 11 * len(rows), whole, id="heading")


def _equalize(*lines: list[str]) -> list[list[str]]:
    """Pad lines to about the same width, because Graphviz stretches tables below each other to the widest."""
    lengths = [_LETTER * len(re.sub(r"<[^>]*>|&#?\w+;", "", "".join(keys))) + sum(map(_bars, keys)) for keys in lines]
    return [
        [*keys, cell("", width=round(max(lengths) - length))] if length < max(lengths) else keys
        for keys, length in zip(lines, lengths, strict=True)
    ]


def _bars(key: str) -> int:
    """Return the width of the bars of a key, with the gap after them."""
    return 7 + sum(map(int, re.findall(r'WIDTH="(\d+)"', key)))


def _edge_keys(canvas: Canvas, network: Network, widths: tuple[float, float]) -> list[str]:
    theme, cost = canvas.theme, network.cost
    if network.show == "gradient":
        up, down, what = f"more of this weight raises {cost}", f"lowers {cost}", f"|∂{cost}/∂w|"
    else:
        up, down, what = "weight above 0", "below 0", "|w|"
    keys = [*make_swatch(theme.positive, f"{UP} {up}", theme), *make_swatch(theme.negative, f"{DOWN} ╌ {down}", theme)]
    thin, thick = widths
    # bars have integer widths, and only different ones are shown
    shown = {max(1, round(width)): width for width in ((3 * thin + thick) / 4, (thin + thick) / 2, thick)}
    for width in shown.values() if network.largest else ():
        keys += [
            make_bar(theme, width),
            make_label(number(network.largest * ((width - thin) / (thick - thin)) ** 2, 2), theme),
        ]
    return [*keys, make_label(what, theme)] if network.largest else keys


def _neuron_keys(canvas: Canvas, network: Network) -> list[str]:
    theme = canvas.theme
    neurons = [neuron for column in network.columns for neuron in column.neurons]
    low = -5 if any(neuron.value < 0 for neuron in neurons) else 0
    shades = "".join(
        cell("", align=None, fixedsize="TRUE", width=11, height=11, bgcolor=shade_colour(step / 5, theme))
        for step in range(low, 6)
    )
    full = "1" if all(neuron.full <= 1 for neuron in neurons) else "the largest of the layer, at least 1"
    start = f"activation {'0' if not low else f'−{full}'}"
    keys = [make_label(start, theme), cell(table(row(shades), border=1, color=theme.line)), make_label(full, theme)]
    return (
        [*keys, make_label(f"   ring: δ = ∂{network.cost}/∂z   b: bias", theme)]
        if any(n.delta is not None for n in neurons)
        else keys
    )
