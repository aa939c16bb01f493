"""Elementwise exponentials and logarithms in other bases, and forms without loss of digits near 0 and 1."""

import math

from graphcore.extend import elementwise, float_op

from .activation import sigmoid, softmax
from .reduce import accumulation_dtype, max_keepdims, reduced_shape, spread
from .select import difference, propagate_nan

__all__ = ["expm1", "log1p", "log2", "log10", "logaddexp", "logsumexp", "reciprocal"]


@elementwise(
    r"\ln(1 + {x:bare})", local=lambda x, out: 1 / (1 + propagate_nan(x, out)), example=[0.5, -0.5, 0.0], primitive=True
)
def log1p(x):
    """Return the logarithm near 1: ``out = ln(1 + x)``, exact for small ``x`` too. Minus infinity at −1, NaN below.

    >>> log1p([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """


@elementwise("e^{{{x:bare}}} - 1", level=1, local=lambda x, xp: xp.exp(x), example=[0.5, -0.5, 0.0], primitive=True)
def expm1(x):
    """Return the exponential less 1: ``out = eˣ − 1``, exact for small ``x`` too.

    >>> expm1([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """


@elementwise(
    r"\log_2({x:bare})",
    local=lambda x, out: 1 / (propagate_nan(x, out) * math.log(2)),
    example=[0.5, 1.5, 2.0],
    primitive=True,
)
def log2(x):
    """Return the logarithm to base 2.

    >>> log2([1.0, 8.0])
    array([0., 3.])
    """


@elementwise(
    r"\log_{{10}}({x:bare})",
    local=lambda x, out: 1 / (propagate_nan(x, out) * math.log(10)),
    example=[0.5, 1.5, 2.0],
    primitive=True,
)
def log10(x):
    """Return the logarithm to base 10.

    >>> log10([1.0, 1000.0])
    array([0., 3.])
    """


@elementwise(
    r"\ln(e^{{{x1:bare}}} + e^{{{x2:bare}}})",
    local={"x1": lambda x1, x2: sigmoid(difference(x1, x2)), "x2": lambda x1, x2: sigmoid(difference(x2, x1))},
    example=([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5]),
)
def logaddexp(x1, x2):
    """Return the logarithm of a sum of exponentials: ``out = ln(e^x1 + e^x2)``. Never overflows.

    >>> logaddexp([0.0, 1000.0], [0.0, 1000.0])
    array([6.93147181e-01, 1.00069315e+03])
    """


@float_op(r"\ln \sum e^{{{x:bare}}}")
def logsumexp(x, *, axis=None, keepdims=False, xp):
    """Return the logarithm of a sum of exponentials along ``axis``: ``out = ln Σ eˣ``. Never overflows.

    The derivative is `softmax`. Entries of plus infinity share the derivative evenly; where all are minus infinity, so
    is the result, and all share the derivative evenly.

    >>> logsumexp([1000.0, 1000.0])
    np.float64(1000.6931471805599)
    """
    most = max_keepdims(x, axis, xp)
    total = xp.sum(xp.astype(xp.exp(difference(x, most)), accumulation_dtype(x, xp)), axis=axis, keepdims=keepdims)
    return xp.astype(xp.log(total), x.dtype) + xp.sum(most, axis=axis, keepdims=keepdims)


@logsumexp.pullback("x")
def dlogsumexp_dx(dout, x, axis, keepdims, xp):
    return spread(dout, x, axis, keepdims, xp) * softmax(x, axis=axis)


logsumexp.shape(reduced_shape)
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)


@elementwise(
    r"\frac{{1}}{{{x:bare}}}", level=3, local=lambda out: -out * out, example=[0.5, 1.5, 2.0], promote_integers=True
)
def reciprocal(x):
    """Return the reciprocal: ``out = 1 / x``. Infinite at zero.

    >>> reciprocal([2.0, -4.0])
    array([ 0.5 , -0.25])
    """
