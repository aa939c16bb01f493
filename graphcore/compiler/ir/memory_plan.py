"""Memory planning: values whose lifetimes do not overlap use the same memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from .program import Value

#: memory owners of a value: the values whose memory it may be a view of
Owners = Mapping[Value, tuple[Value, ...]]


class Stage(NamedTuple):
    """Values that are computed together, and the values that this reads."""

    values: Sequence[Value]
    reads: Sequence[Value]


class MemoryPlan(NamedTuple):
    """The buffer of each value that needs one, the sizes of the buffers in bytes, and the owners released per stage."""

    buffer: dict[Value, int]
    sizes: list[int]
    released: list[list[Value]]


def plan_memory(
    stages: Sequence[Stage],
    owners: Owners,
    results: Iterable[Value],
    stored: Collection[Value],
    can_overwrite: Callable[[Value, Value, int], bool],
) -> MemoryPlan:
    """Assign a buffer to each of the ``stored`` values. A buffer is free again after the last read of its values.

    ``results`` stay until the end. ``can_overwrite(value, other, stage)`` decides whether a value may be written over
    another one that is read for the last time at the same stage.

    >>> import numpy as np
    >>> x, y, z, C = (Value(n, "op", "exp", (4,), np.dtype(float)) for n in range(4))
    >>> stages = [Stage([x], []), Stage([y], [x]), Stage([z], [y]), Stage([C], [z])]
    >>> plan = plan_memory(stages, {v: (v,) for v in (x, y, z, C)}, [C], [x, y, z], lambda *_: False)
    >>> list(plan.buffer.values()), plan.sizes
    ([0, 1, 0], [32, 32])
    """
    last = _find_last_uses(stages, owners, results)
    ending: dict[int, list[Value]] = defaultdict(list)
    for owner, number in last.items():
        ending[number].append(owner)
    plan = MemoryPlan({}, [], [])
    free: dict[int, list[int]] = defaultdict(list)
    for number, stage in enumerate(stages):
        dying = [owner for owner in ending[number] if owner in plan.buffer]
        for value in stage.values:
            if value not in stored:
                continue
            overwritten = next((other for other in dying if can_overwrite(value, other, number)), None)
            if overwritten is not None:
                plan.buffer[value] = plan.buffer[overwritten]
                dying.remove(overwritten)
            elif free[value.nbytes]:
                plan.buffer[value] = free[value.nbytes].pop()
            else:
                plan.buffer[value] = len(plan.sizes)
                plan.sizes.append(value.nbytes)
        for owner in dying:
            free[owner.nbytes].append(plan.buffer[owner])
        plan.released.append(ending[number])
    return plan


def _find_last_uses(stages: Sequence[Stage], owners: Owners, results: Iterable[Value]) -> dict[Value, int]:
    """Return the last stage at which the memory of each owner is read, or written if it is never read."""
    last: dict[Value, int] = {}
    for number, stage in enumerate(stages):
        for value in stage.values:
            for owner in owners[value]:
                last.setdefault(owner, number)
        for arg in stage.reads:
            for owner in owners[arg]:
                last[owner] = number
    for value in results:
        for owner in owners[value]:
            last[owner] = len(stages)
    return last
