"""The ways from a node to the cost: which edges of a run a nudge of that node travels along."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ...autodiff.plan import descendants
from ...autodiff.run import Run
from ...errors import DtypeError, GraphError, ShapeError, shorten, some_of
from ...graph.node import Node


class Step(NamedTuple):
    """One edge on the way: the node, whom it feeds, and as which argument."""

    source: Node
    target: Node
    argument: str


class Ways:
    """Every edge along which a nudge of one node reaches the cost.

    An edge whose derivative is zero everywhere (``flat``) is no way, nor is one that leaves a node without a gradient.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x + ops.sign(x)).named("C"), {x: 3.0})
    >>> ways = Ways(run.order, x, run.output)
    >>> [(step.source.label, step.target.label, step.argument) for step in ways.steps]
    [('x', 'multiply#1', 'x1'), ('x', 'multiply#1', 'x2'), ('multiply#1', 'C', 'x1')]
    >>> ways.count
    2
    """

    def __init__(self, order: Sequence[Node], start: Node, end: Node) -> None:
        self.start, self.end = start, end
        #: the edges that leave each node on the way, nodes in the order in which they are computed
        self.leaving: dict[Node, list[Step]] = self._between(order)

    @property
    def steps(self) -> list[Step]:
        """All edges on the way, in the order of their sources."""
        return [step for steps in self.leaving.values() for step in steps]

    @cached_property
    def count(self) -> int:
        """How many paths there are, exactly, however many: counted, never listed."""
        arriving = {self.start: 1}
        for node, steps in self.leaving.items():
            here = arriving.pop(node)
            for step in steps:
                arriving[step.target] = arriving.get(step.target, 0) + here
        return arriving.get(self.end, 0)

    def _between(self, order: Sequence[Node]) -> dict[Node, list[Step]]:
        after = [node for node in order if node.index >= self.start.index]
        reached = descendants([self.start], after)
        leaving: dict[Node, list[Step]] = {}
        for node in reversed(after):
            if node in reached and node is not self.end and node.type.is_float:
                steps = [
                    Step(node, target, argument)
                    for target, arguments in node.graph.successors(node).items()
                    if target in leaving or target is self.end
                    for argument in arguments
                    if carries(target, argument)
                ]
                if steps:
                    leaving[node] = steps
        fed, forward = {self.start}, {}
        for node in reversed(leaving):
            if node in fed:
                forward[node] = leaving[node]
                fed.update(step.target for step in leaving[node])
        return forward


def carries(target: Node, argument: str) -> bool:
    """Whether a nudge of this argument can change the target at all.

    >>> import ops, graphcore as gc
    >>> x = gc.Graph().input("x")
    >>> carries(ops.sign(x), "x"), carries(ops.exp(x), "x")
    (False, True)
    """
    rule = target.op.rule_for(argument) if target.op is not None else None
    return rule is None or rule.kind != "flat"


def subject(run: Run, node: Node | str, what: str) -> Node:
    """The node that is asked about, made sure that there is something to say of it.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, other = g.input("x"), g.input("other")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> subject(run, "x", "explain")
    <x (input): float64 ()>
    >>> subject(run, other, "explain")
    Traceback (most recent call last):
    graphcore.errors.GraphError: 'other' does not reach 'C', so no nudge of it changes the cost; what does: x
    """
    require_run(run, what)
    found = run.value.node(node)
    if found not in run.value:
        able = [n.name for n in run.order if n.name and n is not run.output]
        raise GraphError(
            f"{shorten(found.label)!r} does not reach {shorten(run.output.label)!r}, so no nudge of it changes the "
            f"cost; what does: {some_of(able)}"
        )
    if not found.type.is_float:
        raise DtypeError(
            f"{found.describe()}, is not a float and cannot be nudged a little: {what} a node of floats that it is "
            f"computed with"
        )
    return found


def entry_in(run: Run, node: Node, entry: Any) -> tuple[int, ...]:
    """Where an entry of a node lies, counted from the start, made sure that it is there.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [1.0, 2.0])
    >>> run = gc.backprop(ops.sum(w * w))
    >>> entry_in(run, w, -1)
    (1,)
    >>> entry_in(run, w, (2,))
    Traceback (most recent call last):
    graphcore.errors.ShapeError: 'w' has the shape (2,) and no entry (2,): say (0,) to (1,)
    """
    shape = tuple(run.value[node].shape)
    try:
        places = tuple(int(place.__index__()) for place in (entry if isinstance(entry, tuple | list) else (entry,)))
    except AttributeError:
        raise ShapeError(f"an entry is a tuple of whole numbers, as in (0, 1), not {shorten(repr(entry))}") from None
    inside = len(places) == len(shape) and all(-n <= i < n for i, n in zip(places, shape, strict=True))
    if not inside:
        last = tuple(n - 1 for n in shape)
        hint = f"say {(0,) * len(shape)} to {last}" if shape and 0 not in shape else "leave the entry out"
        raise ShapeError(f"{shorten(node.label)!r} has the shape {shape} and no entry {places}: {hint}")
    return tuple(i % n for i, n in zip(places, shape, strict=True))


def require_run(run: object, what: str) -> None:
    """Refuse what is no run, and say how to get one."""
    if not isinstance(run, Run):
        raise GraphError(
            f"{what} needs the numbers of a run, and got {type(run).__name__}: make one with "
            f"run = gc.backprop(cost, feed)"
        )
