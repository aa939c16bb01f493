"""Comparison of the rules with reference derivatives, elementwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.registry import registry
from ..autodiff.executor import forward, reverse
from ..autodiff.interpreters import SymbolicValues
from ..autodiff.plan import descendants, plan_for
from ..errors import CheckError, MissingRuleError
from ..graph.node import Node
from .kinks import UNDETERMINED, AllowedRange, allow_entry, allow_nearby, allow_tied, row_scale
from .reference import Reference, all_entries, compute_reference, generic_values
from .report import Report
from .subject import CheckCase
from .tolerance import Tolerance


def compare_first(case: CheckCase, report: Report, where: str) -> int:
    """Compare the first derivatives by every float argument; return the number of entries compared.

    >>> import ops
    >>> from graphcore.checking.subject import Subject
    >>> subject = Subject(ops.multiply, ([0.5, 1.5], 2.0), {})
    >>> case, report = CheckCase.at(subject, subject.given), Report("multiply")
    >>> compare_first(case, report, ""), report.methods
    (6, {'complex step': 6})
    >>> compare_second(case, report, "")
    9
    """
    floats = case.floats
    rows = case.rows(case.out, floats)
    found = compute_reference(
        case.forward_of(floats), [np.asarray(case.values[node]) for node in floats], report.tolerance
    )
    return _Comparison(case, report, floats, "out", where).run(found, rows)


def compare_second(case: CheckCase, report: Report, where: str) -> int:
    """Compare the gradient as a graph with the numbers, then its derivatives with measured ones.

    The formula's derivative by the sensitivity is the derivative itself, so that forward mode agrees with reverse mode.
    """
    graph, out, values, floats = case.graph, case.out, case.values, case.floats
    order = plan_for(graph, (out,))
    reached = descendants(floats, order)
    seed = graph.input("the sensitivity dout", out.shape, out.dtype)
    values[seed] = generic_values(np.shape(values[out]))[()]
    formulas = _formulas(case, seed, reached)
    numbers = reverse(order, values, values[seed], np, reached)
    forward_rows = case.rows(out, floats)
    compared = 0
    for node, first in zip(floats, forward_rows, strict=True):
        formula = formulas.get(node)
        if formula is None:
            continue
        forward(plan_for(graph, (formula,)), values, np)
        allowed = report.tolerance
        _require_equal(
            case, node, values[formula], numbers[node], "the formula for the derivative", "the rule on numbers", allowed
        )
        *rows, pushed = case.rows(formula, [*floats, seed])
        axes = np.ndim(values[node])
        back = np.moveaxis(pushed, range(axes), range(-axes, 0)) if axes else pushed
        _require_equal(case, node, back, first, "forward mode, the pullback of the pullback,", "reverse mode", allowed)
        at = [np.asarray(values[n]) for n in floats]
        found = compute_reference(case.function_of(formula, floats), at, report.tolerance)
        compared += _Comparison(case, report, floats, f"(∂out/∂{node.label})", where).run(found, rows)
    return compared


def _formulas(case: CheckCase, seed: Node, reached: set[Node]) -> dict[Node, Node]:
    order = plan_for(case.graph, (case.out,))
    try:
        return reverse(order, SymbolicValues(), seed, registry, reached)
    except MissingRuleError:
        raise
    except Exception as error:
        raise CheckError(
            f"{case.subject.name}: its rules cannot be followed on nodes, so it has no formula: {error}"
        ) from error


def _require_equal(case: CheckCase, node: Node, one: Any, other: Any, what: str, than: str, allowed: Tolerance) -> None:
    off = max(1e-12, allowed.relative)
    if not np.allclose(one, other, rtol=off, atol=off / 10 * (1 + _largest(other)), equal_nan=True):
        raise CheckError(f"{case.subject.name}: with respect to {node.label!r}, {what} gives {one}, and {than} {other}")


def _largest(array: Any) -> float:
    size = np.abs(array)
    return float(np.max(size, initial=0.0, where=np.isfinite(size)))


class _Comparison:
    """Comparison of one function at one point: rows of derivatives from the rules and their references."""

    def __init__(self, case: CheckCase, report: Report, floats: list[Node], what: str, where: str) -> None:
        self.case, self.report, self.floats = case, report, floats
        self.what, self.where = what, where
        self.second = what != "out"

    def run(self, found: Reference, rows: list[Any]) -> int:
        rows = [_without_zero_times_infinity(row, found.result.ndim) for row in rows]
        compared = self._compare_confirmed(found, rows) if found.confirmed.any() else 0
        for entry in zip(*np.nonzero(np.atleast_1d(~found.confirmed)), strict=True):
            compared += self._compare_row(found, rows, tuple(map(int, entry)) if found.confirmed.ndim else ())
        return compared

    def _compare_confirmed(self, found: Reference, rows: list[Any]) -> int:
        """Compare all entries where complex steps are confirmed by differences."""
        compared = 0
        for k, row in enumerate(rows):
            got, want, tolerance = (array[found.confirmed] for array in (row, found.value[k], found.tolerance[k]))
            with np.errstate(all="ignore"):
                off = np.abs(got - want)
            wrong = np.argwhere(~(off <= tolerance))
            if len(wrong):
                first = tuple(int(i) for i in wrong[0])
                entry = tuple(int(i) for i in np.argwhere(found.confirmed)[first[0]])
                allowed = AllowedRange(want[first], want[first], tolerance[first], "complex step")
                raise CheckError(self._error_message(k, entry, first[1:], got[first], allowed))
            if got.size:
                if not self.where:
                    self.report.worst = max(self.report.worst, float(np.max(off)) / max(_largest(want), 1e-30))
                self.report.count("complex step", got.size)
            compared += got.size
        return compared

    def _compare_row(self, found: Reference, rows: list[Any], entry: tuple[int, ...]) -> int:
        """Compare one entry of the result, one derivative at a time, near kinks, jumps or infinite slopes."""
        scale = row_scale(found, entry)
        compared, tied = 0, []
        for k, at in all_entries(found.at):
            got, slack = float(rows[k][entry][at]), self._slack(rows[k][entry], at)
            allowed = allow_entry(found, entry, (k, at), scale).widened(slack)
            nearby = allow_nearby(found, entry, (k, at), scale).widened(slack)
            if not allowed.allows(got) and nearby.method:
                allowed = nearby
            if not allowed.allows(got):
                raise CheckError(self._error_message(k, entry, at, got, allowed))
            if allowed is UNDETERMINED:
                continue
            compared += 1
            self.report.count(allowed.method)
            if allowed.least != allowed.most or nearby.method:
                tied.append((k, at))
        if len(tied) > 1:
            self._compare_tied(found, rows, entry, tied, scale)
        return compared

    def _compare_tied(
        self, found: Reference, rows: list[Any], entry: tuple[int, ...], tied: list[Any], scale: float
    ) -> None:
        got = sum(float(rows[k][entry][at]) for k, at in tied)
        slack = sum(self._slack(rows[k][entry], at) for k, at in tied)
        allowed = allow_tied(found, entry, tied, scale).widened(slack)
        if not allowed.allows(got):
            names = " + ".join(self._derivative(k, entry, at) for k, at in tied)
            raise CheckError(
                f"{self.case.subject.name}{self.where}: {names} is between {allowed.least:.12g} and "
                f"{allowed.most:.12g}, since these are tied, and the rules say {got:.12g}"
            )

    def _slack(self, row: Any, at: tuple[int, ...]) -> float:
        return float(self.report.tolerance.allow(row)[at]) if not self.report.tolerance.is_exact else 0.0

    def _derivative(self, k: int, entry: tuple[int, ...], at: tuple[int, ...]) -> str:
        return f"∂{self.what}{_index(entry)}/∂{self.floats[k].label}{_index(at)}"

    def _error_message(
        self, k: int, entry: tuple[int, ...], at: tuple[int, ...], got: Any, allowed: AllowedRange
    ) -> str:
        rule = self.case.subject.rule_for(self.floats[k].label)
        origin = f" (rule {rule.function.__name__}, {rule.origin})" if rule is not None and rule.function else ""
        want = f"{float(allowed.least):.12g}"
        if allowed.least != allowed.most:
            want = f"between {want} and {float(allowed.most):.12g}"
        return (
            f"{self.case.subject.name}: {self._derivative(k, entry, at)} is {want}, measured by {allowed.method} "
            f"to ±{float(allowed.tolerance):.1g}, and the rule says {float(got):.12g}{origin}{self.where}; "
            f"{sum(self.report.methods.values())} entries agreed before it"
        )


def _without_zero_times_infinity(row: Any, axes: int) -> Any:
    """Return rows in which NaN is 0 where a unit vector's zero met a slope that is infinite for another result."""
    infinite = np.any(np.isinf(row), axis=tuple(range(axes)), keepdims=True)
    return np.where(np.isnan(row) & infinite, 0.0, row) if infinite.any() else row


def _index(entry: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, entry))}]" if entry else ""
