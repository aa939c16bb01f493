"""Cumulative sums and products along an axis, and products; their derivatives are exact at zeros, to every order."""

from typing import Any

from graphcore import errors, op
from graphcore.extend import native_dtype, safe_multiply

from .reduce import axes_of, reduced_shape, spread, sum_dtype

__all__ = ["cumulative_prod", "cumulative_sum", "linear_recurrence", "prod"]

MATRIX = [[0.5, -1.5, 1.25], [0.75, 2.0, -0.5]]


@op(r"\operatorname{{cumsum}}({x:bare})", dtype=sum_dtype)
def cumulative_sum(x, *, axis=None, dtype=None, include_initial=False, xp):
    """Sum cumulatively: ``out_i = x_0 + … + x_i`` along ``axis``, which is optional for a vector.

    ``include_initial=True`` starts with 0.

    >>> cumulative_sum([1.0, 2.0, 3.0])
    array([1., 3., 6.])
    """
    axis = the_axis(axis, x.ndim)
    return xp.cumulative_sum(x, axis=axis, dtype=native_dtype(dtype, xp), include_initial=include_initial)


@cumulative_sum.pullback("x", zeros="moved")
def dcumulative_sum_dx(dout, axis, include_initial, xp):
    axis = the_axis(axis, dout.ndim)
    if include_initial:
        dout = dout[along(axis, dout.ndim, slice(1, None))]
    return xp.flip(xp.cumulative_sum(xp.flip(dout, axis=axis), axis=axis), axis=axis)


cumulative_sum.example([0.5, -1.5, 1.25, 0.75])
cumulative_sum.example(MATRIX, axis=0)
cumulative_sum.example(MATRIX, axis=-1, include_initial=True)


@op(r"\operatorname{{cumprod}}({x:bare})", dtype=sum_dtype)
def cumulative_prod(x, *, axis=None, dtype=None, include_initial=False, xp):
    """Multiply cumulatively: ``out_i = x_0 · … · x_i`` along ``axis``, which is optional for a vector.

    ``include_initial=True`` starts with 1. No derivative divides, so they are exact at zeros.

    >>> cumulative_prod([2.0, 3.0, 0.0])
    array([2., 6., 0.])
    """
    axis = the_axis(axis, x.ndim)
    return xp.cumulative_prod(x, axis=axis, dtype=native_dtype(dtype, xp), include_initial=include_initial)


@cumulative_prod.pullback("x")
def dcumulative_prod_dx(dout, x, axis, include_initial, xp):
    axis = the_axis(axis, x.ndim)
    if include_initial:
        dout = dout[along(axis, x.ndim, slice(1, None))]
    later = linear_recurrence(neighbour(x, axis, xp, reverse=True), dout, axis=axis, reverse=True)
    return safe_multiply(later, product_before(x, axis, xp))


cumulative_prod.example([0.5, -1.5, 1.25, 0.75])
cumulative_prod.example(MATRIX, axis=0)
cumulative_prod.example(MATRIX, axis=-1, include_initial=True)
cumulative_prod.example([0.5, 0.0, 1.25, 0.0])


@op(r"\operatorname{{recurrence}}({a:bare}, {b:bare})")
def linear_recurrence(a, b, *, axis=-1, reverse=False, xp):
    """Solve a linear recurrence: ``out_i = a_i · out_{i−1} + b_i`` along ``axis``, from 0.

    ``reverse=True`` goes from the last entry to the first. ``a`` and ``b`` have the same shape.

    >>> linear_recurrence([0.5, 0.5, 0.5], [1.0, 1.0, 1.0])
    array([1.  , 1.5 , 1.75])
    """
    found: list[Any] = []
    for i in range(b.shape[axis])[:: -1 if reverse else 1]:
        here = along(axis, b.ndim, i)
        found.append(b[here] + a[here] * found[-1] if found else b[here])
    return xp.stack(found[:: -1 if reverse else 1], axis=axis) if found else xp.zeros_like(b)


@linear_recurrence.pullback("b")
def dlinear_recurrence_db(dout, a, axis, reverse, xp):
    return linear_recurrence(neighbour(a, axis, xp, reverse=not reverse), dout, axis=axis, reverse=not reverse)


@linear_recurrence.pullback("a")
def dlinear_recurrence_da(dout, a, out, axis, reverse, xp):
    last = neighbour(out, axis, xp, reverse=reverse)
    return safe_multiply(dlinear_recurrence_db(dout, a, axis, reverse, xp), last)


@linear_recurrence.shape
def linear_recurrence_shape(a, b, axis):
    axes_of(axis, len(b))
    if len(a) != len(b) or any(n != m and None not in (n, m) for n, m in zip(a, b, strict=True)):
        raise errors.ShapeError(f"a and b need the same shape; got {a} and {b}")
    return tuple(m if n is None else n for n, m in zip(a, b, strict=True))


linear_recurrence.example(MATRIX, [[1.0, 0.5, -0.25], [0.75, -1.0, 0.5]])
linear_recurrence.example(MATRIX, [[1.0, 0.5, -0.25], [0.75, -1.0, 0.5]], axis=0, reverse=True)


@op(r"\prod {x:strict}", dtype=sum_dtype, primitive=True)
def prod(x, *, axis=None, keepdims=False, dtype=None, xp):
    """Multiply all entries along ``axis`` (an axis, a tuple of them, or ``None`` for all).

    The derivative by an entry is the product of the others. No derivative divides, so they are exact at zeros.

    >>> prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([3., 8.])
    """
    return xp.prod(x, axis=axis, keepdims=keepdims, dtype=native_dtype(dtype, xp))


@prod.pullback("x")
def dprod_dx(dout, x, axis, keepdims, xp):
    share = spread(dout, x, axis, keepdims, xp)
    for one in axes_of(axis, x.ndim):
        share = safe_multiply(share, product_of_others(x, one, xp))
        x = xp.prod(x, axis=one, keepdims=True)
    return share


prod.shape(reduced_shape)
prod.example(MATRIX)
prod.example(MATRIX, axis=0)
prod.example(MATRIX, axis=(-1,), keepdims=True)
prod.example([[0.5, 0.0, 1.25], [0.0, 2.0, 0.0]], axis=1)
prod.example(0.5)


@cumulative_sum.shape
@cumulative_prod.shape
def cumulative_shape(x, axis, include_initial):
    place = the_axis(axis, len(x))
    return tuple(n + 1 if i == place and include_initial and n is not None else n for i, n in enumerate(x))


def the_axis(axis, ndim):
    """Return the axis of a cumulative operation, counted from the front."""
    if axis is None and ndim != 1:
        raise errors.ShapeError(f"axis is required for an array of {ndim} axes, as in axis=0")
    (axis,) = axes_of(axis, ndim)
    return axis


def product_before(x, axis, xp):
    """Return at each entry the product of those before it: 1 at the first."""
    so_far = xp.cumulative_prod(x, axis=axis, include_initial=True)
    return so_far[along(axis, x.ndim, slice(None, -1))]


def product_of_others(x, axis, xp):
    """Return at each entry the product of those before it and of those after it."""
    after = xp.flip(product_before(xp.flip(x, axis=axis), axis, xp), axis=axis)
    return product_before(x, axis, xp) * after


def neighbour(x, axis, xp, *, reverse):
    """Return the entry before each, or after each if ``reverse``, and 0 at the end where there is no such entry."""
    nothing = xp.zeros_like(x[along(axis, x.ndim, slice(None, 1))])
    others = x[along(axis, x.ndim, slice(1, None) if reverse else slice(None, -1))]
    return xp.concat([others, nothing] if reverse else [nothing, others], axis=axis)


def along(axis, ndim, part):
    """Return the index of a part along one axis.

    >>> along(-1, 2, slice(1, None))
    (slice(None, None, None), slice(1, None, None))
    """
    key = [slice(None)] * ndim
    key[axis] = part
    return tuple(key)
