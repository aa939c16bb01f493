"""The elements of an explanation: pieces of mathematics that read in Unicode and in LaTeX, rows, and sections."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...symbolic.expression import latex_text
from . import numbers

#: the upstream gradient in the formula of a linear map of arrays, and the sentence that explains it
UPSTREAM = "□"
UPSTREAM_NOTE = f"{UPSTREAM} stands for the upstream gradient."


@dataclass(frozen=True)
class MathText:
    """A piece of mathematics in both scripts.

    >>> piece = math_text("σ′(z)", r"\\sigma'(z)")
    >>> print(piece), piece.latex
    σ′(z)
    (None, "\\\\sigma'(z)")
    """

    text: str
    latex: str

    def __str__(self) -> str:
        return self.text


def math_text(what: Any, latex: str | None = None) -> MathText:
    """Return a formula, a symbol or plain words as a piece; a number if it is one.

    >>> print(math_text(-0.25), math_text(-0.25).latex)
    −0.25 -0.25
    """
    if isinstance(what, MathText):
        return what
    if what == "":
        return MathText("", "")
    if isinstance(what, str):
        return MathText(what, latex_text(what) if latex is None else latex)
    if hasattr(what, "latex"):
        return MathText(str(what), what.latex)
    return MathText(numbers.format_number(what), numbers.format_latex(what))


def join_product(pieces: Iterable[Any]) -> MathText:
    """Pieces multiplied; negative numbers in parentheses.

    >>> print(join_product([0.5, -2.0]))
    0.5 · (−2)
    """
    parts = [math_text(piece) for piece in pieces]
    return MathText(
        " · ".join(numbers.parenthesize(p.text) for p in parts),
        r" \cdot ".join(numbers.parenthesize(p.latex) for p in parts),
    )


def join_sum(pieces: Sequence[Any]) -> MathText:
    """Pieces added up.

    >>> print(join_sum([0.5, -2.0, 1.0]))
    0.5 − 2 + 1
    """
    parts = [math_text(piece) for piece in pieces]
    text, latex = parts[0].text, parts[0].latex
    for part in parts[1:]:
        text += f" − {part.text[1:]}" if part.text.startswith("−") else f" + {part.text}"
        latex += f" - {part.latex[1:]}" if part.latex.startswith("-") else f" + {part.latex}"
    return MathText(text, latex)


def join_equal(*pieces: Any) -> MathText:
    """Pieces that say the same, each once.

    >>> print(join_equal("a", "b", "b"))
    a = b
    """
    parts = list(dict.fromkeys(math_text(piece) for piece in pieces if piece is not None))
    return MathText(" = ".join(p.text for p in parts), " = ".join(p.latex for p in parts))


@dataclass(frozen=True)
class Row:
    """One factor: what it is, what it comes to, what it means."""

    what: MathText
    value: MathText
    meaning: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, the factors, and what they come to.

    >>> section = Section(math_text("C = a b"), [Row(math_text("a"), math_text(2.0), "the one")])
    >>> print(to_text([section]))
    C = a b
    <BLANKLINE>
        a  =  2   the one
    """

    heading: MathText
    rows: list[Row] = field(default_factory=list)
    result: MathText | None = None
    #: whether the rows are factors of one product; else they are terms of a sum
    is_product: bool = True


def to_text(sections: Sequence[Section]) -> str:
    """Return an explanation as plain text."""
    blocks = []
    for section in sections:
        blocks.append(section.heading.text)
        if section.rows:
            left = max(len(row.what.text) for row in section.rows)
            right = max(len(row.value.text) for row in section.rows)
            blocks.append("\n".join(_line(row, left, right) for row in section.rows))
        if section.result is not None:
            blocks.append(section.result.text)
    return "\n\n".join(blocks)


def _line(row: Row, left: int, right: int) -> str:
    value = f"{'=' if row.value.text else ' '}  {row.value.text:>{right}}   " if right else " "
    return f"    {row.what.text:{left}}  {value}{row.meaning}".rstrip()


def to_latex(sections: Sequence[Section]) -> str:
    """Return an explanation as one aligned display.

    >>> print(to_latex([Section(math_text("a", "a"), [], math_text("b", "b"))]))
    \\begin{aligned}
    & a \\\\
    & b
    \\end{aligned}
    """
    lines = []
    for section in sections:
        lines.append(f"& {section.heading.latex}")
        for row in section.rows:
            meaning = rf" && \\text{{{row.meaning}}}".replace("\\\\", "\\") if row.meaning else ""
            value = f" = {row.value.latex}" if row.value.latex else ""
            lines.append(rf"& \quad {row.what.latex}{value}{meaning}")
        if section.result is not None:
            lines.append(f"& {section.result.latex}")
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def to_html(sections: Sequence[Section]) -> str:
    """Return an explanation for a page or a notebook: tables, and no word that is not escaped.

    >>> to_html([Section(math_text("<x>"))])
    '<div class="explanation"><p><b>&lt;x&gt;</b></p></div>'
    """
    parts = []
    for section in sections:
        parts.append(f"<p><b>{html.escape(section.heading.text)}</b></p>")
        if section.rows:
            parts.append(f"<table>{''.join(_html_row(row) for row in section.rows)}</table>")
        if section.result is not None:
            parts.append(f"<p>{html.escape(section.result.text)}</p>")
    return f'<div class="explanation">{"".join(parts)}</div>'


class Explainable:
    """An explanation in sections: as text by ``str``, in LaTeX, as HTML, and so in notebooks.

    >>> class Small(Explainable):
    ...     sections = [Section(math_text("a", "a"))]
    >>> print(Small()), Small().html
    a
    (None, '<div class="explanation"><p><b>a</b></p></div>')
    """

    #: a list of `Section`, or a property that gives one
    sections: Any

    def __str__(self) -> str:
        return to_text(self.sections)

    @property
    def latex(self) -> str:
        """The explanation as a LaTeX display."""
        return to_latex(self.sections)

    @property
    def html(self) -> str:
        """The explanation for a page."""
        return to_html(self.sections)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def _html_row(row: Row) -> str:
    cells = (("left", row.what.text), ("right", row.value.text), ("left", row.meaning))
    return "<tr>" + "".join(f'<td style="text-align:{a}">{html.escape(c)}</td>' for a, c in cells) + "</tr>"
