"""Values from outside as arrays of a graph's own."""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np

from ..arrays.incoming import unwrap
from ..arrays.namespace import Array, asarray, is_array, is_lossless, make_read_only, namespace_of
from ..arrays.shaped_array import as_dtype
from ..errors import DtypeError, shorten
from ..support import pytree
from .node import Node

_LARGEST = {np.dtype(code): float(np.finfo(code).max) for code in "efd"}


def to_constant(value: Any, dtype: np.dtype[Any] | None, what: str = "a constant") -> Array:
    """Return a private copy of a value, as a read-only array. Raises `DtypeError`, which names ``what``.

    >>> to_constant([1, 2], np.dtype("float32"))
    array([1., 2.], dtype=float32)
    >>> to_constant("text", None)
    Traceback (most recent call last):
    graphcore.errors.DtypeError: a constant needs a number or an array of numbers, not 'text'
    """
    if type(value) in (float, int) and dtype in _LARGEST and abs(value) <= _LARGEST[dtype]:
        return dtype.type(value)  # what most constants are, at once
    if isinstance(value, Node):
        raise DtypeError(f"{what} needs numbers, and got {value.describe()}; use the node itself, or its value")
    if value is None:
        raise DtypeError(
            f"{what} needs a number or an array of numbers, not None, which a shape has for a length that is unknown "
            f"before a run: for a mean write np.mean(x), and for the length as a node ops.axis_size(x, axis=0)"
        )
    if isinstance(value, (list, tuple)) and any(isinstance(leaf, Node) for leaf in pytree.leaves(value)):
        raise DtypeError(f"{what} needs numbers, and got a list with nodes; write np.stack({shorten(repr(value))})")
    value = unwrap(value, what)
    known = is_array(value)
    try:
        xp = namespace_of(value)
        as_dtype(value.dtype if known else np.asarray(value).dtype)
        with np.errstate(all="ignore"):
            array = asarray(value, xp, dtype, copy=True)
        as_dtype(array.dtype)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(value, int):
            beyond = "no dtype can hold" if dtype is None else f"{dtype} cannot hold"
            raise DtypeError(f"{what} is {shorten(repr(value))}, which {beyond}") from error
        raise DtypeError(f"{what} needs a number or an array of numbers, not {shorten(repr(value))}") from error
    if not known and not is_lossless(as_dtype(array.dtype), value, array):
        raise DtypeError(f"{what} is {shorten(repr(value))}, which {array.dtype} cannot hold")
    if type(array) is np.ndarray and array.ndim > 1:
        array = np.ascontiguousarray(array)  # row after row, as compiled steps read it
    return make_read_only(array)


def to_parameter(value: Any, dtype: np.dtype[Any] | None, what: str) -> Array:
    """Return a private copy of a value as an array that programs write into; a single number as one without axes.

    >>> w = to_parameter(2.0, None, "parameter 'w'")
    >>> w[...] = 3.0
    >>> w
    array(3.)
    """
    array = to_constant(value, dtype, what)
    if isinstance(array, np.generic):
        return np.array(array)
    if type(array) is np.ndarray:
        array.setflags(write=True)
    return array


def promote_literals(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return nodes as they are, and all others as arrays; a Python number takes the dtype of the arrays beside it.

    >>> import graphcore as gc
    >>> promote_literals((gc.Graph().input("x", dtype="float32"), 0.5))[1]
    np.float32(0.5)
    """
    values = tuple([unwrap(v, "a constant") for v in values])
    dtypes = frozenset([as_dtype(v.dtype) for v in values if isinstance(v, Node) or is_array(v)])
    return tuple(
        [
            v if isinstance(v, Node) else to_constant(v, None if is_array(v) else literal_dtype(v, dtypes))
            for v in values
        ]
    )


def literal_dtype(value: Any, beside: frozenset[np.dtype[Any]]) -> np.dtype[Any] | None:
    """Return the dtype of a Python number beside arrays: theirs, so that float32 stays float32.

    >>> literal_dtype(2, frozenset([np.dtype("float32")])), literal_dtype(0.5, frozenset([np.dtype("int8")]))
    (dtype('float32'), dtype('float64'))
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return _number_dtype(beside, whole=isinstance(value, int))


@functools.lru_cache
def _number_dtype(beside: frozenset[np.dtype[Any]], *, whole: bool) -> np.dtype[Any]:
    floats = [d for d in beside if d.kind == "f"]
    same = floats or ([d for d in beside if d.kind in "iu"] if whole else [])
    return np.result_type(*same) if same else np.dtype(int if whole else float)


def as_float_advice(value: Any) -> str:
    """Return how an integer or an array of integers is written as floats.

    >>> as_float_advice(2), as_float_advice([[4, 5]]), as_float_advice(np.arange(3))
    ('write 2.0 instead of 2', 'write 4.0 instead of 4', "convert it with .astype('float64')")
    """
    first: Any = next(iter(pytree.leaves(value)), None) if isinstance(value, (list, tuple)) else value
    if isinstance(first, np.generic) or getattr(first, "shape", None) == ():
        first = first.item()
    if isinstance(first, int):
        return f"write {float(first)!r} instead of {first!r}"
    return "convert it with .astype('float64')"


def copy_array(array: Array) -> Array:
    """Return a copy of an array or scalar of any library.

    >>> copy_array(np.float32(2.0)), copy_array(np.ones(2))
    (np.float32(2.0), array([1., 1.]))
    """
    is_numpy = isinstance(array, (np.ndarray, np.generic))
    return copy.copy(array) if is_numpy else asarray(array, namespace_of(array), copy=True)
