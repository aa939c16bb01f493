"""Variants of the given arguments, for errors of a rule that do not show at the arguments themselves.

Off the grid, since 0.5 is exact in every precision; larger, negative, all zero and all tied; longer, empty, and of
other shapes. Variants that the operation refuses, or where it is not finite, are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .shapes import fill, other_shapes, perturb
from .subject import Subject
from .variant import Variant

#: how many entries an example is grown to, unless more derivatives than this would have to be compared
_MANY, _FEW, _DERIVATIVES = 200, 20, 1_000_000


#: shapes of two that broadcast together, where each is repeated or one has no entries
_PAIRS = (
    ((1, 2), (3, 1)), ((2, 1, 3), (1, 2, 1)), ((2, 2, 2), (2, 1, 2)), ((2, 2, 2), (1, 2)), ((2, 1, 2), (2,)),
    ((2, 3, 2), ()),     ((2, 3, 1), (1, 1, 2)), ((1, 2, 1, 2), (2, 1, 1)), ((0,), ()), ((0,), (1,)), ((2, 0), (2, 1)),
    ((2, 0, 1), (1, 1, 2)),
)  # fmt: skip


def variants(subject: Subject, arrays: list[Any], *, exact: bool = True) -> Iterator[Variant]:
    """Yield all variants with the settings given, each with a descriptive name.

    Without ``exact`` the numbers stay near those given, since the accuracy of a solver is known only there.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.multiply, ([0.5, 1.5], 2.0), {})
    >>> tried = {variant.name: variant.arrays for variant in variants(subject, subject.given)}
    >>> list(tried)[:7]
    ['off the grid', 'negated', '× 0.01', '× 10', '× 100', 'zeros', 'negative zeros']
    >>> [x.shape for x in tried["(1, 2) beside (3, 1)"]]
    [(1, 2), (3, 1)]
    """
    yield Variant("off the grid", _map_floats(arrays, perturb), second=True)
    if exact:
        yield from _elsewhere(arrays)
    if _is_elementwise(subject):
        yield from _in_all_shapes(arrays)
        yield from _broadcast(arrays)
    else:
        yield from other_shapes(subject, arrays)
        yield from _along_axes(subject, arrays, _MANY if exact else _FEW)
        if _may_broadcast(subject, arrays):
            yield from _broadcast(arrays, tentative=True)


def _elsewhere(arrays: list[Any]) -> Iterator[Variant]:
    """Other numbers in the same shapes."""
    yield Variant("negated", _map_floats(arrays, lambda x: -x))
    for factor in (0.01, 10.0, 100.0):
        yield Variant(f"× {factor:g}", _map_floats(arrays, lambda x, factor=factor: perturb(x) * factor))
    yield Variant("zeros", _map_floats(arrays, np.zeros_like))
    yield Variant("negative zeros", _map_floats(arrays, lambda x: -np.zeros_like(x)))
    shown = [np.ravel(x) for x in arrays if _is_float(x)]
    one = next((x[0] for x in shown if x.size), 0.0)
    yield Variant("all tied", _map_floats(arrays, lambda x: np.full_like(x, one)))


def _in_all_shapes(arrays: list[Any]) -> Iterator[Variant]:
    """Vary the shape for elementwise operations: many entries, one, none, and several axes."""
    arrays = list(np.broadcast_arrays(*arrays))
    yield Variant(f"{_MANY} entries", [fill(x, (_MANY,)) for x in arrays])
    yield Variant("single numbers", [fill(x, ()) for x in arrays], second=True)
    for name, shape in (
        ("square", (3, 3)),
        ("three axes", (2, 3, 2)),
        ("one row", (1, 2, 3)),
        ("one entry", (1,)),
        ("one long axis", (1, 4, 1)),
    ):
        yield Variant(name, [fill(x, shape) for x in arrays], conduct=len(shape) == 3)
    yield Variant("empty", [fill(x, (2, 0)) for x in arrays], must_run=True)
    yield Variant("empty of three axes", [fill(x, (0, 2, 3)) for x in arrays])


def _broadcast(arrays: list[Any], *, tentative: bool = False) -> Iterator[Variant]:
    """Each argument in turn smaller than the others, so that it is repeated, and two that are both repeated."""
    arrays = list(np.broadcast_arrays(*arrays))
    number = len(arrays)
    for place in range(number if number > 1 else 0):
        for shape in ((), (2,), (3, 1)):
            shapes = [shape if i == place else (3, 2) for i in range(number)]
            name = f"argument {place} of shape {shape} beside (3, 2)"
            filled = [fill(x, s) for x, s in zip(arrays, shapes, strict=True)]
            yield Variant(name, filled, second=shape == (3, 1), tentative=tentative)
    for pair in _PAIRS if number > 1 else ():
        filled = [fill(x, pair[i % 2]) for i, x in enumerate(arrays)]
        yield Variant(f"{pair[0]} beside {pair[1]}", filled, tentative=tentative)
        if pair[0] != pair[1][::-1]:
            filled = [fill(x, pair[1 - i % 2]) for i, x in enumerate(arrays)]
            yield Variant(f"{pair[1]} beside {pair[0]}", filled, tentative=tentative)


def _along_axes(subject: Subject, arrays: list[Any], many: int) -> Iterator[Variant]:
    """Longer and empty along each axis, in all arguments that have it and in one alone."""
    axes = range(max((x.ndim for x in arrays), default=0))
    for axis in axes:
        longest = max(x.shape[axis] for x in arrays if x.ndim > axis)
        times = max(2, -(-many // max(x.size for x in arrays))) if longest else 0
        chosen: list[Any] = [None, *(range(len(arrays)) if len(arrays) > 1 else ())]
        for place in chosen:
            which = [x.ndim > axis and place in {None, i} for i, x in enumerate(arrays)]
            label = f"along axis {axis}" + ("" if place is None else f" of argument {place}")
            if not any(which) or not times:
                continue
            longer = _longer(subject, arrays, which, times, axis)
            yield Variant(f"longer {label}", longer, tentative=True)
            if place is None:  # what was the smallest of two is now the largest
                turned = [np.flip(x) if _is_float(x) else x for x in longer]
                yield Variant(f"longer {label}, turned", turned, tentative=True)
            empty = [_empty_along(x, axis) if w else x for x, w in zip(arrays, which, strict=True)]
            yield Variant(f"empty {label}", empty, tentative=True)


def _longer(subject: Subject, arrays: list[Any], which: list[bool], times: int, axis: int) -> list[Any]:
    """Return the chosen arguments repeated along an axis, as often as can be checked."""
    while True:
        longer = [_repeat(x, times, axis) if w else x for x, w in zip(arrays, which, strict=True)]
        if times <= 2 or _derivatives(subject, longer) <= _DERIVATIVES:
            return longer
        times //= 2


def _derivatives(subject: Subject, arrays: list[Any]) -> int:
    """Return the number of derivatives; none if the operation refuses these arguments."""
    try:
        with np.errstate(all="ignore"):
            return int(np.size(subject.call(arrays))) * sum(int(x.size) for x in arrays if _is_float(x))
    except Exception:  # noqa: BLE001  each operation refuses in its own way, and it is asked again later
        return 0


def _is_elementwise(subject: Subject) -> bool:
    op = subject.op
    return op is not None and op.is_elementwise and op.shape_rule is None


def _may_broadcast(subject: Subject, arrays: list[Any]) -> bool:
    """Return whether the result has the shape that the arguments broadcast to."""
    try:
        return bool(np.shape(subject.call(arrays)) == np.broadcast_shapes(*(x.shape for x in arrays)))
    except ValueError:
        return False


def _is_float(x: Any) -> bool:
    return bool(x.dtype.kind == "f")


def _map_floats(arrays: list[Any], change: Any) -> list[Any]:
    return [change(x) if _is_float(x) else x for x in arrays]


def _repeat(x: Any, times: int, axis: int) -> Any:
    longer = np.concatenate([x] * times, axis)
    return perturb(longer) if _is_float(x) else longer


def _empty_along(x: Any, axis: int) -> Any:
    return x[(slice(None),) * axis + (slice(0, 0),)]
