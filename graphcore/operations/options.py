"""Options of the decorators that define an operation, listed once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypedDict

from ..errors import OperationError, did_you_mean

#: what a derivative says of the network, in words: for every source, or by the kind of source
Meaning = str | Mapping[str, str]


class Options(TypedDict, total=False):
    """Options of an operation itself.

    >>> sorted(Options.__optional_keys__)[:3]
    ['dtype', 'elementwise', 'level']
    """

    #: the precedence of the notation (see `Notation`)
    level: int
    #: the notation for single numbers, where it is another
    scalar: str | None
    #: the registered name, by default that of the function
    name: str | None
    #: declares an elementwise operation without a ``local`` rule
    elementwise: bool | None
    #: the result's dtype, or a function of the arguments' dtypes, where it is not that of the arguments
    dtype: Any
    #: the argument whose shape is the result's
    shape: str | None
    #: converts integers and booleans among the arguments to floats (see `float_op`)
    promote_integers: bool
    #: ``True`` for the function of this name in the Array API standard, which a compiled step may compute in its own
    #: code; a string for another instruction of compiled programs
    primitive: bool | str
    #: ``False`` declares that equal arguments may give other results (see `op`)
    pure: bool | None


class Definition(Options, total=False):
    """Options of a decorator: those of the operation, its rules and an example."""

    #: the local derivative with respect to the only argument, or a dictionary of one for each argument
    local: Callable[..., Any] | Mapping[str, Callable[..., Any]] | None
    #: the meaning of the local derivatives
    meaning: Meaning
    #: what the zeros of the local derivatives mean (see `Op.local`)
    zeros: Any
    #: the argument, or a tuple of those, whose derivative is zero almost everywhere
    flat: str | tuple[str, ...]
    #: one argument on which the operation is verified, or a tuple of all
    example: Any
    #: takes the place of an operation of the same name
    replace: bool


def refuse_unknown(operation: str, options: Collection[str]) -> None:
    """Refuse an option that an operation does not have.

    >>> refuse_unknown("sin", ["level"])
    >>> refuse_unknown("sin", ["primitve"])
    Traceback (most recent call last):
    graphcore.errors.OperationError: sin: there is no option 'primitve'... Did you mean 'primitive'?
    """
    offered = sorted(Definition.__optional_keys__)
    for option in options:
        if option not in Options.__optional_keys__:
            raise OperationError(
                f"{operation}: there is no option {option!r}; expected one of {', '.join(offered)}"
                f"{did_you_mean(option, offered)}"
            )
