"""Determinants, with derivatives that are exact for singular matrices too."""

from typing import Any, NamedTuple

import numpy as np

from graphcore import PRODUCT, op
from graphcore.extend import float_op, function, safe_multiply

from .cumulative import product_of_others
from .matrix import diagonal, diagonal_matrix
from .reduce import max_keepdims
from .solving import in_float32, inv, square_shape

__all__ = ["cofactors", "det", "logabsdet", "sign_of_det", "slogdet"]

MATRIX = [[2.0, -0.5, 0.25], [0.25, 1.5, -1.0], [1.0, 0.5, 0.75]]
LARGER = [[2.0, -0.5, 0.25, 1.0], [0.25, 1.5, -1.0, 0.5], [1.0, 0.5, 0.75, -0.75], [-1.0, 0.25, 0.5, 1.25]]


@float_op(r"\det {x:strict}", level=PRODUCT)
def det(x, *, xp):
    """Return the determinant. Its derivative, the `cofactors`, is exact for singular matrices too.

    >>> det([[4.0, 2.0], [1.0, 1.0]])
    np.float64(2.0)
    """
    return in_float32(xp.linalg.det, xp, x)


@det.pullback("x")
def ddet_dx(dout, x, xp):
    return for_each_matrix(dout, xp) * cofactors(x)


det.example(MATRIX)
det.example([[[0.5, 1.0], [-1.0, 0.75]], [[2.0, -0.5], [0.25, 1.5]]])
det.example([[1.0, 2.0], [2.0, 4.0]])


@op(r"\operatorname{{cof}}({x:bare})", dtype=np.result_type)
def cofactors(x, *directions, xp):
    """Return the derivative of the determinant: ``out[i, j] = ∂ det x / ∂x[i, j]``. It divides by nothing.

    With ``directions``, those of the determinant's directional derivative along them, in any order. Differentiating by
    ``x`` appends a direction, so this one operation is every derivative of `det`.

    >>> cofactors([[1.0, 2.0], [2.0, 4.0]]).round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return in_float32(lambda *matrices: cofactors_along(*matrices, xp=xp), xp, x, *directions)


@cofactors.pullback("x")
def dcofactors_dx(dout, x, directions):
    return cofactors(x, *directions, dout)


@cofactors.pullback("directions")
def dcofactors_ddirections(dout, x, directions, index):
    return cofactors(x, *directions[:index], *directions[index + 1 :], dout)


cofactors.example(MATRIX)
cofactors.example(LARGER, [row[::-1] for row in LARGER])


@float_op(r"\operatorname{{sign}} \det {x:strict}", level=PRODUCT, flat="x")
def sign_of_det(x, *, xp):
    """Return the sign of the determinant: 1, −1, or 0 for a singular matrix.

    >>> sign_of_det([[0.0, 1.0], [1.0, 0.0]])
    np.float64(-1.0)
    """
    return in_float32(lambda matrix: xp.linalg.slogdet(matrix)[0], xp, x)


sign_of_det.example(MATRIX)
sign_of_det.example([[[0.5, 1.0], [-1.0, 0.75]], [[2.0, -0.5], [0.25, 1.5]]])


@float_op(r"\ln \left|\det {x:strict}\right|", level=PRODUCT)
def logabsdet(x, *, xp):
    """Return the logarithm of the size of `det`, which neither overflows nor underflows.

    −∞ for a singular matrix, whose derivative is NaN; in a stack it does not affect the others.

    >>> logabsdet([[1e-200, 0.0], [0.0, 1e-200]])
    np.float64(-921.0340371976183)
    """
    return in_float32(lambda matrix: xp.linalg.slogdet(matrix)[1], xp, x)


@logabsdet.pullback("x")
def dlogabsdet_dx(dout, x, out, xp):
    return safe_multiply(for_each_matrix(dout, xp), inverse_if_any(x, out, xp).mT)


logabsdet.example(MATRIX)
logabsdet.example([[[0.5, 1.0], [-1.0, 0.75]], [[2.0, -0.5], [0.25, 1.5]]])


class SignAndLog(NamedTuple):
    """Result of `slogdet`."""

    sign: Any
    logabsdet: Any


@function
def slogdet(x, /):
    """Return the sign of the determinant and the logarithm of its size, as a pair.

    >>> slogdet([[2.0, 0.0], [0.0, -1.0]])
    SignAndLog(sign=np.float64(-1.0), logabsdet=np.float64(0.6931471805599453))
    """
    return SignAndLog(sign_of_det(x), logabsdet(x))


@det.shape
@sign_of_det.shape
@logabsdet.shape
def of_each_matrix(x):
    return square_shape(x)[:-2]


cofactors.shape(square_shape)


def for_each_matrix(dout, xp):
    """Repeat the sensitivity of each matrix for each of its entries."""
    return xp.expand_dims(xp.expand_dims(dout, axis=-1), axis=-1)


def inverse_if_any(x, logarithm, xp):
    """Return the inverse of each matrix whose determinant has a finite logarithm, and NaN for any other."""
    singular = for_each_matrix(xp.logical_not(xp.isfinite(logarithm)), xp)
    inverse = inv(xp.where(singular, diagonal_matrix(xp.ones_like(diagonal(x))), x))
    not_a_number = xp.where(singular, float("nan") * xp.ones_like(x), xp.zeros_like(x))
    everything = xp.sum(x, axis=(-2, -1), keepdims=True)  # which makes the derivative of NaN NaN too
    return inverse + safe_multiply(not_a_number, everything)


def cofactors_along(x, *directions, xp):
    """Return the part of the cofactors of ``x + Σ_i t_i d_i`` that is proportional to every ``t_i``.

    They are polynomials in the ``t_i``, so their coefficients follow from their values on a circle of complex
    numbers by a Fourier transform; the radius balances the terms.
    """
    if not directions:
        return cofactors_by_singular_values(x, xp)
    if len(directions) >= x.shape[-1]:  # a minor has one factor less from each row
        return 0.0 * sum(directions, x)
    *others, last = directions
    single = "float32" in str(x.dtype) or "complex64" in str(x.dtype)
    number = xp.complex64 if single else xp.complex128
    radius = size_of(x, xp) / size_of(last, xp)
    matrices = [xp.astype(matrix, number) for matrix in (x, radius * last, *others)]
    number_of_points = max(2, x.shape[-1])
    points = np.exp(2j * np.pi * np.arange(number_of_points) / number_of_points)
    points = xp.reshape(xp.asarray(points, dtype=number), (-1,) + (1,) * max(len(matrix.shape) for matrix in matrices))
    around = cofactors_along(matrices[0] + points * matrices[1], *matrices[2:], xp=xp)
    found = xp.sum(around / points, axis=0) / (number_of_points * radius)
    return found if x.dtype == number else xp.real(found)


def cofactors_by_singular_values(x, xp):
    """Return the cofactors from ``x = U S Vᴴ``: products of all singular values but one between ``U`` and ``Vᴴ``."""
    if x.shape[-1] == 0:
        return x
    known = xp.all(xp.isfinite(x), axis=(-2, -1), keepdims=True)
    u, s, vh = xp.linalg.svd(xp.where(known, x, xp.zeros_like(x)))
    scale = xp.linalg.det(u) * xp.linalg.det(vh)
    others = diagonal_matrix(product_of_others(s, -1, xp))
    if "complex" in str(x.dtype):
        u, vh, others = xp.conj(u), xp.conj(vh), xp.astype(others, x.dtype)
    found = for_each_matrix(scale, xp) * (u @ others @ vh)
    return xp.where(known, found, float("nan") * xp.ones_like(found))  # there is no decomposition of NaN


def size_of(x, xp):
    """Return the size of the largest entry of each matrix, 1 where all are zero."""
    most = max_keepdims(xp.abs(x), (-2, -1), xp)
    return xp.where(most > 0, most, xp.ones_like(most))
