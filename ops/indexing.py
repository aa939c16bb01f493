"""Basic indexing, and the scatter of entries to their original positions."""

import operator
from typing import Any

from graphcore import errors, op

__all__ = ["getitem", "scatter_slice"]

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op("{x:strict}[{key}]", primitive="slice")
def getitem(x, *, key, xp):
    """Return entries of an array: ``out = x[key]`` with integers, slices, ``...`` and ``None``.

    >>> getitem([[1.0, 2.0], [3.0, 4.0]], key=(slice(None), 0))
    array([1., 3.])
    """
    forward, turned = running_forward(key, x.shape)
    return xp.flip(x[forward], axis=turned) if turned else x[forward]


@getitem.pullback("x", zeros="made")
def dgetitem_dx(dout, x, key):
    return scatter_slice(dout, x, key=key)


getitem.example(MATRIX, key=(slice(None), slice(None, None, -2)))
getitem.example(MATRIX, key=(Ellipsis, 1))
getitem.example(MATRIX, key=(None, -1))


@op("{part:bare}", dtype=lambda part, _like: part, shape="like", flat="like", primitive="scatter")
def scatter_slice(part, like, *, key, xp):
    """Return zeros in the shape of ``like`` with ``part`` at ``key``: the transpose of `getitem`.

    >>> scatter_slice([5.0], [0.0, 0.0, 0.0], key=slice(1, 2))
    array([0., 5., 0.])
    """
    forward, turned = running_forward(key, like.shape)
    part = xp.flip(part, axis=turned) if turned else part
    whole = xp.zeros_like(like, dtype=part.dtype)
    forward = tuple(place for place in forward if place is not None)
    part = xp.reshape(part, tuple(whole[forward].shape))
    if hasattr(whole, "at"):  # jax arrays are never changed in place
        return whole.at[forward].set(part)
    whole[forward] = part
    return whole


@scatter_slice.pullback("part", zeros="moved")
def dscatter_slice_dpart(dout, key):
    return dout[key]


scatter_slice.example([0.5, -1.5], MATRIX, key=(slice(None), 1))


@getitem.shape
def getitem_shape(x, key):
    lengths = iter(x)
    shape = []
    for part in spelled_out(key, len(x)):
        if part is None:
            shape.append(1)
        elif isinstance(part, slice):
            shape.append(length_of(part, next(lengths)))
        else:
            check_place(part, next(lengths))
    return tuple(shape)


def spelled_out(key, ndim):
    """Return an index with one part for every axis, and ``None`` where an axis is added."""
    parts = list(key) if isinstance(key, tuple) else [key]
    for part in parts:
        if not (part is None or part is Ellipsis or isinstance(part, slice)) and (
            isinstance(part, bool) or not hasattr(type(part), "__index__") or getattr(part, "ndim", 0) != 0
        ):
            raise errors.ShapeError(f"an index has integers, slices, ... and None; got {type(part).__name__}")
        if isinstance(part, slice) and part.step == 0:
            raise errors.ShapeError("a slice cannot have a step of 0")
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > ndim:
        raise errors.ShapeError(f"{used} indices for {ndim} axes")
    dots = [i for i, part in enumerate(parts) if part is Ellipsis] or [len(parts)]
    if len(dots) > 1:
        raise errors.ShapeError("only one ... can stand in an index")
    return [*parts[: dots[0]], *[slice(None)] * (ndim - used), *parts[dots[0] + 1 :]]


def running_forward(key, shape):
    """Return an index without negative steps, as every array library takes, and the axes of its result to reverse.

    >>> running_forward((slice(None, None, -2), ...), (3, 2))
    ((slice(0, 3, 2), slice(0, 2, 1)), (0,))
    """
    lengths: Any = iter(shape)
    axis, forward, turned = 0, [], []
    for part in spelled_out(key, len(shape)):
        length: Any = None if part is None else next(lengths)
        if isinstance(part, slice):
            places = range(length)[part]
            if places.step < 0:
                places = places[::-1]
                turned.append(axis)
            forward.append(slice(places[0], places[-1] + 1, places.step) if places else slice(0, 0))
        else:
            forward.append(part)
        axis += part is None or isinstance(part, slice)
    return tuple(forward), tuple(turned)


def length_of(part, length):
    """Return the number of entries in a slice, ``None`` where it depends on an unknown length."""
    if length is None:
        return None
    return len(range(length)[part])


def check_place(part, length):
    """Refuse an index out of range."""
    place = operator.index(part)
    if length is not None and not -length <= place < length:
        raise errors.ShapeError(f"there is no entry {place} on an axis of {length}")
