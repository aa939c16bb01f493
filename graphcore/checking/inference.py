"""Checks of the inferred shape and dtype, also for unknown lengths."""

from __future__ import annotations

from typing import Any

from ..errors import CheckError
from .report import Report
from .subject import CheckCase, Subject


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
