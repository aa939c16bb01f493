"""The functions of a calculator, entry by entry."""

from graphcore import op

from .choice import propagate_nan


@op(r"\sqrt{{{x:bare}}}", primitive=True)
def sqrt(x, *, xp):
    """The square root: ``out = √x``. NaN below zero; infinitely steep at zero.

    >>> sqrt([4.0, 9.0])
    array([2., 3.])
    """
    return xp.sqrt(x)


@sqrt.local("x")
def dsqrt_dx(out):
    return 0.5 / out


@op(r"\operatorname{{cbrt}}({x:bare})")
def cbrt(x, *, xp):
    """The cube root, with the sign of ``x``: ``out = ∛x``. Infinitely steep at zero.

    >>> cbrt([8.0, -27.0])
    array([ 2., -3.])
    """
    return xp.cbrt(x) if hasattr(xp, "cbrt") else xp.sign(x) * xp.abs(x) ** (1 / 3)


@cbrt.local("x")
def dcbrt_dx(out):
    return 1 / (3 * out * out)


@op("e^{{{x:bare}}}", primitive=True)
def exp(x, *, xp):
    """Growth: ``out = eˣ``, its own derivative.

    >>> exp([0.0, 1.0])
    array([1.        , 2.71828183])
    """
    return xp.exp(x)


@exp.local("x")
def dexp_dx(out):
    return out


@op(r"\ln({x:bare})", primitive=True)
def log(x, *, xp):
    """The natural logarithm: ``out = ln x``. Minus infinity at zero, NaN below.

    >>> log([1.0, 10.0])
    array([0.        , 2.30258509])
    """
    return xp.log(x)


@log.local("x")
def dlog_dx(x, out):
    return 1 / propagate_nan(x, out)


@op(r"\tanh({x:bare})", primitive=True)
def tanh(x, *, xp):
    """Squash the whole number line into (−1, 1): ``out = tanh x``.

    >>> tanh([0.0, 1.0])
    array([0.        , 0.76159416])
    """
    return xp.tanh(x)


@tanh.local("x", meaning="how responsive the neuron is")
def dtanh_dx(x, xp):
    return xp.cosh(x) ** -2.0  # 1 − tanh² loses all its digits far from zero


@op(r"\left|{x:bare}\right|", primitive=True)
def abs(x, *, xp):
    """How far from zero: ``out = |x|``. At the kink the derivative is 0, the subgradient of least norm.

    >>> abs([-2.0, 3.0])
    array([2., 3.])
    """
    return xp.abs(x)


@abs.local("x")
def dabs_dx(x, xp):
    return xp.sign(x)


@op(r"\operatorname{{sign}}({x:bare})", elementwise=True, primitive=True)
def sign(x, *, xp):
    """Which side of zero: −1, 0 or 1.

    >>> sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """
    return xp.sign(x)


sign.flat("x")

sqrt.example([0.5, 1.5, 2.0])
cbrt.example([0.5, -1.5, 2.0])
exp.example([0.5, -1.5, 0.0])
log.example([0.5, 1.5, 2.0])
tanh.example([0.5, -1.5, 0.0])
abs.example([0.5, -1.5, 2.0])
sign.example([0.5, -1.5, 2.0])
