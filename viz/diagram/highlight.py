"""Which arrows of a picture are lit: those of a path, or of the heaviest paths from a node."""

from __future__ import annotations

from typing import Any

import graphcore as gc
from graphcore import Node, Run
from graphcore.errors import shorten
from graphcore.extend import Path, Paths, PlanEdge

from ..errors import DrawError

#: how many paths from a node are lit
_HEAVIEST = 3

Highlight = Path | Paths | Node | str


def lit_by(subject: object, highlight: Highlight | None) -> frozenset[PlanEdge] | None:
    """The edges to light; ``None`` if all are to be drawn alike.

    >>> import ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop(ops.square((2 * x).named("z"), name="C"), {x: 3.0})
    >>> sorted((step.source.label, step.target.label) for step in lit_by(run, "x"))
    [('x', 'z'), ('z', 'C')]
    """
    if highlight is None:
        return None
    if not isinstance(subject, Run):
        raise DrawError("highlight= lights paths of a run: draw gc.backprop(cost, feed)")
    paths: list[Any]
    if isinstance(highlight, Path):
        paths = [highlight]
    elif isinstance(highlight, Paths):
        paths = highlight.shown
    elif isinstance(highlight, (Node, str)):
        paths = gc.paths(subject, highlight, limit=_HEAVIEST).shown
    else:
        raise DrawError(
            f"highlight={shorten(repr(highlight))} is no path: give a node, gc.paths(run, node) or one of its .shown"
        )
    if any(path.run is not subject for path in paths):
        raise DrawError("highlight= holds paths of another run than the one that is drawn")
    return frozenset(step for path in paths for step in path.steps)
