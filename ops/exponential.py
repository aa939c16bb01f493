"""Growth and its inverse in other bases, and where ``exp`` and ``log`` would lose digits, entry by entry."""

import math

from graphcore import op

from .activation import sigmoid, softmax
from .choice import difference, propagate_nan
from .reduce import largest, reduced_shape, spread, wide


@op(r"\ln(1 + {x:bare})", primitive=True)
def log1p(x, *, xp):
    """The logarithm near 1: ``out = ln(1 + x)``, exact for small ``x`` too. Minus infinity at −1, NaN below.

    >>> log1p([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """
    return xp.log1p(x)


@log1p.local("x")
def dlog1p_dx(x, out):
    return 1 / (1 + propagate_nan(x, out))


@op("e^{{{x:bare}}} - 1", level=1, primitive=True)
def expm1(x, *, xp):
    """Growth less what was there: ``out = eˣ − 1``, exact for small ``x`` too.

    >>> expm1([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """
    return xp.expm1(x)


@expm1.local("x")
def dexpm1_dx(x, xp):
    return xp.exp(x)


@op(r"\log_2({x:bare})", primitive=True)
def log2(x, *, xp):
    """The logarithm to base 2: how many doublings.

    >>> log2([1.0, 8.0])
    array([0., 3.])
    """
    return xp.log2(x)


@log2.local("x")
def dlog2_dx(x, out):
    return 1 / (propagate_nan(x, out) * math.log(2))


@op(r"\log_{{10}}({x:bare})", primitive=True)
def log10(x, *, xp):
    """The logarithm to base 10: how many digits.

    >>> log10([1.0, 1000.0])
    array([0., 3.])
    """
    return xp.log10(x)


@log10.local("x")
def dlog10_dx(x, out):
    return 1 / (propagate_nan(x, out) * math.log(10))


@op(r"\ln(e^{{{x1:bare}}} + e^{{{x2:bare}}})")
def logaddexp(x1, x2, *, xp):
    """The logarithm of a sum of powers: ``out = ln(e^x1 + e^x2)``. Never overflows.

    >>> logaddexp([0.0, 1000.0], [0.0, 1000.0])
    array([6.93147181e-01, 1.00069315e+03])
    """
    return xp.logaddexp(x1, x2)


@logaddexp.local("x1")
def dlogaddexp_dx1(x1, x2):
    return sigmoid(difference(x1, x2))


@logaddexp.local("x2")
def dlogaddexp_dx2(x1, x2):
    return sigmoid(difference(x2, x1))


@op(r"\ln \sum e^{{{x:bare}}}", promote_integers=True)
def logsumexp(x, *, axis=None, keepdims=False, xp):
    """The logarithm of a sum of powers along ``axis``: ``out = ln Σ eˣ``. Never overflows.

    The derivative is `softmax`. Plus infinity among the entries shares it with its likes; where all are minus infinity,
    so is the sum, and all share evenly.

    >>> logsumexp([1000.0, 1000.0])
    np.float64(1000.6931471805599)
    """
    most = largest(x, axis, xp)
    total = xp.sum(xp.astype(xp.exp(difference(x, most)), wide(x, xp)), axis=axis, keepdims=keepdims)
    return xp.astype(xp.log(total), x.dtype) + xp.sum(most, axis=axis, keepdims=keepdims)


@logsumexp.pullback("x")
def dlogsumexp_dx(dout, x, axis, keepdims, xp):
    return spread(dout, x, axis, keepdims, xp) * softmax(x, axis=axis)


logsumexp.shape(reduced_shape)


@op(r"\frac{{1}}{{{x:bare}}}", level=3, promote_integers=True)
def reciprocal(x, *, xp):
    """One over it: ``out = 1 / x``. Infinite at zero.

    >>> reciprocal([2.0, -4.0])
    array([ 0.5 , -0.25])
    """
    return xp.reciprocal(x)


@reciprocal.local("x")
def dreciprocal_dx(out):
    return -out * out


for function in (log1p, expm1):
    function.example([0.5, -0.5, 0.0])
for function in (log2, log10, reciprocal):
    function.example([0.5, 1.5, 2.0])
logaddexp.example([[0.5, -1.5], [0.25, 2.0]], [1.5, -2.5])
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
logsumexp.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=(-1,), keepdims=True)
