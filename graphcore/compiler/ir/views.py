"""Source text of views of numpy arrays."""

from __future__ import annotations

import operator
from typing import Any

from .program import Value


def format_view(value: Value, x: str) -> str:
    """Return the source text of a view of the array named ``x``.

    >>> import numpy as np
    >>> t = Value(1, "op", "permute_dims", (3, 2), np.dtype(float))
    >>> t.settings = {"axes": (1, 0)}
    >>> format_view(t, "v0")
    'v0.T'
    """
    if value.name == "permute_dims":
        axes = value.settings["axes"]
        return f"{x}.T" if axes == tuple(reversed(range(len(axes)))) else f"{x}.transpose({format_shape(axes)})"
    if value.name == "slice":
        return f"{x}[{format_index(value.settings['key'])}]"
    return (
        f"{x}.reshape({format_shape(value.shape)})"
        if value.name == "reshape"
        else f"broadcast_to({x}, {format_shape(value.shape)})"
    )


def format_index(key: Any) -> str:
    """Return the source text of an index, without brackets.

    >>> format_index((slice(1, None), 2))
    '1::, 2, ...'
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis not in parts:
        parts.append(Ellipsis)  # so that a single entry is a view too
    return ", ".join(_format_index_part(part) for part in parts)


def _format_index_part(part: Any) -> str:
    if part is None or part is Ellipsis:
        return "None" if part is None else "..."
    if isinstance(part, slice):
        ends = [None if end is None else operator.index(end) for end in (part.start, part.stop, part.step)]
        return ":".join("" if end is None else str(end) for end in ends)
    return str(operator.index(part))


def format_shape(shape: Any) -> str:
    """Return a shape as text, for any type of integers."""
    return str(tuple(operator.index(n) for n in shape))
