"""From the continuous to the whole: steps, flat almost everywhere."""

from graphcore import op


@op(r"\lfloor {x:bare} \rfloor", elementwise=True)
def floor(x, *, xp):
    """The whole number at or below.

    >>> floor([1.5, -1.5])
    array([ 1., -2.])
    """
    return xp.floor(x)


@op(r"\lceil {x:bare} \rceil", elementwise=True)
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


@op(r"\operatorname{{trunc}}({x:bare})", elementwise=True)
def trunc(x, *, xp):
    """The whole part, toward zero.

    >>> trunc([1.5, -1.5])
    array([ 1., -1.])
    """
    return xp.trunc(x)


@op(r"\operatorname{{isnan}}({x:bare})", elementwise=True)
def isnan(x, *, xp):
    """Whether it is not a number.

    >>> isnan([1.0, float("nan")])
    array([False,  True])
    """
    return xp.isnan(x)


@op(r"\operatorname{{isinf}}({x:bare})", elementwise=True)
def isinf(x, *, xp):
    """Whether it is plus or minus infinity.

    >>> isinf([1.0, float("inf")])
    array([False,  True])
    """
    return xp.isinf(x)


@op(r"\operatorname{{isfinite}}({x:bare})", elementwise=True)
def isfinite(x, *, xp):
    """Whether it is a number, and not infinite.

    >>> isfinite([1.0, float("inf"), float("nan")])
    array([ True, False, False])
    """
    return xp.isfinite(x)


for step in (floor, ceil, round, trunc, isnan, isinf, isfinite):
    step.flat("x")
    step.example([0.3, -1.6, 2.2])
