"""Inference of the shape and dtype of a node before anything runs.

Elementwise operations broadcast. Others may have a shape rule. Otherwise the forward is tried on ghosts: arrays with a
shape and a dtype but no data. Where a length is unknown, the ghosts are tried at several lengths, and the lengths of
the result that differ are those that depend on it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.namespace import Array, type_of
from ..arrays.protocols import Operation
from ..arrays.shaped_array import Shape, ShapedArray, as_dtype, broadcast
from ..errors import GraphcoreError, ShapeError
from ..graph.node import Node
from ..support.source_location import caller_location

#: short and long, odd and even, and rare as lengths of their own
_TRIAL_LENGTHS = (2, 3, 11, 16)


def infer(
    op: Operation, inputs: tuple[Node | Array, ...], arguments: tuple[str, ...], settings: dict[str, Any]
) -> ShapedArray:
    """Return the shape and dtype of an operation's result. Raises `ShapeError` if the arguments do not fit.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None, 4)), g.input("w", (4, 2))
    >>> ops.matmul(x, w).shape
    (None, 2)
    """
    types = tuple([value.type if isinstance(value, Node) else type_of(value) for value in inputs])
    key: Any = (arguments, types, cache_key(settings)) if settings else (arguments, types)
    try:
        known = op.inferred.get(key)
    except TypeError:  # a setting that is not hashable cannot be cached
        known, key = None, None
    if known is not None:
        return known
    try:
        with np.errstate(all="ignore"):
            result = _infer(op, types, arguments, settings)
    except Exception as error:
        raise ShapeError(_error_message(op, inputs, arguments, settings, error)) from error
    if key is not None:
        op.inferred[key] = result
    return result


def _infer(
    op: Operation, types: tuple[ShapedArray, ...], arguments: tuple[str, ...], settings: dict[str, Any]
) -> ShapedArray:
    if op.shape_rule is not None:
        shape = _apply_shape_rule(op, op.shape_rule, types, arguments, settings)
        return ShapedArray(shape, _result_dtype(op, types, arguments, settings))
    if op.is_elementwise:
        single = tuple(ShapedArray((1,), t.dtype) for t in types)
        dtype = _try(op, single, 1, arguments, settings).dtype if op.dtype_rule is None else None
        shape = broadcast(*(t.shape for t in types))
        return ShapedArray(shape, dtype or _result_dtype(op, types, arguments, settings))
    tried = _try_on_ghosts(op, types, arguments, settings)
    return tried if op.dtype_rule is None else ShapedArray(tried.shape, _result_dtype(op, types, arguments, settings))


def _apply_shape_rule(
    op: Operation,
    rule: Callable[..., Any],
    types: tuple[ShapedArray, ...],
    arguments: tuple[str, ...],
    settings: dict[str, Any],
) -> Shape:
    shapes: dict[str, Any] = dict.fromkeys(op.values)
    shapes |= {argument: t.shape for argument, t in zip(arguments, types, strict=True)}
    if op.variadic:
        shapes[op.variadic] = tuple(t.shape for t in types[len(op.values) - 1 :])
    reads = inspect.signature(rule).parameters
    return tuple(rule(**{name: value for name, value in (shapes | settings).items() if name in reads}))


def _result_dtype(
    op: Operation, types: tuple[ShapedArray, ...], arguments: tuple[str, ...], settings: dict[str, Any]
) -> np.dtype[Any]:
    """Return the stated dtype; else the common float dtype of the arguments, else that of the forward's result.

    A setting called ``dtype`` states it, if it is not ``None``.
    """
    if settings.get("dtype") is not None:
        return as_dtype(settings["dtype"])
    if isinstance(op.dtype_rule, np.dtype):
        return op.dtype_rule
    if op.dtype_rule is not None:
        return as_dtype(op.dtype_rule(*(t.dtype for t in types)))
    if types[0].is_float and all(t.dtype == types[0].dtype for t in types):
        return types[0].dtype
    return _try_on_ghosts(op, types, arguments, settings).dtype


def _try_on_ghosts(
    op: Operation, types: tuple[ShapedArray, ...], arguments: tuple[str, ...], settings: dict[str, Any]
) -> ShapedArray:
    if all(None not in t.shape for t in types):
        return _try(op, types, 0, arguments, settings)
    tried: list[ShapedArray] = []
    failed: Exception | None = None
    known = sorted({n for t in types for n in t.shape if n is not None} - set(_TRIAL_LENGTHS))
    # an unknown length may have to equal a known one, as in a sum of two arrays, or exceed a few
    for length in (*_TRIAL_LENGTHS, *known):
        if length in known and tried:
            break
        try:
            tried.append(_try(op, types, length, arguments, settings))
        except Exception as error:  # noqa: BLE001  the first is raised if no length succeeds
            failed = failed or error
    if not tried:
        raise failed or ShapeError("no length fits")
    if len({len(t.shape) for t in tried}) > 1:
        raise ShapeError("the number of axes of its result depends on an unknown length")
    # a length that was tried only once may depend on the unknown one
    shape = tuple(
        n[0] if len(tried) > 1 and len(set(n)) == 1 else None for n in zip(*(t.shape for t in tried), strict=True)
    )
    return ShapedArray(shape, tried[0].dtype)


def _try(op: Operation, types: Any, length: int, arguments: tuple[str, ...], settings: dict[str, Any]) -> ShapedArray:
    ghosts = [np.broadcast_to(np.ones((), t.dtype), tuple(length if n is None else n for n in t.shape)) for t in types]
    result = np.asarray(op.check_single(op.compute(ghosts, arguments, settings, np)))
    return ShapedArray(result.shape, as_dtype(result.dtype))


def cache_key(setting: Any) -> Any:
    """Return a setting as part of a dictionary's key.

    >>> cache_key({"key": [slice(1, None), 2]})
    (('key', (('slice', 1, None, None), (<class 'int'>, 2))),)
    """
    if isinstance(setting, dict):
        return tuple((k, cache_key(v)) for k, v in setting.items())
    if isinstance(setting, (list, tuple)):
        return tuple(cache_key(s) for s in setting)
    if isinstance(setting, slice):
        return ("slice", setting.start, setting.stop, setting.step)
    return setting if setting is None or setting is Ellipsis else (type(setting), setting)


def _error_message(
    op: Operation,
    inputs: tuple[Node | Array, ...],
    arguments: tuple[str, ...],
    settings: dict[str, Any],
    error: Exception,
) -> str:
    given = "; ".join(
        f"{argument} is {value.describe() if isinstance(value, Node) else f'a constant of {type_of(value)}'}"
        for argument, value in zip(arguments, inputs, strict=True)
    )
    chosen = "".join(f", {key}={value!r}" for key, value in settings.items())
    reason = str(error) if isinstance(error, GraphcoreError) else f"{type(error).__name__}: {error}"
    return f"{op.name}({', '.join(arguments)}{chosen}) at {caller_location()} is refused: {reason}. {given}"
