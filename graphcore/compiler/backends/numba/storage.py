"""Which values a program of parts writes down, and where: what is read by its own loop alone never leaves it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ...ir.program import Program, Value
from .expressions import is_supported
from .fusion import FusedProgram, Loop, Part, Single, is_elementwise, part_inputs

#: every piece begins where vectors may be loaded whole
ALIGNMENT = 64


@dataclass
class Memory:
    """Where values are written: in a result, or in one piece of memory, so and so many bytes after its beginning."""

    result: dict[Value, int] = field(default_factory=dict)
    offset: dict[Value, int] = field(default_factory=dict)
    size: int = 0

    def __contains__(self, value: Value) -> bool:
        return value in self.result or value in self.offset


def laid_out(program: Program, fused: FusedProgram) -> Memory:
    """Give every value that is written down its place. A place is free again when nothing reads what lies there.

    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> from graphcore.compiler.frontend.lower import lower
    >>> from graphcore.compiler.backends.numba.fusion import fuse
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> program = lower(specialize(g.nodes, [C], [], {}))
    >>> memory = laid_out(program, fuse(program))
    >>> memory.size, len(memory.result)  # the sum alone is written down before the mean
    (64, 1)
    """
    memory = Memory({v: n for n, v in enumerate(fused.results) if v is not None})
    last = _last_uses(program, fused)
    ending: dict[int, list[Value]] = defaultdict(list)
    for value, number in last.items():
        ending[number].append(value)
    free: dict[int, list[int]] = defaultdict(list)
    for number, part in enumerate(fused.parts):
        dying = [value for value in ending[number] if value in memory.offset]
        for value in part.values:
            if value not in last or value in memory or not is_supported(value):
                continue
            heir_of = next((d for d in dying if _may_overwrite(value, d, part, fused)), None)
            if heir_of is not None:
                memory.offset[value] = memory.offset[heir_of]
                dying.remove(heir_of)
            else:
                memory.offset[value] = _placed(value, free, memory)
        for value in dying:
            free[value.nbytes].append(memory.offset[value])
    return memory


def _placed(value: Value, free: dict[int, list[int]], memory: Memory) -> int:
    if free[value.nbytes]:
        return free[value.nbytes].pop()
    offset = memory.size
    memory.size += -(-value.nbytes // ALIGNMENT) * ALIGNMENT
    return offset


def _last_uses(program: Program, fused: FusedProgram) -> dict[Value, int]:
    """The last part that reads each value, for values that are read by another part than their own."""
    last: dict[Value, int] = {}
    end = len(fused.parts)
    for value, written in zip(program.results, fused.results, strict=True):
        if written is None:
            last[_base(value, fused)] = end
    for number in reversed(range(end)):
        part = fused.parts[number]
        # what a call gives may be a view of what it was given
        until = number if isinstance(part, Loop) else max(number, last.get(part.value, number))
        keeps = until if isinstance(part, Single) and not is_supported(part.value) else number
        for arg in part_inputs(part):
            base = _base(arg, fused)
            last[base] = max(last.get(base, keeps), keeps)
    return last


def _base(value: Value, fused: FusedProgram) -> Value:
    return fused.views[value].base if value in fused.views else value


def _may_overwrite(value: Value, dying: Value, part: Part, fused: FusedProgram) -> bool:
    """Whether a loop reads an entry of what nothing needs any more just before it writes one of the same place."""
    if not (isinstance(part, Loop) and is_elementwise(value) and value.nbytes == dying.nbytes):
        return False
    views = [fused.views[arg] for arg in part_inputs(part)]
    return value.dtype == dying.dtype and all(
        p.shape == part.shape and p.is_contiguous and p.offset == 0 for p in views if p.base is dying
    )
