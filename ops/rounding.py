"""From the continuous to the whole: steps, flat almost everywhere."""

from graphcore import op

from .choice import propagate_nan


@op(r"\lfloor {x:bare} \rfloor", elementwise=True, primitive=True)
def floor(x, *, xp):
    """The whole number at or below.

    >>> floor([1.5, -1.5])
    array([ 1., -2.])
    """
    return xp.floor(x)


@op(r"\lceil {x:bare} \rceil", elementwise=True, primitive=True)
def ceil(x, *, xp):
    """The whole number at or above.

    >>> ceil([1.5, -1.5])
    array([ 2., -1.])
    """
    return xp.ceil(x)


@op(r"\operatorname{{round}}({x:bare})", elementwise=True)
def round(x, *, xp):
    """The nearest whole number; halves go to the even one.

    >>> round([1.5, 2.5, -0.4])
    array([ 2.,  2., -0.])
    """
    return xp.round(x)


@op(r"\operatorname{{trunc}}({x:bare})", elementwise=True, primitive=True)
def trunc(x, *, xp):
    """The whole part, toward zero.

    >>> trunc([1.5, -1.5])
    array([ 1., -1.])
    """
    return xp.trunc(x)


@op(r"\operatorname{{isnan}}({x:bare})", elementwise=True, primitive=True)
def isnan(x, *, xp):
    """Whether it is not a number.

    >>> isnan([1.0, float("nan")])
    array([False,  True])
    """
    return xp.isnan(x)


@op(r"\operatorname{{isinf}}({x:bare})", elementwise=True, primitive=True)
def isinf(x, *, xp):
    """Whether it is plus or minus infinity.

    >>> isinf([1.0, float("inf")])
    array([False,  True])
    """
    return xp.isinf(x)


@op(r"\operatorname{{isfinite}}({x:bare})", elementwise=True, primitive=True)
def isfinite(x, *, xp):
    """Whether it is a number, and not infinite.

    >>> isfinite([1.0, float("inf"), float("nan")])
    array([ True, False, False])
    """
    return xp.isfinite(x)


@op(r"\lfloor {x1} / {x2:strict} \rfloor", level=3, elementwise=True)
def floor_divide(x1, x2):
    """How many whole times one goes into the other: ``out = ⌊x1 / x2⌋``.

    >>> floor_divide([7.0, -7.0], 2.0)
    array([ 3., -4.])
    """
    return x1 // x2


@op(r"{x1} \bmod {x2:strict}", level=3)
def remainder(x1, x2):
    """What is left over: ``out = x1 − x2 ⌊x1 / x2⌋``, with the sign of ``x2``.

    >>> remainder([7.0, -7.0], 2.0)
    array([1., 1.])
    """
    return x1 % x2


@remainder.local("x2")
def dremainder_dx2(x1, x2, out):
    return -propagate_nan(floor_divide(x1, x2), out)


@op(r"\operatorname{{fmod}}({x1:bare}, {x2:bare})")
def fmod(x1, x2, *, xp):
    """What is left over when as much as fits is taken away: ``out = x1 − x2 trunc(x1 / x2)``, with the sign of ``x1``.

    >>> fmod([7.0, -7.0], 2.0)
    array([ 1., -1.])
    """
    rest = xp.remainder(x1, x2)
    if "int" in str(rest.dtype):  # the smallest of them has no opposite
        return xp.where((rest != 0) & ((rest < 0) != (x1 < 0)), rest - x2, rest)
    rest = xp.remainder(abs(x1), abs(x2))
    return xp.where(x1 < 0, -rest, rest)


@remainder.local("x1")
@fmod.local("x1")
def dremainder_dx1(x1, out, xp):
    return propagate_nan(xp.ones_like(x1), out)  # where nothing can be left over nothing changes either


@fmod.local("x2")
def dfmod_dx2(x1, x2, out, xp):
    return -xp.round((x1 - out) / x2)  # how often it was taken away; x1 / x2 may round to one more


floor_divide.flat("x1", "x2")
floor_divide.example([3.5, -1.6], [1.5, 0.75])
remainder.example([3.5, -1.6], [1.5, 0.7])
fmod.example([3.5, -1.6], [1.5, 0.7])
for step in (floor, ceil, round, trunc, isnan, isinf, isfinite):
    step.flat("x")
    step.example([0.3, -1.6, 2.2])
