"""Elementwise signs, steps and neighbours of floats."""

from graphcore import op
from graphcore.extend import elementwise

__all__ = ["copysign", "heaviside", "nextafter", "positive", "signbit"]

NUMBERS = [[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5]


@op("{x:bare}", local=lambda: 1, example=[0.5, -1.5])
def positive(x):
    """Return the same number: ``out = +x``.

    >>> positive([1.0, -2.0])
    array([ 1., -2.])
    """
    return +x


@elementwise(flat="x", example=[0.5, -1.5, 0.0])
def signbit(x):
    """Return ``True`` where the sign bit is set, as for −0 and some NaNs too.

    >>> signbit([1.0, -0.0, -2.0])
    array([False,  True,  True])
    """


@elementwise(
    local={"x1": lambda x1, x2, xp: xp.sign(x1) * xp.copysign(xp.ones_like(x2), x2)}, flat="x2", example=NUMBERS
)
def copysign(x1, x2):
    """Return the size of one with the sign of another: ``out = ±|x1|``. At ``x1 = 0`` the derivative is 0.

    >>> copysign([1.0, -2.0, 3.0], [-1.0, -0.0, 5.0])
    array([-1., -2.,  3.])
    """


@elementwise(local={"x1": lambda: 1}, flat="x2", example=NUMBERS)
def nextafter(x1, x2):
    """Return the float next to ``x1`` in the direction of ``x2``. The derivative with respect to ``x1`` is 1.

    >>> nextafter([1.0], [2.0]) - 1.0
    array([2.22044605e-16])
    """


@op(elementwise=True, flat="x1", example=([0.5, -1.5, 2.0], [0.25, 0.5, 0.75]))
def heaviside(x1, x2, *, xp):
    """Return the Heaviside step: 0 below zero, 1 above, and ``x2`` at zero itself.

    >>> heaviside([-2.0, 0.0, 3.0], 0.5)
    array([0. , 0.5, 1. ])
    """
    return xp.where(xp.equal(x1, 0.0), x2, 0.5 + 0.5 * xp.sign(x1))


@heaviside.pullback("x2", zeros="made")
def dheaviside_dx2(dout, x1, xp):
    return xp.where(xp.equal(x1, 0.0), dout, xp.zeros_like(dout))
