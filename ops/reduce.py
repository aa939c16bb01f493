"""Reductions: sums, means and extrema along axes."""

import math

from graphcore import SUM, errors, op
from graphcore.extend import broadcast_like, float_op, native_dtype

from .select import safe_divide

__all__ = ["all", "any", "axis_size", "center", "count_nonzero", "max", "mean", "measure", "min", "std", "sum", "var"]


def sum_dtype(x):
    """Return the dtype of a sum: 64 bits for integers and booleans; floats are unchanged."""
    return x if x.kind == "f" else ("uint64" if x.kind == "u" else "int64")


@op(r"\sum {x:strict}", dtype=sum_dtype, primitive=True)
def sum(x, *, axis=None, keepdims=False, dtype=None, xp):
    """Sum along ``axis`` (an axis, a tuple of them, or ``None`` for all).

    ``dtype`` is the dtype of the sum, by default that of ``x``.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=native_dtype(dtype, xp))


@sum.pullback("x", meaning="every entry counts in full", zeros="moved")
def dsum_dx(dout, x, axis, keepdims, xp):
    return spread(dout, x, axis, keepdims, xp)


sum.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
sum.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
sum.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
sum.example(0.5)


@op(primitive=True)
def mean(x, *, axis=None, keepdims=False, xp):
    """Return the mean along ``axis``.

    >>> mean([[1.0, 2.0], [3.0, 4.0]])
    np.float64(2.5)
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.pullback("x", meaning="how much each example counts", zeros="moved")
def dmean_dx(dout, x, axis, keepdims, xp):
    return spread(dout / axis_size(x, axis=axis), x, axis, keepdims, xp)


mean.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
mean.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
mean.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
mean.example(0.5)


@op(r"\max({x:bare})", primitive=True)
def max(x, *, axis=None, keepdims=False, xp):
    """Return the largest along ``axis``. Tied entries share the derivative evenly.

    >>> max([[1.0, 4.0], [3.0, 2.0]], axis=1)
    array([4., 3.])
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@op(r"\min({x:bare})", primitive=True)
def min(x, *, axis=None, keepdims=False, xp):
    """Return the smallest along ``axis``. Tied entries share the derivative evenly.

    >>> min([[1.0, 4.0], [3.0, 2.0]], axis=1)
    array([1., 2.])
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


@max.pullback("x", zeros="made")
@min.pullback("x", zeros="made")
def dextreme_dx(dout, x, out, axis, keepdims, xp):
    extreme = xp.astype(xp.equal(x, spread(out, x, axis, keepdims, xp)), accumulation_dtype(x, xp))
    return spread(dout, x, axis, keepdims, xp) * (extreme / xp.sum(extreme, axis=axis, keepdims=True))


max.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
max.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
max.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
max.example(0.5)
min.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
min.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
min.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
min.example(0.5)


@op(dtype="bool", flat="x")
def all(x, *, axis=None, keepdims=False, xp):
    """Return ``True`` if all entries along ``axis`` are true or nonzero.

    >>> all([[True, False], [True, True]], axis=1)
    array([False,  True])
    """
    return xp.all(x, axis=axis, keepdims=keepdims)


all.example([[True, False, True], [True, True, True]], axis=-1)
all.example([[0.5, 0.0], [2.0, 3.0]], keepdims=True)


@op(dtype="bool", flat="x")
def any(x, *, axis=None, keepdims=False, xp):
    """Return ``True`` if some entry along ``axis`` is true or nonzero.

    >>> any([[True, False], [False, False]], axis=1)
    array([ True, False])
    """
    return xp.any(x, axis=axis, keepdims=keepdims)


any.example([[True, False, True], [True, True, True]], axis=-1)
any.example([[0.5, 0.0], [2.0, 3.0]], keepdims=True)


@op(dtype="int64", flat="x")
def count_nonzero(x, *, axis=None, keepdims=False, xp):
    """Count the entries along ``axis`` that are true or nonzero.

    >>> count_nonzero([[0.5, 0.0], [2.0, 3.0]], axis=0)
    array([2, 1])
    """
    return xp.sum(xp.astype(xp.astype(x, xp.bool), xp.int64), axis=axis, keepdims=keepdims)


count_nonzero.example([[True, False, True], [True, True, True]], axis=-1)
count_nonzero.example([[0.5, 0.0], [2.0, 3.0]], keepdims=True)


@float_op
def var(x, *, axis=None, correction=0.0, keepdims=False, xp):
    """Return the variance: ``out = Σ (x − mean)² / (n − correction)`` along ``axis``.

    >>> var([1.0, 2.0, 3.0, 4.0])
    np.float64(1.25)
    """
    away = center(xp.astype(x, accumulation_dtype(x, xp)), axis=axis)
    return xp.astype(
        xp.sum(away * away, axis=axis, keepdims=keepdims) / degrees_of_freedom(x, axis, correction, xp), x.dtype
    )


@var.pullback("x")
def dvar_dx(dout, x, axis, correction, keepdims, xp):
    return 2 * center(x, axis=axis) * spread(dout / degrees_of_freedom(x, axis, correction, xp), x, axis, keepdims, xp)


var.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
var.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
var.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
var.example(0.5)


@float_op
def std(x, *, axis=None, correction=0.0, keepdims=False, epsilon=0.0, xp):
    """Return the standard deviation: ``out = √(var + ε)``, with the `var` of ``axis``; ``ε`` is 0 by default.

    The squares neither overflow nor underflow. At a constant the derivative is 0, and the second derivative NaN or
    infinite.

    >>> std([1.0, 1.0, 3.0, 3.0]), std([1e200, 3e200])
    (np.float64(1.0), np.float64(1e+200))
    """
    away = center(xp.astype(x, accumulation_dtype(x, xp)), axis=axis)
    scale = measure(away, axis=axis)
    if epsilon:  # a tiny variance is negligible beside epsilon
        scale = xp.maximum(scale, xp.ones_like(scale))
    average = xp.sum((away / scale) ** 2, axis=axis, keepdims=True) / degrees_of_freedom(x, axis, correction, xp)
    size = scale * xp.sqrt(average + epsilon / scale / scale)
    return xp.astype(xp.sum(size, axis=axis, keepdims=keepdims), x.dtype)


@std.pullback("x")
def dstd_dx(dout, x, out, axis, correction, keepdims, xp):
    away = center(x, axis=axis)
    number = math.prod(x.shape[i] or 0 for i in axes_of(axis, x.ndim))
    # of one number it is 0 everywhere, with all its derivatives
    towards = away if number == 1 else safe_divide(away, spread(out, x, axis, keepdims, xp))
    return towards * spread(dout / degrees_of_freedom(x, axis, correction, xp), x, axis, keepdims, xp)


std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=-1, correction=1.0, keepdims=True)
std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0, epsilon=0.25)


@op(r"{x:strict} - \overline{{{x:bare}}}", level=SUM)
def center(x, *, axis=None, xp):
    """Subtract the mean along ``axis``: exactly 0 where all entries are the same.

    >>> center([0.1, 0.1, 0.1]), center([1.0, 2.0])
    (array([0., 0., 0.]), array([-0.5,  0.5]))
    """
    beyond = x + max_keepdims(-x, axis, xp)  # removes a common offset before it is rounded
    return beyond - xp.mean(beyond, axis=axis, keepdims=True)


@center.pullback("x")
def dcenter_dx(dout, axis):
    return center(dout, axis=axis)


center.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=-1)


@op(r"2^{{\lfloor \log_2 \max \left|{x:bare}\right| \rfloor}}", flat="x")
def measure(x, *, axis=None, xp):
    """Return a power of two to scale entries along ``axis`` by, so that no square of them overflows or underflows.

    It is the largest power of two up to the largest absolute value, 1 where that is 0 or infinite. Scaling by it is
    exact.

    >>> measure([[3.0, -5.0], [0.0, 0.0]], axis=1)
    array([[4.],
           [1.]])
    """
    most = max_keepdims(xp.abs(x), axis, xp)
    known = xp.where((most > 0) & xp.isfinite(most), most, xp.ones_like(most))
    return xp.asarray(2.0, dtype=x.dtype) ** xp.floor(xp.log2(known))


measure.example([[0.6, -1.5, 1.1], [0.3, 1.9, -0.7]], axis=0)


@center.shape
def center_shape(x, axis):
    axes_of(axis, len(x))
    return x


@measure.shape
def measure_shape(x, axis):
    return reduced_shape(x, axis, keepdims=True)


@op("n", dtype=lambda x: "float32" if x == "float16" else x, flat="x")
def axis_size(x, *, axis=None, xp):
    """Return the number of entries that a mean along ``axis`` is over, as a float of the dtype of ``x``.

    For float16, which ends at 65504, it is a float32.

    >>> axis_size([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array(2.)
    """
    number = 1
    for along in axes_of(axis, x.ndim):
        number *= x.shape[along]
    return xp.asarray(number, dtype=accumulation_dtype(x, xp))


@axis_size.shape
def axis_size_shape(x, axis):
    axes_of(axis, len(x))
    return ()


axis_size.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)


@sum.shape
@all.shape
@any.shape
@count_nonzero.shape
@mean.shape
@max.shape
@min.shape
@var.shape
@std.shape
def reduced_shape(x, axis, keepdims):
    gone = axes_of(axis, len(x))
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def axes_of(axis, ndim):
    """Return the axes given by ``axis``, counted from the front, in order."""
    chosen = range(ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    for one in chosen:
        if not hasattr(one, "__index__") or isinstance(one, bool):
            raise errors.ShapeError(f"an axis is an integer; got axis={axis!r}")
        if not -ndim <= one < ndim:
            raise errors.ShapeError(f"there is no axis {one} among {ndim}")
    found = sorted({one % ndim for one in chosen})
    if len(found) != len(chosen):
        raise errors.ShapeError(f"axis={axis} names an axis twice")
    return found


def max_keepdims(x, axis, xp):
    """Return the largest along an axis that is kept with length 1: the scale against which powers do not overflow.

    It is 0 for an empty axis.
    """
    if 0 in [x.shape[one] for one in axes_of(axis, x.ndim)]:
        return xp.sum(x, axis=axis, keepdims=True)
    return xp.max(x, axis=axis, keepdims=True)


def degrees_of_freedom(x, axis, correction, xp):
    """Return the divisor of a variance: the number of entries less a correction, but at least 0."""
    left = axis_size(x, axis=axis) - correction
    return xp.maximum(left, xp.zeros_like(left))


def accumulation_dtype(x, xp):
    """Return a dtype in which entries of ``x`` can be summed and counted."""
    is_small = getattr(x.dtype, "itemsize", 2) == 2  # faster than to format the name
    return xp.float32 if is_small and "float16" in str(x.dtype) else x.dtype


def spread(reduced, x, axis, keepdims, xp):
    """Repeat the result of a reduction for every entry of ``x`` that it was made of."""
    if not keepdims and axis is not None:
        for one in axes_of(axis, x.ndim):
            reduced = xp.expand_dims(reduced, axis=one)
    return broadcast_like(reduced, x)
