"""Signs, steps and neighbours of floats, entry by entry."""

from graphcore import op


@op("{x:bare}")
def positive(x):
    """The same number: ``out = +x``.

    >>> positive([1.0, -2.0])
    array([ 1., -2.])
    """
    return +x


@positive.local("x")
def dpositive_dx():
    return 1


@op(r"\operatorname{{signbit}}({x:bare})", elementwise=True)
def signbit(x, *, xp):
    """Whether it carries a minus sign, as −0 and some NaNs do too.

    >>> signbit([1.0, -0.0, -2.0])
    array([False,  True,  True])
    """
    return xp.signbit(x)


signbit.flat("x")


@op(r"\operatorname{{copysign}}({x1:bare}, {x2:bare})")
def copysign(x1, x2, *, xp):
    """The size of one with the sign of another: ``out = ±|x1|``. Like that of |x1|, the derivative at ``x1 = 0`` is 0.

    >>> copysign([1.0, -2.0, 3.0], [-1.0, -0.0, 5.0])
    array([-1., -2.,  3.])
    """
    return xp.copysign(x1, x2)


@copysign.local("x1")
def dcopysign_dx1(x1, x2, xp):
    return xp.sign(x1) * xp.copysign(xp.ones_like(x2), x2)


copysign.flat("x2")


@op(r"\operatorname{{nextafter}}({x1:bare}, {x2:bare})")
def nextafter(x1, x2, *, xp):
    """The float next to ``x1`` on the way to ``x2``. It moves along with ``x1``: the derivative is 1.

    >>> nextafter([1.0], [2.0]) - 1.0
    array([2.22044605e-16])
    """
    return xp.nextafter(x1, x2)


@nextafter.local("x1")
def dnextafter_dx1():
    return 1


nextafter.flat("x2")


@op(r"\operatorname{{heaviside}}({x1:bare}, {x2:bare})", elementwise=True)
def heaviside(x1, x2, *, xp):
    """A step: 0 below zero, 1 above, and ``x2`` at zero itself.

    >>> heaviside([-2.0, 0.0, 3.0], 0.5)
    array([0. , 0.5, 1. ])
    """
    return xp.where(xp.equal(x1, 0.0), x2, 0.5 + 0.5 * xp.sign(x1))


heaviside.flat("x1")


@heaviside.pullback("x2")
def dheaviside_dx2(dout, x1, xp):
    return xp.where(xp.equal(x1, 0.0), dout, xp.zeros_like(dout))


positive.example([0.5, -1.5])
signbit.example([0.5, -1.5, 0.0])
copysign.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
nextafter.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
heaviside.example([0.5, -1.5, 2.0], [0.25, 0.5, 0.75])
