"""Layouts that are computed once and used for several pictures of the same elements."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from . import engine

Attributes = dict[str, str]


@dataclass(frozen=True)
class Layout:
    """The positions of a picture as DOT attributes: of the graph, and by their ids of boxes, arrows and clusters.

    >>> layout = compute_layout('digraph { a [id="node-0" shape=box]; b [id="node-1"]; a -> b [id="edge-0-1-0"] }')
    >>> list(layout.boxes), list(layout.arrows), layout.graph["layout"]
    (['node-0', 'node-1'], ['edge-0-1-0'], 'nop2')
    >>> layout.sizes["node-0"], len(layout.corners)
    ((54, 36), 2)
    """

    graph: Attributes
    boxes: dict[str, Attributes] = field(default_factory=dict)
    arrows: dict[str, Attributes] = field(default_factory=dict)
    clusters: dict[str, Attributes] = field(default_factory=dict)
    #: width and height of each box, in whole points
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: two corners that give every picture the same size, whatever it contains
    corners: tuple[str, ...] = ()


#: no fixed positions: the engine chooses
ANYWHERE = Layout({})


def compute_layout(source: str, time_limit: float = engine.TIME_LIMIT) -> Layout:
    """Compute the layout of a DOT text.

    >>> compute_layout('digraph { a [id="node-0" pos="7,7"] }').boxes["node-0"]["pos"]
    '27,18'
    """
    found: dict[str, Any] = json.loads(engine.render(source, "json0", time_limit))
    left, bottom, right, top = found["bb"].split(",")
    layout = Layout(
        {"layout": "nop2", **_taken(found, "bb", "lp")},
        corners=(f"{left},{bottom}", f"{right},{top}"),
    )
    for thing in found.get("objects", ()):
        if "nodes" in thing or "bb" in thing:
            layout.clusters[thing["id"]] = _taken(thing, "bb", "lp")
        else:
            layout.boxes[thing["id"]] = _taken(thing, "pos")
            layout.sizes[thing["id"]] = (_points(thing["width"]), _points(thing["height"]))
    for thing in found.get("edges", ()):
        layout.arrows[thing["id"]] = _taken(thing, "pos", "lp")
    return layout


def _points(inches: str) -> int:
    return math.ceil(72 * float(inches) - 0.01)


def _taken(thing: dict[str, Any], *names: str) -> Attributes:
    return {name: thing[name] for name in names if name in thing}
