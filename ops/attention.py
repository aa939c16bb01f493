"""Attention, embeddings and dropout."""

import math

from graphcore import errors
from graphcore.extend import as_dtype, function

from .activation import softmax
from .arithmetic import multiply
from .comparison import logical_and
from .gather_scatter import gather
from .linear import matmul, matrix_transpose
from .matrix import tril
from .select import where
from .shape import as_array, astype, ones_like, refuse_wider, zeros_like

__all__ = ["dropout", "embedding", "scaled_dot_product_attention"]


@function
def scaled_dot_product_attention(q, k, v, mask=None, /, *, scale=None, causal=False):
    """Weigh values by the match of queries and keys: ``softmax(q kᵀ · scale) v``.

    ``q`` is (..., queries, features), ``k`` (..., keys, features) and ``v`` (..., keys, entries); ``scale`` is
    ``1/√features`` by default. ``mask`` is true where a query may attend; with ``causal=True`` it attends to no later
    key. A masked weight is exactly 0, and so is the result of a query whose keys are all masked.

    >>> keys, values = [[1.0, 0.0], [0.0, 1.0]], [[10.0], [20.0]]
    >>> scaled_dot_product_attention([[5.0, 0.0]], keys, values, scale=1.0).round(3)
    array([[10.067]])
    """
    q, k, v = as_array(q), as_array(k), as_array(v)
    features = q.shape[-1]
    if k.shape[-1] != features and None not in (k.shape[-1], features):
        raise errors.ShapeError(
            f"queries have {features} features and keys {k.shape[-1]}; they are compared one by one"
        )
    if scale is None:
        if features is None:
            raise errors.ShapeError("the number of features is unknown before running: pass scale=...")
        scale = 1 / math.sqrt(features)
    if mask is not None and as_dtype(as_array(mask).dtype).kind != "b":
        raise errors.DtypeError(
            f"the mask of an attention is boolean, true where a query may attend; got {as_array(mask).dtype}: "
            f"write mask > 0, or mask > -math.inf where 0 and −∞ are added to the scores elsewhere"
        )
    scores = multiply(matmul(q, matrix_transpose(k)), scale)
    if causal:
        earlier = tril(ones_like(scores)) > 0
        mask = earlier if mask is None else logical_and(mask, earlier)
    if mask is None:
        return matmul(softmax(scores), v)
    hidden = where(mask, scores, zeros_like(scores) - math.inf)
    return matmul(where(mask, softmax(hidden), zeros_like(scores)), v)


@function
def embedding(table, labels, /):
    """Look up the row of a table for each label. The gradient of a row adds up over all its labels.

    A label that is no row, -1 included, is refused, or NaN where values are not available, as inside jax.jit.

    >>> embedding([[1.0, 2.0], [3.0, 4.0]], [1, 1, 0])
    array([[3., 4.],
           [3., 4.],
           [1., 2.]])
    """
    table, labels = as_array(table), as_array(labels)
    if len(table.shape) != 2:
        raise errors.ShapeError(f"the table has a row for each label, two axes; its shape is {tuple(table.shape)}")
    return gather(table, labels, axes=(0,), from_end=False)


@function
def dropout(x, mask, /, *, rate):
    """Zero the entries that are not in the mask and scale the others to keep the mean: ``x mask / (1 − rate)``.

    ``mask`` is true, or 1, for the entries that stay; ``rate`` is the fraction that is dropped. The caller draws the
    mask: nothing here is random, and the same mask gives the same result.

    >>> dropout([1.0, 2.0], [True, False], rate=0.5)
    array([2., 0.])
    """
    if not 0 <= rate < 1:
        raise errors.ShapeError(
            f"rate is the fraction of entries that are dropped, from 0 to less than 1; got rate={rate!r}"
        )
    x, mask = as_array(x), as_array(mask)
    refuse_wider("the mask", mask, x)
    return multiply(x, multiply(astype(mask, dtype=as_dtype(x.dtype)), 1 / (1 - rate)))
