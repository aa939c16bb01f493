"""Creation functions of the Array API standard, for functions that are written against it.

They return arrays of numpy, which become constants when combined with nodes.
"""

import numpy as np

from graphcore import Node, errors, op
from graphcore.extend import as_dtype, broadcast, function, native_dtype

from .reordering import stack
from .shape import zeros_like

__all__ = [
    "arange", "asarray", "can_cast", "empty", "empty_like", "eye", "finfo", "full", "full_like", "iinfo", "isdtype",
    "linspace", "ones", "result_type", "zeros",
]  # fmt: skip


@function
def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """Return an array of numbers; a node stays a node, and a list with nodes in it is stacked to one.

    >>> import graphcore as gc
    >>> asarray([1.0, 2.0]), asarray([gc.Graph().input("x"), 1.0]).shape
    (array([1., 2.]), (2,))
    """
    if isinstance(obj, (list, tuple)) and any(isinstance(leaf, Node) for leaf in leaves(obj)):
        obj = stack([asarray(part) for part in obj])
    if isinstance(obj, Node):
        return obj if dtype is None or obj.dtype == as_dtype(dtype) else obj.astype(dtype)
    return np.asarray(obj, dtype=dtype, device=device, copy=copy)


def leaves(nested):
    """Yield the leaves of a nested list."""
    waiting = [nested]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple)):
            waiting += one
        else:
            yield one


@function
def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    """Return evenly spaced numbers from ``start`` up to ``stop``, which is excluded.

    >>> arange(3), arange(1.0, 2.0, 0.5)
    (array([0, 1, 2]), array([1. , 1.5]))
    """
    start, stop = (0, start) if stop is None else (start, stop)
    return np.arange(start, stop, step, dtype=dtype, device=device)


@function
def linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
    """Return ``num`` evenly spaced numbers from ``start`` to ``stop``.

    >>> linspace(0.0, 1.0, 3)
    array([0. , 0.5, 1. ])
    """
    if not any(isinstance(end, Node) for end in (start, stop)):
        return np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype, device=device)
    shape = broadcast(*(tuple(getattr(end, "shape", ())) for end in (start, stop)))
    steps = np.linspace(0.0, 1.0, num, endpoint=endpoint).reshape((num,) + (1,) * len(shape))
    return start * (1 - steps) + stop * steps


@function
def zeros(shape, *, dtype=None, device=None):
    """Return zeros.

    >>> zeros(2)
    array([0., 0.])
    """
    return np.zeros(shape, dtype=dtype, device=device)


@function
def ones(shape, *, dtype=None, device=None):
    """Return ones.

    >>> ones(2)
    array([1., 1.])
    """
    return np.ones(shape, dtype=dtype, device=device)


@function
def empty(shape, *, dtype=None, device=None):
    """Return an array of arbitrary numbers; they are zeros, so that runs are reproducible.

    >>> empty(2)
    array([0., 0.])
    """
    return np.zeros(shape, dtype=dtype, device=device)


@function
def empty_like(x, /, *, dtype=None, device=None):
    """Return `empty` in the shape of ``x``.

    >>> empty_like(np.array([1.0, 2.0]))
    array([0., 0.])
    """
    if device is not None:
        raise errors.DtypeError(
            f"empty_like: arrays are made on the device of the arrays they are combined with; got device={device!r}"
        )
    return zeros_like(x, dtype=dtype)


@function
def full(shape, fill_value, *, dtype=None, device=None):
    """Return an array filled with one number.

    >>> full(2, 0.5)
    array([0.5, 0.5])
    """
    return np.full(shape, fill_value, dtype=dtype, device=device)


@function
def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
    """Return ones on a diagonal, the ``k``-th above the main one, and zeros elsewhere.

    >>> eye(2)
    array([[1., 0.],
           [0., 1.]])
    """
    return np.eye(n_rows, n_cols, k, dtype=float if dtype is None else dtype, device=device)


@op("{fill_value}", elementwise=True, flat="x", example=([[0.5, -1.5], [0.25, 2.0]], 0.75))
def full_like(x, *, fill_value, dtype=None, xp):
    """Return an array filled with one number, in the shape of ``x``.

    >>> full_like([1.0, 2.0], 0.5)
    array([0.5, 0.5])
    """
    return xp.full_like(x, fill_value, dtype=native_dtype(dtype, xp))


def of(value):
    """Return the dtype of a node or array; anything else unchanged."""
    return value.dtype if isinstance(value, (Node, np.ndarray, np.generic)) else value


@function
def result_type(*arrays_and_dtypes):
    """Return the dtype of the result of an operation on these.

    >>> result_type(np.float32, 1.0)
    dtype('float32')
    """
    return np.result_type(*(of(value) for value in arrays_and_dtypes))


@function
def can_cast(from_, to, /):
    """Return ``True`` if every value of one dtype has a representation in another.

    >>> can_cast(np.float32, np.float64)
    True
    """
    return np.can_cast(of(from_), to)


@function
def isdtype(dtype, kind):
    """Return ``True`` if a dtype is of a kind: ``"real floating"``, ``"integral"``, ``"bool"``, or another dtype.

    >>> isdtype(np.dtype("float32"), "real floating")
    True
    """
    return np.isdtype(dtype, kind)


@function
def finfo(type_, /):
    """Return the limits of a float dtype.

    >>> finfo(np.float32).bits
    32
    """
    return np.finfo(of(type_))


@function
def iinfo(type_, /):
    """Return the limits of an integer dtype.

    >>> iinfo(np.int8).max
    127
    """
    return np.iinfo(of(type_))
