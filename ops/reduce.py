"""From many numbers to few: sums, means, maxima along axes."""

from graphcore import errors, op
from graphcore.calculus import broadcast_like


def sum_dtype(x):
    """Whole numbers and truths are counted in 64 bits, floats stay what they are."""
    return x if x.kind == "f" else ("uint64" if x.kind == "u" else "int64")


@op(r"\sum {x:strict}", dtype=sum_dtype)
def sum(x, *, axis=None, keepdims=False, xp):
    """Everything together: the sum along ``axis`` (an axis, a tuple of them, or ``None`` for all).

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """
    return xp.sum(x, axis=axis, keepdims=keepdims)


@sum.pullback("x")
def dsum_dx(dout, x, axis, keepdims, xp):
    return spread(dout, x, axis, keepdims, xp)


@op(r"\operatorname{{mean}}({x:bare})")
def mean(x, *, axis=None, keepdims=False, xp):
    """The average along ``axis``: what one training example costs, on the whole.

    >>> mean([[1.0, 2.0], [3.0, 4.0]])
    np.float64(2.5)
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.pullback("x")
def dmean_dx(dout, x, axis, keepdims, xp):
    return spread(dout / count(x, axis=axis), x, axis, keepdims, xp)


@op(r"\max({x:bare})")
def max(x, *, axis=None, keepdims=False, xp):
    """The largest along ``axis``. Where several are largest they share the derivative evenly, and it adds up to 1.

    >>> max([[1.0, 4.0], [3.0, 2.0]], axis=1)
    array([4., 3.])
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@max.pullback("x")
def dmax_dx(dout, x, out, axis, keepdims, xp):
    largest = xp.astype(xp.equal(x, spread(out, x, axis, keepdims, xp)), x.dtype)
    return spread(dout, x, axis, keepdims, xp) * (largest / xp.sum(largest, axis=axis, keepdims=True))


@op("n")
def count(x, *, axis=None, xp):
    """How many entries an average along ``axis`` is taken over, as a float of the dtype of ``x``.

    >>> count([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array(2.)
    """
    number = 1
    for along in axes_of(axis, x.ndim):
        number *= x.shape[along]
    return xp.asarray(number, dtype=x.dtype)


count.flat("x")


@count.shape
def count_shape(x, axis):
    axes_of(axis, len(x))
    return ()


@sum.shape
@mean.shape
@max.shape
def reduced_shape(x, axis, keepdims):
    gone = axes_of(axis, len(x))
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def axes_of(axis, ndim):
    """The axes that ``axis`` names, counted from the front, in order."""
    chosen = range(ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    for one in chosen:
        if not -ndim <= one < ndim:
            raise errors.ShapeError(f"there is no axis {one} among {ndim}")
    found = sorted({one % ndim for one in chosen})
    if len(found) != len(chosen):
        raise errors.ShapeError(f"axis={axis} names an axis twice")
    return found


def spread(reduced, x, axis, keepdims, xp):
    """Give every entry of ``x`` what was found along the axis it lies on."""
    if not keepdims and axis is not None:
        for one in axes_of(axis, x.ndim):
            reduced = xp.expand_dims(reduced, axis=one)
    return broadcast_like(reduced, x)


for reduction in (sum, mean, max):
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
    reduction.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
    reduction.example(0.5)
count.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
