"""From many numbers to few: sums, means, maxima along axes."""

from graphcore import SUM, errors, op
from graphcore.extend import broadcast_like, native_dtype

from .choice import safe_divide


def sum_dtype(x):
    """Whole numbers and truths are counted in 64 bits, floats stay what they are."""
    return x if x.kind == "f" else ("uint64" if x.kind == "u" else "int64")


@op(r"\sum {x:strict}", dtype=sum_dtype, primitive=True)
def sum(x, *, axis=None, keepdims=False, dtype=None, xp):
    """Everything together: the sum along ``axis`` (an axis, a tuple of them, or ``None`` for all).

    ``dtype`` is what it is added up in, if not in its own dtype.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=native_dtype(dtype, xp))


@sum.pullback("x", meaning="every entry counts in full")
def dsum_dx(dout, x, axis, keepdims, xp):
    return spread(dout, x, axis, keepdims, xp)


@op(r"\operatorname{{mean}}({x:bare})", primitive=True)
def mean(x, *, axis=None, keepdims=False, xp):
    """The average along ``axis``: what one training example costs, on the whole.

    >>> mean([[1.0, 2.0], [3.0, 4.0]])
    np.float64(2.5)
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.pullback("x", meaning="how much each example counts")
def dmean_dx(dout, x, axis, keepdims, xp):
    return spread(dout / axis_size(x, axis=axis), x, axis, keepdims, xp)


@op(r"\max({x:bare})", primitive=True)
def max(x, *, axis=None, keepdims=False, xp):
    """The largest along ``axis``. Where several are largest they share the derivative evenly, and it adds up to 1.

    >>> max([[1.0, 4.0], [3.0, 2.0]], axis=1)
    array([4., 3.])
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@op(r"\min({x:bare})", primitive=True)
def min(x, *, axis=None, keepdims=False, xp):
    """The smallest along ``axis``. Where several are smallest they share the derivative evenly, and it adds up to 1.

    >>> min([[1.0, 4.0], [3.0, 2.0]], axis=1)
    array([1., 2.])
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


@max.pullback("x")
@min.pullback("x")
def dextreme_dx(dout, x, out, axis, keepdims, xp):
    extreme = xp.astype(xp.equal(x, spread(out, x, axis, keepdims, xp)), wide(x, xp))
    return spread(dout, x, axis, keepdims, xp) * (extreme / xp.sum(extreme, axis=axis, keepdims=True))


@op(r"\operatorname{{all}}({x:bare})", dtype="bool")
def all(x, *, axis=None, keepdims=False, xp):
    """Whether none along ``axis`` is false or zero.

    >>> all([[True, False], [True, True]], axis=1)
    array([False,  True])
    """
    return xp.all(x, axis=axis, keepdims=keepdims)


@op(r"\operatorname{{any}}({x:bare})", dtype="bool")
def any(x, *, axis=None, keepdims=False, xp):
    """Whether one along ``axis`` is true, or other than zero.

    >>> any([[True, False], [False, False]], axis=1)
    array([ True, False])
    """
    return xp.any(x, axis=axis, keepdims=keepdims)


@op(r"\operatorname{{count\_nonzero}}({x:bare})", dtype="int64")
def count_nonzero(x, *, axis=None, keepdims=False, xp):
    """How many along ``axis`` are true, or other than zero.

    >>> count_nonzero([[0.5, 0.0], [2.0, 3.0]], axis=0)
    array([2, 1])
    """
    return xp.sum(xp.astype(xp.astype(x, xp.bool), xp.int64), axis=axis, keepdims=keepdims)


@op(r"\operatorname{{var}}({x:bare})", promote_integers=True)
def var(x, *, axis=None, correction=0.0, keepdims=False, xp):
    """How spread out: ``out = Σ (x − mean)² / (n − correction)`` along ``axis``.

    >>> var([1.0, 2.0, 3.0, 4.0])
    np.float64(1.25)
    """
    away = center(xp.astype(x, wide(x, xp)), axis=axis)
    return xp.astype(xp.sum(away * away, axis=axis, keepdims=keepdims) / freedom(x, axis, correction, xp), x.dtype)


@var.pullback("x")
def dvar_dx(dout, x, axis, correction, keepdims, xp):
    return 2 * center(x, axis=axis) * spread(dout / freedom(x, axis, correction, xp), x, axis, keepdims, xp)


@op(r"\operatorname{{std}}({x:bare})", promote_integers=True)
def std(x, *, axis=None, correction=0.0, keepdims=False, epsilon=0.0, xp):
    """How far from the mean, on the whole: ``out = √(var + ε)``, with the `var` of ``axis``; ``ε`` is 0 if not said.

    The squares neither overflow nor vanish. A constant has the derivative 0, and no second one.

    >>> std([1.0, 1.0, 3.0, 3.0]), std([1e200, 3e200])
    (np.float64(1.0), np.float64(1e+200))
    """
    away = center(xp.astype(x, wide(x, xp)), axis=axis)
    scale = measure(away, axis=axis)
    if epsilon:  # beside it what is tiny is nothing
        scale = xp.maximum(scale, xp.ones_like(scale))
    average = xp.sum((away / scale) ** 2, axis=axis, keepdims=True) / freedom(x, axis, correction, xp)
    size = scale * xp.sqrt(average + epsilon / scale / scale)
    return xp.astype(xp.sum(size, axis=axis, keepdims=keepdims), x.dtype)


@std.pullback("x")
def dstd_dx(dout, x, out, axis, correction, keepdims, xp):
    towards = safe_divide(center(x, axis=axis), spread(out, x, axis, keepdims, xp))
    return towards * spread(dout / freedom(x, axis, correction, xp), x, axis, keepdims, xp)


@op(r"{x:strict} - \overline{{{x:bare}}}", level=SUM)
def center(x, *, axis=None, xp):
    """How far each entry is from the mean along ``axis``: exactly 0 where all are the same.

    >>> center([0.1, 0.1, 0.1]), center([1.0, 2.0])
    (array([0., 0., 0.]), array([-0.5,  0.5]))
    """
    beyond = x + largest(-x, axis, xp)  # so that what all have in common is not rounded
    return beyond - xp.mean(beyond, axis=axis, keepdims=True)


@center.pullback("x")
def dcenter_dx(dout, axis):
    return center(dout, axis=axis)


@op(r"2^{{\lfloor \log_2 \max \left|{x:bare}\right| \rfloor}}")
def measure(x, *, axis=None, xp):
    """A power of two by which to measure entries along ``axis``, so that no square of them overflows or vanishes.

    It is the one at or below the largest size, 1 where that is 0 or infinite. Powers of two round nothing.

    >>> measure([[3.0, -5.0], [0.0, 0.0]], axis=1)
    array([[4.],
           [1.]])
    """
    most = largest(xp.abs(x), axis, xp)
    known = xp.where((most > 0) & xp.isfinite(most), most, xp.ones_like(most))
    return xp.asarray(2.0, dtype=x.dtype) ** xp.floor(xp.log2(known))


measure.flat("x")


@center.shape
def center_shape(x, axis):
    axes_of(axis, len(x))
    return x


@measure.shape
def measure_shape(x, axis):
    return reduced_shape(x, axis, keepdims=True)


@op("n", dtype=lambda x: "float32" if x == "float16" else x)
def axis_size(x, *, axis=None, xp):
    """How many entries an average along ``axis`` is taken over, as a float of the dtype of ``x``.

    For float16, which ends at 65504, it is a float32.

    >>> axis_size([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array(2.)
    """
    number = 1
    for along in axes_of(axis, x.ndim):
        number *= x.shape[along]
    return xp.asarray(number, dtype=wide(x, xp))


axis_size.flat("x")


@axis_size.shape
def count_shape(x, axis):
    axes_of(axis, len(x))
    return ()


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
    """The axes that ``axis`` names, counted from the front, in order."""
    chosen = range(ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    for one in chosen:
        if not hasattr(one, "__index__") or isinstance(one, bool):
            raise errors.ShapeError(f"an axis is a whole number; got axis={axis!r}")
        if not -ndim <= one < ndim:
            raise errors.ShapeError(f"there is no axis {one} among {ndim}")
    found = sorted({one % ndim for one in chosen})
    if len(found) != len(chosen):
        raise errors.ShapeError(f"axis={axis} names an axis twice")
    return found


def largest(x, axis, xp):
    """The largest along an axis, which stays with the length 1: what powers are measured by, so that none overflows.

    Of no entries there is none, and 0 serves.
    """
    if 0 in [x.shape[one] for one in axes_of(axis, x.ndim)]:
        return xp.sum(x, axis=axis, keepdims=True)
    return xp.max(x, axis=axis, keepdims=True)


def freedom(x, axis, correction, xp):
    """By what squares are divided: how many there are less a correction, but nothing below 0."""
    left = axis_size(x, axis=axis) - correction
    return xp.maximum(left, xp.zeros_like(left))


def wide(x, xp):
    """A dtype that entries of ``x`` can be counted in."""
    is_small = getattr(x.dtype, "itemsize", 2) == 2  # quicker to find out than the name
    return xp.float32 if is_small and "float16" in str(x.dtype) else x.dtype


def spread(reduced, x, axis, keepdims, xp):
    """Give every entry of ``x`` what was found along the axis it lies on."""
    if not keepdims and axis is not None:
        for one in axes_of(axis, x.ndim):
            reduced = xp.expand_dims(reduced, axis=one)
    return broadcast_like(reduced, x)


for reduction in (sum, mean, max, min, var):
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
    reduction.example(0.5)
for test in (all, any, count_nonzero):
    test.flat("x")
    test.example([[True, False, True], [True, True, True]], axis=-1)
    test.example([[0.5, 0.0], [2.0, 3.0]], keepdims=True)
std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=-1, correction=1.0, keepdims=True)
std.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0, epsilon=0.25)
center.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=-1)
measure.example([[0.6, -1.5, 1.1], [0.3, 1.9, -0.7]], axis=0)
axis_size.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
