"""Select the array namespace for given values, and smooth over the few differences between libraries.

An array library is anything with an Array API namespace: numpy, torch, jax, array-api-strict. For nodes the
namespace is the registry of operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DtypeError
from .registry import registry
from .shaped_array import ShapedArray, as_dtype

Array = Any
Namespace = Any

_NUMPY = (np.ndarray, np.generic)
_PYTHON = (bool, int, float, complex)
_NO_ARRAYS = (*_PYTHON, str, list, tuple, dict, type(None))


def namespace_of(*values: Array) -> Namespace:
    """Return the namespace of these values. Nodes take precedence, then any library other than numpy.

    >>> namespace_of(np.ones(3), 2.0) is np
    True
    """
    foreign = []
    for value in values:
        if value is None or isinstance(value, (*_NUMPY, *_PYTHON)):
            continue
        if is_node(value):
            return registry
        if not isinstance(value, (list, tuple)):
            foreign.append(value)
    if not foreign:
        return np
    import array_api_compat

    try:
        return array_api_compat.array_namespace(*foreign)
    except TypeError as error:
        kinds = sorted({f"{type(value).__module__}.{type(value).__name__}" for value in foreign})
        raise DtypeError(f"no single array library serves these values: {', '.join(kinds)}") from error


def is_node(value: object) -> bool:
    """Return whether a value is a node: something whose array namespace is the registry of operations.

    >>> import graphcore as gc
    >>> is_node(gc.Graph().input("x")), is_node(np.ones(2)), is_node(2.0)
    (True, False, False)
    """
    kind = type(value)
    known = _IS_NODE.get(kind)
    if known is None:
        namespace = getattr(kind, "__array_namespace__", None)
        known = _IS_NODE[kind] = namespace is not None and namespace(value) is registry
    return known


#: cached results by type, since the namespace of a value depends on its type alone
_IS_NODE: dict[type, bool] = {}


def is_array(value: object) -> bool:
    """Return whether a value is an array of some library, as opposed to a Python number, a list or a node.

    >>> is_array(np.ones(2)), is_array(np.float32(1)), is_array(1.0), is_array([1.0])
    (True, True, False, False)
    """
    if isinstance(value, _NUMPY):
        return True
    if isinstance(value, _NO_ARRAYS) or is_node(value):
        return False
    import array_api_compat

    return bool(array_api_compat.is_array_api_obj(value))


def type_of(array: Array) -> ShapedArray:
    """Return the shape and dtype of an array of any library.

    >>> type_of(np.ones((2, 3), "float32"))
    ShapedArray(shape=(2, 3), dtype=dtype('float32'))
    """
    return ShapedArray(tuple(array.shape), as_dtype(array.dtype))


def native_dtype(dtype: Any, xp: Namespace) -> Any:
    """Return the library's own dtype object; ``None``, the library's default, stays ``None``.

    >>> native_dtype("float32", np), native_dtype(None, np)
    (<class 'numpy.float32'>, None)
    """
    return None if dtype is None else getattr(xp, as_dtype(dtype).name)


def asarray(value: Any, xp: Namespace, dtype: np.dtype[Any] | None = None, *, copy: bool | None = None) -> Array:
    """Convert a value to an array of a library and dtype. Zero-dimensional numpy arrays become numpy scalars, which
    compute several times faster.

    >>> asarray([1, 2], np, np.dtype("float32"))
    array([1., 2.], dtype=float32)
    """
    if xp is np:
        return np.array(value, dtype=dtype, copy=copy)[()]
    array = xp.asarray(value, dtype=native_dtype(dtype, xp), copy=copy)
    if dtype is not None and as_dtype(array.dtype) != dtype:
        raise DtypeError(
            f"{xp.__name__} made {array.dtype} of a {dtype} value; "
            f"jax, for one, holds float64 only after jax.config.update('jax_enable_x64', True)"
        )
    return array


def is_lossless(dtype: np.dtype[Any], value: Any, array: Array) -> bool:
    """Return whether an array of a dtype represents the Python numbers it was made of, up to rounding.

    >>> is_lossless(np.dtype("float32"), 1e300, np.float32(np.inf)), is_lossless(np.dtype("int64"), 2.5, np.int64(2))
    (False, False)
    """
    original, kept = np.asarray(value), np.asarray(array)
    if dtype.kind != "f":
        return np.array_equal(original, kept)
    return bool(np.all(np.isfinite(kept) | ~np.isfinite(original.astype("float64"))))


def cast(value: Array, dtype: np.dtype[Any], xp: Namespace) -> Array:
    """Convert an array to another dtype.

    >>> cast(np.float64(0.5), np.dtype("float32"), np)
    np.float32(0.5)
    """
    if xp is not registry and "complex" in str(value.dtype):
        raise DtypeError(f"{value.dtype} cannot become {dtype} without losing its imaginary part")
    if isinstance(value, np.generic):
        return dtype.type(value)
    return xp.astype(value, native_dtype(dtype, xp))


def zeros(shape: tuple[int, ...], dtype: np.dtype[Any], xp: Namespace) -> Array:
    """Return an array of zeros of a library.

    >>> zeros((2,), np.dtype("float32"), np)
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape, dtype)[()] if xp is np else xp.zeros(shape, dtype=native_dtype(dtype, xp))


def sum_axes(value: Array, axes: tuple[int, ...], xp: Namespace) -> Array:
    """Sum along axes, in the same dtype.

    >>> sum_axes(np.ones((2, 3), "float32"), (0,), np)
    array([2., 2., 2.], dtype=float32)
    """
    if xp is np:  # the same result as np.sum, with less overhead
        return np.add.reduce(value, axes, value.dtype)
    return xp.sum(value, axis=axes, dtype=value.dtype)


def unit_sensitivity(value: Array, xp: Namespace) -> Array:
    """Return ones like a value, on the same device: the sensitivity of a cost to itself.

    >>> unit_sensitivity(np.float32(7.0), np)
    np.float32(1.0)
    """
    return value.dtype.type(1) if isinstance(value, np.generic) else xp.ones_like(value)


def device_of(array: Array) -> Any:
    """Return the device of an array; ``None``, the library's default, while jax traces a function.

    >>> device_of(np.ones(2))
    'cpu'
    """
    return None if is_node(array) else getattr(array, "device", None)


def make_read_only(value: Array) -> Array:
    """Set the read-only flag of an array and return it, so that a rule or forward that writes into it raises.

    >>> make_read_only(np.ones(2))[0] = 5.0
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    """
    if type(value) is np.ndarray:
        value.setflags(write=False)
    return value


def read_only_view(value: Array) -> Array:
    """Return a read-only view of a recorded array, or a copy where the library has no read-only arrays.

    >>> read_only_view(np.ones(2)).flags.writeable
    False
    """
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    elif not isinstance(value, np.generic):
        value = asarray(value, namespace_of(value), copy=True)
    return value
