"""Parts of matrices, and of stacks of matrices: diagonals and triangles."""

import numpy as np

from graphcore import errors, op
from graphcore.extend import broadcast_like, device_of

from .gather_scatter import gather, scatter_add

__all__ = ["diagonal", "diagonal_like", "diagonal_matrix", "trace", "tril", "triu"]

MATRIX = [[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]]


@op(r"\operatorname{{diag}}({x:bare})")
def diagonal(x, *, offset=0, xp):
    """Return a diagonal of a matrix: ``out[i] = x[i, i + offset]``.

    >>> diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    return on_diagonal(x, offset, xp)


@diagonal.pullback("x", zeros="made")
def ddiagonal_dx(dout, x, offset):
    return diagonal_like(dout, x, offset=offset)


diagonal.example(MATRIX)
diagonal.example([MATRIX, MATRIX], offset=1)


@op(r"\operatorname{{diag}}({part:bare})", dtype=lambda part, _: part, shape="like", flat="like")
def diagonal_like(part, like, *, offset=0, xp):
    """Return zeros in the shape of ``like``, with ``part`` on a diagonal: the transpose of `diagonal`.

    >>> diagonal_like([5.0, 6.0], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], offset=1)
    array([[0., 5., 0.],
           [0., 0., 6.]])
    """
    return put_on_diagonal(part, like, offset, xp)


@diagonal_like.pullback("part", zeros="moved")
def ddiagonal_like_dpart(dout, offset):
    return diagonal(dout, offset=offset)


diagonal_like.example([0.5, -1.5], MATRIX, offset=1)


@op(r"\operatorname{{diag}}({x:bare})")
def diagonal_matrix(x, *, offset=0, xp):
    """Return a matrix of zeros with a vector on a diagonal: ``out[i, i + offset] = x[i]``.

    >>> diagonal_matrix([1.0, 2.0])
    array([[1., 0.],
           [0., 2.]])
    """
    n = x.shape[-1] + abs(offset)
    whole = xp.zeros((*x.shape[:-1], n, n), dtype=x.dtype, device=device_of(x))
    return put_on_diagonal(x, whole, offset, xp)


@diagonal_matrix.pullback("x", zeros="made")
def ddiagonal_matrix_dx(dout, offset):
    return diagonal(dout, offset=offset)


diagonal_matrix.example(MATRIX)
diagonal_matrix.example([0.5, -1.5], offset=-1)


@op(r"\operatorname{{tr}}({x:bare})")
def trace(x, *, offset=0, xp):
    """Return the sum of the diagonal: ``out = Σ_i x[i, i + offset]``.

    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    np.float64(5.0)
    """
    return xp.sum(on_diagonal(x, offset, xp), axis=-1)


@trace.pullback("x", zeros="made")
def dtrace_dx(dout, x, offset, xp):
    on_it = broadcast_like(xp.expand_dims(dout, axis=-1), diagonal(x, offset=offset))
    return diagonal_like(on_it, x, offset=offset)


trace.example(MATRIX)
trace.example([MATRIX, MATRIX], offset=1)


@op
def tril(x, *, k=0, xp):
    """Return the lower triangle: zeros above the ``k``-th diagonal.

    >>> tril([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 0.],
           [3., 4.]])
    """
    return xp.tril(x, k=k)


@tril.pullback("x", zeros="made")
def dtril_dx(dout, k, xp):
    return xp.tril(dout, k=k)


tril.example(MATRIX)
tril.example([MATRIX, MATRIX], k=-1)


@op
def triu(x, *, k=0, xp):
    """Return the upper triangle: zeros below the ``k``-th diagonal.

    >>> triu([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [0., 4.]])
    """
    return xp.triu(x, k=k)


@triu.pullback("x", zeros="made")
def dtriu_dx(dout, k, xp):
    return xp.triu(dout, k=k)


triu.example(MATRIX)
triu.example([MATRIX, MATRIX], k=-1)


def on_diagonal(x, offset, xp):
    """Return the entries on a diagonal."""
    return gather.forward(x, *places_on_diagonal(x, offset, xp), axes=(x.ndim - 2, x.ndim - 1), xp=xp)


def put_on_diagonal(part, like, offset, xp):
    """Return zeros with some entries on a diagonal."""
    return scatter_add.forward(
        part, like, *places_on_diagonal(like, offset, xp), axes=(like.ndim - 2, like.ndim - 1), xp=xp
    )


def places_on_diagonal(x, offset, xp):
    """Return the row and column indices of the entries on a diagonal."""
    rows, columns = x.shape[-2:]
    along = np.arange(diagonal_length(rows, columns, offset))
    return xp.asarray(along - min(offset, 0), device=device_of(x)), xp.asarray(
        along + max(offset, 0), device=device_of(x)
    )


def diagonal_length(rows, columns, offset):
    """Return the number of entries on a diagonal."""
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


@diagonal.shape
def diagonal_shape(x, offset):
    *stack, rows, columns = matrix_shape(x)
    return (*stack, None if None in (rows, columns) else diagonal_length(rows, columns, offset))


@trace.shape
def trace_shape(x):
    return matrix_shape(x)[:-2]


@tril.shape
@triu.shape
def matrix_shape(x):
    if len(x) < 2:
        raise errors.ShapeError(f"a matrix has two axes at least; the shape is {x}")
    return x


@diagonal_matrix.shape
def diagonal_matrix_shape(x, offset):
    if not x:
        raise errors.ShapeError("a diagonal is a vector; this is a single number")
    n = None if x[-1] is None else x[-1] + abs(offset)
    return (*x[:-1], n, n)
