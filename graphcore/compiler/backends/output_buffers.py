"""Arrays for results: new ones, or earlier results that nothing refers to any more."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

import numpy as np

from ..ir.program import Program

#: how many sets of arrays are kept for reuse
_MAX_SETS = 4


class OutputBuffers:
    """Arrays for the results of a program. A result is never written again while the caller or a view refers to it.

    An array that nothing refers to any more is reused, since large new arrays are slow: the operating system maps their
    memory page by page.

    >>> results = OutputBuffers([((2,), np.dtype(float)), None])
    >>> first, unknown = results.take()
    >>> first.shape, unknown is None, results.take()[0] is first
    ((2,), True, False)
    """

    def __init__(self, types: list[tuple[Any, np.dtype[Any]] | None]) -> None:
        self._types = types
        self._can_reuse = _SOLE_REFERENCE > 0 and bool(types) and None not in types
        self._given: deque[list[Any]] = deque(maxlen=_MAX_SETS)

    @classmethod
    def of(cls, program: Program) -> OutputBuffers:
        """Return buffers for the results of a program; ``None`` where a shape is not static."""
        return cls([(v.shape, v.dtype) if v.is_static else None for v in program.results])

    def take(self, out: list[Any] | None = None) -> list[Any]:
        """Return a new list of one array per result: those of ``out`` with the right type, else free or new ones."""
        if out is not None:
            return [_reuse_or_new(given, type_) for given, type_ in zip(out, self._types, strict=True)]
        arrays = self._find_unused()
        taken = arrays.copy()  # referred to before another thread can take them
        self._given.append(arrays)
        return taken

    def _find_unused(self) -> list[Any]:
        """Return a set of arrays that nothing refers to, or a new one."""
        given = self._given
        if self._can_reuse:
            for _ in range(len(given)):
                try:
                    arrays = given.popleft()
                except IndexError:  # taken by another thread
                    break
                if max(map(sys.getrefcount, arrays)) <= _SOLE_REFERENCE:
                    return arrays
                given.append(arrays)
        return [_new(type_) for type_ in self._types]


def _reuse_or_new(given: Any, type_: Any) -> Any:
    is_compatible = given is not None and type_ is not None and (given.shape, given.dtype) == type_
    return given if is_compatible and given.flags.c_contiguous and given.flags.writeable else _new(type_)


def _new(type_: tuple[Any, np.dtype[Any]] | None) -> Any:
    return None if type_ is None else np.empty(*type_)


def _count_sole_reference() -> int:
    """Return the reference count of an array that only a list refers to; 0 where counts are not exact."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)() or not hasattr(sys, "getrefcount"):
        return 0
    return max(map(sys.getrefcount, [np.empty(1), np.empty(1)]))


_SOLE_REFERENCE = _count_sole_reference()
