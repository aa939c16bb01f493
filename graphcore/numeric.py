"""Derivatives found by trying: complex steps, and differences with Richardson extrapolation.

Nothing here knows a rule; this is what rules are held against.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Function = Callable[[Any], Any]

_STEPS = 10
_SHRINK = 2.0
_COMPLEX_STEP = 1e-30


class Estimate(NamedTuple):
    """A derivative that was measured, and how far off it may be; one entry per entry of the function's result."""

    value: Any
    error: Any


def nudged(x: Any, entry: tuple[int, ...], by: complex) -> Any:
    """A copy of an array with one entry changed.

    >>> nudged(np.array([1.0, 2.0]), (1,), 0.5)
    array([1. , 2.5])
    """
    copy = np.array(x, dtype=complex if isinstance(by, complex) else float)
    copy[entry] += by
    return copy


def complex_step(f: Function, x: Any, entry: tuple[int, ...]) -> Any:
    """The derivative of an analytic function, to rounding: ``Im f(x + ih) / h`` with a vanishing ``h``.

    ``None`` if the function does not compute with complex numbers. There is no subtraction, so nothing cancels
    (W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998).

    >>> float(complex_step(np.exp, np.array(1.0), ()) - np.exp(1.0))
    0.0
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")  # a function that drops the imaginary part says so in a warning
            result = np.asarray(f(nudged(x, entry, 1j * _COMPLEX_STEP)))
    except Exception:  # noqa: BLE001  whatever it is, the function has no complex form
        return None
    return result.imag / _COMPLEX_STEP if result.dtype.kind == "c" else None


def richardson(f: Function, x: Any, entry: tuple[int, ...], side: int = 0) -> Estimate:
    """A derivative by differences at shrinking steps, extrapolated to a step of zero.

    ``side`` is 0 for differences around ``x``, 1 or −1 for differences to one side. Steps that leave the function's
    domain are passed over. The error is the least disagreement between neighbouring extrapolations
    (C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4, 1982).

    >>> estimate = richardson(np.exp, np.array(1.0), ())
    >>> abs(float(estimate.value) - np.e) < 1e-10, float(estimate.error) < 1e-9
    (True, True)
    """
    at = float(np.asarray(x)[entry])
    step = 0.1 * max(abs(at), 1.0)
    order = 2 if side == 0 else 1
    with np.errstate(all="ignore"):
        here = np.asarray(f(np.array(x, dtype=float)), dtype=float)
        best, error = np.full(here.shape, np.nan), np.full(here.shape, np.inf)
        row: list[Any] = []
        for _ in range(_STEPS + 6 * (side != 0)):
            ahead = f(nudged(x, entry, step)) if side >= 0 else here
            behind = f(nudged(x, entry, -step)) if side <= 0 else here
            width = 2 * step if side == 0 else step
            new = [np.asarray((np.asarray(ahead, dtype=float) - behind) / width)]
            for column, previous in enumerate(row):
                power = _SHRINK ** (order * (column + 1) if side == 0 else column + 1)
                new.append(new[-1] + (new[-1] - previous) / (power - 1))
                doubt = np.maximum(np.abs(new[-1] - new[-2]), np.abs(new[-1] - previous))
                closer = doubt < error
                best, error = np.where(closer, new[-1], best), np.where(closer, doubt, error)
            row = new
            step /= _SHRINK
    return Estimate(best, error)
