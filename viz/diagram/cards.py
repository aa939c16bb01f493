"""The card of a box: heading, value, gradient, heat maps, as one HTML-like table."""

from __future__ import annotations

import math
import re

from ..format.array_summary import Quantity
from ..format.heatmap import position
from ..format.numbers import number, signed
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme, blank
from .diagram import Box, Diagram

SMALL, NORMAL = 9, 12
#: the width of the light around a box, and the gap between the two lines of a double frame
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


def card(box: Box, diagram: Diagram, theme: Theme) -> str:
    """The label of a box.

    >>> from viz.render.theme import THEMES
    >>> box = Box("node-0", "input", "input", "<b>", about="float64")
    >>> "<B>&lt;b&gt;</B>" in card(box, Diagram("", [box], []), THEMES["light"])
    True
    """
    quiet = box.role in ("target", "constant")
    rows = [_line(font(escape(box.tag), theme.quiet, SMALL)), _line(_heading(box, theme, quiet=quiet))]
    if box.value is None and box.about:
        rows.append(_line(font(escape(box.about), theme.quiet, SMALL)))
    if box.value is not None and box.value.single is not None:
        seen, felt = _parts(box, theme, theme.box)
        felt_rows = [_pill(box, box.gradient, diagram, felt)] if box.gradient is not None else []
        felt_rows += [_line(font(escape(f"= {box.terms}"), felt.ink, SMALL))] if box.terms else []
        rows += _said([_line(_single(box.value, diagram, seen))], "value", box) + _said(felt_rows, "gradient", box)
    elif box.value is not None or box.gradient is not None:
        rows.append(row(cell(_panels(box, diagram, theme))))
    inside = table(*rows, cellspacing=2, cellpadding=1)
    border, style, double = _FRAMES[box.role]
    colour = theme.line if quiet or box.is_muted or box.role in ("input", "op", "fold") else theme.ink
    ground = theme.mix(theme.box, theme.panel, 0.7) if box.role == "fold" else theme.box
    size = {} if box.size is None else {"width": box.size[0] - 2 * _ROOM, "height": box.size[1] - 2 * _ROOM}
    inner = {key: length - 2 * (_BETWEEN + 1) for key, length in size.items()} if double else size
    framed = table(row(cell(inside)), border=border, style=style, color=colour, bgcolor=ground, cellpadding=5, **inner)
    if double:
        framed = table(row(cell(framed, cellpadding=_BETWEEN)), border=1, color=colour, bgcolor=ground, **size)
    if not box.halo:
        return framed
    # room all around, whether it is lit or not, so that a box keeps its size
    lit = theme.lit if box.halo == "lit" else None
    return table(row(cell(framed, cellpadding=_ROOM)), style="ROUNDED", bgcolor=lit)


def _parts(box: Box, theme: Theme, ground: str) -> tuple[Theme, Theme]:
    """The themes of value and gradient: of what is not there yet nothing is seen on its ground."""
    seen, felt = (blank(theme, ground) if part in box.hides else theme for part in ("value", "gradient"))
    return seen, felt


def _said(lines: list[str], part: str, box: Box) -> list[str]:
    """Lines with their words, or of what is not there yet with nothing in their place, which keeps its height."""
    return [_WORDS.sub(">&#160;<", line) for line in lines] if part in box.hides else lines


def _line(inner: str, **given: object) -> str:
    return row(cell(inner, **given))


def _heading(box: Box, theme: Theme, *, quiet: bool) -> str:
    ink = theme.quiet if quiet else theme.ink
    name = f"<B>{escape(box.name)}</B>" if box.name else ""
    formula = escape(box.formula)
    joint = "" if not (name and formula) else "&#160;&#160;" if box.role == "fold" else " = "
    return font(name + joint + formula, ink, NORMAL)


def _single(value: Quantity, diagram: Diagram, theme: Theme) -> str:
    shown = number(float(value.single or 0.0), diagram.digits)
    if value.loud:
        return font(f"= <B>{escape(shown)}</B>", theme.alarm, NORMAL + 2)
    shape = font(escape(f"   {'×'.join(map(str, value.shape))}"), theme.quiet, SMALL) if value.shape else ""
    return font(f"= {escape(shown)}", theme.ink, NORMAL) + shape


def _pill(box: Box, gradient: Quantity, diagram: Diagram, theme: Theme) -> str:
    """The gradient of a single number, on a tint as strong as it is large."""
    value = float(gradient.single or 0.0)
    if gradient.loud:
        ground = theme.alarm
    else:
        largest = diagram.largest_gradient
        ground = theme.tint(math.copysign((abs(value) / largest) ** 0.5, value)) if largest and value else theme.panel
    ink = theme.on(ground)
    words = font(f"{escape(box.gradient_symbol)} = {escape(signed(value, diagram.digits))}", ink, NORMAL)
    outline = _outline(theme, ground, keeps_size=bool(box.halo))
    return row(cell(table(_line(words), style="ROUNDED", bgcolor=ground, cellpadding=4, **outline)))


def _outline(theme: Theme, ground: str, *, keeps_size: bool) -> dict[str, object]:
    """A line around a ground that can hardly be told from the box; around others one that is not seen, if need be."""
    if ground in (theme.box, theme.panel):
        return {"border": 1, "color": theme.line}
    return {"border": 1, "color": ground} if keeps_size else {"border": 0}


def _panels(box: Box, diagram: Diagram, theme: Theme) -> str:
    """Value and gradient of an array, side by side and line by line."""
    ground = theme.box if "value" in box.hides else theme.panel
    seen, felt = _parts(box, theme, ground)
    columns = []
    if box.value is not None:
        column = _column("value", box.value, seen, [box.value.statistics(diagram.digits)], [])
        columns.append(_said(column, "value", box))
    if box.gradient is not None:
        gradient = box.gradient
        norm = [f"‖·‖ {number(gradient.norm, diagram.digits)}"] if box.role == "fold" else []
        below = [] if gradient.loud or gradient.dead else [gradient.signs()]
        below += [box.terms] if box.terms else []
        above = [*norm, gradient.statistics(diagram.digits, brief=True)]
        columns.append(_said(_column(box.gradient_symbol, gradient, felt, above, below), "gradient", box))
    height = max(len(column) for column in columns)
    filled = [column + [""] * (height - len(column)) for column in columns]
    gap = cell("", width=8)
    lines = [row(gap.join(inner or cell("") for inner in line)) for line in zip(*filled, strict=True) if any(line)]
    return table(*lines, cellpadding=2, bgcolor=ground)


def _column(head: str, quantity: Quantity, theme: Theme, above: list[str], below: list[str]) -> list[str]:
    """What is said of one array: a heading, an alarm if need be, statistics, and the heat map."""
    ink = theme.on(theme.panel)
    words = [cell(font(escape(line), ink, SMALL)) for line in (head, "  ".join(above))]
    if quantity.loud:
        shown = font(f"<B>{escape(quantity.loud)}</B>", theme.on(theme.alarm), SMALL)
        words[0] = cell(table(row(words[0], cell(shown, bgcolor=theme.alarm)), cellpadding=2))
    return [*words, _grid_cell(quantity, theme), *(cell(font(escape(line), ink, SMALL)) for line in below)]


def _grid_cell(quantity: Quantity, theme: Theme) -> str:
    if not quantity.grid:
        return ""
    width, height = _grid_size(quantity)
    return cell(grid(quantity, theme), fixedsize="TRUE", width=width + 4, height=height + 4, valign="TOP")


def _grid_size(quantity: Quantity) -> tuple[int, int]:
    size = _cell_size(quantity)
    return max(len(line) for line in quantity.grid) * size + 2, len(quantity.grid) * size + 2


def _cell_size(quantity: Quantity) -> int:
    return 14 if max(len(quantity.grid), *(len(line) for line in quantity.grid)) <= 8 else 9


def grid(quantity: Quantity, theme: Theme) -> str:
    """A heat map: blue above zero, vermillion below, the paper's colour at zero, on one scale on both sides.

    Where there is room, a minus stands in negative cells, and what is no number is always written out.

    >>> from viz.format.array_summary import measure
    >>> from viz.render.theme import THEMES
    >>> drawn = grid(measure([2.0, -2.0, 0.0], grid=True), THEMES["light"])
    >>> [colour in drawn for colour in ("#0072b2", "#d55e00", "#ffffff")], "−" in drawn
    ([True, True, True], True)
    """
    size = _cell_size(quantity)
    rows = []
    for line in quantity.grid:
        cells = []
        for value in line:
            finite = math.isfinite(value)
            colour = theme.tint(position(value, abs(quantity.top))) if finite else theme.alarm
            mark = "−" if value < 0 and finite and size > 9 else "" if finite else "?" if math.isnan(value) else "∞"
            shown = font(mark, theme.on(colour), 8 if size > 9 else 6) if mark else ""
            cells.append(cell(shown, align=None, fixedsize="TRUE", width=size, height=size, bgcolor=colour))
        rows.append(row(*cells))
    width, height = _grid_size(quantity)
    return table(*rows, fixedsize="TRUE", align="LEFT", width=width, height=height)
