"""Checks in single and half precision: dtypes stay narrow, and numbers differ from double precision by rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..autodiff.plan import plan_for
from ..errors import CheckError
from .inference import check_inferred_type
from .reference import generic_values
from .report import Report
from .subject import CheckCase, Subject

#: how many roundings a derivative in low precision may be off, unless it is off by less at some point nearby
_ROUNDINGS = 24
#: how many points nearby are looked at, and how far away, where a derivative is off by more
_POINTS, _NEAR = 12, 0.03
#: the sizes of numbers between which nothing overflows or vanishes in between
_RANGE = {"float32": (1e-12, 1e12), "float16": (1e-2, 1e2)}


def check_float32(subject: Subject, arrays: list[Any], report: Report) -> None:
    """Require float32 results of the forward and of every rule for float32 arguments, and the numbers of float64.

    >>> import graphcore as gc
    >>> @gc.op(name="coarse")
    ... def coarse(x):
    ...     return x * x
    >>> @coarse.local("x")
    ... def dcoarse_dx(x):
    ...     return 2 * x if str(x.dtype) == "float64" else 2.001 * x
    >>> gc.check(coarse, [0.5, 1.5], libraries=False)
    Traceback (most recent call last):
    graphcore.errors.CheckError: coarse: with respect to 'x', the rules give 1.0005 ... in float32, and 1 in float64
    """
    low = _narrow(arrays, "float32")
    try:
        case = CheckCase.at(subject, low)
    except Exception as error:  # noqa: BLE001  rounding may move an argument out of the domain
        report.note(f"not for float32: {type(error).__name__}: {error}"[:160])
        return
    if not (_may_widen(subject, arrays) or not report.tolerance.is_exact):
        check_inferred_type(case, " for float32")
    if case.out.dtype != np.float32 and not _may_widen(subject, arrays):
        if report.tolerance.is_exact:
            raise CheckError(
                f"{subject.name}: expected float32 for float32 arguments, got {case.out.dtype}; "
                f"write constants as Python numbers"
            )
        report.note("float32 arguments give float64")
    if report.tolerance.is_exact and not _may_widen(subject, arrays):
        _require_narrow_rules(subject, case)
    compare_precision(subject, arrays, "float32", report)


def check_precisions(subject: Subject, arrays: list[Any], report: Report) -> None:
    """Compare half precision with double, and single precision in one argument alone."""
    compare_precision(subject, arrays, "float16", report)
    places = [k for k, array in enumerate(arrays) if array.dtype.kind == "f"]
    for k in places if len(places) > 1 else ():
        compare_precision(subject, arrays, "float32", report, only=k)


def compare_precision(
    subject: Subject, arrays: list[Any], dtype: str, report: Report, *, only: int | None = None
) -> None:
    """Compare the gradients in lower and in double precision at the same numbers; note it if the forward refuses."""
    if not report.tolerance.is_exact:
        return
    suspects: dict[int, Any] = {}
    for number, point in enumerate(_points(arrays)):
        found = _rows_in_both(subject, point, dtype, only)
        if found is None:
            return
        case, low, high, allowed = found
        for k, (one, other, off) in enumerate(zip(low, high, allowed, strict=True)):
            with np.errstate(all="ignore"):
                error = np.where(np.abs(one - other) <= off, 0.0, np.sign(one - other))
                error = np.where(np.isfinite(off) & ~np.isfinite(one), 2.0, error)
            suspects[k] = np.where(suspects[k] == error, error, 0.0) if k in suspects else error
        if not any(np.any(suspect) for suspect in suspects.values()):
            return
        if number == 0:
            first = case, low, high
    case, low, high = first
    for k, suspect in suspects.items():
        if np.any(suspect):
            entry = tuple(int(i) for i in np.argwhere(suspect)[0])
            name = dtype if only is None else f"{dtype} of {subject.arguments[only]!r} alone"
            raise CheckError(
                f"{subject.name}: with respect to {case.floats[k].label!r}, the rules give {low[k][entry]:.9g} "
                f"at {list(entry)} in {name}, and {high[k][entry]:.9g} in float64"
            )


def _points(arrays: list[Any]) -> Iterator[list[Any]]:
    """Yield the arrays themselves and, for a closer look, arrays nearby."""
    yield arrays
    for number in range(_POINTS):
        yield [
            x * (1 + _NEAR * generic_values(x.shape, 0.7 * number + k)) if x.dtype.kind == "f" else x
            for k, x in enumerate(arrays)
        ]


def _rows_in_both(subject: Subject, arrays: list[Any], dtype: str, only: int | None) -> Any:
    """Return the derivatives in both precisions and their distance allowed; ``None`` if nothing can be compared."""
    narrow = _narrow(arrays, dtype, only)
    wide = [x.astype("float64") if x.dtype.kind == "f" else x for x in narrow]
    try:
        with np.errstate(all="ignore"):
            single, double = CheckCase.at(subject, narrow), CheckCase.at(subject, wide)
            if not single.out.type.is_float or not single.floats:
                return None
            low, high = (
                [np.asarray(row, float) for row in case.rows(case.out, case.floats)] for case in (single, double)
            )
            moved = CheckCase.at(subject, [x * (1 + 1e-7) if x.dtype.kind == "f" else x for x in wide])
            moves = [np.abs(a - b) * 1e7 for a, b in zip(moved.rows(moved.out, moved.floats), high, strict=True)]
    except Exception:  # noqa: BLE001  most linear algebra is not made for half precision
        return None
    eps, (least, most) = float(np.finfo(dtype).eps), _RANGE[dtype]
    inside = all(np.all((x == 0) | (np.abs(x) >= least) & (np.abs(x) <= most)) for x in wide if x.dtype.kind == "f")
    result = np.abs(np.asarray(double.values[double.out], float))
    allowed = []
    for row, move in zip(high, moves, strict=True):
        largest = float(np.max(np.abs(row), initial=0.0, where=np.isfinite(row)))
        scale = np.abs(row) + 0.1 * largest + move + result.reshape((*result.shape, *(1,) * (row.ndim - result.ndim)))
        fine = inside & np.isfinite(row) & (scale <= most) & ((row == 0) | (np.abs(row) >= least))
        allowed.append(np.where(fine, _ROUNDINGS * eps * scale, np.inf))
    return single, low, high, allowed


def _require_narrow_rules(subject: Subject, case: CheckCase) -> None:
    for target in plan_for(case.graph, (case.out,)):
        for source, argument in zip(target.inputs, target.arguments, strict=True):
            rule = target.op.rule_for(argument) if target.op is not None else None
            if rule is None or rule.function is None or source.dtype != np.float32 or target.dtype != np.float32:
                continue
            with np.errstate(all="ignore"):
                found = rule.evaluate(target, argument, case.values, np.ones_like(case.values[target]), np)
            if getattr(found, "dtype", None) == np.float64:
                raise CheckError(
                    f"{subject.name}: the rule {rule.function.__name__} returns float64 for float32 arguments; "
                    f"write its constants as Python numbers"
                )


def _may_widen(subject: Subject, arrays: list[Any]) -> bool:
    """Return whether something beside the floats requires double precision: integers, a dtype, a setting."""
    if any(array.dtype.kind in "iu" and array.dtype.itemsize > 2 for array in arrays):
        return True
    dtypes = [getattr(value, "dtype", None) for value in subject.settings.values()]
    return subject.settings.get("dtype") is not None or any(str(dtype) in {"float64", "int64"} for dtype in dtypes)


def _narrow(arrays: list[Any], dtype: str, only: int | None = None) -> list[Any]:
    return [x.astype(dtype) if x.dtype.kind == "f" and only in {None, k} else x for k, x in enumerate(arrays)]
