"""numpy's ways to put arrays together and take them apart.

>>> import graphcore as gc, numpy as np, ops
>>> x = gc.Graph().input("x", (2, 4))
>>> np.vstack([x, x]).shape, np.hstack([x, x]).shape, [part.shape for part in np.split(x, [1, 3], axis=1)]
((4, 4), (2, 8), [(2, 1), (2, 2), (2, 1)])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from .arrangement import as_rows, atleast_1d, atleast_3d
from .table import implements, operation


@implements(np.concatenate)
def _concatenate(arrays: Any, axis: Any = 0) -> Any:
    return operation("concat")(list(arrays), axis=axis)


@implements(np.append)
def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    return operation("concat")([arr, values], axis=axis)


@implements(np.vstack)
def _vstack(tup: Any) -> Any:
    return operation("concat")([as_rows(a) for a in tup], axis=0)


@implements(np.hstack)
def _hstack(tup: Any) -> Any:
    arrays = [atleast_1d(a) for a in tup]
    return operation("concat")(arrays, axis=0 if np.ndim(arrays[0]) == 1 else 1)


@implements(np.dstack)
def _dstack(tup: Any) -> Any:
    return operation("concat")([atleast_3d(a) for a in tup], axis=2)


@implements(np.column_stack)
def _column_stack(tup: Any) -> Any:
    columns = [operation("expand_dims")(atleast_1d(a), axis=-1) if np.ndim(a) < 2 else a for a in tup]
    return operation("concat")(columns, axis=1)


@implements(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    length = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        if length is None:
            raise ShapeError(f"np.array_split needs axis {axis} to have a known length; got {ary!r}")
        each, more = divmod(length, indices_or_sections)
        sizes = [each + 1] * more + [each] * (indices_or_sections - more)
        ends = np.cumsum(sizes)[:-1].tolist()
    else:
        ends = list(indices_or_sections)
    before = (slice(None),) * (axis % ary.ndim)
    return [ary[(*before, slice(a, b))] for a, b in zip([0, *ends], [*ends, None], strict=True)]


@implements(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    length = ary.shape[axis]
    if isinstance(indices_or_sections, int) and length is not None and length % indices_or_sections:
        raise ShapeError(f"np.split: {length} entries cannot be split evenly into {indices_or_sections}; got {ary!r}")
    return _array_split(ary, indices_or_sections, axis)


@implements(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, 0)


@implements(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, 2)
