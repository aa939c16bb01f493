"""Singular values and vectors of matrices, and of stacks of them.

``x = U diag(s) Vᵀ``, with as many columns in ``U`` and ``V`` as the smaller side of the matrix has entries.
"""

from typing import Any, NamedTuple

from graphcore import errors
from graphcore.extend import float_op, function, safe_multiply, show_shape

from .matrix import diagonal_matrix
from .reduce import accumulation_dtype, max_keepdims
from .select import safe_divide
from .shape import as_array

__all__ = ["singular_vectors", "svd", "svdvals"]

MATRIX = [[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]]

#: singular values that differ by less than so many roundings of the largest are equal; so is 0
ROUNDINGS = 32


@float_op(r"\sigma({x:bare})")
def svdvals(x, *, xp):
    """Return the singular values of a matrix, the largest first.

    Equal values share the derivative evenly, as tied entries of `max` do, and that of 0 is 0: the subgradients of least
    norm of the largest value and of the sum.

    >>> svdvals([[0.0, 3.0], [-4.0, 0.0]])
    array([4., 3.])
    """
    return decomposed(x, xp)[1]


@svdvals.pullback("x")
def dsvdvals_dx(dout, x, out, xp):
    u, v = (singular_vectors(x, side=side) for side in ("left", "right"))
    u, v = (xp.where(xp.isnan(w), xp.zeros_like(w), w) for w in (u, v))  # NaN comes from the sensitivity instead
    return (u * xp.expand_dims(shared_by_the_same(dout, out, xp), axis=-2)) @ v.mT


svdvals.example(MATRIX)
svdvals.example([[[2.0, -0.5], [0.25, 1.5]], [[0.5, 1.0], [-1.0, 0.75]]])


@float_op(r"\operatorname{{{side}}}({x:bare})")
def singular_vectors(x, *, side, xp):
    """Return the left or right singular vectors of a matrix, as columns.

    The signs, and the vectors of singular values of 0, are as the array library returns them. Where two singular values
    are equal the vectors are not unique, and there is no derivative.

    >>> abs(singular_vectors([[0.0, 3.0], [-4.0, 0.0]], side="right"))
    array([[1., 0.],
           [0., 1.]])
    """
    u, _, v = decomposed(x, xp)
    return u if side == "left" else v


@singular_vectors.pullback("x")
def dsingular_vectors_dx(dout, x, out, side, xp):
    other = singular_vectors(x, side="right" if side == "left" else "left")
    values = svdvals(x)
    s = xp.expand_dims(values, axis=-2)
    apart = s - s.mT + diagonal_matrix(xp.ones_like(values))  # no vector rotates into itself
    along = out.mT @ dout
    # the rotation between two vectors is inversely proportional to the difference of their singular values
    turn = safe_multiply(along - along.mT, safe_divide(safe_divide(s, s + s.mT), apart))
    turned = out @ turn
    if out.shape[-2] is None or out.shape[-2] != out.shape[-1]:  # else the vectors span the whole space
        beside = dout - out @ along
        turned = turned + safe_multiply(beside, 1 / (s + xp.zeros_like(beside)))
    found = turned @ other.mT
    return found if side == "left" else found.mT


for one in ("left", "right"):
    singular_vectors.example([[2.0, -0.5], [0.25, 1.5]], side=one)


class SingularValues(NamedTuple):
    """Result of `svd`: ``x = U diag(S) Vh``."""

    U: Any
    S: Any
    Vh: Any


@function
def svd(x, /, *, full_matrices=True):
    """Decompose a matrix: ``x = U diag(S) Vh``, with the singular values ``S``, the largest first.

    A matrix that is not square needs ``full_matrices=False``: the other columns have no derivative.

    >>> svd([[0.0, 3.0], [-4.0, 0.0]]).S
    array([4., 3.])
    """
    shape = matrix_shape(tuple(as_array(x).shape))
    if full_matrices and shape[-1] != shape[-2]:
        raise errors.ShapeError(
            f"the shape is {show_shape(shape)}, and vectors beyond those that count have no derivative: "
            f"say full_matrices=False"
        )
    return SingularValues(singular_vectors(x, side="left"), svdvals(x), singular_vectors(x, side="right").mT)


@svdvals.shape
def svdvals_shape(x):
    return (*matrix_shape(x)[:-2], smaller(x))


@singular_vectors.shape
def singular_vectors_shape(x, side):
    return (*matrix_shape(x)[:-2], x[-2 if side == "left" else -1], smaller(x))


def matrix_shape(x):
    """Return the shape, after checking that it has two axes at least."""
    if len(x) < 2:
        raise errors.ShapeError(f"a matrix has two axes at least; the shape is {show_shape(x)}")
    return x


def smaller(x):
    """Return the number of singular values."""
    return None if None in x[-2:] else min(x[-2:])


def decomposed(x, xp):
    """Return ``U``, the singular values and ``V``; all NaN where the matrix has an entry that is not finite."""
    matrix = xp.astype(x, accumulation_dtype(x, xp))
    known = xp.all(xp.isfinite(matrix), axis=(-2, -1), keepdims=True)
    u, s, vh = xp.linalg.svd(xp.where(known, matrix, xp.zeros_like(matrix)), full_matrices=False)
    parts = (u, s, vh.mT)
    known = (known, xp.squeeze(known, axis=-1), known)
    return [xp.astype(xp.where(k, p, float("nan") * p), x.dtype) for k, p in zip(known, parts, strict=True)]


def shared_by_the_same(dout, s, xp):
    """Return sensitivities of singular values, distributed evenly among equal ones, and 0 for those that are 0."""
    near = ROUNDINGS * float(xp.finfo(s.dtype).eps) * max_keepdims(s, -1, xp)
    apart = xp.abs(xp.expand_dims(s, axis=-1) - xp.expand_dims(s, axis=-2))
    same = xp.astype(apart <= xp.expand_dims(near, axis=-1), s.dtype)
    weights = same / xp.sum(same, axis=-1, keepdims=True)
    shared = xp.sum(weights * xp.expand_dims(dout, axis=-2), axis=-1)
    return xp.where(s > near, shared, safe_multiply(dout, xp.where(xp.isnan(s), s, xp.zeros_like(s))))
