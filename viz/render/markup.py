"""Escaped text for DOT, and the HTML-like tables of Graphviz."""

from __future__ import annotations

import re
import unicodedata

#: a backslash starts an escape almost anywhere in DOT, so a similar character replaces it until the SVG is written
BACKSLASH = "\u2216"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": BACKSLASH})
#: the ranges of letters and digits that are written from right to left
_RTL = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_BLANKS = re.compile(" {2,}")


def escape(words: str) -> str:
    r"""Escape any text, so that no markup, entity or escape of DOT can result from it.

    Characters that are not printable are written as escapes, and right-to-left runs are isolated.

    >>> escape('<b>&"')
    '&lt;b&gt;&amp;&quot;'
    >>> escape("\\N") == "\u2216N", escape("a\nb") == "a\u2216nb", escape("\ud800")
    (True, True, '∖ud800')
    """
    if words.isprintable():
        clean = words
    else:
        clean = "".join(c if _is_safe(c) else c.encode("unicode_escape").decode() for c in words)
    clean = _BLANKS.sub(lambda blanks: "\u00a0" * len(blanks[0]), clean)
    return _isolated(clean).translate(_ENTITIES)


def _is_safe(character: str) -> bool:
    return character.isprintable() or character == "\u00a0"


def _isolated(words: str) -> str:
    """Isolate each run of right-to-left words within a left-to-right line."""
    if not any(map(_is_rtl, _RTL.findall(words))):
        return words
    kinds = "".join("R" if _is_rtl(c) else " " if c.isspace() else "L" for c in words)
    pieces, done = ["\u200e"], 0
    for run in re.finditer("R(?: *R)*", kinds):
        pieces += [words[done : run.start()], "\u2068", words[run.start() : run.end()], "\u2069"]
        done = run.end()
    return "".join([*pieces, words[done:], "\u200e"])


def _is_rtl(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL", "AN")


def attributes(**given: object) -> str:
    """Format the attributes of a tag; ``None`` and the empty text omit one, because Graphviz warns of ``STYLE=""``.

    >>> attributes(border=1, style="", color=None, width=4.5)
    ' BORDER="1" WIDTH="4.5"'
    >>> attributes(point_size=8)
    ' POINT-SIZE="8"'
    """
    shown = {k: v for k, v in given.items() if v is not None and v != ""}
    return "".join(f' {key.upper().replace("_", "-")}="{value}"' for key, value in shown.items())


def font(inner: str, colour: str | None = None, size: float | None = None) -> str:
    """Wrap escaped text in a colour and size.

    >>> font("x", "#ffffff"), font("x")
    ('<FONT COLOR="#ffffff">x</FONT>', 'x')
    >>> font("x", size=8)
    '<FONT POINT-SIZE="8">x</FONT>'
    """
    given = attributes(color=colour, point_size=size)
    return f"<FONT{given}>{inner}</FONT>" if given and inner else inner


def cell(inner: str, **given: object) -> str:
    """Return one cell, aligned left by default.

    >>> cell("x"), cell("", width=6, align=None)
    ('<TD ALIGN="LEFT">x</TD>', '<TD WIDTH="6"></TD>')
    """
    return f"<TD{attributes(**{'align': 'LEFT', **given})}>{inner}</TD>"


def row(*cells: str) -> str:
    """Return a row of cells.

    >>> row(cell("x", align=None))
    '<TR><TD>x</TD></TR>'
    """
    return f"<TR>{''.join(cells)}</TR>"


def table(*rows: str, **given: object) -> str:
    """Return a table, by default without borders and gaps.

    >>> table(row(cell("x", align=None)), border=1)
    '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD>x</TD></TR></TABLE>'
    """
    plain = {"border": 0, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}
    return f"<TABLE{attributes(**{**plain, **given})}>{''.join(rows)}</TABLE>"
