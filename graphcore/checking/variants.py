"""Variants of the given arguments, for errors of a rule that do not show at the arguments themselves.

Off the grid, since 0.5 is exact in every precision; larger, negative, all zero and all tied; longer, empty, and of
other shapes. Variants that the operation refuses, or where it is not finite, are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .reference import generic_values
from .subject import Subject

#: how many entries an example is grown to, unless more derivatives than this would have to be compared
_MANY, _DERIVATIVES = 200, 1_000_000


class Variant(NamedTuple):
    """Arguments derived from others.

    ``second`` includes second derivatives; with ``must_run`` the operation has to accept them; with ``tentative`` the
    lengths may be incompatible, so that a rule may raise.
    """

    name: str
    arrays: list[Any]
    second: bool = False
    must_run: bool = False
    tentative: bool = False


def variants(subject: Subject, arrays: list[Any]) -> Iterator[Variant]:
    """Yield all variants, each with a descriptive name.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.multiply, ([0.5, 1.5], 2.0), {})
    >>> tried = {variant.name: variant.arrays for variant in variants(subject, subject.given)}
    >>> list(tried)[:7]
    ['off the grid', 'negated', '× 0.01', '× 10', '× 100', 'zeros', 'all tied']
    >>> [x.shape for x in tried["(1, 2) beside (3, 1)"]]
    [(1, 2), (3, 1)]
    """
    yield Variant("off the grid", _map_floats(arrays, _perturb), second=True)
    yield Variant("negated", _map_floats(arrays, lambda x: -x))
    for factor in (0.01, 10.0, 100.0):
        yield Variant(f"× {factor:g}", _map_floats(arrays, lambda x, factor=factor: _perturb(x) * factor))
    yield Variant("zeros", _map_floats(arrays, np.zeros_like))
    shown = [np.ravel(x) for x in arrays if _is_float(x)]
    one = next((x[0] for x in shown if x.size), 0.0)
    yield Variant("all tied", _map_floats(arrays, lambda x: np.full_like(x, one)))
    if _is_elementwise(subject):
        yield from _in_all_shapes(arrays)
        yield from _broadcast(arrays)
    else:
        yield from _along_axes(subject, arrays)
        if _may_broadcast(subject, arrays):
            yield from _broadcast(arrays, tentative=True)


def _in_all_shapes(arrays: list[Any]) -> Iterator[Variant]:
    """Vary the shape for elementwise operations: many entries, one, none, and several axes."""
    arrays = list(np.broadcast_arrays(*arrays))
    yield Variant(f"{_MANY} entries", [_fill(x, (_MANY,)) for x in arrays])
    yield Variant("single numbers", [_fill(x, ()) for x in arrays], second=True)
    yield Variant("three axes", [_fill(x, (2, 1, 2)) for x in arrays])
    yield Variant("empty", [_fill(x, (2, 0)) for x in arrays], must_run=True)


def _broadcast(arrays: list[Any], *, tentative: bool = False) -> Iterator[Variant]:
    """Each argument in turn smaller than the others, so that it is repeated, and two that are both repeated."""
    arrays = list(np.broadcast_arrays(*arrays))
    number = len(arrays)
    for place in range(number if number > 1 else 0):
        for shape in ((), (2,), (3, 1)):
            shapes = [shape if i == place else (3, 2) for i in range(number)]
            name = f"argument {place} of shape {shape} beside (3, 2)"
            filled = [_fill(x, s) for x, s in zip(arrays, shapes, strict=True)]
            yield Variant(name, filled, second=shape == (3, 1), tentative=tentative)
    if number > 1:
        shapes = [(3, 1) if i % 2 else (1, 2) for i in range(number)]
        filled = [_fill(x, s) for x, s in zip(arrays, shapes, strict=True)]
        yield Variant("(1, 2) beside (3, 1)", filled, tentative=tentative)


def _along_axes(subject: Subject, arrays: list[Any]) -> Iterator[Variant]:
    """Longer and empty along each axis, in all arguments that have it and in one alone."""
    axes = range(max((x.ndim for x in arrays), default=0))
    for axis in axes:
        longest = max(x.shape[axis] for x in arrays if x.ndim > axis)
        times = max(2, -(-_MANY // max(x.size for x in arrays))) if longest else 0
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


def _perturb(x: Any) -> Any:
    return x * (1 + 0.0123 * generic_values(np.shape(x), 0.9))


def _fill(x: Any, shape: tuple[int, ...]) -> Any:
    """Return an array of a shape with the given entries, its floats perturbed to differ."""
    number = int(np.prod(shape, dtype=int))
    entries = np.resize(np.ravel(x), number) if x.size else np.zeros(number, x.dtype)
    entries = entries.reshape(shape)
    return (_perturb(entries) if _is_float(x) else entries)[()]


def _repeat(x: Any, times: int, axis: int) -> Any:
    longer = np.concatenate([x] * times, axis)
    return _perturb(longer) if _is_float(x) else longer


def _empty_along(x: Any, axis: int) -> Any:
    return x[(slice(None),) * axis + (slice(0, 0),)]
