"""Notation of operations: LaTeX templates, and the parentheses that their arguments need."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..errors import OperationError

#: precedence of an expression, from loose to tight
SUM, PREFIX, PRODUCT, POWER, ATOM, SYMBOL = 1, 2, 3, 4, 5, 6

_DEMANDS = ("", "strict", "bare")


class Written(NamedTuple):
    """An expression in LaTeX, with its precedence.

    >>> Written("a + b", SUM).within(PRODUCT)
    '\\\\left(a + b\\\\right)'
    """

    text: str
    level: int = SYMBOL

    def within(self, level: int, demand: str = "") -> str:
        """Return the text inside an operation of that level, in parentheses if it binds more loosely."""
        loose = self.level <= level if demand == "strict" else self.level < level
        return rf"\left({self.text}\right)" if loose and demand != "bare" else self.text


class Notation:
    """A LaTeX template whose fields are the operation's arguments and settings.

    ``{a}`` puts the argument in parentheses if it binds more loosely than the operation, ``{a:strict}`` also if it
    binds equally, ``{a:bare}`` never. A literal brace is doubled, as in ``str.format``.

    >>> power = Notation("pow", "{base:strict}^{{{exponent:bare}}}", POWER, ["base", "exponent"])
    >>> power.write({"base": Written("a + b", SUM), "exponent": Written("2")})
    Written(text='\\\\left(a + b\\\\right)^{2}', level=4)
    """

    def __init__(self, op: str, template: str, level: int, known: list[str]) -> None:
        self.template, self.level = template, level
        try:
            self.parts = [(text, field, demand or "") for text, field, demand, _ in string.Formatter().parse(template)]
        except ValueError as error:
            raise OperationError(
                f"{op}: the notation {template!r} cannot be read: {error}; double a literal brace"
            ) from error
        for _, field, demand in self.parts:
            if field is not None and field not in known:
                raise OperationError(
                    f"{op}: the notation {template!r} has the field {{{field}}}, which is no value or setting of it; "
                    f"expected one of {', '.join(known)} (double a literal brace)"
                )
            if demand not in _DEMANDS:
                raise OperationError(f"{op}: the notation {template!r} has ':{demand}'; expected ':strict' or ':bare'")

    def write(self, arguments: Mapping[str, Written], show: Callable[[str], str] = str) -> Written:
        """Return the operation applied to written arguments."""
        text = []
        for literal, field, demand in self.parts:
            text.append(literal)
            if field is not None:
                text.append(arguments[field].within(self.level, demand) if field in arguments else show(field))
        return Written("".join(text), self.level)

    def __repr__(self) -> str:
        return self.template


def default_notation(name: str, values: list[str]) -> str:
    r"""Return the notation of an operation that has no template: ``name(a, b)``.

    >>> default_notation("my_op", ["a", "b"])
    '\\operatorname{{my\\_op}}({a:bare}, {b:bare})'
    """
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{{{escaped}}}}}({', '.join(f'{{{v}:bare}}' for v in values)})"
