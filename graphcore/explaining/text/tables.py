"""A table with a heading, as plain text and for a page."""

from __future__ import annotations

import html
from collections.abc import Sequence


class Table:
    """Rows of cells below a head, all numbers at the right; ``after`` follows below.

    >>> table = Table("two", ["what", "how much", ""], [["w", "1.5", "up"], ["long", "−2", ""]], "that is all")
    >>> print(table)
    two
    <BLANKLINE>
        what   how much
        w           1.5   up
        long         −2
    <BLANKLINE>
    that is all
    >>> Table("<b>", ["x"], [["<i>"]]).html
    '<table><caption>&lt;b&gt;</caption><tr><th>x</th></tr><tr><td style="text-align:left">&lt;i&gt;</td></tr></table>'
    """

    def __init__(self, heading: str, head: Sequence[str], rows: Sequence[Sequence[str]], after: str = "") -> None:
        self.heading, self.head, self.rows, self.after = heading, head, rows, after
        #: a column without a head has words in it, and so has the first
        self._sides = ["<" if place == 0 or not name else ">" for place, name in enumerate(head)]

    def __str__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.head))]
        shown = "\n".join(self._line(line, widths) for line in lines)
        return "\n\n".join(part for part in (self.heading, shown, self.after) if part)

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        parts = (f"{cell:{side}{width}}" for cell, side, width in zip(cells, self._sides, widths, strict=True))
        return f"    {'   '.join(parts)}".rstrip()

    @property
    def html(self) -> str:
        """The table for a page or a notebook; no word in it is markup."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.head)
        rows = "".join(f"<tr>{''.join(map(self._cell, cells, self._sides))}</tr>" for cells in self.rows)
        after = f"<p>{html.escape(self.after)}</p>" if self.after else ""
        return f"<table><caption>{html.escape(self.heading)}</caption><tr>{head}</tr>{rows}</table>{after}"

    @staticmethod
    def _cell(words: str, side: str) -> str:
        return f'<td style="text-align:{"left" if side == "<" else "right"}">{html.escape(words)}</td>'
