"""Purity: whether a function gives the same result for the same arguments, so that a compiled program may compute it
once, merge equal calls, or write it out as other operations."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..arrays.namespace import is_array
from ..arrays.protocols import Operation

#: packages whose functions are taken to be pure, apart from those for random numbers
_TRUSTED = frozenset(
    (
        "array_api_compat",
        "builtins",
        "cmath",
        "functools",
        "graphcore",
        "itertools",
        "jax",
        "math",
        "numpy",
        "operator",
        "ops",
        "scipy",
        "torch",
    )
)
_DATA = (type(None), bool, int, float, complex, str, bytes, slice, type, type(...), np.dtype, np.generic)


def is_pure(function: Callable[..., Any]) -> bool:
    """Return whether a function reads nothing but its arguments, pure functions, and constants in capitals.

    What it reads from an enclosing function or a module may have another value later; ``random`` draws anew.

    >>> rng = np.random.default_rng(0)
    >>> is_pure(lambda x: 2 * np.exp(x)), is_pure(lambda x: x + rng.normal()), is_pure(lambda x: np.random.rand())
    (True, False, False)
    """
    return _is_pure(function, set())


def draws(function: Callable[..., Any]) -> bool:
    """Return whether a function names ``random``.

    >>> draws(lambda x: x * np.random.random()), draws(np.mean)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    return code is not None and "random" in _names_in(code)


def is_data(setting: Any) -> bool:
    """Return whether a setting is a constant: numbers, text, arrays, containers of them, or a pure function.

    >>> is_data((1, "same", [0.5])), is_data(np.random.default_rng(0))
    (True, False)
    """
    if isinstance(setting, (tuple, list, set, frozenset)):
        return all(map(is_data, setting))
    if isinstance(setting, dict):
        return all(map(is_data, setting.values()))
    if isinstance(setting, _DATA) or is_array(setting) or type(setting).__module__.startswith("scipy.sparse"):
        return True
    return callable(setting) and (_package(setting) in _TRUSTED or is_pure(setting))


def can_merge(op: Operation, settings: dict[str, Any]) -> bool:
    """Return whether calls of an operation with these settings may be merged, precomputed or written out.

    >>> import ops
    >>> can_merge(ops.sum, {"axis": None, "keepdims": False})
    True
    """
    return op.is_pure and all(map(is_data, settings.values()))


def _is_pure(function: Callable[..., Any], seen: set[Any]) -> bool:
    code, scope = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    if code is None or code.co_freevars:
        return False
    seen.add(code)
    names = set(_names_in(code))
    return "random" not in names and all(_is_fixed(n, scope[n], names, seen) for n in names if n in scope)


def _names_in(code: types.CodeType) -> Iterator[str]:
    """Yield the names of globals and attributes that a function reads, those of functions inside of it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def _is_fixed(name: str, value: Any, names: set[str], seen: set[Any]) -> bool:
    """Return whether a global stands for the same whenever it is read."""
    if isinstance(value, types.ModuleType):
        return _package(value) in _TRUSTED or all(
            _is_fixed(attribute, getattr(value, attribute), names, seen)
            for attribute in names
            if attribute in vars(value)
        )
    if getattr(value, "pure", None) is not None:  # declared of an operation
        return bool(value.pure)
    function = getattr(value, "forward", value)
    if isinstance(function, types.FunctionType) and _package(function) not in _TRUSTED:
        return function.__code__ in seen or _is_pure(function, seen)
    return callable(value) or ((name.isupper() or name.startswith("__")) and isinstance(value, (int, float, str)))


def _package(value: Any) -> str:
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return str(name).partition(".")[0]
