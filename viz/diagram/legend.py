"""The heading of a picture: title, cost, and the legend of colours and widths."""

from __future__ import annotations

from ..format.numbers import DOWN, UP
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .diagram import Diagram

_SMALL = 9


def build_heading(diagram: Diagram, theme: Theme) -> str:
    """Return title, cost and legend.

    >>> from viz.render.theme import THEMES
    >>> build_heading(Diagram("my <net>", [], []), THEMES["light"]).count("my &lt;net&gt;")
    1
    """
    title = font(f"<B>{escape(diagram.title)}</B>", theme.ink, 15)
    if diagram.cost:
        title += font("&#160;&#160;&#160;" + escape(diagram.cost), theme.ink, 15)
    rows = [row(cell(title, cellpadding=3))]
    rows += [row(cell(font(escape(note), theme.quiet, 10), cellpadding=3)) for note in diagram.notes]
    if diagram.has_run:
        rows.append(row(cell(table(row(*_keys(diagram, theme)), cellspacing=3))))
    return table(*rows, cellpadding=2)


def _keys(diagram: Diagram, theme: Theme) -> list[str]:
    keys = [
        *make_swatch(theme.positive, f"{UP} more of it raises {_cost(diagram)}", theme),
        *make_swatch(theme.negative, f"{DOWN} lowers {_cost(diagram)}", theme),
    ]
    for width, size in diagram.scale():
        keys += [make_bar(theme, width), make_label(size, theme)]
    if diagram.largest:
        keys.append(make_label("an edge’s contribution", theme))
    if any(arrow.is_mixed for arrow in diagram.arrows):
        keys.append(make_label("two colours: both signs", theme))
    if any(arrow.is_zero for arrow in diagram.arrows):
        keys.append(make_label("╌╌ no gradient", theme))
    if diagram.has_grids:
        shades = "".join(
            cell("", align=None, fixedsize="TRUE", width=11, height=11, bgcolor=theme.tint(place / 3))
            for place in range(-3, 4)
        )
        scale = cell(table(row(shades), border=1, color=theme.line))
        keys += [make_label("−largest", theme), scale, make_label("largest of each box", theme)]
    return keys


def _cost(diagram: Diagram) -> str:
    return diagram.cost.partition(" = ")[0] or "the cost"


def make_swatch(colour: str, meaning: str, theme: Theme) -> list[str]:
    """Return the cells of a colour with its glyph and meaning.

    >>> from viz.render.theme import THEMES
    >>> glyph, words = make_swatch("#0072b2", "▲ more of it", THEMES["light"])
    >>> ["▲" in glyph, "more of it" in words]
    [True, True]
    """
    glyph = font(escape(meaning[0]), theme.on(colour), _SMALL)
    chip = table(row(cell(glyph, align=None, bgcolor=colour, cellpadding=2)))
    return [cell(chip), make_label(meaning[2:], theme)]


def make_bar(theme: Theme, width: float) -> str:
    """Return a cell with a piece of a line of this width.

    >>> from viz.render.theme import THEMES
    >>> 'HEIGHT="3"' in make_bar(THEMES["light"], 3.2)
    True
    """
    line = cell("", align=None, fixedsize="TRUE", width=26, height=max(1, round(width)), bgcolor=theme.quiet)
    return cell(table(row(line)), align=None, cellpadding=2)


def make_label(words: str, theme: Theme) -> str:
    """Return a cell with words of a legend.

    >>> from viz.render.theme import THEMES
    >>> "&lt;" in make_label("<", THEMES["light"])
    True
    """
    return cell(font(escape(words), theme.quiet, _SMALL), cellpadding=2)
