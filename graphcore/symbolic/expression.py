"""Mathematics as data: an expression while it is written, and the formula that comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import shorten
from ..operations.notation import Written
from .unicode import to_unicode

#: names stand in a formula as characters of a private area, so that no user's text is read as LaTeX
FIRST_NAME = 0xF0000


def placeholder(number: int) -> str:
    """Return the character for one name in a formula's template.

    >>> print(Formula(placeholder(0) + "^2", ("<b>",)))
    <b>²
    """
    return chr(FIRST_NAME + number)


@dataclass(frozen=True)
class Expression:
    """One part of a formula: what it is made of, and how it reads."""

    written: Written
    op: str = ""
    args: tuple[Expression, ...] = ()
    number: float | None = None
    single: bool = False


@dataclass(frozen=True)
class Formula:
    """A piece of mathematics: ``str()`` gives it in Unicode, ``.latex`` in LaTeX.

    >>> import graphcore as gc, ops
    >>> from graphcore.symbolic.formulas import formula_of
    >>> g = gc.Graph()
    >>> w, x, b = g.input("w"), g.input("x"), g.input("b")
    >>> z = (w * x + b).named("z")
    >>> formula = formula_of(z)
    >>> print(formula), formula.latex
    w · x + b
    (None, 'w \\\\cdot x + b')
    """

    template: str
    names: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self._in_unicode

    @cached_property
    def _in_unicode(self) -> str:
        return self._with_names(to_unicode(self.template), lambda name: shorten(name, 24))

    @cached_property
    def latex(self) -> str:
        """The formula for a paper or a notebook."""
        return self._with_names(self.template.replace("′", "'"), _latex_name)

    def _with_names(self, text: str, show: Callable[[str], str]) -> str:
        return re.sub("[\U000f0000-\U000ffffd]", lambda m: show(self.names[ord(m[0]) - FIRST_NAME]), text)


def _latex_name(name: str) -> str:
    r"""Return a name as LaTeX: a letter with an index, or with an entry behind it, as such; anything else as text."""
    plain = re.fullmatch(r"([A-Za-z])_?(\d*)(['′]*)(\[[\w,·]+\])?", name)
    if plain:
        return plain[1] + (f"_{{{plain[2]}}}" if plain[2] else "") + "'" * len(plain[3]) + (plain[4] or "")
    return latex_text(shorten(name))


def latex_text(words: str) -> str:
    r"""Plain words inside a formula in LaTeX, none of which can end it.

    >>> print(latex_text("50 % of {a_1}"))
    \text{50 \% of \{a\_1\}}
    """
    special = {"\\": r"\backslash ", "{": r"\{", "}": r"\}", "~": r"\sim ", "^": r"\hat{}"}
    return r"\text{" + "".join(special.get(c, "\\" + c if c in "#$%&_" else c) for c in words) + "}"
