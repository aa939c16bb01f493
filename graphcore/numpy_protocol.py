"""numpy functions called on nodes: which operation each of them is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import DtypeError, UnknownNameError
from .registration import registry

#: numpy's names for what the Array API standard, and so the registry, calls otherwise
NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concatenate": "concat",
    "power": "pow",
    "true_divide": "divide",
}


def ufunc(function: np.ufunc, method: str, args: Any, kwargs: Any) -> Any:
    """``np.exp(node)`` and ``array * node``.

    >>> import graphcore as gc, ops
    >>> np.arctan(gc.Graph().input("x")).op
    <op atan(x)>
    """
    if method != "__call__" or kwargs:
        extra = f".{method}" if method != "__call__" else f" with {', '.join(kwargs)}="
        raise DtypeError(f"np.{function.__name__}{extra} is not available for nodes; call the operation itself")
    return registry[NAMES.get(function.__name__, function.__name__)](*args)


def function(func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """``np.sum(node, axis=0)``, ``np.where(...)`` and their like.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x", shape=(2, 3))
    >>> np.sum(x, axis=0).shape, np.concatenate([x, x], axis=1).shape, np.shape(x)
    ((3,), (2, 6), (2, 3))
    """
    special = _SPECIAL.get(func)
    if special is not None:
        return special(*args, **kwargs)
    name = NAMES.get(func.__name__, func.__name__)
    if name not in registry:
        raise UnknownNameError(
            f"np.{func.__name__} has no operation for nodes; register one named {name!r}, or write it with those that "
            f"'graphcore ops' lists"
        )
    return _by_name(func, name, args, kwargs)


def _by_name(func: Callable[..., Any], name: str, args: Any, kwargs: Any) -> Any:
    """Call an operation with numpy's arguments: values by position, settings by name, defaults left out."""
    op = registry[name]
    parameters = inspect.signature(func).parameters
    bound = inspect.signature(func).bind(*args, **kwargs).arguments
    values = [bound.pop(key) for key in list(bound)[: len(op.values)]]
    settings = {}
    for key, value in bound.items():
        if value is parameters[key].default:
            continue
        if key not in op.settings:
            raise DtypeError(f"np.{func.__name__} with {key}= is not available for nodes")
        settings[key] = value
    return op(*values, **settings)


def dot(a: Any, b: Any) -> Any:
    """A product of numbers, vectors or matrices, whichever the arguments are."""
    if 0 in (np.ndim(a), np.ndim(b)):
        return registry["multiply"](a, b)
    if np.ndim(b) > 2:
        raise DtypeError(f"np.dot of nodes with {np.ndim(b)} axes is not available; use np.matmul")
    return registry["matmul"](a, b)


def transpose(a: Any, axes: Any = None) -> Any:
    """The axes in another order, or the other way round."""
    return registry["permute_dims"](a, axes=tuple(range(a.ndim))[::-1] if axes is None else tuple(axes))


def squeeze(a: Any, axis: Any = None) -> Any:
    """Without one axis of length 1, or without all of them."""
    return registry["squeeze"](a, axis=tuple(i for i, n in enumerate(a.shape) if n == 1) if axis is None else axis)


def _stack(arrays: Any, axis: int = 0) -> Any:
    return registry["concat"]([registry["expand_dims"](a, axis=axis) for a in arrays], axis=axis)


_SPECIAL: dict[Any, Callable[..., Any]] = {
    np.concatenate: lambda arrays, axis=0: registry["concat"](list(arrays), axis=axis),
    np.dot: dot,
    np.ndim: lambda a: a.ndim,
    np.ravel: lambda a: registry["reshape"](a, shape=(-1,)),
    np.reshape: lambda a, shape: registry["reshape"](a, shape=shape),
    np.shape: lambda a: a.shape,
    np.size: lambda a: a.size,
    np.squeeze: squeeze,
    np.stack: _stack,
    np.transpose: transpose,
    np.where: lambda condition, x, y: registry["where"](condition, x, y),  # noqa: PLW0108  looked up when called
}
