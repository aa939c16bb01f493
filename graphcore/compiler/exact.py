"""Elementary operations, written more simply where that changes no value: not for NaN, nor infinities, nor −0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arraytype import Shape, broadcast
from .program import Value, Values
from .vocabulary import COMMUTATIVE, ENTRYWISE, computed

_MIRRORED = {"greater": "less", "greater_equal": "less_equal", "less": "greater", "less_equal": "greater_equal"}
_MIRRORED |= {"equal": "equal", "not_equal": "not_equal"}
#: a constant with more entries than this is computed when it is needed
_MOST_FOLDED = 4096


class Writer:
    """Makes values, each in its simplest form."""

    def __init__(self) -> None:
        self.values = Values()

    # -- entry by entry

    def entrywise(self, name: str, args: tuple[Value, ...], settings: dict[str, Any], shape: Shape, dtype: Any) -> Value:
        """An operation that works entry by entry, on arguments that broadcast."""
        if any(a.name == "broadcast_to" for a in args):
            return self._before_repeating(name, args, settings, shape, dtype)
        if name in COMMUTATIVE and args[0].number > args[1].number:
            args = (args[1], args[0])
        simpler = self._simpler(name, args, shape, dtype)
        if simpler is not None:
            return simpler
        if name != "chain" and all(a.kind == "constant" for a in args) and math.prod(_known(shape)) <= _MOST_FOLDED:
            return self.constant(computed(name, [a.array for a in args], settings), shape, dtype)
        return self.values.apply(name, args, settings, shape, dtype)

    def constant(self, array: Any, shape: Shape, dtype: Any) -> Value:
        """A constant; where all its entries are the same it is that number, repeated."""
        array = np.asarray(array, dtype)
        if array.size > 1 and array.size <= _MOST_FOLDED and array.tobytes() == array.ravel()[:1].tobytes() * array.size:
            return self.arranged("broadcast_to", self.values.constant(array.ravel()[0]), shape)
        return self.values.constant(array)

    def _before_repeating(self, name: str, args: Any, settings: dict[str, Any], shape: Shape, dtype: Any) -> Value:
        """The operation on what its arguments were before they were repeated; the result is repeated if need be."""
        bases = tuple(a.args[0] if a.name == "broadcast_to" else a for a in args)
        small = broadcast(*(a.shape for a in bases))
        return self.arranged("broadcast_to", self.entrywise(name, bases, settings, small, dtype), shape)

    def _simpler(self, name: str, args: tuple[Value, ...], shape: Shape, dtype: Any) -> Value | None:  # noqa: C901
        first, second = args[0], args[-1]
        if name == "multiply":
            for one, other in ((first, second), (second, first)):
                if other.shape == shape and other.dtype == dtype:
                    if _is_number(one, 1):
                        return other
                    if _is_number(one, -1):
                        return self.entrywise("negative", (other,), {}, shape, dtype)
        elif name == "divide" and _is_number(second, 1) and first.shape == shape and first.dtype == dtype:
            return first
        elif name == "negative" and first.name == "negative":
            return first.args[0]
        elif name == "abs" and first.name == "negative":
            return self.entrywise("abs", first.args, {}, shape, dtype)
        elif name == "add" and dtype.kind == "f":
            for one, other in ((first, second), (second, first)):
                if other.name == "negative":
                    return self.entrywise("subtract", (one, other.args[0]), {}, shape, dtype)
        elif name == "subtract" and dtype.kind == "f" and second.name == "negative":
            return self.entrywise("add", (first, second.args[0]), {}, shape, dtype)
        elif name in _MIRRORED and first.name == "negative" and first.dtype.kind == "f" and _is_number(second, 0):
            return self.entrywise(_MIRRORED[name], (first.args[0], second), {}, shape, dtype)
        elif name == "astype" and first.dtype == dtype:
            return first
        elif name == "chain":
            return self._product(first, second, shape, dtype)
        return None

    def _product(self, sensitivity: Value, local: Value, shape: Shape, dtype: Any) -> Value | None:
        """A sensitivity times a local derivative that can never be infinite is a product like any other."""
        if _is_finite(local) or (_is_finite(sensitivity) and bool(np.all(sensitivity.array != 0))):
            return self.entrywise("multiply", (sensitivity, local), {}, shape, dtype)
        return None

    # -- arrangements

    def arranged(self, name: str, x: Value, shape: Shape, settings: dict[str, Any] | None = None) -> Value:
        """The same entries arranged otherwise."""
        settings = {"shape": shape} if settings is None else settings
        if name == "reshape" and x.name == "reshape":
            return self.arranged(name, x.args[0], shape)
        if name == "broadcast_to" and x.name == "broadcast_to":
            return self.arranged(name, x.args[0], shape)
        if name == "reshape" and x.name == "broadcast_to" and x.args[0].shape == ():
            return self.arranged("broadcast_to", x.args[0], shape)
        if name == "permute_dims":
            axes = settings["axes"]
            if x.name == "permute_dims":
                inner = x.settings["axes"]
                return self.arranged(name, x.args[0], shape, {"axes": tuple(inner[axis] for axis in axes)})
            if axes == tuple(range(len(axes))):
                return x
        elif name in ("reshape", "broadcast_to") and shape == x.shape:
            return x
        if x.kind == "constant" and name != "broadcast_to" and name != "getitem":
            return self.values.constant(computed(name, [x.array], settings))
        return self.values.apply(name, (x,), settings, shape, x.dtype)

    # -- sums and products

    def reduced(self, name: str, x: Value, axes: tuple[int, ...], *, keepdims: bool, shape: Shape, dtype: Any) -> Value:
        """A reduction along some axes, counted from the front."""
        if all(x.shape[axis] == 1 for axis in axes) and x.dtype == dtype:
            return self.arranged("reshape", x, shape)
        return self.values.apply(name, (x,), {"axis": axes, "keepdims": keepdims}, shape, dtype)

    def matmul(self, a: Value, b: Value, shape: Shape, dtype: Any) -> Value:
        """A matrix product."""
        return self.values.apply("matmul", (a, b), {}, shape, dtype)


def _known(shape: Shape) -> list[int]:
    return [_MOST_FOLDED + 1 if n is None else n for n in shape]


def _is_number(value: Value, number: int) -> bool:
    return value.kind == "constant" and value.shape == () and bool(value.array == number)


def _is_finite(value: Value) -> bool:
    return value.kind == "constant" and bool(np.all(np.isfinite(value.array)))


def is_entrywise(name: str) -> bool:
    """Whether an elementary operation works entry by entry.

    >>> is_entrywise("exp"), is_entrywise("matmul")
    (True, False)
    """
    return name in ENTRYWISE
