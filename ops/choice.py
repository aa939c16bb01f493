"""Comparing and choosing, entry by entry: what an ``if`` is to a number, these are to a node."""

from graphcore import op


@op("{x1} = {x2}", level=0, elementwise=True, primitive=True)
def equal(x1, x2, *, xp):
    """Whether two entries are the same.

    >>> equal([1.0, 2.0], [1.0, 3.0])
    array([ True, False])
    """
    return xp.equal(x1, x2)


@op(r"{x1} \ne {x2}", level=0, elementwise=True, primitive=True)
def not_equal(x1, x2, *, xp):
    """Whether two entries differ.

    >>> not_equal([1.0, 2.0], [1.0, 3.0])
    array([False,  True])
    """
    return xp.not_equal(x1, x2)


@op("{x1} > {x2}", level=0, elementwise=True, primitive=True)
def greater(x1, x2):
    """Whether the first is larger.

    >>> greater([1.0, 4.0], [2.0, 3.0])
    array([False,  True])
    """
    return x1 > x2


@op(r"{x1} \ge {x2}", level=0, elementwise=True, primitive=True)
def greater_equal(x1, x2):
    """Whether the first is at least as large.

    >>> greater_equal([1.0, 3.0], [2.0, 3.0])
    array([False,  True])
    """
    return x1 >= x2


@op("{x1} < {x2}", level=0, elementwise=True, primitive=True)
def less(x1, x2):
    """Whether the first is smaller.

    >>> less([1.0, 4.0], [2.0, 3.0])
    array([ True, False])
    """
    return x1 < x2


@op(r"{x1} \le {x2}", level=0, elementwise=True, primitive=True)
def less_equal(x1, x2):
    """Whether the first is at most as large.

    >>> less_equal([1.0, 3.0], [2.0, 3.0])
    array([ True,  True])
    """
    return x1 <= x2


for comparison in (equal, not_equal, greater, greater_equal, less, less_equal):
    comparison.flat("x1", "x2")
    comparison.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -1.5])


@op(r"{x1} \land {x2}", level=0, elementwise=True, primitive=True)
def logical_and(x1, x2, *, xp):
    """Whether both are true.

    >>> logical_and([True, True], [True, False])
    array([ True, False])
    """
    return xp.logical_and(x1, x2)


@op(r"{x1} \lor {x2}", level=0, elementwise=True, primitive=True)
def logical_or(x1, x2, *, xp):
    """Whether one of two is true, or both.

    >>> logical_or([True, False], [True, False])
    array([ True, False])
    """
    return xp.logical_or(x1, x2)


@op(r"{x1} \oplus {x2}", level=0, elementwise=True, primitive=True)
def logical_xor(x1, x2, *, xp):
    """Whether one of two is true, and not both.

    >>> logical_xor([True, True], [True, False])
    array([False,  True])
    """
    return xp.logical_xor(x1, x2)


@op(r"\lnot {x:strict}", level=1, elementwise=True, primitive=True)
def logical_not(x, *, xp):
    """Whether it is not true.

    >>> logical_not([True, False])
    array([False,  True])
    """
    return xp.logical_not(x)


for connective in (logical_and, logical_or, logical_xor):
    connective.flat("x1", "x2")
    connective.example([True, False, True], [True, True, False])
logical_not.flat("x")
logical_not.example([True, False])


@op(r"\max({x1:bare}, {x2:bare})", primitive=True)
def maximum(x1, x2, *, xp):
    """The larger of two entries. Where both are the same each has half the derivative.

    >>> maximum([1.0, 4.0], [2.0, 3.0])
    array([2., 4.])
    """
    return xp.maximum(x1, x2)


@maximum.local("x1")
def dmaximum_dx1(x1, x2, xp):
    return 0.5 + 0.5 * xp.sign(difference(x1, x2))


@maximum.local("x2")
def dmaximum_dx2(x1, x2, xp):
    return 0.5 - 0.5 * xp.sign(difference(x1, x2))


@op(r"\min({x1:bare}, {x2:bare})", primitive=True)
def minimum(x1, x2, *, xp):
    """The smaller of two entries. Where both are the same each has half the derivative.

    >>> minimum([1.0, 4.0], [2.0, 3.0])
    array([1., 3.])
    """
    return xp.minimum(x1, x2)


@minimum.local("x1")
def dminimum_dx1(x1, x2, xp):
    return 0.5 - 0.5 * xp.sign(difference(x1, x2))


@minimum.local("x2")
def dminimum_dx2(x1, x2, xp):
    return 0.5 + 0.5 * xp.sign(difference(x1, x2))


@op(r"\operatorname{{clip}}({x:bare}, {min:bare}, {max:bare})")
def clip(x, min=None, max=None, *, xp):
    """What lies between two bounds, and the bound that was passed: ``out = min(max(x, min), max)``.

    Either bound may be absent. At a bound the derivative by ``x`` is 0, like that of relu, which is ``clip(x, 0)``;
    where a bound is what comes out its own derivative is 1, so that the three add up to 1. If the bounds are the wrong
    way round the upper one counts.

    >>> clip([-2.0, 0.5, 3.0], 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    x = x if min is None else xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


@clip.local("x")
def dclip_dx(x, min, max, xp):
    return (1 if min is None else above(x, min, xp)) * (1 if max is None else above(max, x, xp))


@clip.local("min")
def dclip_dmin(x, min, max, xp):
    return (1 - above(x, min, xp)) * (1 if max is None else above(max, min, xp))


@clip.local("max")
def dclip_dmax(x, min, max, xp):
    return 1 - above(max, x if min is None else xp.maximum(x, min), xp)


def above(x1, x2, xp):
    """1 where the first is larger, 0 where it is not, and NaN where that cannot be said."""
    by = difference(x1, x2)
    return xp.sign(xp.maximum(by, xp.zeros_like(by)))


@op("{x1} - {x2:strict}", level=1, elementwise=True)
def difference(x1, x2, *, xp):
    """Which of two entries is larger, told by the sign: ``x1 − x2``, and 0 where both are the same infinity.

    >>> difference([1.0, float("inf")], [3.0, float("inf")])
    array([-2.,  0.])
    """
    same = xp.equal(x1, x2)
    return xp.where(same, xp.zeros_like(x1), x1) - xp.where(same, xp.zeros_like(x2), x2)


@difference.local("x1")
def ddifference_dx1():
    return 1


@difference.local("x2")
def ddifference_dx2():
    return -1


@op(
    r"\begin{{cases}} {x1:bare} & \text{{if }} {condition:bare} \\ {x2:bare} & \text{{otherwise}} \end{{cases}}",
    elementwise=True,
    primitive=True,
)
def where(condition, x1, x2, *, xp):
    """One of two values, as a condition says. What is not chosen has a derivative of exactly zero.

    >>> where([True, False], [1.0, 2.0], [10.0, 20.0])
    array([ 1., 20.])
    """
    return xp.where(condition, x1, x2)


where.flat("condition")


@where.pullback("x1")
def dwhere_dx1(dout, condition, xp):
    return xp.where(condition, dout, xp.zeros_like(dout))


@where.pullback("x2")
def dwhere_dx2(dout, condition, xp):
    return xp.where(condition, xp.zeros_like(dout), dout)


@op("{x:bare}", elementwise=True)
def propagate_nan(x, value, *, xp):
    """``x`` where a function of it has a value, and NaN where its ``value`` is none: there it has no slope either.

    It is not seen in a formula: the derivative of ``ln x`` reads ``1 / x``, and is NaN at −1 all the same.

    >>> propagate_nan([-1.0, 2.0], [float("nan"), 0.69])
    array([nan,  2.])
    """
    return xp.where(xp.isnan(value), float("nan") * xp.ones_like(x), x)


@propagate_nan.pullback("x")
def dpropagate_nan_dx(dout):
    return dout


propagate_nan.flat("value")


@op(r"\frac{{{x1:bare}}}{{{x2:bare}}}", level=2)
def safe_divide(x1, x2, *, xp):
    """What part of a whole one entry is: ``out = x1 / x2``, and 0 where nothing is divided by nothing.

    A direction is such a part, ``x / |x|``. It is 0 at the origin, the subgradient of least norm, and changes there
    infinitely fast with each of its own entries, and not with the others.

    >>> safe_divide([3.0, 0.0], [5.0, 0.0])
    array([0.6, 0. ])
    """
    nothing = xp.logical_and(xp.equal(x1, 0.0), xp.equal(x2, 0.0))
    return x1 / xp.where(nothing, xp.ones_like(x2), x2)


@safe_divide.local("x1")
def dshare_dx1(x2):
    return 1 / x2


@safe_divide.local("x2")
def dshare_dx2(x2, out):
    return -safe_divide(out, x2)


def one_for_zero(x, xp):
    """``x`` where it may be divided by or taken the logarithm of, and 1 in place of a zero."""
    return xp.where(xp.equal(x, 0.0), xp.ones_like(x), x)


maximum.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
minimum.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
difference.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
clip.example([[0.5, -1.5], [0.25, 2.0]], -1.0, [1.5, 0.75])
clip.example([0.5, -1.5], -1.0)
clip.example([0.5, -1.5], max=0.25)
safe_divide.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
where.example([True, False], [[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
propagate_nan.example([0.5, -1.5], [0.25, 2.0])
