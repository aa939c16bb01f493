"""Gather entries at integer indices, and scatter-add, its transpose.

The indices are values, so they may be nodes: class labels, words, the result of a sort. Negative ones count from the
end. An index out of range is refused; where values are not available (inside jax.jit) the result is NaN.
"""

import math

import numpy as np

from graphcore import errors, op
from graphcore.extend import as_dtype, asarray, broadcast, cast, function

from .reduce import axes_of

__all__ = ["add_along_axis", "gather", "scatter_add", "take", "take_along_axis"]

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op("{x:strict}_{{{indices:bare}}}", dtype=lambda x, *indices: x, flat="indices")
def gather(x, *indices, axes, from_end=True, xp):
    """Gather the entries of ``x`` at ``indices``, one index array for each of ``axes``.

    The index arrays broadcast. Their axes replace ``axes`` in the result, if these are adjacent, and else come first:
    ``x[:, [0, 2]]`` is ``gather(x, [0, 2], axes=(1,))``. ``from_end=False`` refuses negative indices.

    >>> gather([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [2, 0, 2], axes=(1,))
    array([[3., 1., 3.],
           [6., 4., 6.]])
    """
    gather_shape(tuple(x.shape), [tuple(index.shape) for index in indices], axes)
    order, lengths, kept = arrangement(x.shape, axes)
    places, missing = flat_places(indices, lengths, xp, from_end=from_end)
    table = xp.reshape(xp.permute_dims(x, order), (math.prod(lengths), math.prod(kept)))
    rows = xp.take(table, xp.reshape(places, (-1,)), axis=0)
    rows = rows if missing is None else xp.where(xp.reshape(missing, (-1, 1)), float("nan"), rows)
    rows = xp.reshape(rows, (*places.shape, *kept))
    return xp.permute_dims(rows, standing(places.ndim, len(kept), axes))


@gather.pullback("x", zeros="made")
def dgather_dx(dout, x, indices, axes):
    return scatter_add(dout, x, *indices, axes=axes)


gather.example(MATRIX, [2, 0, 2, -1], axes=(1,))
gather.example(MATRIX, [[0, 1], [1, 1]], [[2], [0]], axes=(0, 1))
gather.example([MATRIX], 0, [0, 1, 1], axes=(0, 2))


@op(r"\sum_{{{indices:bare}}} {part:strict}", dtype=lambda part, *others: part, shape="like", flat=("like", "indices"))
def scatter_add(part, like, *indices, axes, xp):
    """Add ``part`` to zeros in the shape of ``like`` at ``indices``: the transpose of `gather`.

    >>> scatter_add([1.0, 10.0, 100.0], [0.0, 0.0, 0.0], [2, 0, 2], axes=(0,))
    array([ 10.,   0., 101.])
    """
    order, lengths, kept = arrangement(like.shape, axes)
    places, missing = flat_places(indices, lengths, xp)
    to_front = np.argsort(standing(places.ndim, len(kept), axes)).tolist()
    rows = xp.reshape(xp.permute_dims(part, to_front), (math.prod(places.shape), math.prod(kept)))
    whole = add_rows(rows, xp.reshape(places, (-1,)), math.prod(lengths), xp)
    whole = whole if missing is None else xp.where(xp.any(missing), float("nan"), whole)
    return xp.permute_dims(xp.reshape(whole, (*lengths, *kept)), np.argsort(order).tolist())


@scatter_add.pullback("part", zeros="moved")
def dscatter_add_dpart(dout, indices, axes):
    return gather(dout, *indices, axes=axes)


scatter_add.example([1.0, -0.5, 2.0], [0.0, 0.0], [1, 0, 1], axes=(0,))
scatter_add.example(MATRIX, [[0.0, 0.0], [0.0, 0.0]], [0, 1, -1], axes=(1,))


@gather.shape
def gather_shape(x, indices, axes):
    block = broadcast(*indices)
    if len(indices) != len(axes) or list(axes) != axes_of(axes, len(x)):
        raise errors.ShapeError(f"one index array is needed for each of the axes {axes}, which count up from 0")
    kept = [n for i, n in enumerate(x) if i not in axes]
    rows = (*block, *kept)
    return tuple(rows[i] for i in standing(len(block), len(kept), axes))


@op(r"{x:strict}_{{{indices:bare}}}", dtype=lambda x, _indices: x, flat="indices")
def take_along_axis(x, indices, *, axis=-1, xp):
    """Gather entries along an axis: ``out[..., i, ...] = x[..., indices[..., i, ...], ...]``.

    ``x`` and ``indices`` have as many axes as each other, and broadcast but for ``axis``.

    >>> take_along_axis([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]], [[1, 2, 0], [0, 2, 1]])
    array([[1., 2., 3.],
           [4., 5., 6.]])
    """
    take_along_axis_shape(tuple(x.shape), tuple(indices.shape), axis)
    places, missing = flat_places((indices,), (x.shape[axis],), xp)
    taken = xp.take_along_axis(x, places, axis=axis)
    return taken if missing is None else xp.where(missing, float("nan"), taken)


@take_along_axis.pullback("x", zeros="made")
def dtake_along_axis_dx(dout, x, indices, axis):
    return add_along_axis(dout, x, indices, axis=axis)


take_along_axis.example(MATRIX, [[2, 0, 0, -1], [1, 2, 1, 0]])
take_along_axis.example(MATRIX, [[1, 0, 1]], axis=0)


@op(
    r"\sum_{{{indices:bare}}} {part:strict}",
    dtype=lambda part, _like, _indices: part,
    flat=("like", "indices"),
    example=(MATRIX, [[0.0, 0.0], [0.0, 0.0]], [[0, 1, 0], [1, 1, -1]]),
)
def add_along_axis(part, like, indices, *, axis=-1, xp):
    """Add ``part`` to zeros in the shape of ``like``: the transpose of `take_along_axis`.

    >>> add_along_axis([[1.0, 10.0, 100.0]], [[0.0, 0.0]], [[1, 0, 1]])
    array([[ 10., 101.]])
    """
    length = like.shape[axis]
    indices = xp.broadcast_to(indices, tuple(part.shape))
    places, missing = flat_places((indices,), (length,), xp)
    order = [i for i in range(part.ndim) if i != axis % part.ndim] + [axis % part.ndim]
    places, part = xp.permute_dims(places, order), xp.permute_dims(part, order)
    *outer, each = part.shape
    first = xp.reshape(xp.arange(math.prod(outer)) * length, (-1, 1))
    places = xp.reshape(first + xp.reshape(places, (math.prod(outer), each)), (-1,))
    whole = add_rows(xp.reshape(part, (-1, 1)), places, math.prod(outer) * length, xp)
    whole = whole if missing is None else xp.where(xp.any(missing), float("nan"), whole)
    return xp.permute_dims(xp.reshape(whole, (*outer, length)), np.argsort(order).tolist())


@add_along_axis.pullback("part", zeros="moved")
def dadd_along_axis_dpart(dout, indices, axis):
    return take_along_axis(dout, indices, axis=axis)


@take_along_axis.shape
def take_along_axis_shape(x, indices, axis):
    (place,) = axes_of(axis, len(x))
    if len(x) != len(indices):
        raise errors.ShapeError(f"x has {len(x)} axes and indices {len(indices)}; there must be as many of both")
    others = broadcast((*x[:place], *x[place + 1 :]), (*indices[:place], *indices[place + 1 :]))
    return (*others[:place], indices[place], *others[place:])


@add_along_axis.shape
def add_along_axis_shape(part, like, axis):
    (place,) = axes_of(axis, len(part))
    return (*part[:place], like[place], *part[place + 1 :])


@function
def take(x, indices, /, *, axis=None):
    """Return the entries, rows or subarrays along ``axis`` at ``indices``.

    ``axis`` is optional for a vector.

    >>> take([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [2, 0, 2], axis=0)
    array([[5., 6.],
           [1., 2.],
           [5., 6.]])
    """
    ndim = np.ndim(x)
    if axis is None and ndim != 1:
        raise errors.ShapeError(f"take: axis is required for an array of {ndim} axes, as in axis=0")
    indices = np.asarray(indices) if isinstance(indices, int) else indices
    return gather(x, indices, axes=tuple(axes_of(axis, ndim)))


def arrangement(shape, axes):
    """Return the axes with the indexed ones in front, and the lengths of these and of the others."""
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    return (*axes, *kept), [shape[axis] for axis in axes], [shape[axis] for axis in kept]


def standing(block, kept, axes):
    """Return the order of the axes of the result, in which those of the indices come first before.

    >>> standing(1, 2, (1,)), standing(1, 1, (0, 2))
    ((1, 0, 2), (0, 1))
    """
    first = axes[0] if tuple(axes) == tuple(range(axes[0], axes[0] + len(axes))) else 0
    before, after = range(block, block + first), range(block + first, block + kept)
    return (*before, *range(block), *after)


def flat_places(indices, lengths, xp, *, from_end=True):
    """Return indices along several axes as indices along their flattened axis, row by row.

    Also return which are out of range, where they cannot be refused.
    """
    flat, missing = 0, None
    for index, length in zip(indices, lengths, strict=True):
        if "int" not in str(index.dtype):
            raise errors.DtypeError(f"an index is an integer; got {index.dtype}")
        index = cast(asarray(index, xp), as_dtype(xp.arange(1).dtype), xp)  # noqa: PLW2901  wide enough for any index
        wrong = (index < (-length if from_end else 0)) | (index >= length)
        if refused(wrong, index, length, xp):
            missing = wrong if missing is None else missing | wrong
        flat = flat * length + xp.where(index < 0, index + length, index)
    return flat, missing


def refused(wrong, index, length, xp):
    """Refuse indices out of range; ``True`` if there may be some, as values are not available."""
    try:
        if not bool(xp.any(wrong)):
            return False
    except TypeError:  # jax, which compiles for any values
        return True
    place = int(xp.reshape(index, (-1,))[int(xp.argmax(xp.astype(xp.reshape(wrong, (-1,)), xp.int8)))])
    raise errors.ShapeError(
        f"there is no entry {place} on an axis of {length}"
        + ("; negative indices do not count from the end here" if -length <= place < 0 else "")
    )


def add_rows(rows, places, number, xp):
    """Return zeros, ``number`` rows of them, with each of ``rows`` added to the one at its index.

    >>> add_rows(np.array([[1.0], [10.0], [100.0]]), np.array([2, 0, 2]), 3, np)
    array([[ 10.],
           [  0.],
           [101.]])
    """
    each = rows.shape[1]
    if xp is np:
        exact = np.zeros(number * each, "float32" if rows.dtype == np.float16 else rows.dtype)
        np.add.at(exact, (places[:, None] * each + np.arange(each)).ravel(), rows.ravel())
        return exact.reshape(number, each).astype(rows.dtype, copy=False)
    if hasattr(rows, "index_put_"):  # torch
        return rows.new_zeros((number, each)).index_put_((places,), rows, accumulate=True)
    whole = xp.zeros((number, each), dtype=rows.dtype)
    if hasattr(whole, "at"):  # jax
        return whole.at[places].add(rows)
    for i in range(places.shape[0]):
        whole[int(places[i]), :] += rows[i, :]
    return whole
