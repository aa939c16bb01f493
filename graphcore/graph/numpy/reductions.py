"""numpy's reductions and running totals.

>>> import graphcore as gc, numpy as np, ops
>>> x = gc.Graph().parameter("x", [1.0, 2.0, 4.0])
>>> found = gc.evaluate([np.var(x, ddof=1), np.median(x), np.average(x, weights=[1.0, 1.0, 2.0])])
>>> [round(float(value), 12) for value in found]
[2.333333333333, 2.0, 2.75]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from .table import implements, operation

#: what ``np.add.reduce`` and ``np.add.accumulate`` are called as functions
AXIS_METHODS = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logical_and", "reduce"): "all",
    ("logical_or", "reduce"): "any",
    ("add", "accumulate"): "cumulative_sum",
    ("multiply", "accumulate"): "cumulative_prod",
}


@implements(np.std)
def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: Any = None) -> Any:
    """Return the standard deviation; ``ddof`` is numpy's old word for ``correction``."""
    return _spread("std", a, axis, ddof if correction is None else correction, keepdims)


@implements(np.var)
def var(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: Any = None) -> Any:
    """Return the variance; ``ddof`` is numpy's old word for ``correction``."""
    return _spread("var", a, axis, ddof if correction is None else correction, keepdims)


def _spread(name: str, a: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    return operation(name)(a, axis=axis, correction=correction, keepdims=keepdims)


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the range from the smallest to the largest."""
    return operation("max")(a, axis=axis, keepdims=keepdims) - operation("min")(a, axis=axis, keepdims=keepdims)


@implements(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    """Return the mean, where some entries count more than others."""
    if weights is None:
        return operation("mean")(a, axis=axis, keepdims=keepdims)
    ndim = np.ndim(weights)
    if ndim == 1 and np.ndim(a) > 1 and isinstance(axis, int):
        weights = operation("reshape")(weights, shape=(-1,) + (1,) * (np.ndim(a) - 1 - axis % np.ndim(a)))
    elif ndim != np.ndim(a):
        raise ShapeError(
            f"np.average: the weights have {ndim} axes and a has {np.ndim(a)}; say along which axis, if one"
        )
    ones = operation("ones_like")(a)
    total = operation("sum")(weights * ones, axis=axis, keepdims=keepdims)
    return operation("sum")(weights * a, axis=axis, keepdims=keepdims) / total


@implements(np.median)
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the entry in the middle, or the mean of the two there; NaN if there is one."""
    if axis is None:
        flat = median(operation("reshape")(a, shape=(-1,)), axis=0)
        return operation("reshape")(flat, shape=(1,) * a.ndim) if keepdims else flat
    if not hasattr(axis, "__index__"):
        raise ShapeError(f"np.median of nodes goes along one axis, or over all entries; got axis={axis!r}")
    length = a.shape[axis]
    if not length:
        raise ShapeError(f"np.median needs a known number of entries along axis {axis}, at least one; got {a!r}")
    in_order = operation("sort")(a, axis=axis)
    middle = operation("take")(in_order, [(length - 1) // 2, length // 2], axis=axis)
    unknown = operation("any")(operation("isnan")(a), axis=axis, keepdims=keepdims)
    known = operation("mean")(middle, axis=axis, keepdims=keepdims)
    return operation("where")(unknown, operation("max")(a, axis=axis, keepdims=keepdims), known)


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Return the total so far, along an axis or, for ``None``, of all entries in row order."""
    return _running("cumulative_sum", a, axis, dtype)


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Return the product so far, along an axis or, for ``None``, of all entries in row order."""
    return _running("cumulative_prod", a, axis, dtype)


def _running(name: str, a: Any, axis: Any, dtype: Any) -> Any:
    a = operation("reshape")(a, shape=(-1,)) if axis is None else a
    return operation(name)(a, axis=0 if axis is None else axis, dtype=dtype)
