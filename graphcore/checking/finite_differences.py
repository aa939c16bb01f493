"""Numerical derivatives: complex steps, and differences with Richardson extrapolation.

No rule of an operation is used here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .complex_step import ComplexStepArray, FloatLookalike, to_complex_step

Function = Callable[[Any], Any]

#: the first step of a difference, in units of how far a number may be moved
FIRST_STEP = 0.1
_STEPS = 12
_SHRINK = 4.0
_COLUMNS = 5
_COMPLEX_STEP = 1e-30
#: how often a first step is reduced that leaves the domain
_RETREATS = 24


class Estimate(NamedTuple):
    """A numerical derivative and its error estimate; one entry per entry of the function's result."""

    value: Any
    error: Any


def shift_entry(x: Any, entry: tuple[int, ...], by: float) -> Any:
    """Return a copy of an array with one entry changed.

    >>> shift_entry(np.array([1.0, 2.0]), (1,), 0.5)
    array([1. , 2.5])
    """
    copy = np.array(x, dtype=float)
    copy[entry] += by
    return copy


def complex_step(f: Function, x: Any, entry: tuple[int, ...]) -> Any:
    """Differentiate a piecewise analytic function, to rounding: ``Im f(x + ih) / h`` with a vanishing ``h``.

    ``None`` if the function does not compute with complex numbers. There is no subtraction, so nothing cancels
    (W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998).

    >>> float(complex_step(np.exp, np.array(1.0), ()) - np.exp(1.0))
    0.0
    """
    part = np.zeros(np.shape(x))
    part[entry] = 1.0
    return complex_step_along(f, x, part)


def complex_step_along(f: Function, x: Any, direction: Any) -> Any:
    """Differentiate along a direction: the sum of the derivatives by every entry times that of the direction.

    >>> complex_step_along(lambda x: x * x, np.array([1.0, 2.0]), np.array([1.0, 0.5]))
    array([2., 2.])
    """
    part = direction * _COMPLEX_STEP
    for kind in (ComplexStepArray, FloatLookalike):
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error")  # a function that drops the imaginary part says so in a warning
                return np.imag(np.asarray(f(to_complex_step(x, part, kind)))) / _COMPLEX_STEP
        except Exception:  # noqa: BLE001, S112  any error means that the function has no complex form
            continue
    return None


def richardson(f: Function, x: Any, entry: tuple[int, ...], side: int = 0) -> Estimate:
    """Differentiate by differences at shrinking steps, extrapolated to a step of zero.

    ``side`` is 0 for differences around ``x``, 1 or −1 for differences to one side.

    >>> estimate = richardson(np.exp, np.array(1.0), ())
    >>> abs(float(estimate.value) - np.e) < 1e-10, float(estimate.error) < 1e-9
    (True, True)
    """
    step = FIRST_STEP * float(reach(np.asarray(x)[entry]))
    return extrapolate(lambda t: f(shift_entry(x, entry, t)), step, side)


def extrapolate(g: Callable[[float], Any], step: float, side: int = 0, noise: float = 0.0) -> Estimate:
    """Differentiate ``g`` at 0 by differences at ``step`` and smaller ones.

    The first step is ``step``, or as long as the domain allows: results that are finite at 0 have to be finite
    there too; the result is NaN if no step stays inside. The error is the least disagreement between neighbouring
    extrapolations, and no less than what the rounding of the results does, or a relative
    ``noise`` in them (C. J. F. Ridders, "Accurate computation of
    F′(x) and F′(x)F″(x)", Advances in Engineering Software 4, 1982).

    >>> estimate = extrapolate(lambda t: np.sqrt(1e-6 + t), 0.1)
    >>> abs(float(estimate.value) - 500.0) < 1e-5
    True
    >>> float(extrapolate(lambda t: np.sqrt(t), 0.1, side=-1).value)
    nan
    """
    with np.errstate(all="ignore"):
        here = _as_float(g(0.0))
        coarse = max(rounding(g(0.0)), noise)
        sides = (step * (side >= 0), -step * (side <= 0))
        for _ in range(_RETREATS):
            if all(np.all(np.isfinite(evaluate_after_step(g, by, here)) | ~np.isfinite(here)) for by in sides if by):
                break
            sides = (sides[0] / _SHRINK, sides[1] / _SHRINK)
        best, error = np.full(here.shape, np.nan), np.full(here.shape, np.inf)
        row: list[Any] = []
        for _ in range(_STEPS):
            ahead, behind = (evaluate_after_step(g, by, here) if by else here for by in sides)
            width = sides[0] - sides[1]
            new = [np.asarray((ahead - behind) / width)]
            floor = coarse * np.maximum(np.abs(ahead), np.abs(behind)) / width
            for column, previous in enumerate(row[:_COLUMNS]):
                power = _SHRINK ** ((1 if side else 2) * (column + 1))
                new.append(new[-1] + (new[-1] - previous) / (power - 1))
                others = [new[-2], previous, *row[column + 1 : column + 2]]
                doubt = np.maximum.reduce([floor, *(np.abs(new[-1] - other) for other in others)])
                closer = doubt < error
                best, error = np.where(closer, new[-1], best), np.where(closer, doubt, error)
            row = new
            sides = (sides[0] / _SHRINK, sides[1] / _SHRINK)
    return Estimate(best, error)


def steepness(g: Callable[[float], Any], side: int) -> tuple[Any, Any]:
    """Return the sign of a difference quotient as the step shrinks, and the exponent ``p`` of ``|quotient| ~ step⁻ᵖ``.

    0 where there is a derivative, 1 where the function jumps, and between them where it is infinitely steep.

    >>> sign, exponent = steepness(lambda t: np.sqrt(t), 1)
    >>> float(sign), round(float(exponent), 3)
    (1.0, 0.5)
    """
    with np.errstate(all="ignore"):
        here = _as_float(g(0.0))
        near, nearer = ((evaluate_after_step(g, side * h, here) - here) / (side * h) for h in (1e-6, 1e-8))
        exponent = np.log(np.abs(nearer) / np.abs(near)) / np.log(100)
        return np.sign(nearer), np.where(np.sign(near) == np.sign(nearer), exponent, np.nan)


def reach(value: Any) -> Any:
    """Return the scale for steps from a number: the square root of its size, or 1 for zero.

    >>> reach(np.array([100.0, 0.25, 0.0]))
    array([10. ,  0.5,  1. ])
    """
    return np.sqrt(np.where(value == 0, 1.0, np.abs(value)))


def rounding(value: Any) -> float:
    """Return the machine epsilon of the dtype of an array.

    >>> rounding(np.float32(1.0)) > 1e8 * rounding(np.float64(1.0))
    True
    """
    dtype = np.asarray(value).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else float).eps)


def evaluate_after_step(g: Callable[[Any], Any], by: Any, here: Any) -> Any:
    """Evaluate after a step; NaN where the function raises, as it may outside its domain."""
    try:
        return _as_float(g(by))
    except Exception:  # noqa: BLE001  each array library has errors of its own
        return np.full_like(here, np.nan)


def _as_float(value: Any) -> Any:
    return np.asarray(value, dtype=float)
