"""Elementwise roots, exponentials and signs."""

from graphcore import op
from graphcore.extend import elementwise

from .select import propagate_nan

__all__ = ["abs", "abs_derivative", "cbrt", "exp", "log", "sign", "sqrt", "tanh"]


@elementwise(r"\sqrt{{{x:bare}}}", local=lambda out: 0.5 / out, example=[0.5, 1.5, 2.0], primitive=True)
def sqrt(x):
    """Return the square root: ``out = √x``. NaN below zero; infinitely steep at zero.

    >>> sqrt([4.0, 9.0])
    array([2., 3.])
    """


@op(local=lambda out: 1 / (3 * out * out), example=[0.5, -1.5, 2.0])
def cbrt(x, *, xp):
    """Return the cube root, with the sign of ``x``: ``out = ∛x``. Infinitely steep at zero.

    >>> cbrt([8.0, -27.0])
    array([ 2., -3.])
    """
    return xp.cbrt(x) if hasattr(xp, "cbrt") else xp.sign(x) * xp.abs(x) ** (1 / 3)


@elementwise("e^{{{x:bare}}}", local=lambda out: out, example=[0.5, -1.5, 0.0], primitive=True)
def exp(x):
    """Return the exponential: ``out = eˣ``, its own derivative.

    >>> exp([0.0, 1.0])
    array([1.        , 2.71828183])
    """


@elementwise(r"\ln({x:bare})", local=lambda x, out: 1 / propagate_nan(x, out), example=[0.5, 1.5, 2.0], primitive=True)
def log(x):
    """Return the natural logarithm: ``out = ln x``. Minus infinity at zero, NaN below.

    >>> log([1.0, 10.0])
    array([0.        , 2.30258509])
    """


@elementwise(
    r"\tanh({x:bare})",
    local=lambda x, xp: xp.cosh(x) ** -2.0,  # 1 − tanh² loses all its digits far from zero
    meaning="how responsive the neuron is",
    example=[0.5, -1.5, 0.0],
    primitive=True,
)
def tanh(x):
    """Return the hyperbolic tangent, which maps the real line to (−1, 1): ``out = tanh x``.

    >>> tanh([0.0, 1.0])
    array([0.        , 0.76159416])
    """


@op(r"\operatorname{{sign}}({x:bare})", elementwise=True, example=[0.5, -1.5, 2.0])
def abs_derivative(x, *, xp):
    """Return the slope of ``|x|``: its sign, and at the kink 0, the least subgradient.

    There the slope itself has no derivative, so that the second derivative of ``|x|``, and of ``|x|²``, is NaN.

    >>> abs_derivative([-2.0, 0.0])
    array([-1.,  0.])
    """
    return xp.sign(x)


@abs_derivative.local("x")
def dabs_derivative_dx(x, xp):
    return xp.where(xp.equal(x, 0.0), float("nan") * xp.ones_like(x), xp.zeros_like(x))


@elementwise(r"\left|{x:bare}\right|", local=lambda x: abs_derivative(x), example=[0.5, -1.5, 2.0], primitive=True)
def abs(x):
    """Return the absolute value: ``out = |x|``. At the kink the derivative is 0, the subgradient of least norm.

    >>> abs([-2.0, 3.0])
    array([2., 3.])
    """


@elementwise(flat="x", example=[0.5, -1.5, 2.0], primitive=True)
def sign(x):
    """Return the sign: −1, 0 or 1.

    >>> sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """
