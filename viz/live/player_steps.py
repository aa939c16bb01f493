"""Backpropagation step by step on the boxes of a diagram: forward box by box, then back from the cost arrow by arrow.

`viz.frames.steps` has what happens at a node; here it is put on boxes and arrows, which may hold many nodes and edges.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphcore import Run

from ..diagram.diagram import Arrow, Box, Diagram
from ..format.numbers import number
from ..frames.steps import Walk
from .json_values import Json
from .node_details import Map


def steps_on(diagram: Diagram, run: Run, where: Map) -> list[Json]:
    """All steps, each with the box or arrow that it is about.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import diagram_of
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> diagram = diagram_of(run)
    >>> for step in steps_on(diagram, run, Map.of(diagram)):
    ...     print(step["box"], step["say"])
    node-0 Given: x = 3
    node-1 C = x² = 3² = 9
    node-1 The way back begins at the cost: ∂C/∂C = 1
    node-0 1 × 2 · x = 1 × 6 = 6 arrives at x, and is ∂C/∂x
    """
    return list(_Stepper(diagram, run, where).steps())


class _Stepper:
    def __init__(self, diagram: Diagram, run: Run, where: Map) -> None:
        self.diagram, self.run, self.where, self.walk = diagram, run, where, Walk(run)
        self.nodes = {node.index: node for node in run.order}
        self.place = {box.key: place for place, box in enumerate(diagram.boxes)}
        self.leaving: dict[str, list[Arrow]] = {}
        for arrow in diagram.arrows:
            if arrow.has_gradient:
                self.leaving.setdefault(arrow.source, []).append(arrow)

    def steps(self) -> Iterator[Json]:
        for box in self.diagram.boxes:
            yield {"phase": "forward", "box": box.key, "say": self._forward(box)}
        for box in reversed(self.diagram.boxes):
            if self.run.output.index in box.members:
                yield {"phase": "back", "box": box.key, "say": self.walk.begins().caption}
            arrivals = list(self._into_a_fold(box) if box.role == "fold" else self._into_a_node(box))
            for place, (arrow, say) in enumerate(arrivals, 1):
                full = place == len(arrivals)
                yield {"phase": "back", "box": box.key, "arrow": arrow, "say": say, "full": full}

    def _forward(self, box: Box) -> str:
        if box.role == "fold":
            return f"{box.name}: {box.about} computed"
        node = self.nodes[box.members[0]]
        return self.walk.given([node]) if node.op is None else self.walk.computed(node).caption

    def _into_a_node(self, box: Box) -> Iterator[tuple[str, str]]:
        """Share by share; what comes out of a folded box comes along one arrow, when the last of it is there."""
        shares = [(self.where.arrow(step.edge), step) for step in self.walk.arriving(self.nodes[box.members[0]])]
        last = dict(shares)
        bundles = {arrow.key: arrow for arrow in self.leaving.get(box.key, ())}
        for key, step in shares:
            if key in bundles and last[key] is step:
                yield key, step.caption if key == step.edge_id else self._bundle(bundles[key], box)

    def _into_a_fold(self, box: Box) -> Iterator[tuple[str, str]]:
        for arrow in sorted(self.leaving.get(box.key, ()), key=lambda arrow: -self.place[arrow.target]):
            yield arrow.key, self._bundle(arrow, box)

    @staticmethod
    def _bundle(arrow: Arrow, box: Box) -> str:
        size = "nothing" if arrow.is_dead else f"‖·‖ {number(arrow.size, 3)}"
        many = arrow.lines[0] if arrow.lines else "one edge"
        return f"{size} arrives at {box.name or box.formula}, along {many}"
