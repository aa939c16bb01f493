"""Checks along directions: of arrays of thousands of entries, over all magnitudes, and of higher derivatives.

One derivative along a direction is measured from the forward and compared with the gradient from the rules times that
direction. Of an elementwise operation this compares every entry; of others a sum, with weights that are generic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.registry import registry
from ..autodiff.executor import forward, reverse
from ..autodiff.interpreters import SymbolicValues
from ..autodiff.plan import descendants, plan_for
from ..errors import CheckError
from ..graph.node import Node
from .finite_differences import FIRST_STEP, complex_step_along, extrapolate, reach
from .reference import MAX_UNCERTAINTY, confirm, generic_values
from .report import Report
from .subject import CheckCase

Function = Callable[[list[Any]], Any]

#: how far a projected derivative may be from the one measured, relative to the sum of its terms, and to the result
_EXACT, _OF_RESULT = 1e-8, 1e-11
#: what rounding may leave of a derivative that is zero
_LEAST = 1e-13
#: differences confirm no derivative along a direction that is smaller
_SURE = 1e-6
#: derivatives beyond this may overflow in between
_MOST = 1e250
#: the longest formula whose derivatives are still compared
_NODES = 4000


def compare_projected(case: CheckCase, report: Report, where: str) -> int:
    """Compare the gradient for one generic dout, by every float argument; return the number of entries compared.

    >>> import ops
    >>> from graphcore.checking.subject import Subject
    >>> subject = Subject(ops.exp, ([0.5, 1.5],), {})
    >>> compare_projected(CheckCase.at(subject, subject.given), Report("exp"), "")
    2
    """
    floats = case.floats
    order = plan_for(case.graph, (case.out,))
    f = case.forward_of(floats)
    at = [np.asarray(case.values[node]) for node in floats]
    op = case.subject.op
    shapes = {np.shape(case.values[node]) for node in (*floats, case.out)}
    each = op is not None and op.is_elementwise and op.shape_rule is None and len(shapes) == 1
    wanted = descendants(floats, order)

    def vjp(dout: Any) -> dict[Node, Any]:
        return reverse(order, case.values, dout, np, wanted)

    return sum(_compare(case, report, f, at, k, vjp, where, each=each) for k in range(len(floats)))


def compare_higher(case: CheckCase, report: Report, where: str, order: int) -> None:
    """Compare derivatives of the third and higher orders, along generic directions.

    >>> import graphcore as gc, ops
    >>> gc.check(ops.sin, [0.5], order=4, variations=False, libraries=False).order
    4
    """
    floats = case.floats
    seeds = _seeded(case, [case.out], "dout")
    formulas = _gradients(case, [case.out], seeds)
    for n in range(2, order + 1):
        if sum(len(plan_for(case.graph, (formula,))) for formula in formulas.values()) > _NODES:
            report.note(f"derivatives of order {n} are too long to compare")
            return
        if n > 2:
            for node, formula in formulas.items():
                _compare_formula(
                    case, report, floats, formula, f"{where} (order {n}, of the formula by {node.label!r})"
                )
        if n < order:
            formulas = _gradients(case, [*formulas.values()], _seeded(case, [*formulas.values()], f"direction {n}"))


def _seeded(case: CheckCase, nodes: list[Node], name: str) -> list[Node]:
    """Return an input for the sensitivity of each node, with a generic value."""
    seeds = []
    for i, node in enumerate(nodes):
        shape = np.shape(case.values[node])
        seed = case.graph.input(f"the {name} {i}", shape, node.dtype)
        case.values[seed] = np.asarray(generic_values(shape, 0.3 * i + 0.1))[()]
        seeds.append(seed)
    return seeds


def _gradients(case: CheckCase, nodes: list[Node], seeds: list[Node]) -> dict[Node, Node]:
    """Write the sum of the gradients of several nodes by every float argument, and compute it."""
    found: dict[Node, Node] = {}
    for node, seed in zip(nodes, seeds, strict=True):
        plan = plan_for(case.graph, (node,))
        gradients = reverse(plan, SymbolicValues(), seed, registry, descendants(case.floats, plan))
        for x in case.floats:
            if isinstance(gradients.get(x), Node):
                found[x] = found[x] + gradients[x] if x in found else gradients[x]
    for formula in found.values():
        forward(plan_for(case.graph, (formula,)), case.values, np)
    return found


def _compare_formula(case: CheckCase, report: Report, floats: list[Node], formula: Node, where: str) -> None:
    plan = plan_for(case.graph, (formula,))
    wanted = descendants(floats, plan)
    at = [np.asarray(case.values[node]) for node in floats]
    f = case.function_of(formula, floats)
    for k in range(len(floats)):
        _compare(case, report, f, at, k, lambda dout: reverse(plan, case.values, dout, np, wanted), where, each=False)


def _compare(
    case: CheckCase,
    report: Report,
    f: Function,
    at: list[Any],
    k: int,
    vjp: Callable[[Any], dict[Node, Any]],
    where: str,
    *,
    each: bool,
) -> int:
    """Compare along one direction of one argument."""
    node, allowed = case.floats[k], report.tolerance
    with np.errstate(all="ignore"):
        direction = (
            np.where(at[k] == 0, 1.0, np.minimum(np.abs(at[k]), 1.0))
            if each
            else np.asarray(generic_values(at[k].shape, 0.3 * k) * reach(at[k]))
        )
        result, slope, error, fit = _measure(f, at, k, direction, allowed.relative, each=each)
        fit &= np.isfinite(result) & np.isfinite(slope)
        fit &= np.abs(slope / direction) < _MOST if each else np.abs(slope) > _SURE
        if not fit.any():
            return 0
        dout = np.where(fit, generic_values(result.shape, 0.2), 0.0).astype(np.asarray(result).dtype)
        gradient = np.asarray(vjp(dout).get(node, np.zeros_like(at[k])))
        want = np.where(fit, dout * slope, 0.0)
        doubt = np.where(fit, np.abs(dout) * (10 * error + _OF_RESULT * np.maximum(np.abs(result), 1e-3)), 0.0)
        got = gradient * direction
        if each:
            got, size = np.where(fit, got, 0.0), np.abs(want)
        else:
            got, size, want, doubt = (
                np.sum(got),
                np.sum(np.abs(want)) + np.sum(np.abs(got)),
                np.sum(want),
                np.sum(doubt),
            )
        coarse = max(_EXACT, 1e3 * float(np.finfo(gradient.dtype).eps), allowed.relative)
        wrong = np.argwhere(
            ~(np.abs(got - want) <= coarse * size + doubt + _LEAST + (allowed.atol or 0.0) * np.sum(np.abs(dout)))
        )
    if len(wrong):
        first = tuple(int(i) for i in wrong[0])
        values = ", ".join(f"{n.label} = {np.asarray(case.values[n])[first]!r}" for n in case.floats) if each else ""
        raise CheckError(
            f"{case.subject.name}: with respect to {node.label!r}{where}, the rules give {float(got[first]):.9g} along "
            f"a direction, and {float(want[first]):.12g} is measured{' at ' + values if values else ''}"
        )
    return int(np.sum(fit))


def _measure(
    f: Function, at: list[Any], k: int, direction: Any, relative: float, *, each: bool
) -> tuple[Any, Any, Any, Any]:
    """Return the result, its derivative along a direction of one argument, the error, and where to believe it."""
    result = np.asarray(f(at), dtype=float)
    slope = complex_step_along(lambda x: f([*at[:k], x, *at[k + 1 :]]), at[k], direction)
    coarse = 1.0 if np.asarray(f(at)).dtype == np.float64 else 1e3
    doubt = max(MAX_UNCERTAINTY, 10 * relative)
    if slope is None:
        found = extrapolate(lambda t: f([x + t * (direction if i == k else 0) for i, x in enumerate(at)]), FIRST_STEP)
        slope = found.value
        return result, slope, found.error, found.error <= 1e-2 * coarse * doubt * (np.abs(slope) + 1e-6)
    # each entry is moved by its reach, as far as differences need
    scale = reach(at[k]) / np.maximum(np.abs(direction), 1e-300) if each else np.ones(())
    steps = [direction * scale if i == k else np.zeros_like(x) for i, x in enumerate(at)]
    fit = confirm(f, at, steps, slope * scale, np.abs(slope * scale), coarse, doubt)
    near = [x * (1 + 2.0**-40 * generic_values(x.shape, 0.7 * i)) for i, x in enumerate(at)]
    moved = complex_step_along(lambda x: f([*near[:k], x, *near[k + 1 :]]), near[k], direction)
    moves = np.full_like(slope, np.nan) if moved is None else np.abs(moved - slope)
    # where the last digits of the arguments decide, nothing can be compared
    return result, slope, 1e-3 * moves, fit & (moves <= 1e-3 * np.abs(slope) + 1e-12 * (1e-3 + np.abs(result)))
