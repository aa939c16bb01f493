"""The table that the files of this package fill: the implementation of each of numpy's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...arrays.registry import registry

F = TypeVar("F", bound=Callable[..., Any])

#: numpy's functions, and what does the same with nodes; a ufunc is found here by its name
IMPLEMENTATIONS: dict[Any, Callable[..., Any]] = {}


def implements(*functions: Any) -> Callable[[F], F]:
    """Let a function, whose parameters have numpy's names and defaults, stand for functions of numpy.

    What numpy takes and the function does not is refused by name when it is given.

    >>> import numpy as np
    >>> sorted(f.__name__ for f in IMPLEMENTATIONS if f in (np.ptp, np.rot90))
    ['ptp', 'rot90']
    """

    def enter(ours: F) -> F:
        for function in functions:
            IMPLEMENTATIONS[function] = ours
        return ours

    return enter


def operation(name: str) -> Callable[..., Any]:
    """Return an operation, or a plain function made of operations, that is looked up when it is called.

    >>> import ops
    >>> operation("stack") is ops.stack, operation("add") is ops.add
    (True, True)
    """
    return getattr(registry, name)  # type: ignore[no-any-return]
