"""Looking up and leaving out: attention, embeddings, dropout."""

import math

from graphcore import errors
from graphcore.extend import as_dtype, function

from .activation import softmax
from .arithmetic import multiply
from .choice import logical_and, where
from .gather_scatter import take
from .linear import matmul, matrix_transpose
from .matrix import tril
from .shape import as_array, astype, ones_like, refuse_wider, zeros_like


@function
def scaled_dot_product_attention(q, k, v, mask=None, /, *, scale=None, causal=False):
    """What each query finds among the values, weighed by how well their keys match: ``softmax(q kᵀ · scale) v``.

    ``q`` is (..., queries, features), ``k`` (..., keys, features) and ``v`` (..., keys, entries); ``scale`` is
    ``1/√features``, if not said. ``mask`` is true where a query may look, or with ``causal=True`` no query looks at a
    later key. Where it may not look the weight is exactly 0, and a query that may look nowhere finds 0.

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
            raise errors.ShapeError("the number of features is not known before it runs: say scale=...")
        scale = 1 / math.sqrt(features)
    if mask is not None and as_dtype(as_array(mask).dtype).kind != "b":
        raise errors.DtypeError(
            f"the mask of an attention is made of truths, true where a query may look; got {as_array(mask).dtype}: "
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
    """The row of a table that each label names: words as vectors. The gradient of a row adds up over all its labels.

    A label that names no row is refused, or NaN where the array library does not let values be looked at.

    >>> embedding([[1.0, 2.0], [3.0, 4.0]], [1, 1, 0])
    array([[3., 4.],
           [3., 4.],
           [1., 2.]])
    """
    table, labels = as_array(table), as_array(labels)
    if len(table.shape) != 2:
        raise errors.ShapeError(f"the table has a row for each label, two axes; its shape is {tuple(table.shape)}")
    return take(table, labels, axis=0)


@function
def dropout(x, mask, /, *, rate):
    """Only what the mask lets through, made larger to keep the average: ``x mask / (1 − rate)``.

    ``mask`` is true, or 1, for what stays; ``rate`` is the share that goes. Whoever calls draws the mask: nothing here
    is random, and the same mask gives the same result.

    >>> dropout([1.0, 2.0], [True, False], rate=0.5)
    array([2., 0.])
    """
    if not 0 <= rate < 1:
        raise errors.ShapeError(f"the rate is the share that goes, from 0 to less than 1; got rate={rate!r}")
    x, mask = as_array(x), as_array(mask)
    refuse_wider("the mask", mask, x)
    return multiply(x, multiply(astype(mask, dtype=as_dtype(x.dtype)), 1 / (1 - rate)))
