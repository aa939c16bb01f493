"""The gradient diagram of a run, or the structure of a graph."""

from __future__ import annotations

from collections.abc import Iterable

from graphcore import Graph, Node, Run

from ..errors import DrawError
from ..format.numbers import format_count
from ..render import engine
from ..render.picture import Picture
from ..render.theme import Theme, get_theme
from .builder import build_diagram
from .diagram import Diagram
from .dot import DIRECTIONS, write_dot
from .highlight import Highlight, find_highlighted


def draw(
    subject: Run | Graph | Node,
    *,
    theme: str | Theme = "light",
    open: Iterable[str | tuple[str, ...]] = (),  # noqa: A002  the word for it
    fold: bool | None = None,
    digits: int = 3,
    direction: str = "TB",
    title: str | None = None,
    highlight: Highlight | None = None,
    time_limit: float = engine.TIME_LIMIT,
) -> Drawing:
    """Draw every value and gradient of a run, and on every edge its local derivative.

    A graph, or a node and what it depends on, is drawn without numbers: formulas, shapes and dtypes.

    ``theme`` is ``"light"``, ``"dark"`` or ``"print"``. Beyond 60 nodes, layers (``g.scope``) and long runs fold into
    one box each; ``open=("layer 1", "part 3")`` unfolds some, ``fold=True`` folds always and ``fold=False`` never.
    ``digits`` are the significant digits of numbers; ``direction`` is ``"TB"`` (downward), ``"LR"``, ``"BT"`` or
    ``"RL"``; ``title`` stands in the heading instead of the graph's name; ``time_limit`` is in seconds.
    ``highlight`` emphasizes a path of `graphcore.paths`, all its paths, or the largest from a node; the rest is dimmed.

    Raises `DrawError` if there is nothing to draw or if an option is invalid.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x = g.parameter("w", 2.0), g.input("x")
    >>> picture = draw(gc.backprop(ops.square(w * x, name="C"), {x: 3.0}))
    >>> "∂C/∂w = ▲ 36" in picture.source
    True
    >>> draw(gc.Graph())
    Traceback (most recent call last):
    viz.errors.DrawError: there is nothing to draw: <Graph 'graph': 0 nodes, 0 edges> has no nodes yet; ...
    """
    if direction not in DIRECTIONS:
        raise DrawError(f"unknown direction {direction!r}, expected one of {', '.join(DIRECTIONS)}")
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise DrawError(f"digits must be an integer from 1 to 17, got {digits!r}")
    if not time_limit > 0:
        raise DrawError(f"time_limit must be a positive number of seconds, got {time_limit!r}")
    colours = get_theme(theme)
    highlighted = find_highlighted(subject, highlight)
    diagram = build_diagram(subject, opened=open, fold=fold, digits=digits, title=title, highlighted=highlighted)
    return Drawing(diagram, colours, direction, time_limit)


class Drawing(Picture):
    """The diagram of a run or a graph as a picture; the layout is computed on first use.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("net").input("x")
    >>> picture = draw(ops.tanh(x, name="a"))
    >>> picture
    <Drawing of 'net': 2 boxes, 1 arrow>
    >>> picture.svg()[:4]
    '<svg'
    """

    def __init__(self, diagram: Diagram, theme: Theme, direction: str, time_limit: float) -> None:
        super().__init__(lambda: write_dot(diagram, theme, direction), diagram.title, time_limit)
        self.diagram, self.theme, self.direction = diagram, theme, direction

    def __repr__(self) -> str:
        boxes, arrows = format_count(len(self.diagram.boxes), "box"), format_count(len(self.diagram.arrows), "arrow")
        return f"<Drawing of {self.diagram.title!r}: {boxes}, {arrows}>"
