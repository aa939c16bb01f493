"""A run that keeps only the values that are named: every other value is dropped as soon as nothing reads it.

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
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..arrays.namespace import Array, Namespace, native_dtype, unit_sensitivity
from ..graph.node import Node
from ..operations.operation import op_of
from ..operations.purity import can_merge
from .executor import forward, reverse
from .plan import Plan

Values = dict[Node, Array]


def run_keeping_only(plan: Plan, values: Values, xp: Namespace, keep: Iterable[Node]) -> tuple[Values, Values]:
    """Run forward and backward, and return the values and gradients of ``keep``, of the output and of parameters."""
    (cost,) = plan.outputs
    kept = {cost, *keep}
    gradients: Values = {}
    dropping = _Dropping(plan.nodes, kept, values, gradients, xp)
    forward(plan, values, xp, dropping.after_forward)
    seed = unit_sensitivity(values[cost], xp)
    reverse(plan, values, seed, xp, plan.trainable | kept, gradients=gradients, hooks=dropping)
    shown = {node: value for node, value in values.items() if node in kept or node.kind in ("parameter", "constant")}
    return shown, gradients


class _Dropping:
    """Drops values and gradients after their last use, all but shape and dtype, and recomputes checkpointed regions."""

    def __init__(
        self, order: Sequence[Node], kept: set[Node], values: Values, gradients: Values, xp: Namespace
    ) -> None:
        self._kept, self._values, self._gradients, self._xp = kept, values, gradients, xp
        self._dropped: set[Node] = set()
        self._placeholders: dict[Any, Array] = {}
        #: the nodes of every checkpointed region that is not recomputed yet
        self._regions: dict[int, list[Node]] = defaultdict(list)
        #: what may be dropped in the forward pass, after a node
        self._last_read: dict[Node, list[Node]] = defaultdict(list)
        self._find_last_reads(order)

    def _find_last_reads(self, order: Sequence[Node]) -> None:
        inside, read_later = set(order), _read_by_rules(order) | _read_by_regions(order)
        last = {source: node for node in order for source in node.inputs}
        for node in order:
            if node.op is None or node not in last or not _can_drop(node):
                continue
            if node.region is not None:
                self._regions[node.region].append(node)
                users = (user for user in node.users[::2] if user in inside)
                is_internal = all(user.region == node.region for user in users)
            if (node.region is not None and is_internal) or node not in read_later:
                self._last_read[last[node]].append(node)

    def after_forward(self, node: Node) -> None:
        """Drop what the node that was just computed was the last to read."""
        for source in self._last_read[node]:
            self._drop(source)

    def before(self, target: Node) -> None:
        """Recompute the region of a node, when the backward pass gets there."""
        region = [] if target.region is None else self._regions.pop(target.region, [])
        for node in region:
            if node in self._dropped:
                del self._values[node]
        self._dropped.difference_update(region)
        forward(region, self._values, self._xp)

    def after(self, target: Node) -> None:
        """Drop value and gradient of a node whose contributions are all computed."""
        self._drop(target)
        if target not in self._kept:
            del self._gradients[target]

    def _drop(self, node: Node) -> None:
        """Replace a value by an array that repeats one number, since rules may read its shape."""
        if node in self._kept:
            return
        xp, key = self._xp, (tuple(self._values[node].shape), node.dtype)
        if key not in self._placeholders:
            self._placeholders[key] = xp.broadcast_to(xp.zeros((), dtype=native_dtype(node.dtype, xp)), key[0])
        self._values[node] = self._placeholders[key]
        self._dropped.add(node)


def _can_drop(node: Node) -> bool:
    """Return whether a value can be computed again if it is needed later: not if a second call gives another one."""
    return node.region is None or can_merge(op_of(node), node.settings)


def _read_by_regions(order: Sequence[Node]) -> set[Node]:
    """Return the nodes outside of checkpointed regions that these are recomputed from."""
    return {
        source for node in order if node.region is not None for source in node.inputs if source.region != node.region
    }


def _read_by_rules(order: Sequence[Node]) -> set[Node]:
    """Return the nodes whose values the backward pass reads: those that a rule names, of a composite operation all."""
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
