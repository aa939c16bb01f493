"""The one door through which text enters DOT, and the HTML-like tables of Graphviz."""

from __future__ import annotations

import re
import unicodedata

#: a backslash starts an escape almost anywhere in DOT, so it is drawn as its twin; the SVG has the real one again
BACKSLASH = "\u2216"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": BACKSLASH})
#: where letters and digits stand that are written from right to left
_RTL = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_BLANKS = re.compile(" {2,}")


def escape(words: str) -> str:
    r"""Any text at all, as text: no markup, no entity and no escape of DOT can come of it.

    What cannot be printed is spelled out, and runs that read from right to left are kept to themselves.

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
    """Runs of right-to-left words each in an isolate, within a line that runs from left to right."""
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
    """The attributes of a tag; ``None`` and the empty text leave one out, because Graphviz warns of ``STYLE=""``.

    >>> attributes(border=1, style="", color=None, width=4.5)
    ' BORDER="1" WIDTH="4.5"'
    >>> attributes(point_size=8)
    ' POINT-SIZE="8"'
    """
    shown = {k: v for k, v in given.items() if v is not None and v != ""}
    return "".join(f' {key.upper().replace("_", "-")}="{value}"' for key, value in shown.items())


def font(inner: str, colour: str | None = None, size: float | None = None) -> str:
    """Escaped text in a colour and size.

    >>> font("x", "#ffffff"), font("x")
    ('<FONT COLOR="#ffffff">x</FONT>', 'x')
    >>> font("x", size=8)
    '<FONT POINT-SIZE="8">x</FONT>'
    """
    told = attributes(color=colour, point_size=size)
    return f"<FONT{told}>{inner}</FONT>" if told and inner else inner


def cell(inner: str, **given: object) -> str:
    """One cell, at the left unless it is said otherwise.

    >>> cell("x"), cell("", width=6, align=None)
    ('<TD ALIGN="LEFT">x</TD>', '<TD WIDTH="6"></TD>')
    """
    return f"<TD{attributes(**{'align': 'LEFT', **given})}>{inner}</TD>"


def row(*cells: str) -> str:
    """A row of cells.

    >>> row(cell("x", align=None))
    '<TR><TD>x</TD></TR>'
    """
    return f"<TR>{''.join(cells)}</TR>"


def table(*rows: str, **given: object) -> str:
    """A table without borders and gaps, unless it is said otherwise.

    >>> table(row(cell("x", align=None)), border=1)
    '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD>x</TD></TR></TABLE>'
    """
    plain = {"border": 0, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}
    return f"<TABLE{attributes(**{**plain, **given})}>{''.join(rows)}</TABLE>"
