"""Other shapes that an operation accepts, found by trying: squares, each axis or two of another length, and stacks.

Which lengths have to be equal is the operation's business; where it refuses, there is nothing to check.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .reference import generic_values
from .subject import Subject
from .variant import Variant

#: the length that one or two axes are given, how many axes are tried, and the most entries a variant may have
_LENGTH, _AXES, _ENTRIES = 4, 8, 64
#: axes put before the others; where an argument has fewer of them, it is repeated along the rest
_STACKS: tuple[tuple[int, ...], ...] = ((2,), (1,), (2, 3), (2, 1), (1, 3), (0,))

Shapes = tuple[tuple[int, ...], ...]


def other_shapes(subject: Subject, arrays: list[Any]) -> Iterator[Variant]:
    """Yield variants in all shapes tried that the operation accepts.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.matmul, ([[0.5, 1.5]], [[2.0], [1.0]]), {})
    >>> [tuple(x.shape for x in v.arrays) for v in other_shapes(subject, subject.given)][:4]
    [((1, 1), (1, 1)), ((2, 2), (2, 2)), ((3, 3), (3, 3)), ((4, 2), (2, 1))]
    """
    tried: set[Shapes] = {tuple(x.shape for x in arrays)}
    for name, shapes in itertools.chain(_resized(arrays), _stacked(arrays)):
        if shapes in tried:
            continue
        tried.add(shapes)
        filled = [fill(x, shape) for x, shape in zip(arrays, shapes, strict=True)]
        size = result_size(subject, filled)
        if size is not None and size * sum(x.size for x in filled) <= _ENTRIES**2:
            yield Variant(name, filled, tentative=True, conduct=name.startswith("stacked (2"))


def result_size(subject: Subject, arrays: list[Any]) -> int | None:
    """Return the number of entries of the result, as inferred; ``None`` if the operation refuses these arguments."""
    try:
        with np.errstate(all="ignore"):
            _, _, out = subject.build(arrays)
    except Exception:  # noqa: BLE001  each operation refuses in its own way
        return None
    return math.prod(n or 0 for n in out.shape)


def fill(x: Any, shape: tuple[int, ...]) -> Any:
    """Return an array of a shape with the given entries, its floats perturbed to differ.

    >>> fill(np.array([1, 2]), (3,))
    array([1, 2, 1])
    """
    number = int(np.prod(shape, dtype=int))
    entries = np.resize(np.ravel(x), number) if x.size else np.zeros(number, x.dtype)
    entries = entries.reshape(shape)
    return (perturb(entries) if x.dtype.kind == "f" else entries)[()]


def perturb(x: Any) -> Any:
    """Move every entry off the grid of short binary fractions, by about a hundredth."""
    return x * (1 + 0.0123 * generic_values(np.shape(x), 0.9))


def _resized(arrays: list[Any]) -> Iterator[tuple[str, Shapes]]:
    """Yield all lengths made equal, and one or two axes made longer."""
    for length in (1, 2, 3):
        yield f"all lengths {length}", tuple((length,) * x.ndim for x in arrays)
    axes = [(k, axis) for k, x in enumerate(arrays) for axis in range(x.ndim)][:_AXES]
    for changed in itertools.chain(((a,) for a in axes), itertools.combinations(axes, 2)):
        shapes = [list(x.shape) for x in arrays]
        for k, axis in changed:
            shapes[k][axis] = _LENGTH
        names = ", ".join(f"axis {axis} of argument {k}" for k, axis in changed)
        yield f"length {_LENGTH} in {names}", tuple(tuple(shape) for shape in shapes)


def _stacked(arrays: list[Any]) -> Iterator[tuple[str, Shapes]]:
    """Yield stacks of all arguments, of one alone, and of two that are repeated along different axes."""
    number = len(arrays)
    for stack in _STACKS:
        yield f"stacked {stack}", tuple((*stack, *x.shape) for x in arrays)
        for k in range(number if number > 1 else 0):
            shapes = [(*stack, *x.shape) if i == k else x.shape for i, x in enumerate(arrays)]
            yield f"stacked {stack} in argument {k}", tuple(shapes)
    if number > 1:
        for one, other in (((2, 1), (1, 3)), ((2, 1), (3,)), ((2, 2), (1, 2)), ((2, 2), (2,)), ((2, 2), (2, 1))):
            for first, second in ((one, other), (other, one)):
                shapes = [(*(second if i % 2 else first), *x.shape) for i, x in enumerate(arrays)]
                yield f"stacked {first} beside {second}", tuple(shapes)
