"""What the gradient diagram looks like at each step: what is there already, what happens now, what is still ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..diagram.diagram import Arrow, Box, Diagram
from ..format.array_summary import Quantity, measure
from ..format.element_ids import edge_key, node_key
from ..format.numbers import total
from .steps import Step

_HIDDEN = frozenset(("value", "gradient"))


def scenes(diagram: Diagram, steps: Sequence[Step]) -> Iterator[Diagram]:
    """The diagram at every step.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import diagram_of
    >>> from viz.frames.steps import steps_of
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> for scene in scenes(diagram_of(run), steps_of(run)):
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
        _happens(step, boxes, full, terms)
        if step.edge_id in arrows:
            arrows[step.edge_id] = whole[step.edge_id]
        elif step.kind == "gradient":
            arrows = whole
        lit = {step.node_id} | ({node_key(step.edge.target)} if step.edge is not None else set())
        yield replace(
            diagram,
            boxes=[_told(replace(box, halo="lit") if box.key in lit else box) for box in boxes.values()],
            arrows=[_passing(arrow, step) for arrow in arrows.values()],
        )


def largest(diagram: Diagram, steps: Sequence[Step]) -> Diagram:
    """The diagram with the longest words that will ever stand in each box: what has to be given room."""
    longest: dict[str, Quantity] = {}
    for step in steps:
        if step.kind == "share" and step.expected > 1:
            now = measure(step.running)
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


def _told(box: Box) -> Box:
    """A box that tells nothing of what is not there yet, nor of a sum that is not complete."""
    lines = 2 if "value" in box.hides else 3 if "gradient" in box.hides or box.terms.endswith("…") else None
    return replace(box, tooltip=box.tooltip[:lines])


def sized(diagram: Diagram, sizes: dict[str, tuple[int, int]]) -> Diagram:
    """The diagram with boxes of these sizes.

    >>> sized(Diagram("", [Box("node-0", "input", "", "x")], []), {"node-0": (80, 40)}).boxes[0].size
    (80, 40)
    """
    return replace(diagram, boxes=[replace(box, size=sizes.get(box.key)) for box in diagram.boxes])


def _words(quantity: Quantity) -> str:
    return quantity.brief() if quantity.single is not None else quantity.statistics(brief=True) + quantity.signs()


def _happens(step: Step, boxes: dict[str, Box], full: dict[str, Box], terms: dict[str, list[float]]) -> None:
    """What is there from this step on."""
    if step.kind == "given":
        for key, box in boxes.items():
            if box.role in ("input", "parameter", "constant", "target"):
                boxes[key] = replace(box, hides=box.hides - {"value"})
    elif step.kind == "value" and step.node_id in boxes:
        box = boxes[step.node_id]
        boxes[box.key] = replace(box, hides=box.hides - {"value"})
    elif step.kind == "cost" and step.node_id in boxes:
        boxes[step.node_id] = replace(boxes[step.node_id], hides=frozenset())
    elif step.kind == "share":
        boxes[step.node_id] = _filled(boxes[step.node_id], full[step.node_id], step, terms)
    elif step.kind == "gradient":
        boxes.update({key: replace(full[key], halo="room") for key in boxes})


def _filled(box: Box, full: Box, step: Step, terms: dict[str, list[float]]) -> Box:
    """The box with what has arrived so far."""
    if step.is_complete:
        return replace(full, halo=box.halo)
    shares = terms.setdefault(box.key, [])
    told = full.terms
    if step.running.shape == ():
        shares.append(float(step.amount))
        told = f"{total(shares)} + …"
    return replace(box, hides=frozenset(), gradient=measure(step.running, grid=True), terms=told)


def _passing(arrow: Arrow, step: Step) -> Arrow:
    if step.kind == "value" and step.node is not None:
        entering = {edge_key(s, step.node, a) for s, a in zip(step.node.inputs, step.node.arguments, strict=True)}
        return replace(arrow, passing="forward") if arrow.key in entering else arrow
    return replace(arrow, passing="back") if step.kind == "share" and arrow.key == step.edge_id else arrow
