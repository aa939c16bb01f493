"""The chain rule for one node as a figure: its factors in a row, and their product."""

from __future__ import annotations

import graphviz

from graphcore import Node, Run
from graphcore import explain as explained
from graphcore.extend import Row, Section

from ..render.markup import cell, escape, font, row, table
from ..render.picture import Picture
from ..render.theme import FONTS, Theme, get_theme

_SMALL, _NORMAL, _LARGE = 10, 13, 17
_NOTHING = "&#160;"
#: the number of factors in a line
_ACROSS = 4


def explain(
    run: Run, node: Node | str, entry: int | tuple[int, ...] | None = None, *, theme: str | Theme = "light"
) -> Picture:
    """Draw the explanation of `graphcore.explain`: a card for each factor, with its formula, number and meaning.

    Each path to the cost has a row of cards of its own. Raises the errors of `graphcore.explain`.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> figure = explain(gc.backprop(ops.square((w * x).named("z"), name="C"), {x: 3.0}), "w")
    >>> figure
    <Picture of '∂C/∂w'>
    >>> "how active the input was" in figure.source
    True
    """
    colours = get_theme(theme)
    found = explained(run, node, entry)
    title = repr(found).partition("of ")[2].rstrip(">").partition(":")[0]
    rows = [line for section in found.sections for line in _section(section, colours)]
    dot = graphviz.Digraph(
        "explanation",
        graph_attr={"bgcolor": colours.paper, "pad": "0.2", "margin": "0", "tooltip": escape(title)},
        node_attr={"shape": "plain", "fontname": FONTS, "fontsize": str(_NORMAL)},
    )
    dot.node("n0", f"<{table(*rows, cellspacing=6, cellpadding=2)}>", id="explanation", tooltip=escape(title))
    return Picture(lambda: dot.source, title)


def _section(section: Section, theme: Theme) -> list[str]:
    lines = [_text(section.heading.text, theme, bold=True)]
    if section.is_product and section.rows:
        lines.append(_cards(section.rows, theme))
    elif section.rows:
        lines.append(_terms(section.rows, theme))
    if section.result is not None:
        lines.extend(_text(line, theme) for line in section.result.text.splitlines())
    return lines


def _text(words: str, theme: Theme, *, bold: bool = False) -> str:
    shown = escape(words)
    return row(cell(font(f"<B>{shown}</B>" if bold else shown, theme.ink, _NORMAL + 1)))


def _cards(factors: list[Row], theme: Theme) -> str:
    """Lay out all factors, a few in each line, cards below cards."""
    times = cell(font("×", theme.ink, _LARGE), align="CENTER", valign="MIDDLE", cellpadding=4)
    formulas = any(" = " in factor.what.text for factor in factors)
    numbers = any(factor.value.text for factor in factors)
    cards = [cell(_card(factor, theme, formulas=formulas, numbers=numbers), valign="TOP") for factor in factors]
    lines = []
    for first in range(0, len(cards), _ACROSS):
        goes_on = first + _ACROSS < len(cards)
        lines.append(row(times.join(cards[first : first + _ACROSS]) + (times if goes_on else "")))
    return row(cell(table(*lines, cellspacing=7)))


def _card(factor: Row, theme: Theme, *, formulas: bool, numbers: bool) -> str:
    """Return the card of a factor: symbol, formula, number on the tint of its sign, and meaning; lines are aligned."""
    symbol, equals, formula = factor.what.text.partition(" = ")
    rows = [font(f"<B>{escape(symbol)}</B>", theme.ink, _NORMAL)]
    if formulas:
        rows.append(font(escape(f"= {formula}") if equals else _NOTHING, theme.ink, _NORMAL - 1))
    if numbers:
        rows.append(_number(factor.value.text, theme))
    rows.append(font(escape(factor.meaning) or _NOTHING, theme.quiet, _SMALL))
    inside = [row(cell(line)) for line in rows]
    return table(*inside, border=1, style="ROUNDED", color=theme.line, bgcolor=theme.box, cellpadding=4, cellspacing=3)


def _number(words: str, theme: Theme) -> str:
    if not words:
        return table(row(cell(font(_NOTHING, theme.ink, _LARGE), cellpadding=5)))
    single = words.lstrip("−")[:1].isdigit() and " " not in words
    sign = 0.0 if not single or words == "0" else -0.55 if words.startswith("−") else 0.55
    ground = theme.tint(sign) if sign else theme.panel
    shown = font(f"<B>{escape(words)}</B>", theme.on(ground), _LARGE if single else _NORMAL)
    return table(row(cell(shown, bgcolor=ground, style="ROUNDED", cellpadding=5)))


def _terms(terms: list[Row], theme: Theme) -> str:
    lines = [
        row(
            cell(font(escape(term.what.text), theme.ink, _NORMAL)),
            cell(font(escape(f"= {term.value.text}"), theme.ink, _NORMAL), align="RIGHT"),
        )
        for term in terms
    ]
    return row(cell(table(*lines, cellpadding=3, cellspacing=2, bgcolor=theme.panel)))
