"""Fingerprints of definitions: whether two functions of one name are written alike and captured the same values."""

from __future__ import annotations

import functools
import hashlib
import sys
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..arrays.namespace import is_array

#: bytecode differs between versions of Python
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Fingerprint(NamedTuple):
    """The code of some functions as one hash, and what they captured when they were made as another."""

    python: str
    code: str
    captured: str

    def matches(self, other: Fingerprint) -> bool:
        """Return whether two definitions are the same, as far as one version of Python can compare them."""
        return self.captured == other.captured and (self.python != other.python or self.code == other.code)


def fingerprint(*functions: Callable[..., Any] | None) -> Fingerprint:
    """Return the fingerprint of the functions of a definition. Comments, names of files and lines do not matter.

    >>> def times(factor):
    ...     return lambda x: factor * x
    >>> fingerprint(times(2.0)) == fingerprint(times(2.0)), fingerprint(times(2.0)) == fingerprint(times(3.0))
    (True, False)
    """
    code = [_code(getattr(function, "__code__", None)) for function in functions]
    captured = [_captured(function, set()) for function in functions]
    return Fingerprint(_PYTHON, _hash(code), _hash(captured))


def describe(value: Any, seen: set[int] | None = None) -> Any:
    """Return a description that is equal for equal values, also in another process.

    An object of a class that is not looked into is described by its class alone.

    >>> describe([1, np.zeros(2)]) == describe([1, np.zeros(2)]), describe(0.0) == describe(-0.0)
    (True, False)
    """
    seen = set() if seen is None else seen
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, slice, type(...), np.dtype)):
        return type(value).__name__, repr(value)
    if id(value) in seen:
        return "recursive"
    seen = seen | {id(value)}
    if isinstance(value, (tuple, list)):
        return type(value).__name__, tuple(describe(one, seen) for one in value)
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, tuple(sorted(repr(describe(one, seen)) for one in value))
    if isinstance(value, dict):
        return "dict", tuple(sorted(repr((describe(k, seen), describe(v, seen))) for k, v in value.items()))
    if is_array(value):
        return _describe_array(value)
    if isinstance(value, (types.ModuleType, type)):
        return type(value).__name__, value.__name__
    if isinstance(value, functools.partial):
        return "partial", *(describe(part, seen) for part in (value.func, value.args, value.keywords))
    if hasattr(value, "__code__"):
        return "function", _code(value.__code__), _captured(value, seen)
    named = getattr(value, "name", None) or getattr(value, "__name__", None)
    return type(value).__name__, named if isinstance(named, str) else None


def _captured(function: Any, seen: set[int]) -> Any:
    """Return a description of the defaults of a function and of what it reads from an enclosing one."""
    cells = []
    for cell in getattr(function, "__closure__", None) or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            cells.append(None)
    inside = seen | {id(function)}
    defaults = getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)
    return describe(tuple(cells), inside), describe(defaults, inside)


def _code(code: types.CodeType | None) -> Any:
    if code is None:
        return None
    constants = [_code(c) if isinstance(c, types.CodeType) else describe(c) for c in code.co_consts]
    if constants and isinstance(code.co_consts[0], (str, type(None))):
        constants[0] = "text"  # the docstring, or the None in its place
    return code.co_code, code.co_names, code.co_varnames, tuple(constants)


def _describe_array(value: Any) -> Any:
    try:
        array = np.ascontiguousarray(value)
    except (TypeError, ValueError, RuntimeError):  # on a device, or without numbers
        return type(value).__name__, str(value.dtype), tuple(value.shape)
    content = hashlib.sha256(b"" if array.dtype.hasobject else array.tobytes()).hexdigest()
    return type(value).__name__, array.dtype.str, np.shape(value), content


def _hash(description: Any) -> str:
    return hashlib.sha256(repr(description).encode()).hexdigest()
