"""Shape, with ``None`` for any length, and dtype of an array before anything runs."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..errors import DtypeError, ShapeError

Shape = tuple[int | None, ...]


class ShapedArray(NamedTuple):
    """Shape and dtype of a node.

    >>> print(ShapedArray((None, 10), np.dtype("float32")))
    float32 (any, 10)
    """

    shape: Shape
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        return f"{self.dtype} {show_shape(self.shape)}"

    @property
    def is_float(self) -> bool:
        """True if the dtype is a float, so that there is a gradient.

        >>> ShapedArray((), np.dtype("int64")).is_float
        False
        """
        return self.dtype.kind == "f"


def show_shape(shape: Shape) -> str:
    """Format a shape for messages and pictures.

    >>> show_shape((None, 4)), show_shape((3,)), show_shape(())
    ('(any, 4)', '(3,)', '()')
    """
    lengths = ["any" if n is None else str(n) for n in shape]
    return f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"


def as_shape(shape: Any) -> Shape:
    """Validate a declared shape and return it as a tuple.

    >>> as_shape([None, 3]), as_shape(5)
    ((None, 3), (5,))
    >>> as_shape((2, -1))
    Traceback (most recent call last):
    graphcore.errors.ShapeError: shape must be a tuple of non-negative integers or None (any length), got (2, -1)
    """
    try:
        lengths = (shape,) if isinstance(shape, int) or shape is None else tuple(shape)
        known = tuple(None if n is None else -1 if isinstance(n, bool) else n.__index__() for n in lengths)
    except (TypeError, AttributeError):
        known = (-1,)
    if any(n is not None and n < 0 for n in known):
        raise ShapeError(f"shape must be a tuple of non-negative integers or None (any length), got {shape!r}")
    return known


_KNOWN = frozenset(map(np.dtype, "?" + np.typecodes["AllInteger"] + "efd"))


def as_dtype(dtype: Any) -> np.dtype[Any]:
    """Validate a declared dtype, a name or the dtype object of any array library, and return it.

    >>> as_dtype("float32"), as_dtype(float)
    (dtype('float32'), dtype('float64'))
    >>> as_dtype("flaot32")
    Traceback (most recent call last):
    graphcore.errors.DtypeError: dtype must be bool, an integer or a float such as 'float32', got 'flaot32'
    """
    if isinstance(dtype, np.dtype) and dtype in _KNOWN:
        return dtype
    known: np.dtype[Any] | None = None
    for spelling in (dtype, str(dtype).rpartition(".")[2]):  # torch.float32 is recognized by the last part of its name
        with contextlib.suppress(TypeError):
            known = known or np.dtype(spelling)
    if known is not None and not known.isnative:
        raise DtypeError(f"{dtype} does not have the native byte order; convert it with .astype({known.name!r})")
    if known is None or known.kind not in "biuf" or known.itemsize > 8:
        raise DtypeError(f"dtype must be bool, an integer or a float such as 'float32', got {dtype!r}")
    return known


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape that shapes broadcast to; ``None`` is compatible with any length.

    >>> broadcast((None, 4), (4,)), broadcast((3, 1), (1, 5)), broadcast((None,), (7,))
    ((None, 4), (3, 5), (7,))
    """
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    ndim = max(len(shape) for shape in shapes)
    result: list[int | None] = []
    for axis in range(-ndim, 0):
        lengths = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        fixed = lengths - {None}
        if len(fixed) > 1:
            raise ShapeError(f"axis {axis} cannot have the lengths {' and '.join(map(str, sorted(fixed, key=str)))}")
        result.append(fixed.pop() if fixed else (None if lengths else 1))
    return tuple(result)


@lru_cache(maxsize=1024)
def is_compatible(actual: tuple[int, ...], declared: Shape) -> bool:
    """Return whether an array of a shape may be used where another shape was declared.

    >>> is_compatible((6, 4), (None, 4)), is_compatible((6, 5), (None, 4)), is_compatible((4,), (None, 4))
    (True, False, False)
    """
    return len(actual) == len(declared) and all(d is None or d == a for a, d in zip(actual, declared, strict=True))
