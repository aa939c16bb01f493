"""Checks at infinities: a rule gives the limit of the derivative, or NaN, and no other number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import CheckError
from .finite_differences import complex_step, reach
from .reference import confirm, generic_values
from .report import Report
from .subject import CheckCase, Subject

#: from where the limit is taken, and the most derivatives that are measured there
_TOWARDS, _DERIVATIVES = (1e4, 1e8, 1e12), 150
#: how far a rule may be from a limit
_NEAR = 1e-3


def check_infinities(subject: Subject, arrays: list[Any], report: Report) -> None:
    """Compare the rules where one entry is ±∞ with measured derivatives where it is large.

    >>> import graphcore as gc, ops
    >>> @gc.op(name="squashed")
    ... def squashed(x, *, xp):
    ...     return xp.tanh(x)
    >>> @squashed.local("x")
    ... def dsquashed_dx(x, out, xp):
    ...     return xp.where(xp.isinf(x), 0.5, 1 - out * out)
    >>> gc.check(squashed, [0.5, 1.5])
    Traceback (most recent call last):
    graphcore.errors.CheckError: squashed: ∂out[0]/∂x[0] tends to 0 as x[0] → inf, the rule gives 0.5 there
    """
    for k, array in enumerate(arrays):
        if array.dtype.kind != "f" or not array.size:
            continue
        for sign in (1.0, -1.0):
            at = [np.array(x) for x in arrays]
            at[k].flat[0] = sign * np.inf
            _check_one(subject, at, k, report)


def _check_one(subject: Subject, at: list[Any], k: int, report: Report) -> None:
    try:
        case = CheckCase.at(subject, at)
        result = np.asarray(case.values[case.out])
        floats = case.floats
        sizes = sum(np.size(case.values[node]) for node in floats)
        if not case.out.type.is_float or sizes * result.size > _DERIVATIVES:
            return
        rows = case.rows(case.out, floats)
    except Exception:  # noqa: BLE001  an error is loud, and no wrong number
        return
    where = (0,) * at[k].ndim
    for node, row in zip(floats, rows, strict=True):
        place = case.inputs.index(node)
        known, limit = _limit(subject, at, k, place)
        if known is None:
            continue
        shown = ~np.isnan(result).reshape((*result.shape, *(1,) * (row.ndim - result.ndim)))
        with np.errstate(all="ignore"):
            close = (row == limit) | np.isfinite(limit) & (
                np.abs(row - limit) <= _NEAR * np.maximum(1e-3, np.abs(limit))
            )
        wrong = known & shown & ~np.isnan(row) & ~close
        report.count("limits at infinity", int(np.sum(known & shown)))
        if wrong.any():
            first = tuple(int(i) for i in np.argwhere(wrong)[0])
            entry, by = first[: result.ndim], first[result.ndim :]
            raise CheckError(
                f"{subject.name}: ∂out{_index(entry)}/∂{node.label}{_index(by)} tends to {limit[first]:g} as "
                f"{subject.arguments[k]}{_index(where)} → {float(at[k].flat[0])}, the rule gives {row[first]:g} there"
            )


def _limit(subject: Subject, at: list[Any], k: int, place: int) -> tuple[Any, Any]:
    """Return where the derivatives by one argument have a limit as an entry of another grows, and the limit."""
    found: list[Any] = []
    for size in _TOWARDS:
        arrays = [np.array(x) for x in at]
        arrays[k].flat[0] = np.sign(at[k].flat[0]) * size

        def f(x: Any, arrays: list[Any] = arrays) -> Any:
            return subject.call([*arrays[:place], x, *arrays[place + 1 :]])

        columns = [complex_step(f, arrays[place], entry) for entry in np.ndindex(arrays[place].shape)]
        if any(column is None for column in columns):
            return None, None
        with np.errstate(all="ignore"):  # a complex power is defined where the real one is not
            known = np.isfinite(f(arrays[place]))
            if not found:  # complex steps are believed where differences confirm them
                known &= _is_confirmed(f, arrays[place], np.stack(columns, -1))
        rows = np.where(known[..., None], np.stack(columns, -1), np.nan)
        found.append(rows.reshape((*columns[0].shape, *arrays[place].shape)))
    with np.errstate(all="ignore"):
        first, second, third = found
        sizes = [np.abs(one) for one in found]
        constant = (np.abs(third - second) <= 1e-6 * sizes[2]) & (np.abs(second - first) <= 1e-3 * sizes[2])
        vanishes = (sizes[2] <= 0.05 * sizes[1]) & (sizes[1] <= 0.05 * sizes[0]) | (sizes[2] == 0) & (sizes[1] == 0)
        grows = (sizes[2] >= 20 * sizes[1]) & (sizes[1] >= 20 * sizes[0]) & (sizes[0] > 0)
        finite = np.isfinite(first) & np.isfinite(second) & np.isfinite(third)
        limit = np.where(constant, third, np.where(vanishes, 0.0, np.where(grows, np.sign(third) * np.inf, np.nan)))
    return finite & ~np.isnan(limit), limit


def _is_confirmed(f: Callable[[Any], Any], x: Any, rows: Any) -> Any:
    direction = generic_values(x.shape) * reach(x)
    terms = rows * np.ravel(direction)
    return confirm(lambda at: f(at[0]), [x], [direction], np.sum(terms, -1), np.sum(np.abs(terms), -1))


def _index(entry: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, entry))}]" if entry else ""
