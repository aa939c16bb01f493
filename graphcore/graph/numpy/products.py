"""numpy's products and norms, and its parts of matrices.

>>> import graphcore as gc, numpy as np, ops
>>> x = gc.Graph().input("x", (2, 3))
>>> np.inner(x, x).shape, np.diag(x).shape, np.linalg.norm(x, axis=1).shape, np.einsum("ij,kj->ik", x, x).shape
((2, 2), (2,), (2,), (2, 2))
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from .arrangement import reshape
from .table import implements, operation


@implements(np.dot)
def dot(a: Any, b: Any) -> Any:
    """Return a product of numbers, vectors or matrices, whichever the arguments are."""
    if 0 in (np.ndim(a), np.ndim(b)):
        return operation("multiply")(a, b)
    if np.ndim(b) > 2:
        return operation("tensordot")(a, b, axes=((-1,), (-2,)))
    return operation("matmul")(a, b)


@implements(np.inner)
def _inner(a: Any, b: Any) -> Any:
    if 0 in (np.ndim(a), np.ndim(b)):
        return operation("multiply")(a, b)
    return operation("tensordot")(a, b, axes=((-1,), (-1,)))


@implements(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return operation("vecdot")(reshape(a, (-1,)), reshape(b, (-1,)))


@implements(np.outer)
def _outer(a: Any, b: Any) -> Any:
    return operation("outer")(reshape(a, (-1,)), reshape(b, (-1,)))


@implements(np.kron)
def _kron(a: Any, b: Any) -> Any:
    ndim = max(np.ndim(a), np.ndim(b))
    left, right = ((1,) * (ndim - np.ndim(x)) + tuple(np.shape(x)) for x in (a, b))
    if None in left + right:
        raise ShapeError(f"np.kron needs all lengths to be known; the shapes are {np.shape(a)} and {np.shape(b)}")
    a = reshape(a, tuple(n for length in left for n in (length, 1)))
    b = reshape(b, tuple(n for length in right for n in (1, length)))
    return reshape(operation("multiply")(a, b), tuple(n * m for n, m in zip(left, right, strict=True)))


@implements(np.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    move, array = operation("moveaxis"), operation("asarray")
    return move(operation("cross")(move(array(a), axisa, -1), move(array(b), axisb, -1)), -1, axisc)


@implements(np.einsum)
def _einsum(*operands: Any) -> Any:
    return operation("einsum")(*operands)


@implements(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return operation("diagonal")(operation("moveaxis")(a, (axis1, axis2), (-2, -1)), offset=offset)


@implements(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return operation("trace")(operation("moveaxis")(a, (axis1, axis2), (-2, -1)), offset=offset)


@implements(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) not in (1, 2):
        raise ShapeError(f"np.diag takes a vector or a matrix; this has {np.ndim(v)} axes")
    return operation("diagonal" if np.ndim(v) == 2 else "diagonal_matrix")(v, offset=k)


@implements(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return operation("tril")(m, k=k)


@implements(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return operation("triu")(m, k=k)


@implements(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    if ord is None and axis is None:
        return operation("vector_norm")(x, keepdims=keepdims)
    axes = (tuple(range(x.ndim)) if axis is None else tuple(axis)) if not isinstance(axis, int) else (axis,)
    if len(axes) == 1:
        return operation("vector_norm")(x, axis=axes[0], ord=2 if ord is None else ord, keepdims=keepdims)
    if len(axes) != 2:
        raise ShapeError(f"np.linalg.norm: a norm is along one axis or two; got {len(axes)}")
    moved = operation("moveaxis")(x, axes, (-2, -1))
    size = operation("matrix_norm")(moved, ord="fro" if ord is None else ord)
    for one in sorted(axis % x.ndim for axis in axes) if keepdims else ():
        size = operation("expand_dims")(size, axis=one)
    return size


@implements(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return operation("svd")(a, full_matrices=full_matrices) if compute_uv else operation("svdvals")(a)


@implements(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return operation("cholesky")(a, upper=upper)
