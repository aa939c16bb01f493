"""Norms of vectors and matrices."""

import math

from graphcore import PRODUCT, errors, op
from graphcore.extend import float_op, function, safe_multiply, show_shape

from .elementwise import abs, abs_derivative
from .reduce import dextreme_dx, max, max_keepdims, measure, min, reduced_shape, spread, sum
from .select import safe_divide
from .shape import as_floats, expand_dims
from .singular_values import svdvals

__all__ = ["matrix_norm", "signed_power", "vector_norm"]

VALUES = [[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]]


@float_op(r"\left\|{x:bare}\right\|")
def vector_norm(x, *, axis=None, keepdims=False, ord=2, xp):
    """Return a norm of vectors: ``out = (Σ |x_i|^ord)^(1/ord)`` along ``axis``. Never overflows.

    ``ord`` may also be ``inf`` or ``-inf`` for the largest or smallest absolute value, and 0 for the number of nonzero
    entries. Several axes are flattened. At the zero vector the derivative of the Euclidean norm is 0, the subgradient
    of least norm; where several entries are largest they share the derivative evenly.

    >>> vector_norm([3.0, 4.0]), vector_norm([3.0, -4.0], ord=1)
    (np.float64(5.0), np.float64(7.0))
    """
    size = xp.abs(x)
    if ord == math.inf:
        return xp.max(size, axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return xp.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return xp.sum(xp.sign(size), axis=axis, keepdims=keepdims)
    if ord == 1:
        return xp.sum(size, axis=axis, keepdims=keepdims)
    most = max_keepdims(size, axis, xp)
    scale = xp.where((most > 0) & xp.isfinite(most), most, xp.ones_like(most))
    length = xp.sum((size / scale) ** ord, axis=axis, keepdims=True) ** (1 / ord)
    return xp.sum(length * scale, axis=axis, keepdims=keepdims)


@vector_norm.pullback("x")
def dvector_norm_dx(dout, x, out, axis, keepdims, ord, xp):
    if ord == 0:
        return xp.zeros_like(x)
    if ord in (math.inf, -math.inf):
        return dextreme_dx(dout, xp.abs(x), out, axis, keepdims, xp) * xp.sign(x)
    return spread(dout, x, axis, keepdims, xp) * towards(x, spread(out, x, axis, keepdims, xp), axis, ord)


vector_norm.example(VALUES)
vector_norm.example(VALUES, axis=1, keepdims=True)
for order in (0, 1, 3.0, -1.0, math.inf, -math.inf):
    vector_norm.example(VALUES, axis=(0,), ord=order)


def towards(x, length, axis, ord):
    """Return the gradient of a norm: ``sign(x) (|x| / length)^(ord − 1)``, and 0 where the length is 0."""
    if ord == 1:
        return abs_derivative(x)
    if ord == 2:
        return safe_divide(x, length)
    part, whole, exponent = (x, length, ord - 1.0) if ord > 0 else (length, x, 1.0 - ord)
    if math.fabs(ord) > MODERATE:  # only powers of numbers below 1 stay in range
        return signed_power(safe_divide(part, whole), exponent=exponent)
    scale = 2 * measure(length, axis=axis)
    return safe_divide(signed_power(part / scale, exponent=exponent), signed_power(whole / scale, exponent=exponent))


#: up to this order powers of a length can be divided by one another
MODERATE = 8


@op(r"\operatorname{{sign}}({x:bare}) \left|{x:bare}\right|^{{{exponent}}}", level=PRODUCT)
def signed_power(x, *, exponent, xp):
    """Return a power with the sign of its base: ``out = sign(x) |x|^exponent``. 0 stays 0.

    >>> signed_power([-2.0, 0.0, 3.0], exponent=2.0)
    array([-4.,  0.,  9.])
    """
    return x if exponent == 1 else safe_multiply(xp.sign(x), xp.abs(x) ** exponent)


@signed_power.local("x")
def dsigned_power_dx(x, exponent, xp):
    return 1 if exponent == 1 else exponent * xp.abs(x) ** (exponent - 1)


signed_power.example([0.5, -1.5, 2.0], exponent=1.5)


@vector_norm.shape
def vector_norm_shape(x, axis, keepdims, ord):
    if isinstance(ord, bool) or not isinstance(ord, (int, float)) or math.isnan(ord):
        raise errors.ShapeError(f"the order of a vector's norm is a number; got ord={ord!r}")
    return reduced_shape(x, axis, keepdims)


@function
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """Return a norm of matrices: ``"fro"`` the root of all squares, 1 the largest column, ``inf`` the largest row.

    The size of a column or row is the sum of its absolute values; −1 and ``-inf`` select the smallest. 2 and −2 are the
    largest and the smallest singular value, and ``"nuc"`` is their sum.

    >>> import numpy as np
    >>> matrix_norm(np.array([[3.0, 0.0], [0.0, -4.0]])), matrix_norm(np.array([[1.0, 2.0], [3.0, 4.0]]), ord=1)
    (np.float64(5.0), np.float64(6.0))
    """
    x = as_floats(x)
    if len(x.shape) < 2:
        raise errors.ShapeError(f"a matrix has two axes at least; the shape is {show_shape(tuple(x.shape))}")
    if ord == "fro":
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        total = {2: max, -2: min, "nuc": sum}[ord](svdvals(x), axis=-1)
        return expand_dims(expand_dims(total, axis=-1), axis=-1) if keepdims else total
    if ord not in (1, -1, math.inf, -math.inf):
        raise errors.ShapeError(
            f"the order of a matrix's norm is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf; got ord={ord!r}"
        )
    summed, compared = (-2, -1) if ord in (1, -1) else (-1, -2)
    sizes = sum(abs(x), axis=summed, keepdims=True)
    extreme = (max if ord > 0 else min)(sizes, axis=compared, keepdims=True)
    return extreme if keepdims else sum(extreme, axis=(-2, -1))
