"""Arrays out of nothing, so that a function written against the Array API standard finds them among the operations too.

What is made here are arrays of numpy; where they meet nodes they become constants.
"""

import numpy as np

from graphcore import Node, errors, op
from graphcore.extend import as_dtype, broadcast, function, native_dtype

from .reordering import stack
from .shape import zeros_like


@function
def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """An array of numbers; a node stays a node, and a list with nodes in it is stacked to one.

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
    """What a nested list holds, whatever lists it lies in."""
    waiting = [nested]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple)):
            waiting += one
        else:
            yield one


@function
def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    """Numbers at equal distances, up to ``stop`` and without it.

    >>> arange(3), arange(1.0, 2.0, 0.5)
    (array([0, 1, 2]), array([1. , 1.5]))
    """
    start, stop = (0, start) if stop is None else (start, stop)
    return np.arange(start, stop, step, dtype=dtype, device=device)


@function
def linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
    """``num`` numbers at equal distances, from ``start`` to ``stop``.

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
    """Zeros.

    >>> zeros(2)
    array([0., 0.])
    """
    return np.zeros(shape, dtype=dtype, device=device)


@function
def ones(shape, *, dtype=None, device=None):
    """Ones.

    >>> ones(2)
    array([1., 1.])
    """
    return np.ones(shape, dtype=dtype, device=device)


@function
def empty(shape, *, dtype=None, device=None):
    """An array whose numbers do not matter; they are zeros, so that every run is like the last.

    >>> empty(2)
    array([0., 0.])
    """
    return np.zeros(shape, dtype=dtype, device=device)


@function
def empty_like(x, /, *, dtype=None, device=None):
    """Like `empty`, in the shape of ``x``.

    >>> empty_like(np.array([1.0, 2.0]))
    array([0., 0.])
    """
    if device is not None:
        raise errors.DtypeError(f"empty_like: arrays are made where those are that they meet; got device={device!r}")
    return zeros_like(x, dtype=dtype)


@function
def full(shape, fill_value, *, dtype=None, device=None):
    """The same number everywhere.

    >>> full(2, 0.5)
    array([0.5, 0.5])
    """
    return np.full(shape, fill_value, dtype=dtype, device=device)


@function
def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
    """Ones on a diagonal, the ``k``-th above the main one, and zeros elsewhere.

    >>> eye(2)
    array([[1., 0.],
           [0., 1.]])
    """
    return np.eye(n_rows, n_cols, k, dtype=float if dtype is None else dtype, device=device)


@op("{fill_value}", elementwise=True)
def full_like(x, *, fill_value, dtype=None, xp):
    """The same number everywhere, in the shape of ``x``.

    >>> full_like([1.0, 2.0], 0.5)
    array([0.5, 0.5])
    """
    return xp.full_like(x, fill_value, dtype=native_dtype(dtype, xp))


full_like.flat("x")
full_like.example([[0.5, -1.5], [0.25, 2.0]], 0.75)


# -- dtypes, of arrays and nodes alike


def of(value):
    """The dtype of a node; anything else numpy understands."""
    return value.dtype if isinstance(value, Node) else value


@function
def result_type(*arrays_and_dtypes):
    """The dtype that an operation on these has.

    >>> result_type(np.float32, 1.0)
    dtype('float32')
    """
    return np.result_type(*(of(value) for value in arrays_and_dtypes))


@function
def can_cast(from_, to, /):
    """Whether a dtype holds all that another holds.

    >>> can_cast(np.float32, np.float64)
    True
    """
    return np.can_cast(of(from_), to)


@function
def isdtype(dtype, kind):
    """Whether a dtype is of a kind: ``"real floating"``, ``"integral"``, ``"bool"``, or another dtype.

    >>> isdtype(np.dtype("float32"), "real floating")
    True
    """
    return np.isdtype(dtype, kind)


@function
def finfo(type_, /):
    """The limits of a float.

    >>> finfo(np.float32).bits
    32
    """
    return np.finfo(of(type_))


@function
def iinfo(type_, /):
    """The limits of a whole number.

    >>> iinfo(np.int8).max
    127
    """
    return np.iinfo(of(type_))
