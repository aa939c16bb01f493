"""Elementwise check of the rules of an operation, or the gradient of a function, against its forward."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import CheckError
from ..operations.operation import Op
from .array_libraries import check_libraries
from .comparison import compare_first, compare_second
from .conduct import check_conduct
from .inference import check_inferred_type, check_unknown_lengths
from .precision import check_float32
from .projection import compare_higher
from .report import Report
from .subject import CheckCase, Subject, missing_rule
from .tolerance import Tolerance
from .variations import check_variations


def check(
    operation: Op | Callable[..., Any],
    *arrays: Any,
    libraries: bool = True,
    variations: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    order: int = 3,
    **settings: Any,
) -> Report:
    """Prove the rules of an operation, or raise `CheckError` saying which is wrong and where.

    Every entry of every float argument is nudged, and every entry of the result compared: by complex step, to 1e-12 of
    the derivative, where differences to both sides confirm it, else by Richardson extrapolation with its error
    estimate. At a kink the rule must lie in the subdifferential: between the derivatives to the left and to the right,
    also along the line that moves all tied entries together. The same is done for the second derivatives, and along
    directions for those up to ``order``; forward mode must agree with reverse mode, and the formula with the numbers;
    shape and dtype must be as inferred, and float32 must stay float32. A rule has to be linear in ``dout`` and give the
    same in every memory layout, at every call, and where two arguments are one node.

    Without arrays, the operation's own examples are used. Of each, variations are made (``variations=False`` leaves
    them out): other numbers, shapes, settings, precisions and array sizes. The values and gradients of the other array
    libraries that are installed must be those of numpy (``libraries=False`` leaves them out). A plain function of
    arrays may stand in for an operation; the gradient that its operations add up to is checked, at the arrays given.
    Raises `CheckError` also if there is nothing to check.

    For a forward that is not exact itself, a solver, a simulator or a module in single precision, ``rtol`` and ``atol``
    give how far a rule may be from what is measured: ``atol + rtol × |derivative|``; ``atol`` is ``rtol`` times the
    largest derivative if it is left out. ``order=1`` compares first derivatives alone, for rules that call code which
    does not work on nodes and has no formula. The report says which tolerance and order were used.

    >>> import graphcore as gc, numpy as np, ops
    >>> report = gc.check(ops.sigmoid, np.array([0.5, -2.0]))
    >>> report.entries, report.second, report.worst < 1e-12
    (4, 4, True)
    >>> @gc.op(r"{x}^3", name="wrong_cube")
    ... def wrong_cube(x):
    ...     return x * x * x
    >>> @wrong_cube.local("x")
    ... def dwrong_cube_dx(x):
    ...     return 2 * x * x
    >>> gc.check(wrong_cube, np.array([0.5, -2.0]))
    Traceback (most recent call last):
    graphcore.errors.CheckError: wrong_cube: ∂out[0]/∂x[0] is 0.75, ...
    """
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise ValueError(f"order: expected an integer of at least 1, got {order!r}")
    name = operation.name if isinstance(operation, Op) else getattr(operation, "__name__", "the function")
    if arrays:
        cases = [(arrays, settings)]
    elif isinstance(operation, Op) and operation.examples:
        cases = [(a, {**s, **settings}) for a, s in operation.examples]
    else:
        raise CheckError(f"{name} has no examples: give arrays to check it on, as in gc.check({name}, array)")
    report = Report(name, tolerance=Tolerance(rtol, atol), order=order)
    tried: set[Any] = set()
    for given, chosen in cases:
        subject = Subject(operation, given, chosen)
        again = _check_given(subject, report)
        if variations and subject.op is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # variations are outside the usual domain
                check_variations(subject, report, tried)
        again()
        if libraries:
            check_libraries(subject, report)
    return report


def _check_given(subject: Subject, report: Report) -> Callable[[], None]:
    """Run every check at the given arguments; return one to be run when the rules have been used elsewhere."""
    case = CheckCase.at(subject, subject.given)
    check_inferred_type(case)
    check_unknown_lengths(subject, subject.given, report)
    out, floats = case.out, [node for node in case.inputs if node.type.is_float]
    if not floats and (out.type.is_float or not _is_flat(case)):
        raise CheckError(f"{subject.name}: none of the arguments is a float, so there is nothing to check")
    if not out.type.is_float:
        report.note(f"the result is {out.dtype}, which has no derivative")
        _require_flat_rules(case)
        return lambda: None
    if not sum(np.size(case.values[node]) for node in floats) * np.size(case.values[out]):
        raise CheckError(f"{subject.name}: an empty array proves nothing; give arrays with entries")
    for node in floats:
        rule = missing_rule(out, node)
        if rule is not None:
            report.note(f"no rule yet for {node.label!r}: {rule.why}")
    compared = compare_first(case, report, "")
    if case.floats and not compared:
        raise CheckError(f"{subject.name}: it has no derivative at these arguments; give others")
    report.entries += compared
    again = check_conduct(case, report)
    if report.order > 1:
        report.second += compare_second(case, report, "")
    if report.order > 2:
        compare_higher(CheckCase.at(subject, subject.given), report, "", report.order)
    check_float32(subject, subject.given, report)
    return again


def _is_flat(case: CheckCase) -> bool:
    """Return whether every argument of the operation is registered as flat."""
    out = case.out
    rules = [] if out.op is None else [out.op.rule_for(argument) for argument in out.arguments]
    return bool(rules) and all(rule is not None and rule.kind == "flat" for rule in rules)


def _require_flat_rules(case: CheckCase) -> None:
    out = case.out
    for argument in out.arguments:
        if out.op is not None and out.op.rule_for(argument) is None and not out.op.is_composite:
            raise CheckError(
                f"{case.subject.name}: no rule for {argument!r}; register one, or use {out.op.name}.flat(...)"
            )
