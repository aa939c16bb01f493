"""Sorting and searching."""

from graphcore import Node, errors, op
from graphcore.extend import as_dtype, cast, function, namespace_of

from .gather_scatter import take_along_axis
from .reduce import axes_of, reduced_shape

__all__ = [
    "argmax", "argmin", "argsort", "nonzero", "searchsorted", "sort", "unique_all", "unique_counts",
    "unique_inverse", "unique_values",
]  # fmt: skip


@op
def sort(x, *, axis=-1, descending=False, stable=True, xp):
    """Sort along ``axis``. Tied entries keep their order; NaN counts as largest.

    Each entry of the result has its derivative with respect to one entry of ``x``; ties are not shared.

    >>> sort([3.0, 1.0, 2.0]), sort([3.0, 1.0, 2.0], descending=True)
    (array([1., 2., 3.]), array([3., 2., 1.]))
    """
    in_order = xp.sort(x, axis=axis, stable=stable)
    return xp.flip(in_order, axis=axis) if descending else in_order


@sort.pullback("x", zeros="moved")
def dsort_dx(dout, x, axis, descending):
    place_of_each = argsort(argsort(x, axis=axis, descending=descending), axis=axis)
    return take_along_axis(dout, place_of_each, axis=axis)


sort.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]])
sort.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]], axis=0, descending=True)


@op(dtype="int64", flat="x")
def argsort(x, *, axis=-1, descending=False, stable=True, xp):
    """Return the indices that sort ``x``: ``take_along_axis(x, out)`` is sorted. Tied entries keep their order.

    >>> argsort([3.0, 1.0, 2.0]), argsort([1.0, 2.0, 2.0], descending=True)
    (array([1, 2, 0]), array([1, 2, 0]))
    """
    if not descending:
        return xp.argsort(x, axis=axis, stable=stable)
    from_behind = xp.argsort(xp.flip(x, axis=axis), axis=axis, stable=stable)
    return x.shape[axis] - 1 - xp.flip(from_behind, axis=axis)


argsort.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]])
argsort.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]], axis=0, descending=True)


@sort.shape
@argsort.shape
def sort_shape(x, axis):
    if axis is None or isinstance(axis, tuple):
        raise errors.ShapeError(f"entries are sorted along one axis; got axis={axis}: reshape to (-1,) for all")
    axes_of(axis, len(x))
    return x


@op(dtype="int64", flat="x")
def argmax(x, *, axis=None, keepdims=False, xp):
    """Return the index of the largest entry, the first if tied, along ``axis`` or in the flattened array.

    >>> argmax([[1.0, 4.0, 4.0], [5.0, 2.0, 3.0]], axis=1)
    array([1, 0])
    """
    return xp.argmax(x, axis=axis, keepdims=keepdims)


argmax.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]])
argmax.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]], axis=-1, keepdims=True)


@op(dtype="int64", flat="x")
def argmin(x, *, axis=None, keepdims=False, xp):
    """Return the index of the smallest entry, the first if tied, along ``axis`` or in the flattened array.

    >>> argmin([[1.0, 4.0, 4.0], [5.0, 2.0, 3.0]], axis=1)
    array([0, 1])
    """
    return xp.argmin(x, axis=axis, keepdims=keepdims)


argmin.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]])
argmin.example([[0.5, -1.5, 1.0], [2.0, 0.25, -0.5]], axis=-1, keepdims=True)


@argmax.shape
@argmin.shape
def extreme_place_shape(x, axis, keepdims):
    if isinstance(axis, tuple):
        raise errors.ShapeError(f"an index is along one axis, or in the flattened array for axis=None; got axis={axis}")
    return reduced_shape(x, axis, keepdims)


@op(r"\operatorname{{searchsorted}}({x1:bare}, {x2:bare})", dtype=lambda *_: "int64", flat=("x1", "x2", "sorter"))
def searchsorted(x1, x2, sorter=None, *, side="left", xp):
    """Return the indices at which to insert ``x2`` into sorted ``x1``: before tied entries, or, on the right, after.

    ``sorter`` are the indices that sort ``x1`` if it is not sorted.

    >>> searchsorted([1.0, 2.0, 3.0], [2.0, 2.5]), searchsorted([1.0, 2.0, 3.0], 2.0, side="right")
    (array([1, 2]), np.int64(2))
    """
    searchsorted_shape(tuple(x1.shape), tuple(x2.shape), side)
    found = xp.searchsorted(x1 if sorter is None else xp.take(x1, sorter, axis=0), x2, side=side)
    return cast(found, as_dtype("int64"), xp)  # jax counts in 32 bits


@searchsorted.shape
def searchsorted_shape(x1, x2, side):
    if len(x1) != 1:
        raise errors.ShapeError(f"the numbers to search among have one axis; got the shape {x1}")
    if side not in ("left", "right"):
        raise errors.ShapeError(f"side is 'left' or 'right'; got {side!r}")
    return x2


searchsorted.example([0.5, 1.5, 2.0], [[1.0, 2.5], [0.25, 1.5]])
searchsorted.example([1.5, 0.5, 2.0], [1.5, 0.75], [1, 0, 2], side="right")


@function
def nonzero(x, /):
    """Return the indices of nonzero entries, one array for each axis. For arrays only: the values decide their number.

    >>> import numpy as np
    >>> nonzero(np.array([0.0, 5.0, 7.0]))
    (array([1, 2]),)
    """
    return _of_arrays("nonzero", x, "multiply by astype(x != 0, x.dtype), or use where(x != 0, ..., 0)")


@function
def unique_all(x, /):
    """Return each value once, with its first index, the inverse and its count. For arrays only."""
    return _of_arrays("unique_all", x, _UNIQUE)


@function
def unique_counts(x, /):
    """Return each value once, with its count. For arrays only."""
    return _of_arrays("unique_counts", x, _UNIQUE)


@function
def unique_inverse(x, /):
    """Return each value once, with the indices that rebuild ``x`` from them. For arrays only."""
    return _of_arrays("unique_inverse", x, _UNIQUE)


@function
def unique_values(x, /):
    """Return each value once. For arrays only: the values decide their number.

    >>> import graphcore as gc
    >>> unique_values(gc.Graph().input("x", 3))
    Traceback (most recent call last):
    graphcore.errors.ShapeError: unique_values of input 'x' ...
    """
    return _of_arrays("unique_values", x, _UNIQUE)


_UNIQUE = "take the unique values of the array before it is fed, or use sort(x) and compare neighbours"


def _of_arrays(name, x, instead):
    if isinstance(x, Node):
        raise errors.ShapeError(
            f"{name} of {x.describe()}, has a number of entries that depends on its values, and a node has a shape "
            f"before it has values: {instead}"
        )
    return getattr(namespace_of(x), name)(x)
