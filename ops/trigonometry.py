"""Circles and hyperbolas, entry by entry; angles in radians."""

import math

from graphcore import SUM, op

from .choice import propagate_nan, safe_divide


@op(r"\sin({x:bare})", primitive=True)
def sin(x, *, xp):
    """The height on the unit circle at angle ``x``: ``out = sin x``.

    >>> sin([0.0, 1.5707963267948966])
    array([0., 1.])
    """
    return xp.sin(x)


@sin.local("x")
def dsin_dx(x, xp):
    return xp.cos(x)


@op(r"\cos({x:bare})", primitive=True)
def cos(x, *, xp):
    """The width on the unit circle at angle ``x``: ``out = cos x``.

    >>> cos([0.0, 3.141592653589793])
    array([ 1., -1.])
    """
    return xp.cos(x)


@cos.local("x")
def dcos_dx(x, xp):
    return -xp.sin(x)


@op(r"\tan({x:bare})", primitive=True)
def tan(x, *, xp):
    """The slope at angle ``x``: ``out = tan x``.

    >>> tan([0.0, 0.7853981633974483])
    array([0., 1.])
    """
    return xp.tan(x)


@tan.local("x")
def dtan_dx(out):
    return 1 + out * out


@op(r"\arcsin({x:bare})", primitive=True)
def asin(x, *, xp):
    """The angle whose sine is ``x``, from −π/2 to π/2. NaN outside [−1, 1], infinitely steep at its ends.

    >>> asin([0.0, 1.0])
    array([0.        , 1.57079633])
    """
    return xp.asin(x)


@asin.local("x")
def dasin_dx(x, xp):
    return 1 / xp.sqrt(one_minus_square(x))


@op(r"\arccos({x:bare})", primitive=True)
def acos(x, *, xp):
    """The angle whose cosine is ``x``, from 0 to π. NaN outside [−1, 1], infinitely steep at its ends.

    >>> acos([1.0, 0.0])
    array([0.        , 1.57079633])
    """
    return xp.acos(x)


@acos.local("x")
def dacos_dx(x, xp):
    return -1 / xp.sqrt(one_minus_square(x))


@op("1 - {x:strict}^2", level=SUM, promote_integers=True)
def one_minus_square(x):
    """The square of the other leg in a triangle whose longest side is 1: ``out = 1 − x²``, exact near 1 too.

    >>> one_minus_square([0.0, 1.0, 2.0])
    array([ 1.,  0., -3.])
    """
    return (1 - x) * (1 + x)


@one_minus_square.local("x")
def done_minus_square_dx(x):
    return -2 * x


@op(r"\arctan({x:bare})", primitive=True)
def atan(x, *, xp):
    """The angle of the slope ``x``, from −π/2 to π/2.

    >>> atan([0.0, 1.0])
    array([0.        , 0.78539816])
    """
    return xp.atan(x)


@atan.local("x")
def datan_dx(x):
    return 1 / (1 + x * x)


@op(r"\operatorname{{atan2}}({x1:bare}, {x2:bare})", primitive=True)
def atan2(x1, x2, *, xp):
    """The angle of the point with height ``x1`` and width ``x2``, from −π to π. It has no derivative at the origin.

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


@op(r"\operatorname{{sinc}}^{{({order})}}({x:bare})", promote_integers=True)
def sinc(x, *, order=0, xp):
    """A wave that dies away: ``out = sin(πx) / (πx)``, and 1 at 0; or its derivative of any ``order``.

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


@sinc.local("x")
def dsinc_dx(x, order):
    return sinc(x, order=order + 1)


@op(r"\sinh({x:bare})", primitive=True)
def sinh(x, *, xp):
    """The odd half of eˣ: ``out = (eˣ − e⁻ˣ) / 2``.

    >>> sinh([0.0, 1.0])
    array([0.        , 1.17520119])
    """
    return xp.sinh(x)


@sinh.local("x")
def dsinh_dx(x, xp):
    return xp.cosh(x)


@op(r"\cosh({x:bare})", primitive=True)
def cosh(x, *, xp):
    """The even half of eˣ: ``out = (eˣ + e⁻ˣ) / 2``.

    >>> cosh([0.0, 1.0])
    array([1.        , 1.54308063])
    """
    return xp.cosh(x)


@cosh.local("x")
def dcosh_dx(x, xp):
    return xp.sinh(x)


@op(r"\operatorname{{arsinh}}({x:bare})", primitive=True)
def asinh(x, *, xp):
    """The number whose hyperbolic sine is ``x``: a logarithm for both signs.

    >>> asinh([0.0, 1.0])
    array([0.        , 0.88137359])
    """
    return xp.asinh(x)


@asinh.local("x")
def dasinh_dx(x, xp):
    return 1 / xp.hypot(x, xp.ones_like(x))


@op(r"\operatorname{{arcosh}}({x:bare})", primitive=True)
def acosh(x, *, xp):
    """The number whose hyperbolic cosine is ``x``. NaN below 1, infinitely steep there.

    >>> acosh([1.0, 2.0])
    array([0.        , 1.3169579])
    """
    return xp.acosh(x)


@acosh.local("x")
def dacosh_dx(x, xp):
    return 1 / xp.sqrt(x - 1) / xp.sqrt(x + 1)


@op(r"\operatorname{{artanh}}({x:bare})", primitive=True)
def atanh(x, *, xp):
    """The number whose hyperbolic tangent is ``x``. NaN outside [−1, 1], infinite at its ends.

    >>> atanh([0.0, 0.5])
    array([0.        , 0.54930614])
    """
    return xp.atanh(x)


@atanh.local("x")
def datanh_dx(x, out):
    return 1 / one_minus_square(propagate_nan(x, out))


@op(r"\operatorname{{hypot}}({x1:bare}, {x2:bare})")
def hypot(x1, x2, *, xp):
    """The length of the diagonal: ``out = √(x1² + x2²)``, without overflow on the way.

    At the origin the derivative is 0, the subgradient of least norm.

    >>> hypot([3.0, 5.0], [4.0, 12.0])
    array([ 5., 13.])
    """
    return xp.hypot(x1, x2)


@hypot.local("x1")
def dhypot_dx1(x1, out):
    return safe_divide(x1, out)


@hypot.local("x2")
def dhypot_dx2(x2, out):
    return safe_divide(x2, out)


sinc.example([0.5, -1.25, 0.0])
sinc.example([0.5, -1.25, 0.0], order=1)
for function in (sin, cos, tan, atan, sinh, cosh, asinh):
    function.example([0.5, -1.25, 0.0])
one_minus_square.example([0.5, -1.25, 0.0])
for function in (asin, acos, atanh):
    function.example([0.5, -0.25, 0.75])
acosh.example([1.5, 2.0, 3.25])
for function in (atan2, hypot):
    function.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -0.75])
