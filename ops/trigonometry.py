"""Elementwise trigonometric and hyperbolic functions; angles are in radians."""

import math

from graphcore import SUM, op
from graphcore.extend import elementwise, float_op

from .select import propagate_nan, safe_divide

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "hypot", "one_minus_square", "sin",
    "sinc", "sinh", "tan",
]  # fmt: skip

SINES = [0.5, -0.25, 0.75]


@elementwise(r"\sin({x:bare})", local=lambda x, xp: xp.cos(x), example=[0.5, -1.25, 0.0], primitive=True)
def sin(x):
    """Return the sine of an angle: ``out = sin x``.

    >>> sin([0.0, 1.5707963267948966])
    array([0., 1.])
    """


@elementwise(r"\cos({x:bare})", local=lambda x, xp: -xp.sin(x), example=[0.5, -1.25, 0.0], primitive=True)
def cos(x):
    """Return the cosine of an angle: ``out = cos x``.

    >>> cos([0.0, 3.141592653589793])
    array([ 1., -1.])
    """


@elementwise(r"\tan({x:bare})", local=lambda out: 1 + out * out, example=[0.5, -1.25, 0.0], primitive=True)
def tan(x):
    """Return the tangent of an angle: ``out = tan x``.

    >>> tan([0.0, 0.7853981633974483])
    array([0., 1.])
    """


@float_op("1 - {x:strict}^2", level=SUM, local=lambda x: -2 * x, example=[0.5, -1.25, 0.0])
def one_minus_square(x):
    """Return ``out = 1 − x²``, exact near 1 too.

    >>> one_minus_square([0.0, 1.0, 2.0])
    array([ 1.,  0., -3.])
    """
    return (1 - x) * (1 + x)


@elementwise(r"\arcsin({x:bare})", local=lambda x, xp: 1 / xp.sqrt(one_minus_square(x)), example=SINES, primitive=True)
def asin(x):
    """Return the angle whose sine is ``x``, from −π/2 to π/2. NaN outside [−1, 1], infinitely steep at its ends.

    >>> asin([0.0, 1.0])
    array([0.        , 1.57079633])
    """


@elementwise(r"\arccos({x:bare})", local=lambda x, xp: -1 / xp.sqrt(one_minus_square(x)), example=SINES, primitive=True)
def acos(x):
    """Return the angle whose cosine is ``x``, from 0 to π. NaN outside [−1, 1], infinitely steep at its ends.

    >>> acos([1.0, 0.0])
    array([0.        , 1.57079633])
    """


@elementwise(r"\arctan({x:bare})", local=lambda x: 1 / (1 + x * x), example=[0.5, -1.25, 0.0], primitive=True)
def atan(x):
    """Return the angle whose tangent is ``x``, from −π/2 to π/2.

    >>> atan([0.0, 1.0])
    array([0.        , 0.78539816])
    """


@op(example=([[0.5, -1.5], [0.25, 2.0]], [1.5, -0.75]), primitive=True)
def atan2(x1, x2, *, xp):
    """Return the angle of the point with height ``x1`` and width ``x2``, from −π to π. No derivative at the origin.

    >>> atan2([1.0, 0.0], [0.0, -1.0])
    array([1.57079633, 3.14159265])
    """
    return xp.atan2(x1, x2)


@atan2.local("x1")
def datan2_dx1(x1, x2):
    far = hypot(x1, x2)  # whose square may overflow
    return x2 / far / far


@atan2.local("x2")
def datan2_dx2(x1, x2):
    far = hypot(x1, x2)
    return -x1 / far / far


@float_op(r"\operatorname{{sinc}}^{{({order})}}({x:bare})", local=lambda x, order: sinc(x, order=order + 1))
def sinc(x, *, order=0, xp):
    """Return the normalized sinc ``out = sin(πx) / (πx)``, and 1 at 0; or its derivative of any ``order``.

    >>> sinc([0.0, 0.5, 1.5]), sinc([0.0, 0.5], order=2)
    (array([ 1.        ,  0.63661977, -0.21220659]), array([-3.28986813, -1.19022713]))
    """
    small = xp.abs(x) < 1
    near, far = xp.where(small, x, xp.zeros_like(x)), xp.where(small, xp.ones_like(x), x)
    series = xp.zeros_like(x)
    for k in range(order // 2 + 16, (order - 1) // 2, -1):  # the derivative of Σ (−1)ᵏ (πx)²ᵏ / (2k + 1)!
        coefficient = (-1) ** k * math.pi ** (2 * k) / ((2 * k + 1) * math.factorial(2 * k - order))
        series = series * near * near + coefficient
    wave = xp.sin(math.pi * far) / (math.pi * far)
    for n in range(1, order + 1):  # (x sinc x)⁽ⁿ⁾ = x sinc⁽ⁿ⁾ x + n sinc⁽ⁿ⁻¹⁾ x
        wave = (math.pi ** (n - 1) * xp.sin(math.pi * far + n * math.pi / 2) - n * wave) / far
    return xp.where(small, series * near if order % 2 else series, wave)


sinc.example([0.5, -1.25, 0.0])
sinc.example([0.5, -1.25, 0.0], order=1)


@elementwise(r"\sinh({x:bare})", local=lambda x, xp: xp.cosh(x), example=[0.5, -1.25, 0.0], primitive=True)
def sinh(x):
    """Return the hyperbolic sine: ``out = (eˣ − e⁻ˣ) / 2``.

    >>> sinh([0.0, 1.0])
    array([0.        , 1.17520119])
    """


@elementwise(r"\cosh({x:bare})", local=lambda x, xp: xp.sinh(x), example=[0.5, -1.25, 0.0], primitive=True)
def cosh(x):
    """Return the hyperbolic cosine: ``out = (eˣ + e⁻ˣ) / 2``.

    >>> cosh([0.0, 1.0])
    array([1.        , 1.54308063])
    """


@elementwise(
    r"\operatorname{{arsinh}}({x:bare})",
    local=lambda x, xp: 1 / xp.hypot(x, xp.ones_like(x)),
    example=[0.5, -1.25, 0.0],
    primitive=True,
)
def asinh(x):
    """Return the inverse hyperbolic sine.

    >>> asinh([0.0, 1.0])
    array([0.        , 0.88137359])
    """


@elementwise(
    r"\operatorname{{arcosh}}({x:bare})",
    local=lambda x, xp: 1 / xp.sqrt(x - 1) / xp.sqrt(x + 1),
    example=[1.5, 2.0, 3.25],
    primitive=True,
)
def acosh(x):
    """Return the inverse hyperbolic cosine. NaN below 1, infinitely steep there.

    >>> acosh([1.0, 2.0])
    array([0.        , 1.3169579])
    """


@elementwise(
    r"\operatorname{{artanh}}({x:bare})",
    local=lambda x, out: 1 / one_minus_square(propagate_nan(x, out)),
    example=SINES,
    primitive=True,
)
def atanh(x):
    """Return the inverse hyperbolic tangent. NaN outside [−1, 1], infinite at its ends.

    >>> atanh([0.0, 0.5])
    array([0.        , 0.54930614])
    """


@elementwise(
    local={"x1": lambda x1, out: safe_divide(x1, out), "x2": lambda x2, out: safe_divide(x2, out)},
    example=([[0.5, -1.5], [0.25, 2.0]], [1.5, -0.75]),
)
def hypot(x1, x2):
    """Return the length of the hypotenuse: ``out = √(x1² + x2²)``, without overflow of the squares.

    At the origin the derivative is 0, the subgradient of least norm.

    >>> hypot([3.0, 5.0], [4.0, 12.0])
    array([ 5., 13.])
    """
