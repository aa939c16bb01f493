"""numpy's ways to arrange the same numbers otherwise.

>>> import graphcore as gc, numpy as np, ops
>>> x = gc.Graph().input("x", (2, 3, 4))
>>> np.rollaxis(x, 2).shape, np.swapaxes(x, 0, 1).shape, np.fliplr(x).shape, np.atleast_3d(x[0, 0]).shape
((4, 2, 3), (3, 2, 4), (2, 3, 4), (1, 4, 1))
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ...errors import DtypeError, ShapeError
from .table import implements, operation


@implements(np.shape)
def _shape(a: Any) -> Any:
    return a.shape


@implements(np.ndim)
def _ndim(a: Any) -> int:
    return a.ndim  # type: ignore[no-any-return]


@implements(np.size)
def _size(a: Any, axis: Any = None) -> Any:
    return a.size if axis is None else a.shape[axis]


@implements(np.copy)
def _copy(a: Any) -> Any:
    return a  # nodes are never changed


@implements(np.reshape)
def reshape(a: Any, shape: Any, order: str = "C") -> Any:
    """Return the same entries in another shape."""
    if order not in ("C", "A", "K"):
        raise DtypeError(f"np.reshape with order={order!r} is not available for nodes: entries are in row order")
    return operation("reshape")(a, shape=shape)


@implements(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return operation("broadcast_to")(array, shape=(shape,) if isinstance(shape, int) else tuple(shape))


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """Return all entries in one row."""
    return reshape(a, (-1,), order)


@implements(np.transpose)
def transpose(a: Any, axes: Any = None) -> Any:
    """Return the axes in another order, or the other way round."""
    return operation("permute_dims")(a, axes=tuple(range(a.ndim))[::-1] if axes is None else tuple(axes))


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Remove one axis of length 1, or all of them."""
    return operation("squeeze")(a, axis=tuple(i for i, n in enumerate(a.shape) if n == 1) if axis is None else axis)


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes, each in the place of the other."""
    order = list(range(a.ndim))
    if not all(-a.ndim <= axis < a.ndim for axis in (axis1, axis2)):
        raise ShapeError(f"swapaxes: there are no axes {axis1} and {axis2} among {a.ndim}")
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return operation("permute_dims")(a, axes=tuple(order))


@implements(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    axis, start = normalize_axis_index(axis, a.ndim), normalize_axis_index(start, a.ndim + 1) - (start < 0)
    return operation("moveaxis")(a, axis, start - (start > axis))


@implements(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    for one in sorted(normalize_axis_tuple(axes, a.ndim + len(axes))):
        a = operation("expand_dims")(a, axis=one)
    return a


@implements(np.fliplr)
def _fliplr(m: Any) -> Any:
    return operation("flip")(m, axis=1)


@implements(np.flipud)
def _flipud(m: Any) -> Any:
    return operation("flip")(m, axis=0)


@implements(np.rot90)
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    for _ in range(k % 4):
        m = operation("flip")(swapaxes(m, *axes), axis=axes[0])
    return m


@implements(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    if isinstance(axis, (tuple, list)) and not isinstance(shift, (tuple, list)):
        shift = (shift,) * len(axis)
    elif isinstance(shift, (tuple, list)) and isinstance(axis, int):
        shift = sum(shift)
    return operation("roll")(a, shift=shift, axis=axis)


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """With one axis at least."""
    return _each(lambda a: operation("reshape")(a, shape=(1,)) if np.ndim(a) == 0 else a, arys)


@implements(np.atleast_2d)
def _atleast_2d(*arys: Any) -> Any:
    return _each(as_rows, arys)


def as_rows(a: Any) -> Any:
    """With two axes at least, a row where there was one."""
    return operation("expand_dims")(atleast_1d(a), axis=0) if np.ndim(a) < 2 else a


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """With three axes at least, as stacked images have them."""
    return _each(lambda a: operation("expand_dims")(as_rows(a), axis=-1) if np.ndim(a) < 3 else a, arys)


def _each(f: Any, arrays: Any) -> Any:
    return f(arrays[0]) if len(arrays) == 1 else tuple(f(a) for a in arrays)


@implements(np.pad)
def _pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    if mode != "constant" or not isinstance(constant_values, (int, float)):
        raise DtypeError("np.pad of nodes has mode='constant' and one number for constant_values")
    widths = np.broadcast_to(pad_width, (array.ndim, 2)).tolist()
    for axis, (before, after) in enumerate(widths):
        for width, in_front in ((before, True), (after, False)):
            if width:
                edge = [n or 0 for n in array.shape]
                edge[axis] = width
                if None in array.shape[:axis] + array.shape[axis + 1 :]:
                    raise ShapeError(f"np.pad needs all other lengths of the array to be known; got {array!r}")
                border = np.full(edge, constant_values, array.dtype)
                array = operation("concat")([border, array] if in_front else [array, border], axis=axis)
    return array
