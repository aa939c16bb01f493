"""Normalization to mean 0 and standard deviation 1."""

from graphcore import errors
from graphcore.extend import float_op, function, show_shape

from .arithmetic import add, multiply, subtract
from .elementwise import sqrt
from .reduce import accumulation_dtype, axes_of, center, std
from .select import safe_divide
from .shape import as_array, refuse_wider, reshape

__all__ = ["batch_norm", "batch_norm_inference", "layer_norm", "standardize"]

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@float_op
def standardize(x, *, axis, epsilon=1e-5, xp):
    """Scale to mean 0 and standard deviation 1 along ``axis``: ``out = (x − mean) / √(var + ε)``.

    Where all entries are the same the result is 0, and ``ε`` keeps the derivative finite.

    >>> standardize([1.0, 2.0, 3.0, 4.0], axis=0, epsilon=0.0)
    array([-1.34164079, -0.4472136 ,  0.4472136 ,  1.34164079])
    """
    numbers = xp.astype(x, accumulation_dtype(x, xp))  # the squares of a float16 end at 65504
    return xp.astype(
        safe_divide(center(numbers, axis=axis), std(numbers, axis=axis, keepdims=True, epsilon=epsilon)), x.dtype
    )


@standardize.pullback("x")
def dstandardize_dx(dout, x, out, axis, epsilon, xp):
    # a shift and a scale of all entries do not change the result: the sensitivity is projected off both
    shift = xp.mean(dout, axis=axis, keepdims=True)
    stretch = out * xp.mean(dout * out, axis=axis, keepdims=True)
    size = std(xp.astype(x, accumulation_dtype(x, xp)), axis=axis, keepdims=True, epsilon=epsilon)
    return xp.astype((dout - shift - stretch) / size, x.dtype)


@standardize.shape
def standardize_shape(x, axis):
    axes_of(axis, len(x))
    return x


standardize.example(MATRIX, axis=-1)
standardize.example(MATRIX, axis=(0,), epsilon=0.1)


@function
def layer_norm(x, gain=None, bias=None, /, *, axis=-1, epsilon=1e-5):
    """Standardize every example over its own neurons, then apply a learned gain and bias.

    ``axis`` is the axis of the neurons, or several at the end; ``gain`` and ``bias`` have their shape.

    >>> layer_norm([[1.0, 2.0, 3.0]], [10.0, 10.0, 10.0], [1.0, 1.0, 1.0], epsilon=0.0)
    array([[-11.24744871,   1.        ,  13.24744871]])
    """
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    x = as_array(x)
    for name, part in (("gain", gain), ("bias", bias)):
        refuse_wider(name, part, x)
    return scaled(standardize(x, axis=axis, epsilon=epsilon), gain, bias)


@function
def batch_norm(x, gain=None, bias=None, /, *, channel=1, epsilon=1e-5):
    """Standardize every channel over all examples of the batch, then apply a learned gain and bias.

    This is the form for training: the statistics are those of the batch, over all axes but ``channel``, so the result
    of every example depends on every other. ``gain`` and ``bias`` have one number for each channel.

    >>> batch_norm([[1.0, 10.0], [3.0, 30.0]], epsilon=0.0)
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    x, ndim = with_channel(x, channel)
    one_for_each_channel(x, channel, gain=gain, bias=bias)
    others = tuple(i for i in range(ndim) if i != channel % ndim)
    each = standardize(x, axis=others, epsilon=epsilon)
    return scaled(each, along_channel(gain, ndim, channel), along_channel(bias, ndim, channel))


@function
def batch_norm_inference(x, mean, variance, gain=None, bias=None, /, *, channel=1, epsilon=1e-5):
    """Normalize with given statistics, after training: ``gain (x − mean) / √(variance + ε) + bias``.

    All four have one number for each channel.

    >>> batch_norm_inference([[1.0, 10.0]], [0.0, 5.0], [1.0, 25.0], epsilon=0.0)
    array([[1., 1.]])
    """
    x, ndim = with_channel(x, channel)
    one_for_each_channel(x, channel, mean=mean, variance=variance, gain=gain, bias=bias)
    mean, variance, gain, bias = (along_channel(part, ndim, channel) for part in (mean, variance, gain, bias))
    return scaled(subtract(x, mean) / sqrt(add(variance, epsilon)), gain, bias)


def one_for_each_channel(x, channel, **parts):
    """Refuse parts that do not have one number for each channel."""
    channels = x.shape[channel]
    for name, part in parts.items():
        shape = (channels,) if part is None else tuple(as_array(part).shape)
        if len(shape) != 1 or (None not in (shape[0], channels) and shape[0] != channels):
            raise errors.ShapeError(
                f"{name} has one number for each of the {channels} channels; its shape is {show_shape(shape)}"
            )


def scaled(x, gain, bias):
    """Apply a gain and a bias, if given."""
    x = x if gain is None else multiply(x, gain)
    return x if bias is None else add(x, bias)


def along_channel(part, ndim, channel):
    """Reshape one number for each channel to lie along its axis."""
    return None if part is None else reshape(part, shape=(-1,) + (1,) * (ndim - 1 - channel % ndim))


def with_channel(x, channel):
    """Return an array and its number of axes, after checking that it has the axis of the channels."""
    x = as_array(x)
    if not -len(x.shape) <= channel < len(x.shape):
        raise errors.ShapeError(f"there is no axis {channel} for the channels in {show_shape(tuple(x.shape))}")
    return x, len(x.shape)
