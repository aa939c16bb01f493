"""The checks at arguments and settings that are derived from those of an example."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from ..errors import CheckError
from .alternatives import alternatives
from .comparison import compare_first, compare_second
from .conduct import check_conduct
from .inference import check_inferred_type
from .infinite import check_infinities
from .large import large_variants
from .precision import check_precisions
from .projection import compare_projected
from .report import Report
from .shapes import perturb
from .subject import CheckCase, Subject
from .variant import Variant
from .variants import variants

#: the most entries of arguments and result of which second derivatives are compared under other settings
_FEW = 40


def check_variations(subject: Subject, report: Report, tried: set[Any]) -> None:
    """Run the checks wherever the operation accepts the variation; shapes and settings ``tried`` once are enough.

    >>> import ops
    >>> report = Report("square")
    >>> check_variations(Subject(ops.square, ([0.5, -1.5],), {}), report, set())
    >>> report.variants["200 entries"], report.entries
    (40000, 0)
    """

    def is_new(other: Subject, variant: Variant) -> bool:
        key = _circumstances(other, variant)
        new = not (variant.tentative or " beside " in variant.name) or key not in tried
        tried.add(key)
        return new

    passed: set[str] = set()
    for variant in variants(subject, subject.given, exact=report.tolerance.is_exact):
        if is_new(subject, variant) and _check_variant(subject, variant, report, passed):
            passed.add(variant.name)
    for name, other in alternatives(subject, settings=report.tolerance.is_exact):
        variant = Variant(name, other.given, second=_is_small(other) and "=" not in name, tentative=True)
        if is_new(other, variant):
            _check_variant(other, variant, report)
    if not report.tolerance.is_exact:
        return
    for variant in large_variants(subject, subject.given):
        if is_new(subject, variant) or variant.name.startswith("×"):
            _check_large(subject, variant, report)
    usual = [perturb(np.where(x == 0, 0.3, x)) if x.dtype.kind == "f" else x for x in subject.given]
    check_infinities(subject, usual, report)
    check_precisions(subject, usual, report)


def _circumstances(subject: Subject, variant: Variant) -> tuple[Any, ...]:
    """Return what is the same for two examples whose variants need not both be checked."""
    shapes: tuple[Any, ...] = tuple(array.shape for array in variant.arrays)
    if variant.name.startswith("stacked"):  # whatever the lengths of the matrices in the stack are
        shapes = (variant.name, *map(len, shapes))
    return (subject.arguments, repr(subject.settings), shapes, variant.name.endswith("turned"))


def _check_variant(subject: Subject, variant: Variant, report: Report, passed: Container[str] = ()) -> bool:
    """Check at arguments derived from those given, if the operation accepts them; return whether it does."""
    where = f", for a variant of the arguments ({variant.name})"
    if not _accepts(subject, variant):
        return False
    case = _case_at(subject, variant, report)
    if case is None or not case.out.type.is_float or not case.floats:
        return case is not None
    try:
        compared = compare_first(case, report, where)
        if variant.conduct or not all(array.size for array in variant.arrays):
            check_conduct(case, report, where)
        if variant.second and report.order > 1:
            compared += compare_second(case, report, where)
    except CheckError:
        raise
    except Exception as error:
        longer = variant.name.replace("empty", "longer", 1)
        if not variant.tentative or (longer != variant.name and longer in passed):
            raise CheckError(f"{subject.name}: its rules fail{where}: {error}") from error
        report.note(f"its rules refuse what its forward takes{where}: {error}"[:200])
        return False
    report.variants[variant.name] = report.variants.get(variant.name, 0) + compared
    return True


def _case_at(subject: Subject, variant: Variant, report: Report) -> CheckCase | None:
    """Return the operation at these arguments; ``None`` if guessed arguments give what was not inferred."""
    where = f", for a variant of the arguments ({variant.name})"
    try:
        case = CheckCase.at(subject, variant.arrays)
        check_inferred_type(case, where)
    except CheckError as error:
        if not variant.tentative:
            raise
        report.note(str(error)[:200])
        return None
    return case


def _check_large(subject: Subject, variant: Variant, report: Report) -> None:
    """Check along directions, where the operation accepts the arguments; entries that are not finite are left out."""
    try:
        with np.errstate(all="ignore"):
            case = CheckCase.at(subject, variant.arrays)
    except Exception:  # noqa: BLE001  each operation refuses in its own way
        return
    where = f", for a variant of the arguments ({variant.name})"
    if not (case.out.type.is_float and case.floats):
        return
    try:
        compared = compare_projected(case, report, where)
    except CheckError:
        raise
    except Exception as error:  # noqa: BLE001  lengths that the forward takes by chance need not make sense
        report.note(f"its rules refuse what its forward takes{where}: {error}"[:200])
        return
    report.count("projections", compared)
    report.variants[variant.name] = report.variants.get(variant.name, 0) + compared


def _is_small(subject: Subject) -> bool:
    """Return whether second derivatives of an operation are few."""
    sizes = sum(array.size for array in subject.given)
    try:
        with np.errstate(all="ignore"):
            return bool(sizes + np.size(subject.call(subject.given)) <= _FEW)
    except Exception:  # noqa: BLE001
        return False


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
