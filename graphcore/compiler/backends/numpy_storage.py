"""Storage of the numpy backend: which values are written into results or planned buffers, and which are views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..ir.memory_plan import MemoryPlan, Stage, plan_memory
from ..ir.primitives import ELEMENTWISE, LOGISTIC, REDUCTIONS, VIEW_OPS
from ..ir.program import Program, Value

#: instructions that write into a given array
_WRITING = frozenset({*ELEMENTWISE, *REDUCTIONS, "matmul", "scatter", "logistic_from_exp", "complement_from_exp"})


@dataclass
class NumpyStorage:
    """The memory of the values: a result of the caller or a buffer of the plan."""

    #: values that are written directly into a result, and the numbers of results that are copied at the end
    result: dict[Value, int] = field(default_factory=dict)
    copied: list[int] = field(default_factory=list)
    #: reshapes of non-contiguous views, which are copies
    reshape_copies: set[Value] = field(default_factory=set)
    plan: MemoryPlan = field(default_factory=lambda: MemoryPlan({}, [], []))

    def is_written(self, value: Value) -> bool:
        """Return whether a value is written into given memory; others are leaves, views and results of calls."""
        return value in self.reshape_copies or (value.kind == "op" and value.name in _WRITING)


def plan_storage(program: Program) -> NumpyStorage:
    """Choose where every value of a program is written.

    >>> import graphcore as gc, ops, numpy as np
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> from graphcore.compiler.frontend.lower import lower
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> storage = plan_storage(lower(specialize(g.nodes, [C], [], {})))
    >>> storage.plan.sizes, storage.copied  # four numbers, and the sum; the mean is a result
    ([32, 8], [])
    """
    storage = NumpyStorage()
    for number, value in enumerate(program.results):
        if value.kind == "op" and value.name in _WRITING and value not in storage.result:
            storage.result[value] = number
        else:
            storage.copied.append(number)
    owners = _find_owners(program.values, storage)
    stored = {value for value in program.values if storage.is_written(value) and value not in storage.result}
    stages = [Stage([value], value.args) for value in program.values]
    storage.plan = plan_memory(stages, owners, program.results, stored, can_overwrite)
    return storage


def can_overwrite(value: Value, other: Value, _stage: int = 0) -> bool:
    """Return whether numpy may write the value over an argument that is not read any more."""
    if value.name not in ELEMENTWISE or value.shape != other.shape or value.dtype != other.dtype:
        return False
    if other not in value.args or value.name in LOGISTIC:  # a logistic may read its argument again, see `exponentials`
        return False
    if value.name == "where":
        return other is value.args[2] and other is not value.args[1] and other is not value.args[0]
    return value.name not in ("safe_multiply", "astype", "sign")  # numpy's sign in place takes ten times as long


def _find_owners(values: Sequence[Value], storage: NumpyStorage) -> dict[Value, tuple[Value, ...]]:
    """Return the memory owners of all values. The result of a call may be a view of any of its arguments."""
    owners: dict[Value, tuple[Value, ...]] = {}
    contiguous: set[Value] = set()
    for value in values:
        if value.name in VIEW_OPS and value.kind == "op":
            source = value.args[0]
            if value.name == "reshape" and source not in contiguous and source.kind == "op" and source.name != "call":
                storage.reshape_copies.add(value)
                owners[value] = (value,)
                contiguous.add(value)
                continue
            owners[value] = owners[source]
            if value.name == "reshape" and source in contiguous:
                contiguous.add(value)
        elif value.name == "call":
            owners[value] = (value, *dict.fromkeys(o for a in value.args for o in owners[a]))
        else:
            owners[value] = (value,)
            contiguous.add(value)
    return owners
