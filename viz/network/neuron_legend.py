"""The heading of a network's picture: what it shows, and what shades, colours and widths mean."""

from __future__ import annotations

import re

from ..diagram.legend import bar, said, swatch
from ..format.numbers import DOWN, UP, number
from ..render.canvas import Canvas
from ..render.markup import cell, escape, font, row, table
from .model import Network
from .neuron_layout import Places
from .neuron_marks import shaded

#: how wide a letter of the legend is, about
_LETTER = 4.6


def heading(canvas: Canvas, network: Network, places: Places, widths: tuple[float, float]) -> None:
    """Title, of which examples the numbers are, and the legend; ``widths`` are those of the thinnest and thickest line.

    >>> from viz.render.theme import THEMES
    >>> canvas, network = Canvas("net", "net", THEMES["light"]), Network("my net", [], [], "C", 0.0, "weight")
    >>> heading(canvas, network, Places(network), (0.4, 4.0))
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
        for keys in _evened(_strands(canvas, network, widths), _neurons(canvas, network))
    ]
    rows += [row(cell(font(escape(note), theme.quiet, 9), cellpadding=3)) for note in network.notes]
    width = max(places.right, 480.0)
    whole = table(*rows, cellpadding=1, width=round(width))
    for corner in places.corners(28 + 22 * len(rows)):
        canvas.point(*corner)
    canvas.put(width / 2, places.titles + 24 + 11 * len(rows), whole, id="heading")


def _evened(*lines: list[str]) -> list[list[str]]:
    """Lines of about the same width, because tables below each other are drawn out to the widest."""
    lengths = [_LETTER * len(re.sub(r"<[^>]*>|&#?\w+;", "", "".join(keys))) + sum(map(_bars, keys)) for keys in lines]
    return [
        [*keys, cell("", width=round(max(lengths) - length))] if length < max(lengths) else keys
        for keys, length in zip(lines, lengths, strict=True)
    ]


def _bars(key: str) -> int:
    """How wide what is drawn in a key is, with the gap behind it."""
    return 7 + sum(map(int, re.findall(r'WIDTH="(\d+)"', key)))


def _strands(canvas: Canvas, network: Network, widths: tuple[float, float]) -> list[str]:
    theme, cost = canvas.theme, network.cost
    if network.show == "gradient":
        up, down, what = f"more of this weight raises {cost}", f"lowers {cost}", f"|∂{cost}/∂w|"
    else:
        up, down, what = "weight above 0", "below 0", "|w|"
    keys = [*swatch(theme.positive, f"{UP} {up}", theme), *swatch(theme.negative, f"{DOWN} ╌ {down}", theme)]
    thin, thick = widths
    # bars are whole points wide, and only those that can be told apart are shown
    shown = {max(1, round(width)): width for width in ((3 * thin + thick) / 4, (thin + thick) / 2, thick)}
    for width in shown.values() if network.largest else ():
        keys += [bar(theme, width), said(number(network.largest * ((width - thin) / (thick - thin)) ** 2, 2), theme)]
    return [*keys, said(what, theme)] if network.largest else keys


def _neurons(canvas: Canvas, network: Network) -> list[str]:
    theme = canvas.theme
    neurons = [neuron for column in network.columns for neuron in column.neurons]
    low = -5 if any(neuron.value < 0 for neuron in neurons) else 0
    shades = "".join(
        cell("", align=None, fixedsize="TRUE", width=11, height=11, bgcolor=shaded(step / 5, theme))
        for step in range(low, 6)
    )
    full = "1" if all(neuron.full <= 1 for neuron in neurons) else "the largest of the layer, at least 1"
    start = f"activation {'0' if not low else f'−{full}'}"
    keys = [said(start, theme), cell(table(row(shades), border=1, color=theme.line)), said(full, theme)]
    return (
        [*keys, said(f"   ring: δ = ∂{network.cost}/∂z   b: bias", theme)]
        if any(n.delta is not None for n in neurons)
        else keys
    )
