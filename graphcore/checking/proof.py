"""Elementwise check of the rules of an operation, or the gradient of a function, against its forward."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import CheckError, OperationError, ShapeError
from ..operations.operation import Op
from .array_libraries import check_libraries
from .comparison import compare_first, compare_second
from .inference import check_float32, check_inferred_type, check_unknown_lengths
from .report import Report
from .subject import CheckCase, Subject, missing_rule
from .variants import Variant, variants


def check(
    operation: Op | Callable[..., Any], *arrays: Any, libraries: bool = True, variations: bool = True, **settings: Any
) -> Report:
    """Prove the rules of an operation, or raise `CheckError` saying which is wrong and where.

    Every entry of every float argument is nudged, and every entry of the result compared: by complex step, to 1e-12 of
    the derivative, where differences to both sides confirm it, else by Richardson extrapolation with its error
    estimate. At a kink the rule must lie in the subdifferential: between the derivatives to the left and to the right,
    also along the line that moves all tied entries together. The same is done for the second derivatives; forward mode
    must agree with reverse mode, and the formula with the numbers; shape and dtype must be as inferred, and
    float32 must stay float32.

    Without arrays, the operation's own examples are used. Of each, variations are made (``variations=False`` leaves
    them out): off the grid of short binary fractions, ten and a hundred times as large, negative, zero, tied, longer,
    empty, and of all shapes that broadcast. The values and gradients of the other array libraries that are installed
    must be those of numpy (``libraries=False`` leaves them out). A plain function of arrays may stand in for an
    operation; the gradient that its operations add up to is checked, at the arrays given. Raises `CheckError` also if
    there is nothing to check.

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
    name = operation.name if isinstance(operation, Op) else getattr(operation, "__name__", "the function")
    if arrays:
        cases = [(arrays, settings)]
    elif isinstance(operation, Op) and operation.examples:
        cases = [(a, {**s, **settings}) for a, s in operation.examples]
    else:
        raise CheckError(f"{name} has no examples: give arrays to check it on, as in gc.check({name}, array)")
    report = Report(name)
    for given, chosen in cases:
        subject = Subject(operation, given, chosen)
        _check_given(subject, report)
        if variations and subject.op is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # variants are outside the usual domain
                for variant in variants(subject, subject.given):
                    _check_variant(subject, variant, report)
        if libraries:
            check_libraries(subject, report)
    return report


def _check_given(subject: Subject, report: Report) -> None:
    """Run every check at the given arguments."""
    case = CheckCase.at(subject, subject.given)
    check_inferred_type(case)
    check_unknown_lengths(subject, subject.given, report)
    out, floats = case.out, [node for node in case.inputs if node.type.is_float]
    if not floats and (out.type.is_float or not _is_flat(case)):
        raise CheckError(f"{subject.name}: none of the arguments is a float, so there is nothing to check")
    if not out.type.is_float:
        report.note(f"the result is {out.dtype}, which has no derivative")
        _require_flat_rules(case)
        return
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
    report.second += compare_second(case, report, "")
    check_float32(subject, subject.given)


def _check_variant(subject: Subject, variant: Variant, report: Report) -> None:
    """Check at arguments derived from those given, if the operation accepts them."""
    where = f", for a variant of the arguments ({variant.name})"
    if not _accepts(subject, variant):
        return
    case = CheckCase.at(subject, variant.arrays)
    check_inferred_type(case, where)
    if not case.out.type.is_float or not case.floats:
        return
    try:
        compared = compare_first(case, report, where)
        if variant.second:
            compared += compare_second(case, report, where)
    except (OperationError, ShapeError) as error:
        if not variant.tentative:
            raise
        report.note(f"its rules refuse what its forward takes{where}: {error}")
        return
    report.variants[variant.name] = report.variants.get(variant.name, 0) + compared


def _accepts(subject: Subject, variant: Variant) -> bool:
    """Return whether the operation accepts these arguments, on nodes and arrays, with finite results."""
    try:
        with np.errstate(all="ignore"):
            subject.build(variant.arrays)
            result = np.asarray(subject.call(variant.arrays))
    except Exception as error:
        if variant.must_run:
            raise CheckError(f"{subject.name}: it fails for {variant.name} arguments: {error}") from error
        return False
    return result.dtype.kind != "f" or bool(np.all(np.isfinite(result)))


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
