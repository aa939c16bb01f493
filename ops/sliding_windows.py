"""Sliding windows over an array, for convolution and pooling, and the transpose, which adds them where they overlap."""

import itertools
import math
from typing import Any

import numpy as np

from graphcore import errors, op
from graphcore.extend import device_of, show_shape

__all__ = ["overlap_add", "unfold"]

IMAGE = [[0.5, -1.5, 0.25, 1.25], [2.0, 1.0, -0.5, 0.75], [-0.25, 1.5, 0.0, -1.0]]
WINDOWS = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op
def unfold(x, *, size, stride, dilation, padding, fill=0.0, xp):
    """Return the entries under a sliding window of some ``size``, at each of its positions on the last axes.

    The result has one more axis than ``x``: the entries of the window, row by row, and then its positions.
    ``size``, ``stride`` and ``dilation`` have one number per axis, ``padding`` a pair: the numbers of entries of
    ``fill`` before and after. ``stride`` is the step of the window, ``dilation`` the distance of its entries.

    >>> unfold([1.0, 2.0, 3.0, 4.0], size=(2,), stride=(1,), dilation=(1,), padding=((0, 0),))
    array([[1., 2., 3.],
           [2., 3., 4.]])
    """
    whole = padded(x, padding, fill, xp)
    places = places_of(whole.shape, size, stride, dilation)
    if are_side_by_side(whole.shape, size, stride, places):
        return xp.reshape(inside_first(whole, size, places, xp), (*ahead(whole, size), math.prod(size), *places))
    if is_numpy(xp):
        return numpy_windows(whole, size, stride, dilation, places)
    seen = [whole[under(offset, stride, dilation, places)] for offset in offsets(size)]
    return xp.stack(seen, axis=-len(size) - 1)


@unfold.pullback("x", zeros="moved")
def dunfold_dx(dout, x, size, stride, dilation, padding):
    return overlap_add(dout, x, size=size, stride=stride, dilation=dilation, padding=padding)


unfold.example(IMAGE, size=(2, 2), stride=(1, 2), dilation=(1, 1), padding=((1, 0), (0, 0)))
unfold.example(IMAGE, size=(3, 2), stride=(3, 2), dilation=(1, 1), padding=((0, 0), (0, 0)))
unfold.example(IMAGE, size=(2,), stride=(1,), dilation=(2,), padding=((0, 1),), fill=0.5)


@op(r"\operatorname{{overlap}}({part:bare})", dtype=lambda part, _like: part, flat="like")
def overlap_add(part, like, *, size, stride, dilation, padding, xp):
    """Add every window to zeros in the shape of ``like``: the transpose of `unfold`.

    >>> pair = {"size": (2,), "stride": (1,), "dilation": (1,), "padding": ((0, 0),)}
    >>> overlap_add([[1.0, 1.0], [10.0, 10.0]], [0.0, 0.0, 0.0], **pair)
    array([ 1., 11., 10.])
    """
    overlap_add_shape(part.shape, like.shape, size, stride, dilation, padding)
    inner = like.shape[-len(size) :]
    around = [n + before + after for n, (before, after) in zip(inner, padding, strict=True)]
    places = places_of(around, size, stride, dilation)
    inside = (..., *(slice(before, before + n) for n, (before, _) in zip(inner, padding, strict=True)))
    if are_side_by_side(around, size, stride, places):
        return xp.reshape(places_first(part, size, places, xp), (*ahead(like, size), *around))[inside]
    whole = xp.zeros((*ahead(like, size), *around), dtype=part.dtype, device=device_of(part))
    every = (slice(None),) * len(places)
    for number, offset in enumerate(offsets(size)):
        where, piece = under(offset, stride, dilation, places), part[(..., number, *every)]
        if hasattr(whole, "at"):  # jax arrays are never changed in place
            whole = whole.at[where].add(piece)
        else:
            whole[where] += piece
    return whole[inside]


@overlap_add.pullback("part", zeros="moved")
def doverlap_add_dpart(dout, size, stride, dilation, padding):
    return unfold(dout, size=size, stride=stride, dilation=dilation, padding=padding)


overlap_add.example(WINDOWS, [0.0] * 4, size=(2,), stride=(1,), dilation=(1,), padding=((0, 0),))
overlap_add.example([[0.5, -1.5], [2.0, 1.0]], [0.0] * 3, size=(2,), stride=(2,), dilation=(1,), padding=((0, 1),))


@unfold.shape
def unfold_shape(x, size, stride, dilation, padding):
    if len(x) < len(size):
        raise errors.ShapeError(f"a window over {len(size)} axes needs as many; the shape is {x}")
    around = [n if n is None else n + sum(pair) for n, pair in zip(x[-len(size) :], padding, strict=True)]
    return (*x[: -len(size)], math.prod(size), *places_of(around, size, stride, dilation))


@overlap_add.shape
def overlap_add_shape(part, like, size, stride, dilation, padding):
    windows = unfold_shape(like, size, stride, dilation, padding)
    if len(part) != len(windows) or any(a != b and None not in (a, b) for a, b in zip(part, windows, strict=True)):
        raise errors.ShapeError(
            f"`part`: expected the shape {show_shape(windows)} of the windows, got {show_shape(part)}"
        )
    return like


def places_of(shape, size, stride, dilation):
    """Return the number of positions of the window along each of the last axes. Raises `ShapeError` if it is 0.

    >>> places_of((7, 5), (3, 2), (2, 1), (1, 1))
    (3, 4)
    """
    places: list[Any] = []
    for n, k, step, apart in zip(shape[-len(size) :], size, stride, dilation, strict=True):
        if None in (n, k):
            places.append(None)
            continue
        if k == 0:
            raise errors.ShapeError(f"a window has at least one entry along each axis; its shape is {tuple(size)}")
        reach = (k - 1) * apart + 1
        if n < reach:
            raise errors.ShapeError(f"a window that reaches over {reach} entries does not fit on an axis of {n}")
        places.append((n - reach) // step + 1)
    return tuple(places)


def offsets(size):
    """Return the offsets of the entries of a window, row by row."""
    return itertools.product(*(range(k) for k in size))


def under(offset, stride, dilation, places):
    """Return the index of one entry of the window at all its positions."""
    first = [o * apart for o, apart in zip(offset, dilation, strict=True)]
    return (..., *(slice(a, a + (n - 1) * step + 1, step) for a, n, step in zip(first, places, stride, strict=True)))


def are_side_by_side(shape, size, stride, places):
    """Return ``True`` if windows cover the last axes, each entry once: then unfolding is a reshape.

    >>> are_side_by_side((6, 4), (3, 2), (3, 2), (2, 2)), are_side_by_side((7, 4), (3, 2), (3, 2), (2, 2))
    (True, False)
    """
    covered = [None if n is None else n * k for n, k in zip(places, size, strict=True)]
    return None not in covered and tuple(size) == tuple(stride) and covered == list(shape[-len(size) :])


def ahead(x, size):
    """Return the lengths of the axes along which no window moves."""
    return tuple(x.shape[: -len(size)])


def inside_first(x, size, places, xp):
    """Cut into adjacent windows, with the axes inside of them before those of the positions."""
    first, n = len(x.shape) - len(size), len(size)
    cut = xp.reshape(x, (*ahead(x, size), *itertools.chain(*zip(places, size, strict=True))))
    inside, outside = range(first + 1, first + 2 * n, 2), range(first, first + 2 * n, 2)
    return xp.permute_dims(cut, (*range(first), *inside, *outside))


def places_first(part, size, places, xp):
    """Return adjacent windows in their array, the inverse of `inside_first`."""
    first, n = len(part.shape) - len(size) - 1, len(size)
    cut = xp.reshape(part, (*part.shape[:first], *size, *places))
    pairs = itertools.chain(*zip(range(first + n, first + 2 * n), range(first, first + n), strict=True))
    return xp.permute_dims(cut, (*range(first), *pairs))


def is_numpy(xp):
    """Return ``True`` for numpy itself."""
    return xp is np


def numpy_windows(whole, size, stride, dilation, places):
    """Return all windows as a view of the array, copied into the order of the result."""
    axes = tuple(range(whole.ndim - len(size), whole.ndim))
    reach = tuple((k - 1) * apart + 1 for k, apart in zip(size, dilation, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(whole, reach, axes)
    steps: tuple[Any, ...] = (..., *(slice(None, None, step) for step in (*stride, *dilation)))
    view = view[steps]
    ahead = tuple(range(axes[0]))
    view = view.transpose((*ahead, *(axis + len(axes) for axis in axes), *axes))
    return view.reshape((*whole.shape[: axes[0]], math.prod(size), *places))


def padded(x, padding, fill, xp):
    """Pad the last axes with entries of ``fill``."""
    if all(pair == (0, 0) for pair in padding):
        return x
    lengths = x.shape[-len(padding) :]
    around = [n + before + after for n, (before, after) in zip(lengths, padding, strict=True)]
    inside = (..., *(slice(before, before + n) for n, (before, _) in zip(lengths, padding, strict=True)))
    whole = xp.full((*x.shape[: -len(padding)], *around), fill, dtype=x.dtype, device=device_of(x))
    if hasattr(whole, "at"):
        return whole.at[inside].set(x)
    whole[inside] = x
    return whole
