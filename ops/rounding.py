"""Rounding and remainders: piecewise constant or linear functions."""

from graphcore import op
from graphcore.extend import elementwise

from .select import propagate_nan

__all__ = ["ceil", "floor", "floor_divide", "fmod", "isfinite", "isinf", "isnan", "remainder", "round", "trunc"]


@elementwise(r"\lfloor {x:bare} \rfloor", flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def floor(x):
    """Round down to an integer.

    >>> floor([1.5, -1.5])
    array([ 1., -2.])
    """


@elementwise(r"\lceil {x:bare} \rceil", flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def ceil(x):
    """Round up to an integer.

    >>> ceil([1.5, -1.5])
    array([ 2., -1.])
    """


@elementwise(flat="x", example=[0.3, -1.6, 2.2])
def round(x):
    """Round to the nearest integer; halves go to the even one.

    >>> round([1.5, 2.5, -0.4])
    array([ 2.,  2., -0.])
    """


@elementwise(flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def trunc(x):
    """Round toward zero to an integer.

    >>> trunc([1.5, -1.5])
    array([ 1., -1.])
    """


@elementwise(flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def isnan(x):
    """Return ``True`` where an entry is NaN.

    >>> isnan([1.0, float("nan")])
    array([False,  True])
    """


@elementwise(flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def isinf(x):
    """Return ``True`` where an entry is plus or minus infinity.

    >>> isinf([1.0, float("inf")])
    array([False,  True])
    """


@elementwise(flat="x", example=[0.3, -1.6, 2.2], primitive=True)
def isfinite(x):
    """Return ``True`` where an entry is neither NaN nor infinite.

    >>> isfinite([1.0, float("inf"), float("nan")])
    array([ True, False, False])
    """


@op(r"\lfloor {x1} / {x2:strict} \rfloor", level=3, elementwise=True, flat=("x1", "x2"))
def floor_divide(x1, x2):
    """Divide and round down: ``out = ⌊x1 / x2⌋``.

    >>> floor_divide([7.0, -7.0], 2.0)
    array([ 3., -4.])
    """
    return x1 // x2


floor_divide.example([3.5, -1.6], [1.5, 0.75])


@op(r"{x1} \bmod {x2:strict}", level=3, example=([3.5, -1.6], [1.5, 0.7]))
def remainder(x1, x2):
    """Return the remainder of a division: ``out = x1 − x2 ⌊x1 / x2⌋``, with the sign of ``x2``.

    >>> remainder([7.0, -7.0], 2.0)
    array([1., 1.])
    """
    return x1 % x2


@remainder.local("x2")
def dremainder_dx2(x1, x2, out):
    return -propagate_nan(floor_divide(x1, x2), out)


@op(example=([3.5, -1.6], [1.5, 0.7]))
def fmod(x1, x2, *, xp):
    """Return the remainder of a truncated division: ``out = x1 − x2 trunc(x1 / x2)``, with the sign of ``x1``.

    >>> fmod([7.0, -7.0], 2.0)
    array([ 1., -1.])
    """
    rest = xp.remainder(x1, x2)
    if "int" in str(rest.dtype):  # the smallest integer has no negative
        return xp.where((rest != 0) & ((rest < 0) != (x1 < 0)), rest - x2, rest)
    rest = xp.remainder(abs(x1), abs(x2))
    return xp.where(x1 < 0, -rest, rest)


@remainder.local("x1")
@fmod.local("x1")
def dremainder_dx1(x1, out, xp):
    return propagate_nan(xp.ones_like(x1), out)  # NaN where there is no remainder


@fmod.local("x2")
def dfmod_dx2(x1, x2, out, xp):
    return -xp.round((x1 - out) / x2)  # the truncated quotient; x1 / x2 may round to one more
