"""Cards of boxes: heading, value, gradient and heat maps in one HTML-like table."""

from __future__ import annotations

import math
import re

from ..format.array_summary import ArraySummary
from ..format.heatmap import describe_blocks, scale_to_unit
from ..format.numbers import format_shape, format_signed, number
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme, blank
from .diagram import Box, Diagram

SMALL, NORMAL = 9, 12
#: the width of the highlight around a box, and the gap between the two lines of a double frame
_ROOM, _BETWEEN = 4, 3
_WORDS = re.compile(">[^<>]+<")
#: how each role is framed: width of the border, style, and whether there is a second one
_FRAMES = {
    "input": (1, "ROUNDED", False),
    "parameter": (3, "", False),
    "constant": (1, "DASHED", False),
    "target": (1, "DASHED", False),
    "cost": (1, "", True),
    "output": (1, "", True),
    "fold": (1, "ROUNDED", False),
    "op": (1, "", False),
}


def build_card(box: Box, diagram: Diagram, theme: Theme) -> str:
    """Return the label of a box.

    >>> from viz.render.theme import THEMES
    >>> box = Box("node-0", "input", "input", "<b>", about="float64")
    >>> "<B>&lt;b&gt;</B>" in build_card(box, Diagram("", [box], []), THEMES["light"])
    True
    """
    quiet = box.role in ("target", "constant")
    rows = [_line(font(escape(box.tag), theme.quiet, SMALL)), _line(_heading(box, theme, quiet=quiet))]
    if box.value is None and box.about:
        rows.append(_line(font(escape(box.about), theme.quiet, SMALL)))
    if box.value is not None and box.value.single is not None:
        value_theme, gradient_theme = _part_themes(box, theme, theme.box)
        gradient_rows = [_gradient_pill(box, box.gradient, diagram, gradient_theme)] if box.gradient is not None else []
        gradient_rows += [_line(font(escape(f"= {box.terms}"), gradient_theme.ink, SMALL))] if box.terms else []
        rows += _hide_words([_line(_format_single(box.value, diagram, value_theme))], "value", box) + _hide_words(
            gradient_rows, "gradient", box
        )
    elif box.value is not None or box.gradient is not None:
        rows.append(row(cell(_panels(box, diagram, theme))))
    inside = table(*rows, cellspacing=2, cellpadding=1)
    border, style, double = _FRAMES[box.role]
    colour = theme.line if quiet or box.is_dimmed or box.role in ("input", "op", "fold") else theme.ink
    ground = theme.mix(theme.box, theme.panel, 0.7) if box.role == "fold" else theme.box
    size = {} if box.size is None else {"width": box.size[0] - 2 * _ROOM, "height": box.size[1] - 2 * _ROOM}
    inner = {key: length - 2 * (_BETWEEN + 1) for key, length in size.items()} if double else size
    framed = table(row(cell(inside)), border=border, style=style, color=colour, bgcolor=ground, cellpadding=5, **inner)
    if double:
        framed = table(row(cell(framed, cellpadding=_BETWEEN)), border=1, color=colour, bgcolor=ground, **size)
    if not box.halo:
        return framed
    # room all around, highlighted or not, so that a box keeps its size
    highlight = theme.lit if box.halo == "highlighted" else None
    return table(row(cell(framed, cellpadding=_ROOM)), style="ROUNDED", bgcolor=highlight)


def _part_themes(box: Box, theme: Theme, ground: str) -> tuple[Theme, Theme]:
    """Return the themes of value and gradient; the theme of a hidden part has the colour of its background only."""
    value_theme, gradient_theme = (
        blank(theme, ground) if part in box.hides else theme for part in ("value", "gradient")
    )
    return value_theme, gradient_theme


def _hide_words(lines: list[str], part: str, box: Box) -> list[str]:
    """Return the lines, with blanks for the words of a hidden part, which keeps the height."""
    return [_WORDS.sub(">&#160;<", line) for line in lines] if part in box.hides else lines


def _line(inner: str, **given: object) -> str:
    return row(cell(inner, **given))


def _heading(box: Box, theme: Theme, *, quiet: bool) -> str:
    ink = theme.quiet if quiet else theme.ink
    name = f"<B>{escape(box.name)}</B>" if box.name else ""
    formula = escape(box.formula)
    joint = "" if not (name and formula) else "&#160;&#160;" if box.role == "fold" else " = "
    return font(name + joint + formula, ink, NORMAL)


def _format_single(value: ArraySummary, diagram: Diagram, theme: Theme) -> str:
    shown = number(float(value.single or 0.0), diagram.digits)
    if value.alarm_text:
        return font(f"= <B>{escape(shown)}</B>", theme.alarm, NORMAL + 2)
    shape = font(escape(f"   {format_shape(value.shape)}"), theme.quiet, SMALL) if value.shape else ""
    return font(f"= {escape(shown)}", theme.ink, NORMAL) + shape


def _gradient_pill(box: Box, gradient: ArraySummary, diagram: Diagram, theme: Theme) -> str:
    """Return the gradient of a single number, on a tint whose strength is its size."""
    value = float(gradient.single or 0.0)
    if gradient.alarm_text:
        ground = theme.alarm
    else:
        largest = diagram.largest_gradient
        ground = theme.tint(math.copysign((abs(value) / largest) ** 0.5, value)) if largest and value else theme.panel
    ink = theme.on(ground)
    words = font(f"{escape(box.gradient_symbol)} = {escape(format_signed(value, diagram.digits))}", ink, NORMAL)
    outline = _outline(theme, ground, keeps_size=bool(box.halo))
    return row(cell(table(_line(words), style="ROUNDED", bgcolor=ground, cellpadding=4, **outline)))


def _outline(theme: Theme, ground: str, *, keeps_size: bool) -> dict[str, object]:
    """Return a visible outline for a fill like the box's own; for other fills an invisible one if sizes must match."""
    if ground in (theme.box, theme.panel):
        return {"border": 1, "color": theme.line}
    return {"border": 1, "color": ground} if keeps_size else {"border": 0}


def _panels(box: Box, diagram: Diagram, theme: Theme) -> str:
    """Lay out value and gradient of an array side by side, line by line."""
    ground = theme.box if "value" in box.hides else theme.panel
    value_theme, gradient_theme = _part_themes(box, theme, ground)
    columns = []
    if box.value is not None:
        column = _column("value", box.value, value_theme, [box.value.statistics(diagram.digits)], [])
        columns.append(_hide_words(column, "value", box))
    if box.gradient is not None:
        gradient = box.gradient
        norm = [f"norm {number(gradient.norm, diagram.digits)}"] if box.role == "fold" else []
        below = [] if gradient.alarm_text or gradient.is_zero else [gradient.signs()]
        below += [box.terms] if box.terms else []
        above = [*norm, gradient.statistics(diagram.digits, brief=True)]
        columns.append(
            _hide_words(_column(box.gradient_symbol, gradient, gradient_theme, above, below), "gradient", box)
        )
    height = max(len(column) for column in columns)
    filled = [column + [""] * (height - len(column)) for column in columns]
    gap = cell("", width=8)
    lines = [row(gap.join(inner or cell("") for inner in line)) for line in zip(*filled, strict=True) if any(line)]
    return table(*lines, cellpadding=2, bgcolor=ground)


def _column(head: str, summary: ArraySummary, theme: Theme, above: list[str], below: list[str]) -> list[str]:
    """Return the cells of one array: heading, alarm for entries that are not finite, statistics and heat map."""
    ink = theme.on(theme.panel)
    words = [cell(font(escape(line), ink, SMALL)) for line in (head, "  ".join(above))]
    if summary.alarm_text:
        shown = font(f"<B>{escape(summary.alarm_text)}</B>", theme.on(theme.alarm), SMALL)
        words[0] = cell(table(row(words[0], cell(shown, bgcolor=theme.alarm)), cellpadding=2))
    if summary.grid and (blocks := describe_blocks(summary.shape)):
        below = [blocks, *below]
    return [*words, _grid_cell(summary, theme), *(cell(font(escape(line), ink, SMALL)) for line in below)]


def _grid_cell(summary: ArraySummary, theme: Theme) -> str:
    if not summary.grid:
        return ""
    width, height = _grid_size(summary)
    return cell(draw_grid(summary, theme), fixedsize="TRUE", width=width + 4, height=height + 4, valign="TOP")


def _grid_size(summary: ArraySummary) -> tuple[int, int]:
    size = _cell_size(summary)
    return max(len(line) for line in summary.grid) * size + 2, len(summary.grid) * size + 2


def _cell_size(summary: ArraySummary) -> int:
    return 14 if max(len(summary.grid), *(len(line) for line in summary.grid)) <= 8 else 9


def draw_grid(summary: ArraySummary, theme: Theme) -> str:
    """Draw a heat map: blue above zero, vermillion below, the background at zero, on a symmetric scale.

    Large negative cells have a minus sign; NaN and infinity are marked in cells of every size.

    >>> from viz.format.array_summary import summarize
    >>> from viz.render.theme import THEMES
    >>> drawn = draw_grid(summarize([2.0, -2.0, 0.0], grid=True), THEMES["light"])
    >>> [colour in drawn for colour in ("#0072b2", "#d55e00", "#ffffff")], "−" in drawn
    ([True, True, True], True)
    """
    size = _cell_size(summary)
    rows = []
    for line in summary.grid:
        cells = []
        for value in line:
            finite = math.isfinite(value)
            colour = theme.tint(scale_to_unit(value, abs(summary.top))) if finite else theme.alarm
            mark = "−" if value < 0 and finite and size > 9 else "" if finite else "?" if math.isnan(value) else "∞"
            shown = font(mark, theme.on(colour), 8 if size > 9 else 6) if mark else ""
            cells.append(cell(shown, align=None, fixedsize="TRUE", width=size, height=size, bgcolor=colour))
        rows.append(row(*cells))
    width, height = _grid_size(summary)
    return table(*rows, fixedsize="TRUE", align="LEFT", width=width, height=height)
