"""Elementwise roots, exponentials and signs."""

from graphcore import op
from graphcore.extend import elementwise

from .select import propagate_nan

__all__ = ["abs", "cbrt", "exp", "log", "sign", "sqrt", "tanh"]


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


@elementwise(r"\left|{x:bare}\right|", local=lambda x, xp: xp.sign(x), example=[0.5, -1.5, 2.0], primitive=True)
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
