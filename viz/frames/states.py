"""The gradient diagram at each step: known numbers, the current step, and blanks for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..diagram.diagram import Arrow, Box, Diagram
from ..format.array_summary import ArraySummary, summarize
from ..format.element_ids import edge_id, node_id
from ..format.numbers import format_sum
from .steps import Step

_HIDDEN = frozenset(("value", "gradient"))


def build_states(diagram: Diagram, steps: Sequence[Step]) -> Iterator[Diagram]:
    """Yield the diagram at every step.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import build_diagram
    >>> from viz.frames.steps import steps_of
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> for scene in build_states(build_diagram(run), steps_of(run)):
    ...     hidden, passing = [sorted(box.hides) for box in scene.boxes], [arrow.passing for arrow in scene.arrows]
    ...     print(hidden, scene.boxes[0].terms, passing)
    [['gradient'], ['gradient', 'value']] 3 + 3 ['ahead', 'ahead']
    [['gradient'], ['gradient']] 3 + 3 ['forward', 'forward']
    [['gradient'], []] 3 + 3 ['ahead', 'ahead']
    [[], []] 3 + … ['back', 'ahead']
    [[], []] 3 + 3 ['', 'back']
    [[], []] 3 + 3 ['', '']
    """
    boxes = {box.key: replace(box, hides=_HIDDEN, halo="room") for box in diagram.boxes}
    arrows = {arrow.key: replace(arrow, passing="ahead", tooltip=arrow.tooltip[:1]) for arrow in diagram.arrows}
    whole = {arrow.key: arrow for arrow in diagram.arrows}
    full = {box.key: box for box in diagram.boxes}
    terms: dict[str, list[float]] = {}
    for step in steps:
        _apply_step(step, boxes, full, terms)
        if step.edge_id in arrows:
            arrows[step.edge_id] = whole[step.edge_id]
        elif step.kind == "gradient":
            arrows = whole
        highlighted = {step.node_id} | ({node_id(step.edge.target)} if step.edge is not None else set())
        yield replace(
            diagram,
            boxes=[
                _trim_tooltip(replace(box, halo="highlighted") if box.key in highlighted else box)
                for box in boxes.values()
            ],
            arrows=[_mark_passing(arrow, step) for arrow in arrows.values()],
        )


def reserve_room(diagram: Diagram, steps: Sequence[Step]) -> Diagram:
    """Return the diagram with the longest text of each box, for which the layout reserves room."""
    longest: dict[str, ArraySummary] = {}
    for step in steps:
        if step.kind == "contribution" and step.expected > 1:
            now = summarize(step.running)
            before = longest.get(step.node_id)
            if before is None or len(_words(now)) > len(_words(before)):
                longest[step.node_id] = now
    return replace(
        diagram,
        boxes=[
            replace(box, halo="room", gradient=longest.get(box.key, box.gradient) if box.gradient else None)
            for box in diagram.boxes
        ],
    )


def _trim_tooltip(box: Box) -> Box:
    """Remove tooltip lines of numbers that are not computed yet, or of an incomplete sum."""
    lines = 2 if "value" in box.hides else 3 if "gradient" in box.hides or box.terms.endswith("…") else None
    return replace(box, tooltip=box.tooltip[:lines])


def set_sizes(diagram: Diagram, sizes: dict[str, tuple[int, int]]) -> Diagram:
    """Return the diagram with boxes of these sizes.

    >>> set_sizes(Diagram("", [Box("node-0", "input", "", "x")], []), {"node-0": (80, 40)}).boxes[0].size
    (80, 40)
    """
    return replace(diagram, boxes=[replace(box, size=sizes.get(box.key)) for box in diagram.boxes])


def _words(summary: ArraySummary) -> str:
    return summary.brief() if summary.single is not None else summary.statistics(brief=True) + summary.signs()


def _apply_step(step: Step, boxes: dict[str, Box], full: dict[str, Box], terms: dict[str, list[float]]) -> None:
    """Update the boxes for one step."""
    if step.kind == "given":
        for key, box in boxes.items():
            if box.role in ("input", "parameter", "constant", "target"):
                boxes[key] = replace(box, hides=box.hides - {"value"})
    elif step.kind == "value" and step.node_id in boxes:
        box = boxes[step.node_id]
        boxes[box.key] = replace(box, hides=box.hides - {"value"})
    elif step.kind == "cost" and step.node_id in boxes:
        boxes[step.node_id] = replace(boxes[step.node_id], hides=frozenset())
    elif step.kind == "contribution":
        boxes[step.node_id] = _add_contribution(boxes[step.node_id], full[step.node_id], step, terms)
    elif step.kind == "gradient":
        boxes.update({key: replace(full[key], halo="room") for key in boxes})


def _add_contribution(box: Box, full: Box, step: Step, terms: dict[str, list[float]]) -> Box:
    """Return the box with the contributions that have arrived so far."""
    if step.is_complete:
        return replace(full, halo=box.halo)
    amounts = terms.setdefault(box.key, [])
    text = full.terms
    if step.running.shape == ():
        amounts.append(float(step.amount))
        text = f"{format_sum(amounts)} + …"
    return replace(box, hides=frozenset(), gradient=summarize(step.running, grid=True), terms=text)


def _mark_passing(arrow: Arrow, step: Step) -> Arrow:
    if step.kind == "value" and step.node is not None:
        entering = {edge_id(s, step.node, a) for s, a in zip(step.node.inputs, step.node.arguments, strict=True)}
        return replace(arrow, passing="forward") if arrow.key in entering else arrow
    return replace(arrow, passing="back") if step.kind == "contribution" and arrow.key == step.edge_id else arrow
