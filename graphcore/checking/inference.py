"""Checks of the inferred shape and dtype, also in single precision and for unknown lengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.namespace import asarray
from ..autodiff.executor import forward
from ..autodiff.plan import plan_for
from ..errors import CheckError
from ..graph.node import Node
from .report import Report
from .subject import CheckCase, Subject

#: how far single precision may differ from double
_SINGLE = 1e-3


def check_inferred_type(case: CheckCase, when: str = "") -> None:
    """Compare shape and dtype of the result with those inferred for its node.

    >>> import graphcore as gc, ops
    >>> @gc.op(name="misread")
    ... def misread(x):
    ...     return 2.0 * x
    >>> misread.shape(lambda x: (*x, 1)) is None
    False
    >>> gc.check(misread, [0.5, 1.5])
    Traceback (most recent call last):
    graphcore.errors.CheckError: misread: misread returned the shape (2,), and (2, 1) was ...
    """
    node, value = case.out, case.values[case.out]
    shape = tuple(value.shape)
    is_compatible = len(shape) == node.ndim and all(n in (None, m) for n, m in zip(node.shape, shape, strict=True))
    if not is_compatible or value.dtype != node.dtype:
        raise CheckError(
            f"{case.subject.name}: the result: expected the inferred {node.type}{when}, got {value.dtype} {shape}; "
            f"correct its shape rule or its dtype"
        )


def check_unknown_lengths(subject: Subject, arrays: list[Any], report: Report) -> None:
    """Compare again where no length is known before the run."""
    try:
        subject.build(arrays, unknown=True)
    except Exception:  # noqa: BLE001  some operations need a known length
        report.note("not for arrays of unknown lengths")
        return
    check_inferred_type(CheckCase.at(subject, arrays, unknown=True), " for unknown lengths")


def check_float32(subject: Subject, arrays: list[Any]) -> None:
    """Require float32 results of the forward and of every rule for float32 arguments."""
    low = [a.astype("float32") if a.dtype.kind == "f" else a for a in arrays]
    graph, inputs, out = subject.build(low)
    values: dict[Node, Any] = {node: asarray(array, np) for node, array in zip(inputs, low, strict=True)}
    order = plan_for(graph, (out,))
    forward(order, values, np)
    check_inferred_type(CheckCase(subject, low, graph, inputs, out, values), " for float32")
    if out.dtype != np.float32 and subject.settings.get("dtype") is None:
        raise CheckError(
            f"{subject.name}: expected float32 for float32 arguments, got {out.dtype}; "
            f"write constants as Python numbers"
        )
    _check_numbers(subject, arrays, CheckCase(subject, low, graph, inputs, out, values))
    for target in order:
        for source, argument in zip(target.inputs, target.arguments, strict=True):
            rule = target.op.rule_for(argument) if target.op is not None else None
            if rule is None or rule.function is None or not source.type.is_float:
                continue
            with np.errstate(all="ignore"):
                said = rule.evaluate(target, argument, values, np.ones_like(values[target]), np)
            if getattr(said, "dtype", None) == np.float64 and target.dtype == np.float32:
                raise CheckError(
                    f"{subject.name}: the rule {rule.function.__name__} returns float64 for float32 arguments; "
                    f"write its constants as Python numbers"
                )


def _check_numbers(subject: Subject, arrays: list[Any], single: CheckCase) -> None:
    """Compare the gradients in single and double precision."""
    double = CheckCase.at(subject, [a.astype("float32").astype(float) if a.dtype.kind == "f" else a for a in arrays])
    if not single.out.type.is_float or not single.floats:
        return
    rows = [[np.asarray(row, float) for row in s.rows(s.out, s.floats)] for s in (single, double)]
    for node, low, high in zip(double.floats, *rows, strict=True):
        size = float(np.max(np.abs(high), initial=0.0, where=np.isfinite(high)))
        if not np.allclose(low, high, rtol=_SINGLE, atol=_SINGLE * size, equal_nan=True):
            raise CheckError(
                f"{subject.name}: with respect to {node.label!r}, the rules give {low} in float32, {high} in float64"
            )
