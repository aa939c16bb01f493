"""Where the entries of a value lie: a view is its base, a first entry, and one stride for each axis."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...ir.program import Value


class Place(NamedTuple):
    """Entry (i, j, ...) lies at ``offset + i · strides[0] + j · strides[1] + ...`` of the base, counted in entries.

    The base itself is written down in order, row after row.
    """

    base: Value
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def is_in_order(self) -> bool:
        """Whether the entries lie one after the other, row after row."""
        return self.strides == in_order(self.shape)

    def repeated_to(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The strides with which these entries are read when they are broadcast to a shape.

        >>> x = Value(0, "fed", "x0", (3, 1), np.dtype(float))
        >>> place_of(x).repeated_to((2, 3, 4))
        (0, 1, 0)
        """
        missing = len(shape) - len(self.shape)
        return (0,) * missing + tuple(0 if n == 1 else s for n, s in zip(self.shape, self.strides, strict=True))


def in_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array that is written down row after row; 0 along an axis of one entry.

    >>> in_order((2, 3, 1, 4))
    (12, 4, 0, 1)
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(0 if n == 1 else step)
        step *= max(n, 1)
    return tuple(reversed(strides))


def place_of(value: Value) -> Place:
    """A value in memory of its own."""
    shape = tuple(int(n) for n in value.shape)  # type: ignore[arg-type]
    return Place(value, 0, shape, in_order(shape))


def rearranged(place: Place, value: Value) -> Place | None:
    """The place of an arrangement of what lies at a place; ``None`` if the entries would have to be copied.

    >>> x = Value(0, "fed", "x0", (2, 3), np.dtype(float))
    >>> t = Value(1, "op", "permute_dims", (3, 2), x.dtype)
    >>> t.args, t.settings = (x,), {"axes": (1, 0)}
    >>> rearranged(place_of(x), t)[1:]
    (0, (3, 2), (1, 3))
    """
    # The arithmetic of views is numpy's: an array of one byte stands for the base, and no entry of it is read.
    first = np.empty(1, "u1")
    shape = tuple(int(n) for n in value.shape)  # type: ignore[arg-type]
    seen = _as_numpy_would(as_strided(first, place.shape, place.strides, writeable=False), value, shape)
    if seen is None:
        return None
    offset = seen.__array_interface__["data"][0] - first.__array_interface__["data"][0]
    strides = tuple(0 if n == 1 else s for n, s in zip(shape, seen.strides, strict=True))
    return Place(place.base, place.offset + (0 if 0 in shape else offset), shape, strides)


def _as_numpy_would(view: Any, value: Value, shape: tuple[int, ...]) -> Any:
    if value.name == "permute_dims":
        return view.transpose(value.settings["axes"])
    if value.name == "broadcast_to":
        return np.broadcast_to(view, shape)
    if value.name == "getitem":
        key = value.settings["key"]
        parts = key if isinstance(key, tuple) else (key,)
        return view[key if Ellipsis in parts else (*parts, Ellipsis)]
    try:
        return view.reshape(shape, copy=False)
    except ValueError:
        return None
