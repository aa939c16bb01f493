"""Elementwise selection: maxima, bounds and conditions, with a derivative at ties and singular points."""

from graphcore import op
from graphcore.extend import elementwise

__all__ = ["clip", "difference", "maximum", "minimum", "propagate_nan", "safe_divide", "where"]

NUMBERS = [[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5]


@op("{x1} - {x2:strict}", level=1, elementwise=True, local={"x1": lambda: 1, "x2": lambda: -1}, example=NUMBERS)
def difference(x1, x2, *, xp):
    """Return a number with the sign of a comparison: ``x1 − x2``, and 0 where both are the same infinity.

    >>> difference([1.0, float("inf")], [3.0, float("inf")])
    array([-2.,  0.])
    """
    same = xp.equal(x1, x2)
    return xp.where(same, xp.zeros_like(x1), x1) - xp.where(same, xp.zeros_like(x2), x2)


@elementwise(
    r"\max({x1:bare}, {x2:bare})",
    local={
        "x1": lambda x1, x2, xp: 0.5 + 0.5 * xp.sign(difference(x1, x2)),
        "x2": lambda x1, x2, xp: 0.5 - 0.5 * xp.sign(difference(x1, x2)),
    },
    zeros="made",
    example=NUMBERS,
    primitive=True,
)
def maximum(x1, x2):
    """Return the larger of two entries. Where both are the same each has half the derivative.

    Of 0 and -0, which are equal, it is either, as the array library chooses.

    >>> maximum([1.0, 4.0], [2.0, 3.0])
    array([2., 4.])
    """


@elementwise(
    r"\min({x1:bare}, {x2:bare})",
    local={
        "x1": lambda x1, x2, xp: 0.5 - 0.5 * xp.sign(difference(x1, x2)),
        "x2": lambda x1, x2, xp: 0.5 + 0.5 * xp.sign(difference(x1, x2)),
    },
    zeros="made",
    example=NUMBERS,
    primitive=True,
)
def minimum(x1, x2):
    """Return the smaller of two entries. Where both are the same each has half the derivative.

    Of 0 and -0, which are equal, it is either, as the array library chooses.

    >>> minimum([1.0, 4.0], [2.0, 3.0])
    array([1., 3.])
    """


@op
def clip(x, min=None, max=None, *, xp):
    """Clip to two bounds: ``out = min(max(x, min), max)``.

    Either bound is optional. At a bound the derivative by ``x`` is 0, like that of relu, which is ``clip(x, 0)``; that
    of the bound is 1 where it is the result, so that the three add up to 1. If ``min > max`` the result is ``max``.

    >>> clip([-2.0, 0.5, 3.0], 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    x = x if min is None else xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


@clip.local("x", zeros="made")
def dclip_dx(x, min, max, xp):
    return (1 if min is None else above(x, min, xp)) * (1 if max is None else above(max, x, xp))


@clip.local("min", zeros="made")
def dclip_dmin(x, min, max, xp):
    return (1 - above(x, min, xp)) * (1 if max is None else above(max, min, xp))


@clip.local("max", zeros="made")
def dclip_dmax(x, min, max, xp):
    return 1 - above(max, x if min is None else xp.maximum(x, min), xp)


clip.example([[0.5, -1.5], [0.25, 2.0]], -1.0, [1.5, 0.75])
clip.example([0.5, -1.5], -1.0)
clip.example([0.5, -1.5], max=0.25)


def above(x1, x2, xp):
    """Return 1 where the first is larger, 0 where it is not, and NaN where the comparison has a NaN."""
    by = difference(x1, x2)
    return xp.sign(xp.maximum(by, xp.zeros_like(by)))


@op(
    r"\begin{{cases}} {x1:bare} & \text{{if }} {condition:bare} \\ {x2:bare} & \text{{otherwise}} \end{{cases}}",
    elementwise=True,
    flat="condition",
    example=([True, False], *NUMBERS),
    primitive=True,
)
def where(condition, x1, x2, *, xp):
    """Select one of two values by a condition. The value that is not selected has a derivative of exactly zero.

    >>> where([True, False], [1.0, 2.0], [10.0, 20.0])
    array([ 1., 20.])
    """
    return xp.where(condition, x1, x2)


@where.pullback("x1", zeros="made")
def dwhere_dx1(dout, condition, xp):
    return xp.where(condition, dout, xp.zeros_like(dout))


@where.pullback("x2", zeros="made")
def dwhere_dx2(dout, condition, xp):
    return xp.where(condition, xp.zeros_like(dout), dout)


@op("{x:bare}", elementwise=True, flat="value", example=([0.5, -1.5], [0.25, 2.0]))
def propagate_nan(x, value, *, xp):
    """Return ``x``, and NaN where ``value``, a function of it, is NaN: there it has no derivative either.

    It is not shown in a formula: the derivative of ``ln x`` reads ``1 / x``, and is NaN at −1 all the same.

    >>> propagate_nan([-1.0, 2.0], [float("nan"), 0.69])
    array([nan,  2.])
    """
    return xp.where(xp.isnan(value), float("nan") * xp.ones_like(x), x)


@propagate_nan.pullback("x", zeros="moved")
def dpropagate_nan_dx(dout):
    return dout


@op(
    r"\frac{{{x1:bare}}}{{{x2:bare}}}",
    level=2,
    local={"x1": lambda x2: 1 / x2, "x2": lambda x2, out: -safe_divide(out, x2)},
    example=NUMBERS,
)
def safe_divide(x1, x2, *, xp):
    """Divide: ``out = x1 / x2``, and 0 where both are 0.

    ``x / |x|`` is 0 at the origin, the subgradient of least norm, and its derivative there is infinite by its own entry
    and 0 by the others.

    >>> safe_divide([3.0, 0.0], [5.0, 0.0])
    array([0.6, 0. ])
    """
    nothing = xp.logical_and(xp.equal(x1, 0.0), xp.equal(x2, 0.0))
    return x1 / xp.where(nothing, xp.ones_like(x2), x2)


def one_for_zero(x, xp):
    """Return ``x`` with 1 in place of each zero, as a divisor or as the argument of a logarithm."""
    return xp.where(xp.equal(x, 0.0), xp.ones_like(x), x)
