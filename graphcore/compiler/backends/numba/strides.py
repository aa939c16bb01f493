"""Strided views of values: a base, the index of the first entry, and one stride for each axis."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...ir.program import Value


class StridedView(NamedTuple):
    """A view: its entry (i, j, ...) is entry ``offset + i strides[0] + j strides[1] + ...`` of a contiguous base."""

    base: Value
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def is_contiguous(self) -> bool:
        """True if the entries are contiguous, row by row."""
        return self.strides == contiguous_strides(self.shape)

    def broadcast_strides(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the strides of the view broadcast to a shape.

        >>> x = Value(0, "input", "x0", (3, 1), np.dtype(float))
        >>> as_view(x).broadcast_strides((2, 3, 4))
        (0, 1, 0)
        """
        missing = len(shape) - len(self.shape)
        return (0,) * missing + tuple(0 if n == 1 else s for n, s in zip(self.shape, self.strides, strict=True))


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a contiguous array; 0 along an axis of one entry.

    >>> contiguous_strides((2, 3, 1, 4))
    (12, 4, 0, 1)
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(0 if n == 1 else step)
        step *= max(n, 1)
    return tuple(reversed(strides))


def as_view(value: Value) -> StridedView:
    """Return a value in contiguous memory of its own as a view."""
    shape = tuple(int(n) for n in value.shape)  # type: ignore[arg-type]
    return StridedView(value, 0, shape, contiguous_strides(shape))


def apply_view_op(view: StridedView, value: Value) -> StridedView | None:
    """Apply a view instruction to a view; ``None`` if the entries would have to be copied.

    >>> x = Value(0, "input", "x0", (2, 3), np.dtype(float))
    >>> t = Value(1, "op", "permute_dims", (3, 2), x.dtype)
    >>> t.args, t.settings = (x,), {"axes": (1, 0)}
    >>> apply_view_op(as_view(x), t)[1:]
    (0, (3, 2), (1, 3))
    """
    # numpy computes the strides: an array of one byte stands for the base, and none of its entries is read
    first = np.empty(1, "u1")
    shape = tuple(int(n) for n in value.shape)  # type: ignore[arg-type]
    seen = _apply_to_array(as_strided(first, view.shape, view.strides, writeable=False), value, shape)
    if seen is None:
        return None
    offset = seen.__array_interface__["data"][0] - first.__array_interface__["data"][0]
    strides = tuple(0 if n == 1 else s for n, s in zip(shape, seen.strides, strict=True))
    return StridedView(view.base, view.offset + (0 if 0 in shape else offset), shape, strides)


def _apply_to_array(view: Any, value: Value, shape: tuple[int, ...]) -> Any:
    if value.name == "permute_dims":
        return view.transpose(value.settings["axes"])
    if value.name == "broadcast_to":
        return np.broadcast_to(view, shape)
    if value.name == "slice":
        key = value.settings["key"]
        parts = key if isinstance(key, tuple) else (key,)
        return view[key if Ellipsis in parts else (*parts, Ellipsis)]
    try:
        return view.reshape(shape, copy=False)
    except ValueError:
        return None
