"""Pooling: one number for every patch of a signal or an image."""

import math

import numpy as np

from graphcore import errors
from graphcore.extend import function

from .comparison import equal
from .convolution import for_each_axis, pairs
from .reduce import max, sum
from .select import where
from .shape import as_array, as_floats, ones_like, zeros_like
from .sliding_windows import unfold

__all__ = ["avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d"]


@function
def max_pool1d(x, size, /, *, stride=None, padding=0, dilation=1):
    """Return the largest entry of each patch of a signal; see `max_pool2d`.

    >>> max_pool1d([[[1.0, 3.0, 2.0, 4.0]]], 2)
    array([[[3., 4.]]])
    """
    return max_pooled(1, x, size, stride, padding, dilation)


@function
def max_pool2d(x, size, /, *, stride=None, padding=0, dilation=1):
    """Return the largest entry of each patch of an image (examples, channels, height, width).

    ``size``, ``stride`` (the step of the patch, by default its size), ``padding`` and ``dilation`` are one number, or
    one for each axis. The padding is minus infinity, and so is never the largest. Tied entries of a patch share the
    derivative evenly.

    >>> max_pool2d([[[[1.0, 3.0], [2.0, 4.0]]]], 2)
    array([[[[4.]]]])
    """
    return max_pooled(2, x, size, stride, padding, dilation)


@function
def avg_pool1d(x, size, /, *, stride=None, padding=0, count_padding=True):
    """Return the mean of each patch of a signal; see `avg_pool2d`.

    >>> avg_pool1d([[[1.0, 3.0, 2.0, 4.0]]], 2)
    array([[[2., 3.]]])
    """
    return averaged(1, x, size, stride, padding, count_padding=count_padding)


@function
def avg_pool2d(x, size, /, *, stride=None, padding=0, count_padding=True):
    """Return the mean of each patch of an image (examples, channels, height, width).

    ``size``, ``stride`` (the step of the patch, by default its size) and ``padding`` are one number, or one for each
    axis. The padding is zero; with ``count_padding=False`` the mean is over the entries that are there.

    >>> avg_pool2d([[[[1.0, 3.0], [2.0, 6.0]]]], 2)
    array([[[[3.]]]])
    """
    return averaged(2, x, size, stride, padding, count_padding=count_padding)


def max_pooled(ndim, x, size, stride, padding, dilation):
    """Return the largest entry of each patch; padding takes no part in a tie, not even where all are −∞."""
    if not np.any(np.asarray(padding)):
        return max(patches(ndim, x, size, stride, padding, dilation, 0.0), axis=2)
    x = as_floats(x)
    found = patches(ndim, x, size, stride, padding, dilation, -math.inf)
    top = max(found, axis=2)
    real = patches(ndim, ones_like(x[:1, :1]), size, stride, padding, dilation, 0.0)
    evenly = sum(where(real > 0, found, zeros_like(found)), axis=2) / sum(real, axis=2)
    return where(equal(top, -math.inf), evenly, top)


def averaged(ndim, x, size, stride, padding, *, count_padding):
    """Return the sum of each patch over the number of its entries."""
    total = sum(patches(ndim, x, size, stride, padding, 1, 0.0), axis=2)
    if count_padding:
        return total / float(math.prod(for_each_axis("size", size, ndim, 1)))
    return total / sum(patches(ndim, ones_like(x), size, stride, padding, 1, 0.0), axis=2)


def patches(ndim, x, size, stride, padding, dilation, fill):
    """Return every patch as a vector: (examples, channels, entries of a patch, positions)."""
    x = as_array(x)
    if len(x.shape) != ndim + 2:
        raise errors.ShapeError(f"x is (examples, channels, ...) and has {ndim + 2} axes here; got {len(x.shape)}")
    size = for_each_axis("size", size, ndim, 1)
    stride = size if stride is None else for_each_axis("stride", stride, ndim, 1)
    dilation = for_each_axis("dilation", dilation, ndim, 1)
    around = pairs(padding, size, stride, dilation)
    if any(2 * before > k for (before, _), k in zip(around, size, strict=True)):
        raise errors.ShapeError(f"padding is at most half of the size, else a patch has no entry of x; got {padding!r}")
    return unfold(x, size=size, stride=stride, dilation=dilation, padding=around, fill=fill)
