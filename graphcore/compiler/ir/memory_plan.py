"""Where values lie: how long each is needed, and which of them may use the same memory one after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from .primitives import ELEMENTWISE, REDUCTIONS, SIGMOIDS, VIEW_OPS
from .program import Program, Value

#: operations that write their result where they are told to
_WRITTEN = frozenset({*ELEMENTWISE, *REDUCTIONS, "matmul", "scatter_slice", "sigmoid_of", "other_side"})


@dataclass
class MemoryPlan:
    """For every value that is written down, the number of its piece of memory; for results, that of the result."""

    memory: dict[Value, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    #: results that are computed in the caller's own array
    result: dict[Value, int] = field(default_factory=dict)
    #: results that are computed elsewhere and copied
    copied: list[int] = field(default_factory=list)
    #: arrangements that have to be copied, since the entries do not lie in that order
    rearranged: set[Value] = field(default_factory=set)
    #: values that are no longer needed after a value
    forgotten: dict[Value, list[Value]] = field(default_factory=lambda: defaultdict(list))


def plan_memory(program: Program) -> MemoryPlan:
    """Give every value a place. A place is free again when nothing reads what lies there, views included.

    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> from graphcore.compiler.frontend.lower import lower
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> plan = plan_memory(lower(specialize(g.nodes, [C], [], {})))
    >>> plan.sizes, plan.copied  # in bytes, four numbers and one
    ([32, 8], [])
    """
    plan = MemoryPlan()
    _place_results(program, plan)
    owners = _owners(program, plan)
    last = _last_uses(program, owners)
    free: dict[int, list[int]] = defaultdict(list)
    ending: dict[int, list[Value]] = defaultdict(list)
    for owner, end in last.items():
        ending[end].append(owner)
    for value in program.values:
        dying = [owner for owner in ending[value.number] if owner in plan.memory]
        if is_written(value, plan) and value not in plan.result:
            heir = next((o for o in dying if may_overwrite(value, o)), None)
            if heir is not None:
                plan.memory[value] = plan.memory[heir]
                dying.remove(heir)
            elif free[value.nbytes]:
                plan.memory[value] = free[value.nbytes].pop()
            else:
                plan.memory[value] = len(plan.sizes)
                plan.sizes.append(value.nbytes)
        for owner in dying:
            free[owner.nbytes].append(plan.memory[owner])
        plan.forgotten[value] = [owner for owner in ending[value.number] if owner.name == "call"]
    return plan


def is_written(value: Value, plan: MemoryPlan) -> bool:
    """Whether a value is written into memory that was chosen before, rather than being a view or a call's result."""
    return value in plan.rearranged or (value.kind == "op" and value.name in _WRITTEN)


def may_overwrite(value: Value, arg: Value) -> bool:
    """Whether an operation may write its result over this argument, which nothing reads any more."""
    if value.name not in ELEMENTWISE or value.shape != arg.shape or value.dtype != arg.dtype or arg not in value.args:
        return False
    if value.name == "where":
        return arg is value.args[2] and arg is not value.args[1] and arg is not value.args[0]
    if value.name in SIGMOIDS:  # which may have to look at z once more
        return False
    return value.name not in ("chain", "astype", "sign")  # numpy's sign in place takes ten times as long


def _place_results(program: Program, plan: MemoryPlan) -> None:
    for number, value in enumerate(program.results):
        if value.kind == "op" and value.name in _WRITTEN and value not in plan.result:
            plan.result[value] = number
        else:
            plan.copied.append(number)


def _owners(program: Program, plan: MemoryPlan) -> dict[Value, tuple[Value, ...]]:
    """Whose memory each value may lie in. What a call gives may be a view of any of its arguments."""
    owners: dict[Value, tuple[Value, ...]] = {}
    in_order: set[Value] = set()
    for value in program.values:
        if value.name in VIEW_OPS and value.kind == "op":
            source = value.args[0]
            if value.name == "reshape" and source not in in_order and source.kind == "op" and source.name != "call":
                plan.rearranged.add(value)
                owners[value] = (value,)
                in_order.add(value)
                continue
            owners[value] = owners[source]
            if value.name == "reshape" and source in in_order:
                in_order.add(value)
        elif value.name == "call":
            owners[value] = (value, *dict.fromkeys(o for a in value.args for o in owners[a]))
        else:
            owners[value] = (value,)
            in_order.add(value)
    return owners


def _last_uses(program: Program, owners: dict[Value, tuple[Value, ...]]) -> dict[Value, int]:
    end = program.values[-1].number + 1
    last: dict[Value, int] = {}
    for value in program.values:
        for owner in owners[value]:
            last.setdefault(owner, value.number)
        for arg in value.args:
            for owner in owners[arg]:
                last[owner] = value.number
    for value in program.results:
        for owner in owners[value]:
            last[owner] = end
    return last
