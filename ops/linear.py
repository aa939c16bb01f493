"""Matrix products and biases: the linear part of a layer."""

from graphcore import POWER, PRODUCT, SUM, errors, op
from graphcore.extend import broadcast, show_shape

from .arithmetic import OF_A_PRODUCT

__all__ = ["add_bias", "matmul", "matrix_transpose"]


@op("{a} {b:strict}", level=PRODUCT, primitive=True)
def matmul(a, b):
    """Multiply matrices: ``out[i, j] = Σ_k a[i, k] b[k, j]``.

    Vectors and stacks of matrices follow the rules of numpy's ``@``.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    array([[11.]])
    """
    return a @ b


@matmul.pullback("a", meaning=OF_A_PRODUCT)
def dmatmul_da(dout, a, b, xp):
    # a vector on the right is a column and one on the left a row, so that the formulas are those of matrices
    if b.ndim == 1:
        return xp.expand_dims(dout, axis=-1) * xp.expand_dims(b, axis=-1).mT if a.ndim > 1 else dout * b
    if a.ndim == 1:
        return xp.squeeze(xp.expand_dims(dout, axis=-2) @ b.mT, axis=-2)
    return dout @ b.mT


@matmul.pullback("b", meaning=OF_A_PRODUCT)
def dmatmul_db(dout, a, b, xp):
    if a.ndim == 1:
        return xp.expand_dims(a, axis=-2).mT * xp.expand_dims(dout, axis=-2) if b.ndim > 1 else a * dout
    if b.ndim == 1:
        return xp.squeeze(a.mT @ xp.expand_dims(dout, axis=-1), axis=-1)
    return a.mT @ dout


@matmul.shape
def matmul_shape(a, b):
    if not a or not b:
        raise errors.ShapeError("matmul needs at least one axis on each side; for single numbers use multiply")
    inner, outer = a[-1], b[-2] if len(b) > 1 else b[0]
    if inner != outer and None not in (inner, outer):
        raise errors.ShapeError(
            f"the last axis of a has {inner} entries and the {'first' if len(b) == 1 else 'last but one'} axis of b "
            f"has {outer}; they must be the same"
        )
    stack = broadcast(a[:-2], b[:-2])
    return (*stack, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


matmul.example([[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]], [[1.5, 0.75], [-0.25, 1.0], [0.5, -2.0]])
matmul.example([0.5, -1.5], [1.5, 0.75])
matmul.example([0.5, -1.5], [[1.5, 0.75, 1.0], [-0.25, 1.0, 0.5]])
matmul.example([[0.5, -1.5], [0.25, 2.0], [1.0, 1.5]], [1.5, 0.75])
matmul.example([[[0.5, -1.5]], [[0.25, 2.0]]], [[1.5], [0.75]])


@op("{z} + {b}", level=SUM)
def add_bias(z, b):
    """Add a bias to every neuron: ``out[..., j] = z[..., j] + b[j]``.

    >>> add_bias([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0])
    array([[11., 22.],
           [13., 24.]])
    """
    add_bias_shape(z.shape, b.shape)
    return z + b


@add_bias.local("z", "b", meaning="passes the nudge through unchanged (×1)")
def dadd_bias_d():
    return 1


@add_bias.shape
def add_bias_shape(z, b):
    if len(b) > 1 or (b and (not z or (z[-1] != b[0] and None not in (z[-1], b[0])))):
        raise errors.ShapeError(
            f"the bias has one entry for each neuron, which is the last axis of z; its shape is {show_shape(b)} and "
            f"that of z {show_shape(z)}"
        )
    return (*z[:-1], b[0] if z[-1] is None else z[-1]) if b else z


add_bias.example([[0.5, -1.5], [0.25, 2.0]], [1.5, 0.75])
add_bias.example(0.5, 1.5)


@op(r"{x:strict}^\top", level=POWER, example=[[0.5, -1.5, 0.25], [2.0, 1.0, -0.5]], primitive=True)
def matrix_transpose(x):
    """Transpose matrices: ``out[..., i, j] = x[..., j, i]``.

    >>> matrix_transpose([[1.0, 2.0, 3.0]])
    array([[1.],
           [2.],
           [3.]])
    """
    return x.mT


@matrix_transpose.pullback("x", zeros="moved")
def dmatrix_transpose_dx(dout):
    return dout.mT


@matrix_transpose.shape
def matrix_transpose_shape(x):
    if len(x) < 2:
        raise errors.ShapeError(f"a transpose needs at least two axes; the shape is {x}")
    return (*x[:-2], x[-1], x[-2])
