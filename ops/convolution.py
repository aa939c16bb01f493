"""Convolution of signals and images with kernels of shared weights.

As in all libraries for networks the kernel is not reversed: mathematically this is a correlation. An image is
 (examples, channels, height, width), a kernel (channels out, channels in / groups, height, width).
"""

import math

import numpy as np

from graphcore import PRODUCT, errors, op
from graphcore.extend import function, show_shape

from .shape import as_array, reshape
from .sliding_windows import overlap_add, places_of, unfold

__all__ = ["conv1d", "conv2d", "conv_transpose", "conv_weight_grad", "convolution"]

SIGNALS = [[[0.5, -1.5, 0.25, 1.0, 2.0], [2.0, 1.0, -0.5, 0.75, -1.0]]]
IMAGES, BARS = [[[[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]]], [[[[0.5, 1.5]]], [[[-1.0, 0.25]]]]
KERNELS = [[[0.5, -0.25]], [[1.5, 0.75]]]
FOUND = [[[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]]]
BOTH = {"stride": (2,), "padding": ((1, 0),), "dilation": (1,), "groups": 2}


@op(r"{x:strict} * {w:strict}", level=PRODUCT)
def convolution(x, w, *, stride, padding, dilation, groups, xp):
    """Correlate with kernels: ``out[n, o, p] = Σ_c Σ_k w[o, c, k] x[n, c, stride · p + dilation · k]``.

    One number in ``stride`` and ``dilation`` and one pair in ``padding`` for each axis of the kernel. Call `conv1d`
    or `conv2d` instead.

    >>> convolution([[[1.0, 2.0, 4.0]]], [[[-1.0, 1.0]]], stride=(1,), padding=((0, 0),), dilation=(1,), groups=1)
    array([[[1., 2.]]])
    """
    out = convolution_shape(x.shape, w.shape, stride, padding, dilation, groups)
    seen = columns(x, w.shape, stride, padding, dilation, groups, xp)
    return xp.reshape(rows(w, groups, xp) @ seen, out)


@convolution.pullback("x")
def dconvolution_dx(dout, x, w, stride, padding, dilation, groups):
    return conv_transpose(dout, w, x, stride=stride, padding=padding, dilation=dilation, groups=groups)


@convolution.pullback("w")
def dconvolution_dw(dout, x, w, stride, padding, dilation, groups):
    return conv_weight_grad(dout, x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)


convolution.example(SIGNALS, KERNELS, **BOTH)
convolution.example(IMAGES, BARS, stride=(1, 1), padding=((0, 0), (1, 1)), dilation=(1, 2), groups=1)


@op(r"{w:strict}^\top * {y:strict}", level=PRODUCT, dtype=lambda y, w, _like: np.result_type(y, w), flat="like")
def conv_transpose(y, w, like, *, stride, padding, dilation, groups, xp):
    """Return the transpose of `convolution` with respect to its image: kernels added with the weights ``y``.

    `convolution`, this and `conv_weight_grad` are one trilinear sum of products, so each is the others' derivative.

    >>> conv_transpose([[[1.0, 2.0]]], [[[-1.0, 1.0]]], [[[0.0, 0.0, 0.0]]], stride=(1,), padding=((0, 0),),
    ...                dilation=(1,), groups=1)
    array([[[-1., -1.,  2.]]])
    """
    conv_transpose_shape(y.shape, w.shape, like.shape, stride, padding, dilation, groups)
    examples, channels = like.shape[:2]
    parts = rows(w, groups, xp).mT @ by_group(y, groups, xp)
    parts = xp.reshape(parts, (examples, channels, math.prod(w.shape[2:]), *y.shape[2:]))
    return overlap_add.forward(
        parts, like, size=tuple(w.shape[2:]), stride=stride, dilation=dilation, padding=padding, xp=xp
    )


@conv_transpose.pullback("y")
def dconv_transpose_dy(dout, w, stride, padding, dilation, groups):
    return convolution(dout, w, stride=stride, padding=padding, dilation=dilation, groups=groups)


@conv_transpose.pullback("w")
def dconv_transpose_dw(dout, y, w, stride, padding, dilation, groups):
    return conv_weight_grad(y, dout, w, stride=stride, padding=padding, dilation=dilation, groups=groups)


conv_transpose.example(FOUND, KERNELS, SIGNALS, **BOTH)


@op(r"{y:strict} * {x:strict}^\top", level=PRODUCT, dtype=lambda y, x, _like: np.result_type(y, x), flat="like")
def conv_weight_grad(y, x, like, *, stride, padding, dilation, groups, xp):
    """Return the transpose of `convolution` with respect to its kernel: windows added with the weights ``y``.

    >>> conv_weight_grad([[[1.0, 2.0]]], [[[1.0, 2.0, 4.0]]], [[[0.0, 0.0]]], stride=(1,), padding=((0, 0),),
    ...                  dilation=(1,), groups=1)
    array([[[ 5., 10.]]])
    """
    conv_weight_grad_shape(y.shape, x.shape, like.shape, stride, padding, dilation, groups)
    seen = columns(x, like.shape, stride, padding, dilation, groups, xp)
    return xp.reshape(xp.sum(by_group(y, groups, xp) @ seen.mT, axis=0), tuple(like.shape))


@conv_weight_grad.pullback("y")
def dconv_weight_grad_dy(dout, x, stride, padding, dilation, groups):
    return convolution(x, dout, stride=stride, padding=padding, dilation=dilation, groups=groups)


@conv_weight_grad.pullback("x")
def dconv_weight_grad_dx(dout, y, x, stride, padding, dilation, groups):
    return conv_transpose(y, dout, x, stride=stride, padding=padding, dilation=dilation, groups=groups)


conv_weight_grad.example(FOUND, SIGNALS, KERNELS, **BOTH)


@function
def conv1d(x, w, bias=None, /, *, stride=1, padding=0, dilation=1, groups=1):
    """Convolve signals: ``x`` is (examples, channels, length), ``w`` (channels out, channels in, length).

    ``stride`` is the step of the kernel, ``dilation`` the distance of its entries. ``padding`` is the number of zeros
    at both ends, or ``"valid"`` for no padding, or ``"same"`` for as many as keep the length. Each of ``groups`` groups
    of channels has its own kernels. ``bias`` has one number for each output channel.

    >>> conv1d([[[1.0, 2.0, 4.0]]], [[[-1.0, 1.0]]], [0.5])
    array([[[1.5, 2.5]]])
    """
    return convolved(1, x, w, bias, stride, padding, dilation, groups)


@function
def conv2d(x, w, bias=None, /, *, stride=1, padding=0, dilation=1, groups=1):
    """Convolve images: ``x`` is (examples, channels, height, width); see `conv1d` for the rest.

    ``stride``, ``padding`` and ``dilation`` are one number, or one for each of the two axes.

    >>> conv2d([[[[1.0, 2.0], [3.0, 4.0]]]], [[[[1.0, 0.0], [0.0, 1.0]]]], padding=1)[0, 0]
    array([[1., 2., 0.],
           [3., 5., 2.],
           [0., 3., 4.]])
    """
    return convolved(2, x, w, bias, stride, padding, dilation, groups)


@convolution.shape
def convolution_shape(x, w, stride, padding, dilation, groups):
    wrong = None not in (x[1], w[1]) and x[1] != w[1] * groups
    if wrong or (w[0] is not None and w[0] % groups):
        raise errors.ShapeError(
            f"x has the shape {show_shape(tuple(x))} and w {show_shape(tuple(w))}: with groups={groups}, the channels "
            f"of x are {groups} times those of a kernel, and the number of kernels is divisible by {groups}"
        )
    around = [n if n is None else n + sum(pair) for n, pair in zip(x[2:], padding, strict=True)]
    return (x[0], w[0], *places_of(around, tuple(w[2:]), stride, dilation))


@conv_transpose.shape
def conv_transpose_shape(y, w, like, stride, padding, dilation, groups):
    return as_it_was(like, y, convolution_shape(like, w, stride, padding, dilation, groups))


@conv_weight_grad.shape
def conv_weight_grad_shape(y, x, like, stride, padding, dilation, groups):
    return as_it_was(like, y, convolution_shape(x, like, stride, padding, dilation, groups))


def convolved(ndim, x, w, bias, stride, padding, dilation, groups):
    """Convolve after normalizing the settings, and add the bias."""
    x, w = as_array(x), as_array(w)
    if {len(x.shape), len(w.shape)} != {ndim + 2}:
        raise errors.ShapeError(
            f"conv{ndim}d: x is (examples, channels, ...) and w (channels out, channels in, ...), both with "
            f"{ndim + 2} axes; got {len(x.shape)} and {len(w.shape)}"
        )
    stride, dilation = (for_each_axis(name, n, ndim, 1) for name, n in (("stride", stride), ("dilation", dilation)))
    out = convolution(
        x, w, stride=stride, padding=pairs(padding, w.shape[2:], stride, dilation), dilation=dilation, groups=groups
    )
    if bias is None:
        return out
    if tuple(as_array(bias).shape) not in ((w.shape[0],), (None,)):
        raise errors.ShapeError(
            f"conv{ndim}d: bias has one number for each of the {w.shape[0]} output channels; its shape is "
            f"{show_shape(tuple(as_array(bias).shape))}"
        )
    return out + reshape(bias, shape=(-1,) + (1,) * ndim)


def as_it_was(like, y, out):
    """Return the shape of ``like`` if ``y`` has the shape that a convolution of it has."""
    if len(y) != len(out) or any(None not in pair and pair[0] != pair[1] for pair in zip(y, out, strict=True)):
        raise errors.ShapeError(f"y has the shape {show_shape(tuple(y))}, and the convolution's is {show_shape(out)}")
    return like


def for_each_axis(name, setting, ndim, least):
    """Return one number for each axis.

    >>> for_each_axis("stride", 2, 2, 1)
    (2, 2)
    """
    numbers = (setting,) * ndim if isinstance(setting, int) else tuple(setting)
    if len(numbers) != ndim or any(isinstance(n, bool) or not isinstance(n, int) or n < least for n in numbers):
        raise errors.ShapeError(f"{name} is an integer from {least}, or {ndim} of them; got {setting!r}")
    return numbers


def pairs(padding, size, stride, dilation):
    """Return the padding as the numbers of entries before and after, for each axis.

    >>> pairs("same", (4,), (1,), (1,)), pairs(2, (3,), (1,), (1,))
    (((1, 2),), ((2, 2),))
    """
    if padding == "same":
        if any(step != 1 for step in stride):
            raise errors.ShapeError(f"padding='same' keeps the length only if the stride is 1; got stride={stride}")
        total = [apart * (k - 1) for k, apart in zip(size, dilation, strict=True)]
        return tuple((n // 2, n - n // 2) for n in total)
    if isinstance(padding, str) and padding != "valid":
        raise errors.ShapeError(f"padding is 'same', 'valid' or a number of entries; got {padding!r}")
    return tuple((n, n) for n in for_each_axis("padding", 0 if padding == "valid" else padding, len(size), 0))


def columns(x, kernel, stride, padding, dilation, groups, xp):
    """Return the windows of each kernel as columns: (examples, groups, entries of a kernel, positions)."""
    seen = unfold.forward(x, size=tuple(kernel[2:]), stride=stride, dilation=dilation, padding=padding, xp=xp)
    return xp.reshape(seen, (x.shape[0], groups, math.prod(kernel[1:]), math.prod(seen.shape[3:])))


def rows(w, groups, xp):
    """Return each kernel as a row: (groups, kernels of a group, entries of a kernel)."""
    return xp.reshape(w, (groups, w.shape[0] // groups, math.prod(w.shape[1:])))


def by_group(y, groups, xp):
    """Return the output by position: (examples, groups, kernels of a group, positions)."""
    return xp.reshape(y, (y.shape[0], groups, y.shape[1] // groups, math.prod(y.shape[2:])))
