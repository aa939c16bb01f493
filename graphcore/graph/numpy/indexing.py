"""numpy's ways to choose entries, to order them and to make arrays like others.

>>> import graphcore as gc, numpy as np, ops
>>> x = gc.Graph().input("x", (2, 4))
>>> np.take(x, [0, 0, 2], axis=1).shape, np.sort(x, axis=0).op.name, np.full_like(x, 0.5).shape
((2, 3), 'sort', (2, 4))
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import DtypeError
from .elementwise import UNSUPPORTED
from .table import implements, operation


@implements(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise DtypeError(f"np.where with one argument is not available for nodes: {UNSUPPORTED['nonzero']}")
    return operation("where")(condition, x, y)


@implements(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    chosen = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        chosen = operation("where")(condition, choice, chosen)
    return chosen


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None) -> Any:
    """Return the entries at some indices, along an axis or, for ``None``, of all in row order."""
    if axis is None:
        a, axis = operation("reshape")(a, shape=(-1,)), 0
    return operation("take")(a, indices, axis=axis)


@implements(np.sort)
def _sort(a: Any, axis: Any = -1, kind: Any = None) -> Any:  # noqa: ARG001  every kind is stable
    return _ordered("sort", a, axis)


@implements(np.argsort)
def argsort(a: Any, axis: Any = -1, kind: Any = None) -> Any:  # noqa: ARG001
    """Return the places of the entries in order, along an axis or, for ``None``, of all in row order."""
    return _ordered("argsort", a, axis)


def _ordered(name: str, a: Any, axis: Any) -> Any:
    a = operation("reshape")(a, shape=(-1,)) if axis is None else a
    return operation(name)(a, axis=-1 if axis is None else axis)


@implements(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    arr = operation("reshape")(arr, shape=(-1,)) if axis is None else arr
    return operation("take_along_axis")(arr, indices, axis=0 if axis is None else axis)


@implements(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, *, prepend: Any = None, append: Any = None) -> Any:
    ends = [None if end is None else _as_end(end, a, axis) for end in (prepend, append)]
    return operation("diff")(a, axis=axis, n=n, prepend=ends[0], append=ends[1])


def _as_end(end: Any, a: Any, axis: int) -> Any:
    """Return values to prepend or append: a single number stands for a whole slice."""
    if np.ndim(end):
        return end
    before = (slice(None),) * (axis % a.ndim)
    return operation("zeros_like")(a[(*before, slice(0, 1))]) + end


@implements(np.result_type)
def _result_type(*arrays_and_dtypes: Any) -> Any:
    return operation("result_type")(*arrays_and_dtypes)
