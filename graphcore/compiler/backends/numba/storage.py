"""Storage of the numba backend: which values are written to memory, and where.

A value that only its own loop reads is never written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from ...ir.memory_plan import Stage, plan_memory
from ...ir.program import Program, Value
from ..workspaces import ALIGNMENT
from .expressions import is_supported
from .fusion import FusedProgram, Loop, is_elementwise, part_inputs


@dataclass
class Storage:
    """The result that each stored value is written into, or its offset in one piece of memory, in bytes."""

    result: dict[Value, int] = field(default_factory=dict)
    offset: dict[Value, int] = field(default_factory=dict)
    size: int = 0

    def __contains__(self, value: Value) -> bool:
        return value in self.result or value in self.offset


def plan_storage(program: Program, fused: FusedProgram) -> Storage:
    """Choose where the values are written that other parts or the caller read.

    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> from graphcore.compiler.frontend.lower import lower
    >>> from graphcore.compiler.backends.numba.fusion import fuse
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> program = lower(specialize(g.nodes, [C], [], {}))
    >>> storage = plan_storage(program, fuse(program))
    >>> storage.size, len(storage.result)  # only the sum is written before the mean
    (64, 1)
    """
    result = {value: number for number, value in enumerate(fused.results) if value is not None}
    copied = [v for v, written in zip(program.results, fused.results, strict=True) if written is None]
    owners = _find_owners(program, fused)
    stages = [Stage(part.values, tuple(part_inputs(part))) for part in fused.parts]
    read = {fused.base(value) for stage in stages for value in stage.reads} | {fused.base(value) for value in copied}
    stored = {v for part in fused.parts for v in part.values if v in read and v not in result and is_supported(v)}

    def can_overwrite(value: Value, other: Value, stage: int) -> bool:
        """Return whether a loop reads each entry of ``other`` just before it writes the same entry of the value."""
        part = fused.parts[stage]
        if not (isinstance(part, Loop) and is_elementwise(value) and value.nbytes == other.nbytes):
            return False
        views = [fused.views[arg] for arg in stages[stage].reads]
        return value.dtype == other.dtype and all(
            view.shape == part.shape and view.is_contiguous and view.offset == 0 for view in views if view.base is other
        )

    plan = plan_memory(stages, owners, copied, stored, can_overwrite)
    offsets = [0, *accumulate(-(-size // ALIGNMENT) * ALIGNMENT for size in plan.sizes)]
    return Storage(result, {value: offsets[number] for value, number in plan.buffer.items()}, offsets[-1])


def _find_owners(program: Program, fused: FusedProgram) -> dict[Value, tuple[Value, ...]]:
    """Return the memory owners of all values. The result of a call may be a view of any of its arguments."""
    owners: dict[Value, tuple[Value, ...]] = {}
    for value in (*program.values, *(value for part in fused.parts for value in part.values)):
        base = fused.base(value)
        if base is not value:
            owners[value] = owners[base]
        elif value.kind == "op" and not is_supported(value):
            owners[value] = (value, *dict.fromkeys(owner for arg in value.args for owner in owners[arg]))
        else:
            owners[value] = (value,)
    return owners
