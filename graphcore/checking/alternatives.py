"""The operation with other settings than an example has, with its optional arguments, and with more of many values.

No list of settings is known: each is changed to what others of its kind are; what the operation refuses is left
out.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..operations.operation import Op
from .shapes import perturb
from .subject import Subject

#: how many values an operation of any number of them is given
_VALUES = (1, 3, 4, 6)
#: how many alternatives are tried at most for one example
_MOST = 30


def alternatives(subject: Subject, *, settings: bool = True) -> Iterator[tuple[str, Subject]]:
    """Yield the operation in other circumstances, each with a descriptive name.

    Without ``settings`` these stay as they are, since those of a solver change its accuracy.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.sum, ([[0.5, 1.5], [2.0, 1.0]],), {"axis": 1})
    >>> [name for name, _ in alternatives(subject)][:5]
    ['axis=0', 'axis=(-1,)', 'axis=None', 'axis=2', 'axis=3']
    """
    op = subject.op
    if op is None:
        return
    given = [perturb(array) if array.dtype.kind == "f" else array for array in subject.given]
    others = _settings(op, subject)[:_MOST] if settings else []
    for name, changes in others:
        changed = {**subject.settings, **changes}
        yield from _try(op, name, given, subject.arguments, changed)
    if op.variadic and len(given) >= len(op.values):
        for number in _VALUES:
            yield from _try(op, f"{number} values", _repeated(op, given, number), None, subject.settings)
    for name, array in _optional(op, subject, given):
        yield from _try(op, f"with {name}", [*given, array], (*subject.arguments, name), subject.settings)


def _try(
    op: Op, name: str, given: list[Any], arguments: tuple[str, ...] | None, settings: dict[str, Any]
) -> Iterator[tuple[str, Subject]]:
    try:
        if op.variadic:
            yield name, Subject(op, tuple(given), settings)
        elif arguments is not None:
            values = dict(zip(arguments, given, strict=True))
            yield name, Subject(op, (), {**values, **settings})
    except Exception:  # noqa: BLE001  each operation refuses in its own way
        return


def _repeated(op: Op, given: list[Any], number: int) -> list[Any]:
    """Return as many values of a variadic argument as wanted, no two of them equal."""
    fixed = len(op.values) - 1
    many = [given[fixed + i % (len(given) - fixed)] for i in range(number)]
    factors = [1.0 + 0.17 * i for i in range(number)]
    return [*given[:fixed], *(x * c if x.dtype.kind == "f" else x for x, c in zip(many, factors, strict=True))]


def _optional(op: Op, subject: Subject, given: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield arrays for the optional arguments that are absent: numbers of the shapes that a value of that kind has."""
    for name in op.values:
        if name not in op.signature.optional or name in subject.arguments or not given:
            continue
        like = given[0]
        shapes = [like.shape, (), like.shape[-1:], like.shape[:1], *(x.shape for x in given[1:])]
        shapes += [np.shape(_quietly(subject))] if op is not None else []
        for shape in dict.fromkeys(shapes):
            size = int(np.prod(shape, dtype=int))
            yield name, np.asarray((0.6 + 0.37 * np.arange(size)).reshape(shape))


def _quietly(subject: Subject) -> Any:
    try:
        with np.errstate(all="ignore"):
            return subject.call(subject.given)
    except Exception:  # noqa: BLE001
        return 0.0


def _settings(op: Op, subject: Subject) -> list[tuple[str, dict[str, Any]]]:
    """Return changes of one setting, and of two that are booleans or axes."""
    axes = max((array.ndim for array in subject.given), default=0)
    single = []
    for name, value in subject.settings.items():
        seen = [s[name] for _, s in op.examples if name in s]
        default = op.signature.settings.get(name)
        candidates = [*seen, *([] if default is inspect.Parameter.empty else [default])]
        candidates += _others(name, value, axes) + [c for other in candidates for c in _others(name, other, axes)]
        known = [repr(value)]
        for candidate in candidates:
            if repr(candidate) not in known:
                known.append(repr(candidate))
                single.append((name, candidate))
    found = [(f"{name}={value!r}", {name: value}) for name, value in single]
    pairs = [
        (f"{a}={x!r}, {b}={y!r}", {a: x, b: y})
        for (a, x), (b, y) in itertools.combinations(single, 2)
        if a != b and isinstance(x, bool) + isinstance(y, bool) > 0
    ]
    return found + pairs


def _others(name: str, value: Any, axes: int) -> list[Any]:
    """Return values of the same kind as that of a setting."""
    if isinstance(value, bool):
        return [not value]
    if value is None:
        return [*range(axes), -1]
    if isinstance(value, int):
        return [None, *((0, 1, 2, 3, -1, -2) if value < 0 or "ax" in name else (0, 1, 2, 3))]
    if isinstance(value, float):
        return [value * 1.7, value * 0.3, -value, 0.0, 1.0, 2.0]
    if isinstance(value, tuple) and all(isinstance(n, int) for n in value):
        sign = [tuple(n - axes for n in value)]
        swapped = [value[::-1], (*value[1:], *value[:1])]
        shorter = [value[:1], value[:1][0]] if value else []
        longer = [tuple(range(axes)), tuple(n + 1 for n in value)]
        return [None, *swapped, *sign, *shorter, *longer]
    return []
