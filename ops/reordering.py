"""Joining, reversing and repeating arrays."""

import numpy as np

from graphcore import Node, errors, op
from graphcore.extend import broadcast_like, function

from .arithmetic import add, subtract
from .gather_scatter import gather
from .indexing import getitem
from .reduce import axes_of
from .shape import as_array, broadcast_to, concat, expand_dims, permute_dims, reshape, zeros_like

__all__ = [
    "broadcast_arrays", "diff", "flip", "meshgrid", "moveaxis", "repeat", "repeated_places", "roll", "stack",
    "tile", "unstack",
]  # fmt: skip

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op
def roll(x, *, shift, axis=None, xp):
    """Shift entries by ``shift`` along ``axis``; those beyond the last come first.

    Without an axis the array is flattened.

    >>> roll([1.0, 2.0, 3.0], 1)
    array([3., 1., 2.])
    """
    return xp.roll(x, shift, axis=axis)


@roll.pullback("x", zeros="moved")
def droll_dx(dout, shift, axis, xp):
    back = tuple(-one for one in shift) if isinstance(shift, tuple) else -shift
    return xp.roll(dout, back, axis=axis)


@roll.shape
def roll_shape(x, shift, axis):
    places = axes_of(axis, len(x))
    if isinstance(shift, tuple) and (axis is None or len(shift) != len(places)):
        raise errors.ShapeError(f"one shift is needed for each axis; got shift={shift} and axis={axis}")
    return x


roll.example(MATRIX, 4)
roll.example(MATRIX, -1, axis=1)
roll.example(MATRIX, (1, 2), axis=(0, 1))


@op(r"\operatorname{{repeated}}({repeats})", dtype=lambda _x: "int64", flat="x")
def repeated_places(x, *, repeats, axis, xp):
    """Return the indices along an axis, each repeated ``repeats`` times, one number for all or one for each.

    >>> repeated_places([5.0, 6.0, 7.0], repeats=(2, 0, 1), axis=0)
    array([0, 0, 2])
    """
    return xp.asarray(np.repeat(np.arange(x.shape[axis]), repeats))


@repeated_places.shape
def repeated_places_shape(x, repeats, axis):
    length = x[axes_of(axis, len(x))[0]]
    each = repeats if isinstance(repeats, tuple) else (repeats,)
    if any(one < 0 for one in each) or (len(each) != 1 and length not in (None, len(each))):
        raise errors.ShapeError(f"repeats is a number, or one for each of the {length} entries; got {repeats}")
    if len(each) > 1:
        return (sum(each),)
    return (None if length is None else length * each[0],)


repeated_places.example(MATRIX, repeats=2, axis=1)
repeated_places.example(MATRIX, repeats=(2, 1), axis=0)


@function
def repeat(x, repeats, /, *, axis=None):
    """Repeat each entry ``repeats`` times, one number for all or one for each, along ``axis``.

    Without an axis the array is flattened.

    >>> repeat(np.array([1.0, 2.0]), 2), repeat(np.array([1.0, 2.0]), [0, 3])
    (array([1., 1., 2., 2.]), array([2., 2., 2.]))
    """
    if isinstance(repeats, Node):
        raise errors.ShapeError(
            f"repeats determines the shape, so it must be numbers and not a node; got {repeats.describe()}"
        )
    x = as_array(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    (axis,) = axes_of(axis, x.ndim)
    often = np.asarray(repeats).tolist()
    return gather(x, repeated_places(x, repeats=often, axis=axis), axes=(axis,))


@function
def tile(x, repetitions, /):
    """Repeat the whole array along each axis, as often as given by ``repetitions``.

    >>> tile(np.array([1.0, 2.0]), (2, 2))
    array([[1., 2., 1., 2.],
           [1., 2., 1., 2.]])
    """
    x = as_array(x)
    times = (repetitions,) if isinstance(repetitions, int) else tuple(repetitions)
    times = (1,) * (x.ndim - len(times)) + times
    for _ in range(len(times) - x.ndim):
        x = expand_dims(x, axis=0)
    for axis, often in enumerate(times):
        if often == 0:
            x = getitem(x, key=(slice(None),) * axis + (slice(0, 0),))
        elif often > 1:
            x = concat([x] * often, axis=axis)
    return x


@function
def stack(arrays, /, *, axis=0):
    """Join arrays of one shape along a new axis.

    >>> stack([np.array([1.0, 2.0]), np.array([3.0, 4.0])])
    array([[1., 2.],
           [3., 4.]])
    """
    return concat([expand_dims(array, axis=axis) for array in arrays], axis=axis)


@function
def unstack(x, /, *, axis=0):
    """Return the parts along an axis, without that axis.

    >>> unstack(np.array([[1.0, 2.0], [3.0, 4.0]]))
    (array([1., 2.]), array([3., 4.]))
    """
    x = as_array(x)
    (axis,) = axes_of(axis, x.ndim)
    if x.shape[axis] is None:
        raise errors.ShapeError(f"unstack: the length of axis {axis} is unknown before running ({x!r})")
    return tuple(getitem(x, key=(slice(None),) * axis + (i,)) for i in range(x.shape[axis]))


@function
def flip(x, /, *, axis=None):
    """Reverse the order of entries along ``axis`` (an axis, a tuple of them, or ``None`` for all).

    >>> flip(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    array([[2., 1.],
           [4., 3.]])
    """
    x = as_array(x)
    turned = axes_of(axis, x.ndim)
    return getitem(x, key=tuple(slice(None, None, -1 if i in turned else None) for i in range(x.ndim)))


@function
def moveaxis(x, source, destination, /):
    """Move the axes at ``source`` to ``destination``; the others keep their order.

    >>> moveaxis(np.ones((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = as_array(x)
    source, destination = (
        tuple(axes_of(axis, x.ndim)[0] for axis in (axes if isinstance(axes, (list, tuple)) else (axes,)))
        for axes in (source, destination)
    )
    if len(source) != len(destination) or len(set(source)) != len(source) or len(set(destination)) != len(source):
        raise errors.ShapeError(
            f"moveaxis: source and destination need one different axis each; got {source} and {destination}"
        )
    order = [axis for axis in range(x.ndim) if axis not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, tuple(order))


@function
def broadcast_arrays(*arrays):
    """Broadcast arrays to one shape.

    >>> broadcast_arrays(np.array([1.0, 2.0]), np.array([[0.0], [0.0]]))
    [array([[1., 2.],
           [1., 2.]]), array([[0., 0.],
           [0., 0.]])]
    """
    whole = zeros_like(arrays[0])
    for array in arrays[1:]:
        whole = add(whole, zeros_like(array))
    if None in whole.shape:
        return [broadcast_like(array, whole) for array in arrays]
    return [broadcast_to(array, tuple(whole.shape)) for array in arrays]


@function
def meshgrid(*arrays, indexing="xy"):
    """Return the coordinates of a grid's points, from coordinates along its axes; ``"xy"`` swaps the first two.

    >>> meshgrid(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    [array([[1., 2.],
           [1., 2.]]), array([[3., 3.],
           [4., 4.]])]
    """
    if indexing not in ("xy", "ij"):
        raise errors.ShapeError(f"meshgrid: indexing is 'xy' or 'ij'; got {indexing!r}")
    order = list(range(len(arrays)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    lying = []
    for axis, array in zip(order, arrays, strict=True):
        array = reshape(array, shape=(-1,))  # noqa: PLW2901  a single number is a side of length 1
        for _ in range(axis):
            array = expand_dims(array, axis=0)  # noqa: PLW2901  one axis more each time
        for _ in range(len(arrays) - axis - 1):
            array = expand_dims(array, axis=-1)  # noqa: PLW2901
        lying.append(array)
    return broadcast_arrays(*lying)


@function
def diff(x, /, *, axis=-1, n=1, prepend=None, append=None):
    """Return the differences of neighbouring entries along ``axis``, ``n`` times over.

    >>> diff(np.array([1.0, 4.0, 9.0])), diff(np.array([1.0, 4.0, 9.0]), n=2)
    (array([3., 5.]), array([2.]))
    """
    x = as_array(x)
    (axis,) = axes_of(axis, x.ndim)
    if n < 0:
        raise errors.ShapeError(f"diff: differences are taken 0, 1, 2, ... times; got n={n}")
    if n == 0:
        return x
    parts = [part for part in (prepend, x, append) if part is not None]
    x = concat(parts, axis=axis) if len(parts) > 1 else x
    before = (slice(None),) * axis
    for _ in range(n):
        x = subtract(getitem(x, key=(*before, slice(1, None))), getitem(x, key=(*before, slice(None, -1))))
    return x
