"""numpy functions called on nodes: the lookup of the operation of each.

The names of the standard are looked up as they are; the modules beside this one have all that numpy names otherwise.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays.registry import registry
from ...errors import DtypeError, UnknownNameError
from . import ALIASES, AXIS_METHODS, FOREIGN, IMPLEMENTATIONS, UNSUPPORTED
from .in_place import WRITING, refuse_writing


def ufunc(function: np.ufunc, method: str, args: Any, kwargs: Any) -> Any:
    """``np.exp(node)``, ``array * node`` and ``np.add.reduce(node)``.

    >>> import graphcore as gc, ops
    >>> np.arctan(gc.Graph().input("x")).op
    <op atan(x)>
    >>> np.multiply.reduce(gc.Graph().input("x", (2, 3))).shape
    (3,)
    """
    name = function.__name__
    if (name, method) in AXIS_METHODS:
        return _apply_along_axis(name, method, *args, **kwargs)
    if method == "at" or kwargs.get("out") is not None:
        refuse_writing(f"np.{name}" if method == "__call__" else f"np.{name}.{method}")
    if method != "__call__" or kwargs:
        extra = f".{method}" if method != "__call__" else f" with {', '.join(kwargs)}="
        raise DtypeError(f"np.{name}{extra} is not available for nodes; call the operation itself")
    if getattr(np, name, None) is not function and name not in FOREIGN:
        raise UnknownNameError(
            f"{name} is of another library than numpy, and not known for nodes; call what 'graphcore ops' lists itself"
        )
    return (IMPLEMENTATIONS.get(function) or _find_operation(function))(*args)


def function(func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """``np.sum(node, axis=0)``, ``np.where(...)`` and their like.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x", shape=(2, 3))
    >>> np.sum(x, axis=0).shape, np.concatenate([x, x], axis=1).shape, np.shape(x)
    ((3,), (2, 6), (2, 3))
    """
    if func in WRITING:
        refuse_writing(f"np.{func.__name__}")
    ours = IMPLEMENTATIONS.get(func) or _find_operation(func)
    theirs = _signature(func)
    if theirs is None:
        return ours(*args, **kwargs)
    positional, named = _convert_arguments(func, theirs, ours, theirs.bind(*args, **kwargs).arguments)
    return ours(*positional, **named)


def _find_operation(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return the operation, or plain function made of operations, of the name of numpy's function."""
    name = ALIASES.get(func.__name__, func.__name__)
    if name in UNSUPPORTED:
        raise DtypeError(f"np.{func.__name__} is not available for nodes: {UNSUPPORTED[name]}")
    if name not in registry and name not in registry.functions:
        raise UnknownNameError(
            f"np.{func.__name__} has no operation for nodes; register one named {name!r}, or write it with those that "
            f"'graphcore ops' lists"
        )
    return getattr(registry, name)  # type: ignore[no-any-return]


def _apply_along_axis(name: str, method: str, array: Any, axis: Any = 0, **more: Any) -> Any:
    """``np.add.reduce`` and ``np.add.accumulate``, which take axis 0 if none is named."""
    for key, value in more.items():
        if key != "keepdims" and not (key in ("dtype", "out") and value is None):
            raise DtypeError(f"np.{name}.{method} with {key}= is not available for nodes")
    keepdims = {"keepdims": True} if more.get("keepdims") else {}
    return getattr(registry, AXIS_METHODS[name, method])(array, axis=axis, **keepdims)


def _convert_arguments(
    func: Callable[..., Any], theirs: inspect.Signature, ours: Callable[..., Any], given: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Convert numpy's arguments to ours, by name where these agree, else by position; defaults may be left out."""
    places, names = _accepted_parameters(ours, theirs)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for key, value in given.items():
        parameter = theirs.parameters[key]
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += value
        elif parameter.kind is parameter.VAR_KEYWORD:
            for more in value:
                _refuse_unless(more in names, func, more)
            named |= value
        elif key in names and parameter.kind is not parameter.POSITIONAL_ONLY:
            named[key] = value
        elif len(positional) < places:
            positional.append(value)
        else:
            _refuse_unless(value is parameter.default, func, key)
    return positional, named


def _refuse_unless(taken: bool, func: Callable[..., Any], key: str) -> None:
    if not taken:
        raise DtypeError(f"np.{func.__name__} with {key}= is not available for nodes")


@functools.cache
def _signature(func: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature of numpy's function; ``None`` where it has none."""
    try:
        return inspect.signature(func)
    except ValueError:
        return None


def _accepted_parameters(ours: Callable[..., Any], theirs: inspect.Signature) -> tuple[int, set[str]]:
    """Return how many arguments are taken by position, since numpy names them otherwise, and which by name."""
    parameters = inspect.signature(ours).parameters.values()
    by_name = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)} - {"xp"}
    shared = by_name & {p.name for p in theirs.parameters.values() if p.kind is not p.POSITIONAL_ONLY}
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in shared]
    return len(places), by_name
