"""Values that a program passes in: tables become arrays, and what is no array of real numbers is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DtypeError, shorten
from ..support import pytree
from .namespace import Array, Namespace, asarray, is_array, is_lossless, is_node
from .shaped_array import as_dtype

_PLAIN = (float, int, bool, np.float64, np.float32)


def unwrap(value: Any, what: str) -> Any:
    """Return a table or lazy array (pandas, xarray, polars, dask) as an array of numpy, and other values as they are.

    Raises `DtypeError` for masked arrays, matrices and sparse arrays, in which numbers mean something else.

    >>> unwrap(np.array([1, 2], ">i4"), "`x`").dtype
    dtype('int32')
    >>> unwrap(np.ma.array([1.0, 2.0], mask=[0, 1]), "`x`")
    Traceback (most recent call last):
    graphcore.errors.DtypeError: `x`: expected an array of numbers, got a masked array, whose mask would be lost; fill \
it first, as in value.filled(0.0)
    """
    kind = type(value)
    if kind in _PLAIN or is_node(value):
        return value
    if isinstance(value, np.ndarray):
        return _plain_array(value, what)
    if kind.__module__.partition(".")[0] == "dask" or (hasattr(kind, "__array__") and not is_array(value)):
        return _plain_array(np.asarray(value), what)
    if hasattr(kind, "toarray"):
        raise DtypeError(f"{what}: expected a dense array of numbers, got {_described(value)}; write value.toarray()")
    return value


def _plain_array(value: Any, what: str) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise DtypeError(
            f"{what}: expected an array of numbers, got a masked array, whose mask would be lost; fill it first, as in "
            f"value.filled(0.0)"
        )
    if isinstance(value, np.matrix):
        raise DtypeError(
            f"{what}: expected an array, got an np.matrix, for which * is the matrix product; write np.asarray(value), "
            f"and @ for products"
        )
    is_swapped = value.dtype.kind in "iuf" and not value.dtype.isnative
    return value.astype(value.dtype.newbyteorder("=")) if is_swapped else value


def check_real(value: Any, what: str) -> None:
    """Raise `DtypeError` unless a value is a real number or an array or list of them: no None, date or complex number.

    >>> check_real(1j, "`v`")
    Traceback (most recent call last):
    graphcore.errors.DtypeError: `v`: expected an array of real numbers, got 1j
    """
    is_known = is_array(value)
    try:
        as_dtype(value.dtype if is_known else np.asarray(value).dtype)
    except (TypeError, ValueError) as error:
        raise DtypeError(f"{what}: expected an array of real numbers, got {_described(value)}") from error


def real_array(value: Any, xp: Namespace, dtype: np.dtype[Any], what: str) -> Array:
    """Return a copy of a value as an array of a library and dtype. Raises `DtypeError` if it is not real numbers.

    >>> real_array([1, 2], np, np.dtype("float32"), "`v`")
    array([1., 2.], dtype=float32)
    """
    value = unwrap(value, what)
    check_real(value, what)
    try:
        with np.errstate(all="ignore"):
            array = asarray(value, xp, dtype, copy=True)
    except (TypeError, ValueError, OverflowError) as error:
        raise DtypeError(f"{what}: expected an array of real numbers, got {_described(value)}") from error
    if not is_array(value) and not is_lossless(dtype, value, array):
        raise DtypeError(f"{what}: expected numbers that {dtype} represents, got {_described(value)}")
    return array


def _described(value: Any) -> str:
    """Return a short description of a value for a message."""
    if is_array(value):
        return f"an array of {value.dtype}"
    shown = shorten(repr(value))
    longest = max((n.bit_length() for n in pytree.leaves(value) if isinstance(n, int)), default=0)
    return f"{shown}, with an integer of {longest} bits, where 64 are the most" if longest > 64 else shown
