"""The heading of a picture: what it shows, and what colour and width mean."""

from __future__ import annotations

from ..format.numbers import DOWN, UP
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .diagram import Diagram

_SMALL = 9


def heading(diagram: Diagram, theme: Theme) -> str:
    """Title, cost and legend.

    >>> from viz.render.theme import THEMES
    >>> heading(Diagram("my <net>", [], []), THEMES["light"]).count("my &lt;net&gt;")
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
        *swatch(theme.positive, f"{UP} more of it raises {_cost(diagram)}", theme),
        *swatch(theme.negative, f"{DOWN} lowers {_cost(diagram)}", theme),
    ]
    for width, size in diagram.scale():
        keys += [bar(theme, width), said(size, theme)]
    if diagram.largest:
        keys.append(said("an edge’s contribution", theme))
    if any(arrow.is_mixed for arrow in diagram.arrows):
        keys.append(said("in two colours: shares of both signs", theme))
    if any(arrow.is_dead for arrow in diagram.arrows):
        keys.append(said("╌╌ hands back nothing", theme))
    if diagram.has_grids:
        shades = "".join(
            cell("", align=None, fixedsize="TRUE", width=11, height=11, bgcolor=theme.tint(place / 3))
            for place in range(-3, 4)
        )
        scale = cell(table(row(shades), border=1, color=theme.line))
        keys += [said("−max", theme), scale, said("max of each box", theme)]
    return keys


def _cost(diagram: Diagram) -> str:
    return diagram.cost.partition(" = ")[0] or "the cost"


def swatch(colour: str, meaning: str, theme: Theme) -> list[str]:
    """A colour with its glyph, and what it means.

    >>> from viz.render.theme import THEMES
    >>> [words in swatch("#0072b2", "▲ more of it", THEMES["light"])[i] for i, words in enumerate(("▲", "more of it"))]
    [True, True]
    """
    glyph = font(escape(meaning[0]), theme.on(colour), _SMALL)
    chip = table(row(cell(glyph, align=None, bgcolor=colour, cellpadding=2)))
    return [cell(chip), said(meaning[2:], theme)]


def bar(theme: Theme, width: float) -> str:
    """A piece of a line as wide as those in the picture.

    >>> from viz.render.theme import THEMES
    >>> 'HEIGHT="3"' in bar(THEMES["light"], 3.2)
    True
    """
    line = cell("", align=None, fixedsize="TRUE", width=26, height=max(1, round(width)), bgcolor=theme.quiet)
    return cell(table(row(line)), align=None, cellpadding=2)


def said(words: str, theme: Theme) -> str:
    """Words of a legend.

    >>> from viz.render.theme import THEMES
    >>> "&lt;" in said("<", THEMES["light"])
    True
    """
    return cell(font(escape(words), theme.quiet, _SMALL), cellpadding=2)
