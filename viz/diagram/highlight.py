"""Highlighted arrows: those of a path, or of the largest paths from a node."""

from __future__ import annotations

from typing import Any

import graphcore as gc
from graphcore import Node, Run
from graphcore.errors import shorten
from graphcore.extend import Path, Paths, PlanEdge

from ..errors import DrawError

#: the number of highlighted paths from a node
_MOST_PATHS = 3

Highlight = Path | Paths | Node | str


def find_highlighted(subject: object, highlight: Highlight | None) -> frozenset[PlanEdge] | None:
    """Return the highlighted edges; ``None`` if all are drawn alike.

    >>> import ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop(ops.square((2 * x).named("z"), name="C"), {x: 3.0})
    >>> sorted((step.source.label, step.target.label) for step in find_highlighted(run, "x"))
    [('x', 'z'), ('z', 'C')]
    """
    if highlight is None:
        return None
    if not isinstance(subject, Run):
        raise DrawError("highlight needs the paths of a run: draw gc.backprop(cost, feed)")
    paths: list[Any]
    if isinstance(highlight, Path):
        paths = [highlight]
    elif isinstance(highlight, Paths):
        paths = highlight.shown
    elif isinstance(highlight, (Node, str)):
        paths = gc.paths(subject, highlight, limit=_MOST_PATHS).shown
    else:
        raise DrawError(
            f"highlight: expected a node, gc.paths(run, node) or one of its .shown, got {shorten(repr(highlight))}"
        )
    if any(path.run is not subject for path in paths):
        raise DrawError("highlight: expected paths of the run that is drawn, got paths of another run")
    return frozenset(step for path in paths for step in path.steps)
