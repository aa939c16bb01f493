"""Arguments of thousands of entries: all magnitudes for elementwise operations, long axes and large squares else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .shapes import fill, perturb, result_size
from .subject import Subject
from .variant import Variant

#: how many entries an argument is given, and how many the result may have
_FEW, _MANY, _LONG, _RESULT = 4099, 20011, 3001, 100_000


def large_variants(subject: Subject, arrays: list[Any]) -> Iterator[Variant]:
    """Yield variants that are compared along directions alone, each with a descriptive name.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.exp, ([0.5, 1.5],), {})
    >>> [(v.name, v.arrays[0].size) for v in large_variants(subject, subject.given)][:2]
    [('20011 entries', 20011), ('numbers of both signs', 4099)]
    """
    op = subject.op
    if op is not None and op.is_elementwise and op.shape_rule is None:
        yield Variant(f"{_MANY} entries", [fill(x, (_MANY,)) for x in np.broadcast_arrays(*arrays)])
        yield from _sweeps(arrays)
    else:
        for factor in (1e-8, 1e8):
            name = f"× {factor:g}"
            yield Variant(name, [perturb(x) * factor if x.dtype.kind == "f" else x for x in arrays], tentative=True)
        yield from _grown(subject, arrays)


def _sweeps(arrays: list[Any]) -> Iterator[Variant]:
    """Yield numbers from intervals in which most functions are defined, independent in every argument."""
    random = np.random.default_rng(0)

    def sign() -> Any:
        return random.choice([-1.0, 1.0], _FEW)

    def sized(low: float, high: float) -> Any:
        return 10.0 ** random.uniform(low, high, _FEW)

    for name, draw in (
        ("numbers of both signs", lambda: random.uniform(-12, 12, _FEW)),
        ("positive numbers", lambda: random.uniform(0.01, 12, _FEW)),
        ("numbers between −1 and 1", lambda: random.uniform(-1, 1, _FEW)),
        ("numbers between 0 and 1", lambda: random.uniform(0, 1, _FEW)),
        ("numbers of all sizes", lambda: sign() * sized(-12, 12)),
        ("positive numbers of all sizes", lambda: sized(-12, 12)),
        ("numbers of extreme sizes", lambda: (sign() if len(arrays) == 1 else 1.0) * sized(-150, 150)),
    ):
        yield Variant(
            name, [np.asarray(draw(), x.dtype) if x.dtype.kind == "f" else np.resize(x, _FEW) for x in arrays]
        )


def _grown(subject: Subject, arrays: list[Any]) -> Iterator[Variant]:
    """Yield one axis made long, all axes of one length, and a long stack."""
    axes = max((x.ndim for x in arrays), default=0)
    largest = max((x.size for x in arrays), default=0)
    if not largest:
        return
    times = -(-_LONG // largest)
    aligned = range(-axes, 0) if len({x.ndim for x in arrays}) > 1 else ()
    for axis in (*range(axes), *aligned):
        longer = [_repeat_along(x, axis, times) for x in arrays]
        yield from _if_fit(subject, f"{_LONG} entries along axis {axis}", longer)
    if axes:
        length = 1 + int(1024 ** (1 / axes))
        squares = [fill(x, (length,) * x.ndim) for x in arrays]
        yield from _if_fit(subject, f"all lengths {length}", squares)
        heavy = [x + 2 * length * np.eye(length) if x.ndim == 2 and x.dtype.kind == "f" else x for x in squares]
        yield from _if_fit(subject, f"all lengths {length}, heavy on the diagonal", heavy)
    yield from _if_fit(subject, "a long stack", [fill(x, (_LONG // largest + 1, *x.shape)) for x in arrays])


def _repeat_along(x: Any, axis: int, times: int) -> Any:
    if not -x.ndim <= axis < x.ndim:
        return x
    return fill(x, tuple(n * times if k == axis % x.ndim else n for k, n in enumerate(x.shape)))


def _if_fit(subject: Subject, name: str, arrays: list[Any]) -> Iterator[Variant]:
    size = result_size(subject, arrays)
    if size is not None and size <= _RESULT and all(x.size <= 3 * _RESULT for x in arrays):
        yield Variant(name, arrays, tentative=True)
