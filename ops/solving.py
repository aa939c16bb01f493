"""Linear equations, inverses and factors of square matrices, and of stacks of them.

float16 is computed in float32, since array libraries solve no equations in float16.
"""

import numpy as np

from graphcore import POWER, PRODUCT, errors
from graphcore.extend import broadcast, float_op, function, show_shape

from .linear import matmul
from .matrix import diagonal, diagonal_matrix
from .shape import as_array, zeros_like

__all__ = ["cholesky", "inv", "matrix_power", "solve"]

SQUARE = [[2.0, -0.5], [0.25, 1.5]]
POSITIVE = [[2.0, 0.75, -0.5], [0.5, 1.5, 0.25], [-0.25, 0.5, 3.0]]


@float_op("{x:strict}^{{-1}}", level=POWER)
def inv(x, *, xp):
    """Return the inverse of a matrix: ``out x = 1``. A singular matrix is refused by the array library.

    >>> inv([[2.0, 0.0], [0.0, 4.0]])
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return in_float32(xp.linalg.inv, xp, x)


@inv.pullback("x")
def dinv_dx(dout, out):
    return -(out.mT @ dout @ out.mT)


inv.example(SQUARE)
inv.example([SQUARE, [[0.5, 1.0], [-1.0, 0.75]]])


@float_op("{x1:strict}^{{-1}} {x2:strict}", level=PRODUCT, dtype=np.result_type)
def solve(x1, x2, *, xp):
    """Solve linear equations for a vector or matrix ``x2``: ``x1 out = x2``.

    Stacks broadcast; ``x2`` is a vector only if it has one axis. A singular matrix is refused by the array library.

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])
    array([0.5 , 0.25])
    """
    solve_shape(x1.shape, x2.shape)
    return in_float32(xp.linalg.solve, xp, x1, x2)


@solve.pullback("x2")
def dsolve_dx2(dout, x1, x2, xp):
    return solved_back(dout, x1, x2, xp)


@solve.pullback("x1")
def dsolve_dx1(dout, x1, x2, out, xp):
    back = solved_back(dout, x1, x2, xp)
    if x2.ndim == 1:
        return -(xp.expand_dims(back, axis=-1) * xp.expand_dims(out, axis=-1).mT)
    return -(back @ out.mT)


solve.example(SQUARE, [0.5, -1.5])
solve.example(SQUARE, [[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
solve.example([SQUARE, [[0.5, 1.0], [-1.0, 0.75]]], [[0.5], [0.25]])
solve.example([SQUARE, [[0.5, 1.0], [-1.0, 0.75]]], [0.5, 0.25])


def solved_back(dout, x1, x2, xp):
    """Solve the transposed equations for the sensitivity."""
    if x2.ndim == 1:
        return xp.squeeze(solve(x1.mT, xp.expand_dims(dout, axis=-1)), axis=-1)
    return solve(x1.mT, dout)


@float_op
def cholesky(x, *, upper=False, xp):
    """Return the Cholesky factor of a symmetric positive matrix: ``out outᵀ = x``; with ``upper``, ``outᵀ out = x``.

    Only the lower triangle of ``x`` is read (with ``upper``, the upper one), and so only that has a derivative. A
    matrix that is not positive is refused by the array library.

    >>> cholesky([[4.0, 0.0], [2.0, 2.0]])
    array([[2., 0.],
           [1., 1.]])
    """
    half = x.mT if upper else x
    root = in_float32(xp.linalg.cholesky, xp, xp.tril(half) + xp.tril(half, k=-1).mT)
    return root.mT if upper else root


@cholesky.pullback("x")
def dcholesky_dx(dout, out, upper, xp):
    root, back = (out.mT, dout.mT) if upper else (out, dout)
    inner = lower_half(root.mT @ xp.tril(back), xp)
    whole = solve(root.mT, solve(root.mT, inner).mT)
    share = lower_half(whole + whole.mT, xp)  # the lower triangle gets the contributions of both
    return share.mT if upper else share


cholesky.example(POSITIVE)
cholesky.example([POSITIVE], upper=True)


def lower_half(x, xp):
    """Return the lower triangle with half of the diagonal: with its transpose it makes up a symmetric matrix."""
    return xp.tril(x) - 0.5 * diagonal_matrix(diagonal(x))


@function
def matrix_power(x, n, /):
    """Raise a square matrix to the power ``n``: a power of the inverse if it is negative, the identity for 0.

    >>> matrix_power([[1.0, 1.0], [0.0, 1.0]], 5)
    array([[1., 5.],
           [0., 1.]])
    """
    if not isinstance(n, int) or isinstance(n, bool):
        raise errors.ShapeError(f"matrix_power: n is an integer; got {n!r}")
    x = as_array(x)
    square_shape(tuple(x.shape))
    if n == 0:
        return zeros_like(x) + diagonal_matrix(diagonal(zeros_like(x)) + 1)
    base = inv(x) if n < 0 else x
    power, n = None, abs(n)
    while n:
        if n % 2:
            power = base if power is None else matmul(power, base)
        n //= 2
        base = matmul(base, base) if n else base
    return power


@inv.shape
@cholesky.shape
def square_shape(x):
    if len(x) < 2 or (x[-1] != x[-2] and None not in x[-2:]):
        raise errors.ShapeError(f"the matrix has to be square; its shape is {show_shape(tuple(x))}")
    return x


@solve.shape
def solve_shape(x1, x2):
    square_shape(x1)
    rows = x2[-1 if len(x2) == 1 else -2] if x2 else 1
    if not x2 or (rows != x1[-1] and None not in (rows, x1[-1])):
        raise errors.ShapeError(
            f"x1 has the shape {show_shape(tuple(x1))}, so x2 needs {x1[-1]} rows; its shape is {show_shape(tuple(x2))}"
        )
    if len(x2) == 1:
        return (*x1[:-2], x1[-1])
    return (*broadcast(tuple(x1[:-2]), tuple(x2[:-2])), x1[-1], x2[-1])


def in_float32(f, xp, *arrays):
    """Call a function of arrays of one dtype, in float32 if that is float16.

    >>> in_float32(np.linalg.inv, np, np.array([[2.0]], "float16"))
    array([[0.5]], dtype=float16)
    """
    dtype = xp.result_type(*arrays)
    inside = xp.float32 if "float16" in str(dtype) else dtype
    return xp.astype(f(*(xp.astype(array, inside, copy=False) for array in arrays)), dtype, copy=False)
