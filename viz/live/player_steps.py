"""Backpropagation step by step on the boxes of a diagram: forward box by box, backward arrow by arrow.

`viz.frames.steps` lists the steps at nodes; this module assigns them to boxes and arrows, which may hold many nodes and
edges.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphcore import Run

from ..diagram.diagram import Arrow, Box, Diagram
from ..format.numbers import number
from ..frames.steps import StepBuilder
from .json_values import Json
from .node_details import DiagramIndex


def list_steps(diagram: Diagram, run: Run, index: DiagramIndex) -> list[Json]:
    """Return all steps, each with its box or arrow.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import build_diagram
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> diagram = build_diagram(run)
    >>> for step in list_steps(diagram, run, DiagramIndex.from_diagram(diagram)):
    ...     print(step["box"], step["caption"])
    node-0 Given: x = 3
    node-1 C = x² = 3² = 9
    node-1 The backward pass begins at the cost: ∂C/∂C = 1
    node-0 1 × 2 · x = 1 × 6 = 6 arrives at x, and is ∂C/∂x
    """
    return list(_StepList(diagram, run, index).steps())


class _StepList:
    def __init__(self, diagram: Diagram, run: Run, index: DiagramIndex) -> None:
        self.diagram, self.run, self.index, self.step_builder = diagram, run, index, StepBuilder(run)
        self.nodes = {node.index: node for node in run.order}
        self.position = {box.key: i for i, box in enumerate(diagram.boxes)}
        self.leaving: dict[str, list[Arrow]] = {}
        for arrow in diagram.arrows:
            if arrow.has_gradient:
                self.leaving.setdefault(arrow.source, []).append(arrow)

    def steps(self) -> Iterator[Json]:
        for box in self.diagram.boxes:
            yield {"phase": "forward", "box": box.key, "caption": self._forward(box)}
        for box in reversed(self.diagram.boxes):
            if self.run.output.index in box.members:
                yield {"phase": "backward", "box": box.key, "caption": self.step_builder.cost_step().caption}
            arrivals = list(self._into_fold(box) if box.role == "fold" else self._into_node(box))
            for i, (arrow, caption) in enumerate(arrivals, 1):
                complete = i == len(arrivals)
                yield {"phase": "backward", "box": box.key, "arrow": arrow, "caption": caption, "complete": complete}

    def _forward(self, box: Box) -> str:
        if box.role == "fold":
            return f"{box.name}: {box.about} computed"
        node = self.nodes[box.members[0]]
        return (
            self.step_builder.describe_given([node]) if node.op is None else self.step_builder.value_step(node).caption
        )

    def _into_node(self, box: Box) -> Iterator[tuple[str, str]]:
        """Yield each contribution; those from a folded box arrive along one arrow, together with the last of them."""
        steps = list(self.step_builder.contribution_steps(self.nodes[box.members[0]]))
        keys = [self.index.arrow(step.edge) for step in steps if step.edge is not None]
        last = dict(zip(keys, steps, strict=True))
        arrows = {arrow.key: arrow for arrow in self.leaving.get(box.key, ())}
        for key, step in zip(keys, steps, strict=True):
            if key in arrows and last[key] is step:
                yield key, step.caption if key == step.edge_id else self._bundle(arrows[key], box)

    def _into_fold(self, box: Box) -> Iterator[tuple[str, str]]:
        for arrow in sorted(self.leaving.get(box.key, ()), key=lambda arrow: -self.position[arrow.target]):
            yield arrow.key, self._bundle(arrow, box)

    @staticmethod
    def _bundle(arrow: Arrow, box: Box) -> str:
        gradient = "no gradient" if arrow.is_zero else f"gradient of norm {number(arrow.size, 3)}"
        along = arrow.lines[0] if arrow.lines else "one edge"
        return f"{gradient} arrives at {box.name or box.formula}, along {along}"
