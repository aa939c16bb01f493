"""Algebraic simplification that changes no value, also for NaN, infinities and −0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays.shaped_array import Shape, broadcast
from .eager import evaluate
from .primitives import COMMUTATIVE, VIEW_OPS
from .program import Value, ValueTable

#: constants with more entries than this are not computed beforehand
_MAX_FOLDED = 4096


class Simplifier:
    """Builds the values of a program, each in its simplest form.

    >>> write, floats = Simplifier(), np.dtype(float)
    >>> x, one = write.table.leaf("input", "x0", (3,), floats), write.table.constant(1.0)
    >>> write.elementwise("multiply", (x, one), {}, (3,), floats) is x
    True
    >>> zero = write.table.constant(0.0)
    >>> write.elementwise("multiply", (x, zero), {}, (3,), floats).name  # NaN where x is
    'multiply'
    """

    def __init__(self) -> None:
        self.table = ValueTable()

    # -- elementwise

    def elementwise(
        self, name: str, args: tuple[Value, ...], settings: dict[str, Any], shape: Shape, dtype: Any
    ) -> Value:
        """Return the result of an elementwise instruction on arguments that broadcast."""
        if any(a.name == "broadcast_to" for a in args):
            return self._hoist_broadcast(name, args, settings, shape, dtype)
        if name in COMMUTATIVE and args[0].number > args[1].number:
            args = (args[1], args[0])
        simpler = self._simplify(name, args, shape, dtype)
        if simpler is not None:
            return simpler
        if (
            name != "safe_multiply"
            and all(a.kind == "constant" for a in args)
            and math.prod(_upper_lengths(shape)) <= _MAX_FOLDED
        ):
            return self.constant(evaluate(name, [a.array for a in args], settings), shape, dtype)
        return self.table.apply(name, args, settings, shape, dtype)

    def constant(self, array: Any, shape: Shape, dtype: Any) -> Value:
        """Return a constant; one whose entries are all equal is a broadcast scalar."""
        array = np.asarray(array, dtype)
        if array.size > 1 and array.size <= _MAX_FOLDED and array.tobytes() == array.ravel()[:1].tobytes() * array.size:
            return self.view("broadcast_to", self.table.constant(array.ravel()[0]), shape)
        return self.table.constant(array)

    def _hoist_broadcast(self, name: str, args: Any, settings: dict[str, Any], shape: Shape, dtype: Any) -> Value:
        """Apply an instruction to its arguments before they are broadcast, and broadcast the result."""
        bases = tuple(a.args[0] if a.name == "broadcast_to" else a for a in args)
        small = broadcast(*(a.shape for a in bases))
        return self.view("broadcast_to", self.elementwise(name, bases, settings, small, dtype), shape)

    def _simplify(self, name: str, args: tuple[Value, ...], shape: Shape, dtype: Any) -> Value | None:
        simplify = _SIMPLIFICATIONS.get(name)
        return None if simplify is None else simplify(self, *args, shape, dtype)

    # -- views

    def view(self, name: str, x: Value, shape: Shape, settings: dict[str, Any] | None = None) -> Value:
        """Return a view: the same entries with another shape or order."""
        settings = {"shape": shape} if settings is None else settings
        if name == "reshape" and x.name == "reshape" and x.args[0].name != "permute_dims":  # a second copy
            return self.view(name, x.args[0], shape)
        if name == "broadcast_to" and x.name == "broadcast_to":
            return self.view(name, x.args[0], shape)
        if name == "reshape" and x.name == "broadcast_to" and x.args[0].shape == ():
            return self.view("broadcast_to", x.args[0], shape)
        if name == "permute_dims":
            axes = settings["axes"]
            if x.name == "permute_dims":
                inner = x.settings["axes"]
                return self.view(name, x.args[0], shape, {"axes": tuple(inner[axis] for axis in axes)})
            if axes == tuple(range(len(axes))):
                return x
        elif name in ("reshape", "broadcast_to") and shape == x.shape:
            return x
        if x.kind == "constant" and name in ("reshape", "permute_dims"):
            return self.table.constant(evaluate(name, [x.array], settings))
        return self.table.apply(name, (x,), settings, shape, x.dtype)

    # -- reductions and products

    def reduce(self, name: str, x: Value, axes: tuple[int, ...], *, keepdims: bool, shape: Shape, dtype: Any) -> Value:
        """Return a reduction along non-negative axes."""
        if all(x.shape[axis] == 1 for axis in axes) and x.dtype == dtype:
            return self.view("reshape", x, shape)
        if x.name == name and not keepdims and not x.settings["keepdims"] and x.dtype == dtype:
            left = [axis for axis in range(len(x.args[0].shape)) if axis not in x.settings["axis"]]
            axes = tuple(sorted((*x.settings["axis"], *(left[axis] for axis in axes))))
            return self.reduce(name, x.args[0], axes, keepdims=False, shape=shape, dtype=dtype)
        if name == "sum" and x.name == "matmul" and x.dtype == dtype:
            product = self._merge_stacked_products(x, axes)
            if product is not None:
                return self.view("reshape", product, shape)
        return self.table.apply(name, (x,), {"axis": axes, "keepdims": keepdims}, shape, dtype)

    def _merge_stacked_products(self, x: Value, axes: tuple[int, ...]) -> Value | None:
        """Return the sum over a stack of products ``aᵀ b`` as one product of all rows of ``a`` and ``b``.

        This is the gradient with respect to one matrix that multiplies a whole stack. ``None`` for anything else.
        """
        a, b = x.args
        stack = len(x.shape) - 2
        swapped = (*range(stack), stack + 1, stack)
        if not stack or axes != tuple(range(stack)) or a.name != "permute_dims" or a.settings["axes"] != swapped:
            return None
        a = a.args[0]
        if a.shape[:-1] != b.shape[:-1] or not (_is_contiguous(a) and _is_contiguous(b)):
            return None
        rows = math.prod(_upper_lengths(a.shape[:-1]))
        flat = [self.view("reshape", one, (rows, one.shape[-1])) for one in (a, b)]
        columns = self.view("permute_dims", flat[0], (a.shape[-1], rows), {"axes": (1, 0)})
        return self.matmul(columns, flat[1], x.shape[-2:], x.dtype)

    def matmul(self, a: Value, b: Value, shape: Shape, dtype: Any) -> Value:
        """Return a matrix product. A stack times one matrix is one product with all rows of the stack."""
        if len(a.shape) > 2 and len(b.shape) == 2 and _is_contiguous(a):
            rows = math.prod(_upper_lengths(shape[:-1]))
            flat = self.matmul(self.view("reshape", a, (rows, a.shape[-1])), b, (rows, shape[-1]), dtype)
            return self.view("reshape", flat, shape)
        return self.table.apply("matmul", (a, b), {}, shape, dtype)


def _is_contiguous(value: Value) -> bool:
    """Return whether a stack of matrices can be viewed as one matrix without copying, or has been copied already."""
    if value.name != "reshape":
        return value.name not in VIEW_OPS
    return len(value.shape) < len(value.args[0].shape) or _is_contiguous(value.args[0])


def _upper_lengths(shape: Shape) -> list[int]:
    return [_MAX_FOLDED + 1 if n is None else n for n in shape]


def _is_number(value: Value, number: int) -> bool:
    return value.kind == "constant" and value.shape == () and bool(value.array == number)


def _is_finite(value: Value) -> bool:
    return value.kind == "constant" and bool(np.all(np.isfinite(value.array)))


# -- the simpler form of each instruction, or None


def _multiply(w: Simplifier, first: Value, second: Value, shape: Shape, dtype: Any) -> Value | None:
    for one, other in ((first, second), (second, first)):
        if other.shape == shape and other.dtype == dtype:
            if _is_number(one, 1):
                return other
            if _is_number(one, -1):
                return w.elementwise("negative", (other,), {}, shape, dtype)
    return None


def _divide(_: Simplifier, first: Value, second: Value, shape: Shape, dtype: Any) -> Value | None:
    return first if _is_number(second, 1) and first.shape == shape and first.dtype == dtype else None


def _pow(w: Simplifier, x: Value, exponent: Value, shape: Shape, dtype: Any) -> Value | None:
    """Replace a small integer power by multiplications, which overflow or underflow only where the result does."""
    if _is_number(exponent, 1):
        return x if x.shape == shape and x.dtype == dtype else None
    if dtype.kind != "f" or x.dtype != dtype:
        return None
    one = w.table.constant(np.ones((), dtype))
    if _is_number(exponent, -1):
        return w.elementwise("divide", (one, x), {}, shape, dtype)
    if _is_number(exponent, 2):
        return w.elementwise("multiply", (x, x), {}, shape, dtype)
    if _is_number(exponent, -2):
        return w.elementwise("divide", (one, w.elementwise("multiply", (x, x), {}, x.shape, dtype)), {}, shape, dtype)
    return None


def _add(w: Simplifier, first: Value, second: Value, shape: Shape, dtype: Any) -> Value | None:
    for one, other in ((first, second), (second, first)):
        if other.name == "negative" and dtype.kind == "f":
            return w.elementwise("subtract", (one, other.args[0]), {}, shape, dtype)
    return None


def _subtract(w: Simplifier, first: Value, second: Value, shape: Shape, dtype: Any) -> Value | None:
    if second.name == "negative" and dtype.kind == "f":
        return w.elementwise("add", (first, second.args[0]), {}, shape, dtype)
    return None


def _negative(_: Simplifier, x: Value, _shape: Shape, _dtype: Any) -> Value | None:
    return x.args[0] if x.name == "negative" else None


def _abs(w: Simplifier, x: Value, shape: Shape, dtype: Any) -> Value | None:
    return w.elementwise("abs", x.args, {}, shape, dtype) if x.name == "negative" and dtype.kind == "f" else None


def _astype(_: Simplifier, x: Value, _shape: Shape, dtype: Any) -> Value | None:
    return x if x.dtype == dtype else None


def _safe_multiply(w: Simplifier, x1: Value, x2: Value, shape: Shape, dtype: Any) -> Value | None:
    """Replace the product with a factor that is always finite, or a first one that is never 0, by a plain product."""
    if _is_finite(x2) or (_is_finite(x1) and bool(np.all(x1.array != 0))):
        return w.elementwise("multiply", (x1, x2), {}, shape, dtype)
    return None


def _mirror(name: str) -> Callable[..., Value | None]:
    def compare(w: Simplifier, first: Value, second: Value, shape: Shape, dtype: Any) -> Value | None:
        if first.name == "negative" and first.dtype.kind == "f" and _is_number(second, 0):
            return w.elementwise(name, (first.args[0], second), {}, shape, dtype)
        return None

    return compare


_SIMPLIFICATIONS: dict[str, Callable[..., Value | None]] = {
    "multiply": _multiply,
    "divide": _divide,
    "pow": _pow,
    "add": _add,
    "subtract": _subtract,
    "negative": _negative,
    "abs": _abs,
    "astype": _astype,
    "safe_multiply": _safe_multiply,
    "greater": _mirror("less"),
    "greater_equal": _mirror("less_equal"),
    "less": _mirror("greater"),
    "less_equal": _mirror("greater_equal"),
}
