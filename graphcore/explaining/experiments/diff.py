"""A value, a gradient or a local factor in two runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...arrays.namespace import Array
from ...arrays.shaped_array import show_shape
from ..chain_rule.factors import Factor
from ..text.document import MathText
from ..text.numbers import summarize, summarize_constant

#: numbers that differ by no more than rounding are the same
_ROUNDINGS = 64


@dataclass(frozen=True)
class Change:
    """A value or a gradient in both runs.

    >>> from graphcore.explaining.text.document import math_text
    >>> change = Change("w", math_text("w"), np.float64(1.0), np.float64(2.0))
    >>> change.changed, str(change)
    (True, 'w: 1 → 2')
    """

    name: str
    symbol: MathText
    first: Array
    second: Array

    @cached_property
    def changed(self) -> bool:
        """True if the difference is more than rounding."""
        return not is_same(self.first, self.second)

    def __str__(self) -> str:
        return f"{self.symbol}: {format_change(self.first, self.second)}"


@dataclass(frozen=True)
class FactorChange:
    """A local factor in both runs.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> C = ops.square(x, name="C")
    >>> (factor,) = gc.compare(gc.backprop(C, {x: 1.0}), gc.backprop(C, {x: 3.0})).factors
    >>> factor.changed, str(factor)
    (True, '∂C/∂x = 2 · x: 2 → 6')
    """

    first: Factor
    second: Factor

    @property
    def symbol(self) -> Any:
        """``∂a/∂z``."""
        return self.first.symbol

    @cached_property
    def changed(self) -> bool:
        """True if its numbers differ; for a linear map of arrays, if its contribution does."""
        first, second = self._values
        if first is None or second is None:
            return not (self._has_same_formula() or self._has_same_vjp())
        if first.shape != second.shape and _is_one_number(first) and _is_one_number(second):
            first, second = np.ravel(first)[0], np.ravel(second)[0]  # repeated as often as there are examples
        return not is_same(first, second)

    @cached_property
    def _values(self) -> tuple[Array | None, Array | None]:
        return number_of(self.first), number_of(self.second)

    def _has_same_formula(self) -> bool:
        """Return true if the formula and the values of everything named in it are the same."""
        one, other = self.first.formula, self.second.formula
        if one is None or other is None or str(one) != str(other):
            return False
        runs = self.first.run, self.second.run
        values = [[run.value[name] for name in one.names if name in run.value] for run in runs]
        if not len(values[0]) == len(values[1]) == len(one.names):
            return False
        return all(is_same(*pair) for pair in zip(*values, strict=True))

    def _has_same_vjp(self) -> bool:
        shapes = [tuple(factor.run.value[factor.target].shape) for factor in (self.first, self.second)]
        return shapes[0] == shapes[1] and is_same(_vjp(self.first), _vjp(self.second))

    @property
    def formulas(self) -> str:
        """The formula, and that of the second run if it differs."""
        return " → ".join(dict.fromkeys(text for f in (self.first, self.second) if (text := formula_text(f))))

    @property
    def numbers(self) -> str:
        """The numbers in both runs; empty for a linear map of arrays."""
        first, second = self._values
        return "" if first is None or second is None else format_change(first, second)

    def __str__(self) -> str:
        formulas, numbers = self.formulas, self.numbers
        return f"{self.symbol}" + (f" = {formulas}" if formulas else "") + (f": {numbers}" if numbers else "")


def number_of(factor: Factor) -> Array | None:
    """Return the numbers of a factor, also where it leads from a whole array to a single number.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x", (2,))
    >>> number_of(gc.explain(gc.backprop(ops.sum(x, name="C"), {x: [3.0, 4.0]}), "x").factors[0])
    array([1., 1.])
    """
    if factor.value is None and factor.target.shape == ():
        return _vjp(factor, 1.0)
    return factor.value


def _is_one_number(array: Array) -> bool:
    host = np.asarray(array)
    return bool(host.size and np.all(host == host.flat[0]))


def _vjp(factor: Factor, dout: Any = None) -> Any:
    """Return the vjp of a factor, by default at an upstream gradient without equal entries."""
    run = factor.run
    if dout is None:
        shape = tuple(run.value[factor.target].shape)
        dout = np.sin(1.0 + np.arange(np.prod(shape, dtype=int))).reshape(shape)
    for step in reversed(factor.steps):
        dout = run.edge_vjp(*step, dout)
    return dout


def is_same(first: Array, second: Array) -> bool:
    """Return true for arrays of the same numbers, up to rounding; NaN equals NaN.

    >>> is_same(np.array([0.1 + 0.2, np.nan]), np.array([0.3, np.nan])), is_same(np.ones(2), np.ones(3))
    (True, False)
    """
    one, other = np.asarray(first), np.asarray(second)
    if one.shape != other.shape:
        return False
    types = [array.dtype for array in (one, other) if array.dtype.kind == "f"]
    if not types:
        return bool(np.all(one == other))
    rounding = _ROUNDINGS * max(float(np.finfo(dtype).eps) for dtype in types)
    finite = np.isfinite(one) & np.isfinite(other)
    largest = max((float(np.max(np.abs(array[finite]), initial=0.0)) for array in (one, other)), default=0.0)
    return bool(np.allclose(one, other, rtol=0.0, atol=rounding * largest, equal_nan=True))


def format_change(first: Array, second: Array) -> str:
    """Return the summaries of a value in both runs.

    >>> format_change(np.float64(1.0), np.float64(2.0)), format_change(np.float64(1.0), np.float64(1.0))
    ('1 → 2', '1')
    >>> format_change(np.array([1.0, 2.0]), np.array([2.0, 1.0]))
    '(2,) rms 1.5811, by up to 1'
    """
    shape = tuple(first.shape)
    texts = list(dict.fromkeys((summarize(first), summarize(second))))
    if len(texts) > 1 and shape == tuple(second.shape) != ():
        texts[1] = texts[1].removeprefix(f"{show_shape(shape)} ")
    if shape == tuple(second.shape) and shape != () and not is_same(first, second):
        with np.errstate(all="ignore"):
            furthest = np.max(np.abs(np.asarray(first, "float64") - np.asarray(second, "float64")))
        texts[-1] += f", by up to {summarize(furthest)}"
    return " → ".join(texts)


def formula_text(factor: Factor) -> str:
    """Return the formula of a factor; empty where it is the number itself.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> formula_text(gc.explain(gc.backprop(ops.square(x, name="C"), {x: 3.0}), "x").factors[0])
    '2 · x'
    """
    formula = factor.short or factor.formula
    value = number_of(factor)
    text = "" if formula is None else str(formula)
    return "" if value is not None and summarize(value) in (text, summarize_constant(text)) else text
