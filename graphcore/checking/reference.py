"""Reference derivatives of a function of several arrays: complex steps, confirmed by differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .finite_differences import FIRST_STEP, Estimate, complex_step, evaluate_after_step, extrapolate, reach, rounding
from .tolerance import TO_ROUNDING, Tolerance

#: how far rule and complex step may differ, in units of the derivative itself, and of the largest in its row
EXACT, ROW = 1e-12, 1e-14
#: by how much the arguments are moved to see what their rounding does to a derivative
_MOVED = 2.0**-24
_ROUNDING = 64 * 2.0**-52
#: how far complex step and differences may differ at least, and how uncertain differences may be to say anything
_AGREEMENT, MAX_UNCERTAINTY = 1e-6, 1e-5
#: what rounding inside a function may do to differences, where its own numbers near 1 have cancelled
_CANCELLED = 1e-10

#: the noise of results that have the tolerance of the check, in units of it
_NOISE = 1e-3

#: how far away the gradients are looked for that a kink may have, and at how many points
_NEAR, _POINTS = 1e-5, 24

Function = Callable[[list[Any]], Any]
Place = tuple[int, tuple[int, ...]]


@dataclass
class Reference:
    """The derivatives of ``f``, with axes of the result first and of the argument after them.

    ``value`` and ``tolerance`` hold one array per argument, or ``None`` where the function has no complex form;
    ``confirmed`` says for each entry of the result whether differences to both sides agree with them; ``coarse`` is how
    less precise differences are, since the result is in less than double precision; ``doubt`` is how uncertain
    differences may be, relative to the largest derivative, and still be believed; ``noise`` is that of the results
    """

    f: Function
    at: list[Any]
    result: Any
    value: list[Any]
    tolerance: list[Any]
    confirmed: Any
    coarse: float
    doubt: float = MAX_UNCERTAINTY
    noise: float = 0.0
    differences: dict[Place, tuple[Estimate, Estimate, Estimate]] = field(default_factory=dict)
    around: list[tuple[Any, list[Any]]] = field(default_factory=list)

    def differentiate_numerically(self, place: Place) -> tuple[Estimate, Estimate, Estimate]:
        """Return central, left and right differences by one entry of one argument."""
        if place not in self.differences:
            g, step = self.line({place: 1.0}), FIRST_STEP * float(reach(self.at[place[0]][place[1]]))
            self.differences[place] = (
                extrapolate(g, step, 0, self.noise),
                extrapolate(g, step, -1, self.noise),
                extrapolate(g, step, 1, self.noise),
            )
        return self.differences[place]

    def nearby(self, entry: tuple[int, ...], place: Place) -> tuple[float, float]:
        """Return the least and largest value of a derivative at nearby points, by complex step."""
        if not self.around:
            random = np.random.default_rng(0)
            for _ in range(_POINTS):
                point = [x + _NEAR * random.standard_normal(x.shape) for x in self.at]
                with np.errstate(all="ignore"):
                    rows = [_jacobian_by_complex_step(self.f, point, k) for k in range(len(self.at))]
                    self.around.append((evaluate_after_step(self.f, point, self.result), rows))
        inside = [rows[place[0]] for result, rows in self.around if np.isfinite(result[entry])]
        found = [row[(*entry, *place[1])] for row in inside if row is not None]
        return (min(found), max(found)) if found else (0.0, 0.0)

    def line(self, direction: dict[Place, float]) -> Callable[[float], Any]:
        """Return the function along a straight line through the point."""

        def g(t: float) -> Any:
            moved = [np.array(x, dtype=float) for x in self.at]
            for (argument, entry), by in direction.items():
                moved[argument][entry] += t * by
            return self.f(moved)

        return g


def compute_reference(f: Function, at: list[Any], allowed: Tolerance = TO_ROUNDING) -> Reference:
    """Compute all derivatives of ``f`` at given arrays, which are believed to the tolerance of the check.

    >>> found = compute_reference(lambda x: np.maximum(x[0], x[1]), [np.array([1.0, 2.0]), np.array([0.0, 2.0])])
    >>> found.confirmed.tolist(), found.value[0][0].tolist()
    ([True, False], [1.0, 0.0])
    """
    with np.errstate(all="ignore"):
        result = np.asarray(f(at))
        coarse = 1.0 if rounding(result) < 1e-12 else 1e3
        value = [_jacobian_by_complex_step(f, at, k) for k in range(len(at))]
        near = [x * (1 + _MOVED * generic_values(x.shape, 0.7)) for x in at]
        tolerance = [
            None if v is None else _tolerance(v, _jacobian_by_complex_step(f, near, k), result) + allowed.allow(v)
            for k, v in enumerate(value)
        ]
        complete = all(v is not None for v in value)
        confirmed = np.full(result.shape, complete)
        doubt = max(MAX_UNCERTAINTY, 10 * allowed.relative)
        for direction in _directions(at) if complete else ():
            terms = [v * d for v, d in zip(value, direction, strict=True)]
            axes = [tuple(range(v.ndim - d.ndim, v.ndim)) for v, d in zip(value, direction, strict=True)]
            expected = sum(np.sum(term, axis=a) for term, a in zip(terms, axes, strict=True))
            size = sum(np.sum(np.abs(term), axis=a) for term, a in zip(terms, axes, strict=True))
            confirmed &= confirm(f, at, direction, expected, size, coarse, doubt, _NOISE * allowed.relative)
    return Reference(f, at, result.astype(float), value, tolerance, confirmed, coarse, doubt, _NOISE * allowed.relative)


def all_entries(at: list[Any]) -> Iterator[Place]:
    """Yield every entry of every argument."""
    for argument, x in enumerate(at):
        for entry in np.ndindex(x.shape):
            yield argument, entry


def generic_values(shape: tuple[int, ...], phase: float = 0.0) -> Any:
    """Return an array of generic numbers of both signs, between 0.3 and 1.7 in size."""
    steps = np.arange(int(np.prod(shape, dtype=int)))
    return (np.where(steps % 3 == 1, -1.0, 1.0) * (1 + 0.7 * np.sin(1.7 * steps + 0.4 + phase))).reshape(shape)


def _jacobian_by_complex_step(f: Function, at: list[Any], k: int) -> Any:
    if not at[k].size:
        return np.zeros((*np.shape(f(at)), *at[k].shape))
    columns = []
    for entry in np.ndindex(at[k].shape):
        column = complex_step(lambda x: f([*at[:k], x, *at[k + 1 :]]), at[k], entry)
        if column is None:
            return None
        columns.append(column)
    return np.stack(columns, -1).reshape((*columns[0].shape, *at[k].shape))


def _tolerance(value: Any, near: Any, result: Any) -> Any:
    """Estimate the rounding error of a derivative, including that of the arguments and the result."""
    size, axes = np.abs(value), result.ndim
    row = np.max(size, axis=tuple(range(axes, value.ndim)), keepdims=True, initial=0.0, where=np.isfinite(size))
    moves = np.zeros_like(value) if near is None else np.abs(near - value) / _MOVED
    moves = np.where(np.isfinite(moves), moves, 0.0)
    rounded = np.maximum(np.abs(result), 1.0).reshape((*result.shape, *(1,) * (value.ndim - axes)))
    return EXACT * size + ROW * row + _ROUNDING * (moves + rounded / 16) + 1e-270


def _directions(at: list[Any]) -> list[list[Any]]:
    """Return generic directions: all arguments together, and each alone, since one kink may undo another."""
    whole = [generic_values(x.shape, 0.3 * k) * reach(x) for k, x in enumerate(at)]
    alone = [[d if i == k else np.zeros_like(d) for i, d in enumerate(whole)] for k in range(len(at))]
    return [whole, *alone] if len(at) > 1 else [whole]


def confirm(
    f: Function,
    at: list[Any],
    direction: list[Any],
    expected: Any,
    size: Any,
    coarse: float = 1.0,
    doubt: float = MAX_UNCERTAINTY,
    noise: float = 0.0,
) -> Any:
    """Return whether derivatives along a direction agree with differences to both sides, for each entry of the result.

    ``size`` is that of the terms which add up to the expected derivative.

    >>> at, ahead = [np.array([0.0, 2.0])], [np.array([1.0, 1.0])]
    >>> confirm(lambda x: np.abs(x[0]), at, ahead, np.array([1.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [False, True]
    """
    confirmed = np.ones(np.shape(expected), bool)
    for side in (-1, 1):
        found = extrapolate(
            lambda t: f([x + t * d for x, d in zip(at, direction, strict=True)]), FIRST_STEP, side, noise
        )
        sure = found.error <= coarse * (doubt * size + 1e-9)
        near = 10 * found.error + coarse * max(_AGREEMENT, doubt / 10) * size + _CANCELLED
        confirmed &= sure & (np.abs(found.value - expected) <= near)
    return confirmed
