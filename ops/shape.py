"""Shapes and dtypes: the same numbers in another arrangement."""

import math
import operator
from typing import Any

import numpy as np

from graphcore import errors, op
from graphcore.extend import as_dtype, broadcast, cast, native_dtype, show_shape

from .reduce import axes_of

__all__ = [
    "astype", "broadcast_to", "concat", "concat_slice", "expand_dims", "ones_like", "permute_dims", "reshape",
    "reshape_like", "squeeze", "zeros_like",
]  # fmt: skip

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op("{x:bare}", primitive=True)
def reshape(x, *, shape, xp):
    """Return the same entries, row by row, in another shape; a length of −1 is inferred from the others.

    >>> reshape([1.0, 2.0, 3.0, 4.0], (2, -1))
    array([[1., 2.],
           [3., 4.]])
    """
    return xp.reshape(x, (shape,) if isinstance(shape, int) else shape)


@reshape.pullback("x", zeros="moved")
def dreshape_dx(dout, x):
    return reshape_like(dout, x)


@reshape.shape
def reshape_shape(x, shape):
    shape = (shape,) if isinstance(shape, int) else shape
    if any(not isinstance(n, int) for n in shape):
        raise errors.ShapeError(f"the new shape has integers, and -1 for a length to infer; got {shape}")
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise errors.ShapeError(f"the new shape has lengths, and -1 at most once; got {shape}")
    known = math.prod(n for n in shape if n != -1)
    if None in x:
        return tuple(None if n == -1 else n for n in shape)
    size = math.prod(x)
    if (size != known) if -1 not in shape else (known == 0 or size % known):
        raise errors.ShapeError(f"{size} entries, in the shape {x}, do not fit the shape {shape}")
    return tuple(size // known if n == -1 else n for n in shape)


reshape.example(MATRIX, (3, 2))
reshape.example(MATRIX, (-1,))


@op("{x:bare}", dtype=lambda x, like: x, shape="like", flat="like")
def reshape_like(x, like, *, xp):
    """Return the same entries in the shape of another array, as it is when the graph runs.

    >>> reshape_like([1.0, 2.0], [[0.0], [0.0]])
    array([[1.],
           [2.]])
    """
    return xp.reshape(x, tuple(like.shape))


@reshape_like.pullback("x", zeros="moved")
def dreshape_like_dx(dout, x):
    return reshape_like(dout, x)


reshape_like.example(MATRIX, [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])


@op(r"{x:strict}^{{\pi}}", primitive=True)
def permute_dims(x, *, axes, xp):
    """Permute the axes: axis ``i`` of the result is axis ``axes[i]`` of ``x``.

    >>> permute_dims([[1.0, 2.0]], (1, 0))
    array([[1.],
           [2.]])
    """
    if len(axes_of(tuple(axes), x.ndim)) != x.ndim:
        raise errors.ShapeError(f"permute_dims: axes={tuple(axes)} does not name each axis of {x.ndim} once")
    return xp.permute_dims(x, tuple(axis % x.ndim for axis in axes))


@permute_dims.pullback("x", zeros="moved")
def dpermute_dims_dx(dout, axes, xp):
    places = [axis % len(axes) for axis in axes]
    return xp.permute_dims(dout, tuple(places.index(i) for i in range(len(axes))))


permute_dims.example(MATRIX, (1, 0))
permute_dims.example([MATRIX, MATRIX], (2, 0, -2))


@op("{x:bare}", primitive=True)
def expand_dims(x, *, axis, xp):
    """Insert an axis of length 1 at ``axis``.

    >>> expand_dims([1.0, 2.0], axis=0)
    array([[1., 2.]])
    """
    return xp.expand_dims(x, axis=axis)


@expand_dims.pullback("x", zeros="moved")
def dexpand_dims_dx(dout, axis, xp):
    return xp.squeeze(dout, axis=axis)


@expand_dims.shape
def expand_dims_shape(x, axis):
    axis = operator.index(axis)
    if not -len(x) - 1 <= axis <= len(x):
        raise errors.ShapeError(f"axis={axis} is out of range for {len(x)} axes")
    place = axis % (len(x) + 1)
    return (*x[:place], 1, *x[place:])


expand_dims.example(MATRIX, axis=1)
expand_dims.example(MATRIX, axis=-1)


@op("{x:bare}", primitive=True)
def squeeze(x, *, axis, xp):
    """Remove the axis ``axis`` (or several), which must have length 1.

    >>> squeeze([[1.0, 2.0]], axis=0)
    array([1., 2.])
    """
    return xp.squeeze(x, axis=axis)


@squeeze.pullback("x", zeros="moved")
def dsqueeze_dx(dout, x):
    return reshape_like(dout, x)


@squeeze.shape
def squeeze_shape(x, axis):
    gone = {range(len(x))[one] for one in (axis if isinstance(axis, tuple) else (axis,))}
    if any(x[one] not in (1, None) for one in gone):
        raise errors.ShapeError(f"only an axis of length 1 can go; axis={axis} of the shape {x} is longer")
    return tuple(n for i, n in enumerate(x) if i not in gone)


squeeze.example([MATRIX], axis=0)


@op("{x:bare}", primitive=True)
def broadcast_to(x, *, shape, xp):
    """Broadcast to a shape.

    >>> broadcast_to([1.0, 2.0], (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    return xp.broadcast_to(x, shape)


@broadcast_to.pullback("x", zeros="moved")
def dbroadcast_to_dx(dout):
    return dout  # the engine undoes broadcasting


@broadcast_to.shape
def broadcast_to_shape(x, shape):
    if any(not isinstance(n, int) for n in shape):
        raise errors.ShapeError(f"the new shape has lengths; got {shape}; to follow another node use broadcast_like")
    if len(shape) < len(x) or any(n not in (1, None, m) for n, m in zip(x[::-1], shape[::-1], strict=False)):
        raise errors.ShapeError(f"an array of shape {x} cannot be repeated to the shape {shape}")
    return shape


broadcast_to.example(MATRIX, (2, 2, 3))
broadcast_to.example(0.5, (2,))


@op(r"\left[{arrays:bare}\right]")
def concat(*arrays, axis=0, xp):
    """Join arrays along ``axis``; ``axis=None`` flattens them first. Takes a list, or one argument for each.

    >>> concat([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    return xp.concat(list(arrays), axis=axis)


@concat.pullback("arrays", zeros="moved")
def dconcat_darrays(dout, arrays, index, axis):
    lengths: list[Any] = [None] if axis is None else [array.shape[axis] for array in arrays]
    if None in lengths:
        return concat_slice(dout, *arrays, number=index, axis=axis)
    start = sum(lengths[:index])
    key = [slice(None)] * dout.ndim
    key[axis] = slice(start, start + lengths[index])
    return dout[tuple(key)]


@concat.shape
def concat_shape(arrays, axis):
    if axis is None:
        sizes: list[Any] = [None if None in shape else math.prod(shape) for shape in arrays]
        return (None if None in sizes else sum(sizes),)
    (place,) = axes_of(axis, len(arrays[0]))
    if any(len(shape) != len(arrays[0]) for shape in arrays):
        raise errors.ShapeError("the arrays need as many axes as each other")
    result = []
    for i, lengths in enumerate(zip(*arrays, strict=True)):
        known = {n for n in lengths if n is not None}
        if i == place:
            result.append(None if None in lengths else sum(lengths))
        elif len(known) > 1:
            raise errors.ShapeError(f"along axis {i} the arrays have the lengths {', '.join(map(str, lengths))}")
        else:
            result.append(known.pop() if known else None)
    return tuple(result)


concat.example(MATRIX, MATRIX, [[3.0, 4.0, 5.0]])
concat.example(MATRIX, MATRIX, axis=-1)
concat.example([0.5, 1.5], MATRIX, axis=None)


@op("{whole:strict}_{{{number}}}", flat="parts")
def concat_slice(whole, *parts, number, axis, xp):
    """Return the part of ``whole`` that is ``parts[number]`` when the parts are joined along ``axis``.

    >>> concat_slice([1.0, 2.0, 3.0], [0.0], [0.0, 0.0], number=1, axis=0)
    array([2., 3.])
    """
    size = (lambda part: math.prod(part.shape)) if axis is None else (lambda part: part.shape[axis])
    start = 0
    for part in parts[:number]:
        start += size(part)
    key = [slice(None)] * whole.ndim
    key[axis or 0] = slice(start, start + size(parts[number]))
    return xp.reshape(whole[tuple(key)], tuple(parts[number].shape))


@concat_slice.pullback("whole", zeros="made")
def dconcat_slice_dwhole(dout, parts, number, axis, xp):
    pieces = [dout if i == number else xp.zeros_like(part) for i, part in enumerate(parts)]
    return xp.concat(pieces, axis=axis)


concat_slice.example([0.5, -1.5, 0.25], [0.0], [0.0, 0.0], number=1, axis=0)

concat_slice.dtype_rule = lambda whole, *parts: whole


@concat_slice.shape
def concat_slice_shape(parts, number):
    return parts[number]


@op("0", elementwise=True, flat="x", example=MATRIX, primitive=True)
def zeros_like(x, *, dtype=None, xp):
    """Return zeros in the shape of ``x``.

    >>> zeros_like([1.0, 2.0])
    array([0., 0.])
    """
    return xp.zeros_like(x, dtype=native_dtype(dtype, xp))


@op("1", elementwise=True, flat="x", example=MATRIX, primitive=True)
def ones_like(x, *, dtype=None, xp):
    """Return ones in the shape of ``x``.

    >>> ones_like([1.0, 2.0])
    array([1., 1.])
    """
    return xp.ones_like(x, dtype=native_dtype(dtype, xp))


@op("{x:bare}", elementwise=True, primitive=True)
def astype(x, *, dtype, copy=True, xp):
    """Convert to another dtype; ``copy=False`` returns an array that has it already as it is.

    >>> astype([1.5, 2.5], dtype="float32")
    array([1.5, 2.5], dtype=float32)
    """
    return cast(x, as_dtype(dtype), xp) if copy or as_dtype(x.dtype) != as_dtype(dtype) else x


@astype.pullback("x", zeros="moved")
def dastype_dx(dout):
    return dout  # the engine gives a contribution the dtype of the node it belongs to


astype.example(MATRIX, dtype="float64")


def refuse_wider(name, part, x):
    """Refuse a scale, shift or mask that would broadcast an array to a larger shape."""
    if part is None:
        return
    shape, whole = tuple(as_array(part).shape), tuple(x.shape)
    widened = broadcast(shape, whole)
    if len(widened) != len(whole) or any(None not in p and p[0] != p[1] for p in zip(widened, whole, strict=True)):
        raise errors.ShapeError(f"{name} of shape {show_shape(shape)} does not fit {show_shape(whole)}")


def as_floats(x):
    """Return integers as floats, which neither wrap around nor lack infinity.

    >>> as_floats(np.array([1, 2], "int8"))
    array([1., 2.])
    """
    x = as_array(x)
    return x if as_dtype(x.dtype).kind == "f" else astype(x, "float64")


def as_array(x):
    """Return a nested list as an array, for a function that reads shapes; arrays and nodes unchanged."""
    return x if hasattr(x, "shape") else np.asarray(x)
