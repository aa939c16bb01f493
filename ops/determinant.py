"""Determinants: by how much matrices scale volumes, with derivatives that are right for singular matrices too."""

from typing import Any, NamedTuple

import numpy as np

from graphcore import PRODUCT, op
from graphcore.extend import chain, function

from .cumulative import product_of_others
from .matrix import diagonal, diagonal_matrix
from .reduce import largest
from .solving import inv, square_shape, widened


@op(r"\det {x:strict}", level=PRODUCT, promote_integers=True)
def det(x, *, xp):
    """By how much a matrix scales volumes. Its derivative, the `cofactors`, is right for singular matrices too.

    >>> det([[4.0, 2.0], [1.0, 1.0]])
    np.float64(2.0)
    """
    return widened(xp.linalg.det, xp, x)


@det.pullback("x")
def ddet_dx(dout, x, xp):
    return for_each_matrix(dout, xp) * cofactors(x)


@op(r"\operatorname{{cof}}({x:bare})", dtype=np.result_type)
def cofactors(x, *directions, xp):
    """How the determinant changes with each entry: ``out[i, j] = ∂ det x / ∂x[i, j]``. Nothing is divided by it.

    With ``directions``, the same of the determinant's derivative along them, one after the other. Their order does not
    matter, and differentiating by ``x`` is one more direction, so this one operation is every derivative of `det`.

    >>> cofactors([[1.0, 2.0], [2.0, 4.0]]).round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return widened(lambda *matrices: cofactors_along(*matrices, xp=xp), xp, x, *directions)


@cofactors.pullback("x")
def dcofactors_dx(dout, x, directions):
    return cofactors(x, *directions, dout)


@cofactors.pullback("directions")
def dcofactors_ddirections(dout, x, directions, index):
    return cofactors(x, *directions[:index], *directions[index + 1 :], dout)


@op(r"\operatorname{{sign}} \det {x:strict}", level=PRODUCT, promote_integers=True)
def sign_of_det(x, *, xp):
    """Whether a matrix keeps the orientation (1), turns it round (−1) or flattens the space (0).

    >>> sign_of_det([[0.0, 1.0], [1.0, 0.0]])
    np.float64(-1.0)
    """
    return widened(lambda matrix: xp.linalg.slogdet(matrix)[0], xp, x)


sign_of_det.flat("x")


@op(r"\ln \left|\det {x:strict}\right|", level=PRODUCT, promote_integers=True)
def logabsdet(x, *, xp):
    """The logarithm of the size of `det`, which neither overflows nor vanishes.

    −∞ for a singular matrix, which has no derivative; one that does not count spoils no other.

    >>> logabsdet([[1e-200, 0.0], [0.0, 1e-200]])
    np.float64(-921.0340371976183)
    """
    return widened(lambda matrix: xp.linalg.slogdet(matrix)[1], xp, x)


@logabsdet.pullback("x")
def dlogabsdet_dx(dout, x, out, xp):
    return chain(for_each_matrix(dout, xp), inverse_if_any(x, out, xp).mT)


class SignAndLog(NamedTuple):
    """What `slogdet` finds."""

    sign: Any
    logabsdet: Any


@function
def slogdet(x, /):
    """The sign of the determinant and the logarithm of its size, as a pair.

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
    """One sensitivity per matrix, for each of its entries."""
    return xp.expand_dims(xp.expand_dims(dout, axis=-1), axis=-1)


def inverse_if_any(x, logarithm, xp):
    """The inverse of each matrix whose determinant has a finite logarithm; of any other, what is not a number."""
    singular = for_each_matrix(xp.logical_not(xp.isfinite(logarithm)), xp)
    inverse = inv(xp.where(singular, diagonal_matrix(xp.ones_like(diagonal(x))), x))
    not_a_number = xp.where(singular, float("nan") * xp.ones_like(x), xp.zeros_like(x))
    everything = xp.sum(x, axis=(-2, -1), keepdims=True)  # by which what is not a number has no derivative either
    return inverse + chain(not_a_number, everything)


def cofactors_along(x, *directions, xp):
    """The part of the cofactors of ``x + Σ_i t_i d_i`` that is proportional to every ``t_i``.

    They are polynomials in the ``t_i``, so their coefficients are found from their values on a circle of complex
    numbers, as by a Fourier transform; the radius balances what is added.
    """
    if not directions:
        return cofactors_by_singular_values(x, xp)
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
    """With ``x = U S Vᴴ``: the product of all singular values but one, for each, between ``U`` and ``Vᴴ``."""
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
    """The size of the largest entry of each matrix, 1 where all are zero."""
    most = largest(xp.abs(x), (-2, -1), xp)
    return xp.where(most > 0, most, xp.ones_like(most))


MATRIX = [[2.0, -0.5, 0.25], [0.25, 1.5, -1.0], [1.0, 0.5, 0.75]]
for scaling in (det, logabsdet, sign_of_det):
    scaling.example(MATRIX)
    scaling.example([[[0.5, 1.0], [-1.0, 0.75]], [[2.0, -0.5], [0.25, 1.5]]])
det.example([[1.0, 2.0], [2.0, 4.0]])
cofactors.example(MATRIX)
LARGER = [[2.0, -0.5, 0.25, 1.0], [0.25, 1.5, -1.0, 0.5], [1.0, 0.5, 0.75, -0.75], [-1.0, 0.25, 0.5, 1.25]]
cofactors.example(LARGER, [row[::-1] for row in LARGER])
