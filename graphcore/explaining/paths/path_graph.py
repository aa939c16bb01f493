"""The paths from a node to the cost: the edges of a run along which a nudge of that node propagates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ...autodiff.interpreters import PlanEdge
from ...autodiff.plan import descendants
from ...autodiff.run import Run
from ...errors import DtypeError, GraphError, ShapeError, UnknownNameError, shorten, some_of
from ...graph.node import Node


class PathGraph:
    """Every edge along which a nudge of one node reaches the cost.

    An edge whose derivative is zero everywhere (``flat``) is left out, and so is one that leaves a node without a
    gradient.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x + ops.sign(x)).named("C"), {x: 3.0})
    >>> path_graph = PathGraph(run.order, x, run.output)
    >>> [(step.source.label, step.target.label, step.argument) for step in path_graph.steps]
    [('x', 'multiply#1', 'x1'), ('x', 'multiply#1', 'x2'), ('multiply#1', 'C', 'x1')]
    >>> path_graph.count
    2
    """

    def __init__(self, order: Sequence[Node], start: Node, end: Node) -> None:
        self.start, self.end = start, end
        #: the edges that leave each node of the paths, nodes in the order in which they are computed
        self.out_edges: dict[Node, list[PlanEdge]] = self._between(order)

    @property
    def steps(self) -> list[PlanEdge]:
        """All edges, in the order of their sources."""
        return [step for steps in self.out_edges.values() for step in steps]

    @cached_property
    def count(self) -> int:
        """The exact number of paths, counted without listing them."""
        arriving = {self.start: 1}
        for node, steps in self.out_edges.items():
            here = arriving.pop(node)
            for step in steps:
                arriving[step.target] = arriving.get(step.target, 0) + here
        return arriving.get(self.end, 0)

    def _between(self, order: Sequence[Node]) -> dict[Node, list[PlanEdge]]:
        after = [node for node in order if node.index >= self.start.index]
        reached = descendants([self.start], after)
        out_edges: dict[Node, list[PlanEdge]] = {}
        for node in reversed(after):
            if node in reached and node is not self.end and node.type.is_float:
                steps = [
                    PlanEdge(node, target, argument)
                    for target, arguments in node.graph.successors(node).items()
                    if target in out_edges or target is self.end
                    for argument in arguments
                    if is_differentiable(target, argument)
                ]
                if steps:
                    out_edges[node] = steps
        fed, forward = {self.start}, {}
        for node in reversed(out_edges):
            if node in fed:
                forward[node] = out_edges[node]
                fed.update(step.target for step in out_edges[node])
        return forward


def is_differentiable(target: Node, argument: str) -> bool:
    """Return false where a nudge of this argument never changes the target.

    >>> import ops, graphcore as gc
    >>> x = gc.Graph().input("x")
    >>> is_differentiable(ops.sign(x), "x"), is_differentiable(ops.exp(x), "x")
    (False, True)
    """
    rule = target.op.rule_for(argument) if target.op is not None else None
    return rule is None or rule.kind != "flat"


def resolve_node(run: Run, node: Node | str, what: str) -> Node:
    """Return the requested node, and check that it affects the cost.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, other = g.input("x"), g.input("other")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> resolve_node(run, "x", "explain")
    <x (input): float64 ()>
    >>> resolve_node(run, other, "explain")
    Traceback (most recent call last):
    graphcore.errors.GraphError: 'other' does not reach 'C', so no nudge of it changes the cost; what does: x
    """
    require_run(run, what)
    found = run.value.node(node)
    require_complete_run(run, what)
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


def resolve_entry(run: Run, node: Node, entry: Any) -> tuple[int, ...]:
    """Return the index of an entry counted from the start, and check it.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [1.0, 2.0])
    >>> run = gc.backprop(ops.sum(w * w))
    >>> resolve_entry(run, w, -1)
    (1,)
    >>> resolve_entry(run, w, (2,))
    Traceback (most recent call last):
    graphcore.errors.ShapeError: 'w' has the shape (2,) and no entry (2,): say (0,) to (1,)
    """
    shape = tuple(run.value[node].shape)
    try:
        places = tuple(int(place.__index__()) for place in (entry if isinstance(entry, tuple | list) else (entry,)))
    except AttributeError:
        raise ShapeError(f"an entry is a tuple of integers, as in (0, 1), not {shorten(repr(entry))}") from None
    inside = len(places) == len(shape) and all(-n <= i < n for i, n in zip(places, shape, strict=True))
    if not inside:
        last = tuple(n - 1 for n in shape)
        hint = f"say {(0,) * len(shape)} to {last}" if shape and 0 not in shape else "leave the entry out"
        raise ShapeError(f"{shorten(node.label)!r} has the shape {shape} and no entry {places}: {hint}")
    return tuple(i % n for i, n in zip(places, shape, strict=True))


def require_complete_run(run: Run, what: str) -> None:
    """Raise `UnknownNameError` for a run that kept only some of its values and gradients."""
    if run.is_partial:
        raise UnknownNameError(
            f"`run`: {what} needs every value and gradient of the run, and this one kept only some; make it without "
            f"keep, as in gc.backprop({shorten(run.output.label)}, feed)"
        )


def require_run(run: object, what: str) -> None:
    """Raise `GraphError` unless it is a run."""
    if not isinstance(run, Run):
        raise GraphError(
            f"{what} needs the numbers of a run, and got {type(run).__name__}: make one with "
            f"run = gc.backprop(cost, feed)"
        )
