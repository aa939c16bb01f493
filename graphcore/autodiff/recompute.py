"""A run that remembers only what it is asked to: every other value is forgotten as soon as nothing reads it.

>>> import graphcore as gc, ops
>>> g = gc.Graph()
>>> x, w = g.input("x"), g.parameter("w", 2.0)
>>> z = ops.multiply(w, x, name="z")
>>> run = gc.backprop(ops.square(ops.sin(z), name="C"), {x: 0.25}, keep=["z"])
>>> [node.label for node in run.value], float(run.value["z"])
(['w', 'z', 'C'], 0.5)
>>> round(float(run.grad[w]), 6)  # sin(2z) x
0.210368
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ..arrays.namespace import Array, Namespace, make_read_only, native_dtype, one_like
from ..graph.node import Node
from ..operations.operation import op_of
from .executor import forward, reverse_by_target

Values = dict[Node, Array]


def run_keeping_only(
    cost: Node, order: list[Node], values: Values, xp: Namespace, keep: Iterable[Node]
) -> tuple[Values, Values]:
    """Run forward and backward, and give the values and gradients that were to be kept.

    Those of the cost, and of parameters, are kept in any case.
    """
    kept = {cost, *keep}
    memory = _Memory(order, kept, values, xp)
    forward(order, values, xp, memory.after_forward)
    gradients: Values = {cost: one_like(values[cost], xp)}

    def forget(target: Node) -> None:
        memory.forget(target)
        if target not in kept:
            del gradients[target]

    def is_wanted(node: Node) -> bool:
        return node.kind in ("op", "parameter") or node in kept

    reverse_by_target(order, values, gradients, xp, is_wanted, memory.compute_part_of, forget)
    shown = {node: value for node, value in values.items() if node in kept or node.kind in ("parameter", "constant")}
    return shown, {node: make_read_only(gradient) for node, gradient in gradients.items()}


class _Memory:
    """Which values are there at every moment. Of one that is forgotten, shape and dtype are left."""

    def __init__(self, order: list[Node], kept: set[Node], values: Values, xp: Namespace) -> None:
        self._kept, self._values, self._xp = kept, values, xp
        self._forgotten: set[Node] = set()
        self._empty: dict[Any, Array] = {}
        #: the nodes of every checkpointed part that is not computed again yet
        self._parts: dict[int, list[Node]] = defaultdict(list)
        #: what may be forgotten on the way forward, after a node
        self._last_read: dict[Node, list[Node]] = defaultdict(list)
        self._plan(order)

    def _plan(self, order: list[Node]) -> None:
        inside, read_later = set(order), _read_by_rules(order) | _read_by_parts(order)
        last = {source: node for node in order for source in node.inputs}
        for node in order:
            if node.op is None or node not in last:
                continue
            part = _part_of(node)
            if part is not None:
                self._parts[part].append(node)
                users = (user for user in node.graph.successors(node) if user in inside)
                again = all(_part_of(user) == part for user in users)
            if (part is not None and again) or node not in read_later:
                self._last_read[last[node]].append(node)

    def after_forward(self, node: Node) -> None:
        """Forget what the node that was just computed was the last to read."""
        for source in self._last_read[node]:
            self.forget(source)

    def compute_part_of(self, node: Node) -> None:
        """Compute the part in which a node lies once more, when the way back gets there."""
        part = _part_of(node)
        again = self._parts.pop(part, []) if part is not None else []
        for one in again:
            if one in self._forgotten:
                del self._values[one]
        self._forgotten.difference_update(again)
        forward(again, self._values, self._xp)

    def forget(self, node: Node) -> None:
        """Leave an array in the place of a value that repeats one number, for those who ask for its shape."""
        if node in self._kept:
            return
        xp, shape = self._xp, tuple(self._values[node].shape)
        if (shape, node.dtype) not in self._empty:
            self._empty[shape, node.dtype] = xp.broadcast_to(xp.zeros((), dtype=native_dtype(node.dtype, xp)), shape)
        self._values[node] = self._empty[shape, node.dtype]
        self._forgotten.add(node)


def _part_of(node: Node) -> int | None:
    return node.graph.parts.of(node.index)


def _read_by_parts(order: list[Node]) -> set[Node]:
    """What checkpointed parts are computed from once more."""
    parts = {node: _part_of(node) for node in order}
    return {s for node, part in parts.items() if part is not None for s in node.inputs if parts[s] != part}


def _read_by_rules(order: list[Node]) -> set[Node]:
    """The values that the way back reads: those that a rule names, of a composite operation all."""
    return {node for target in order if target.op is not None for node in _read_at(target)}


def _read_at(target: Node) -> Iterator[Node]:
    op = op_of(target)
    for argument, source in zip(target.arguments, target.inputs, strict=True):
        if not source.type.is_float or source.kind == "constant":
            continue
        rule = op.rule_for(argument)
        if rule is None:
            yield from target.inputs
            continue
        if "out" in rule.reads:
            yield target
        for name, read in zip(target.arguments, target.inputs, strict=True):
            if name.partition("[")[0] in rule.reads:
                yield read
