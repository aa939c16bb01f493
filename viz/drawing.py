"""A drawing: shown by a notebook, saved as a file, read as DOT."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from graphcore import Graph, Node
from graphcore.run import Run

from . import engine
from .building import diagram_of
from .diagram import Diagram
from .dot import DIRECTIONS, dot_of
from .errors import DrawError, LayoutError
from .numbers import count
from .theme import Theme, theme_named

_SUFFIXES = (".svg", ".png", ".pdf", ".dot")


def draw(
    subject: Run | Graph | Node,
    *,
    theme: str | Theme = "light",
    open: Iterable[str | tuple[str, ...]] = (),  # noqa: A002  it is the word for it
    fold: bool | None = None,
    digits: int = 3,
    direction: str = "TB",
    title: str | None = None,
    time_limit: float = engine.TIME_LIMIT,
) -> Drawing:
    """Draw what a run found: every value, every gradient, and on every edge its local derivative.

    A graph, or a node and what it depends on, is drawn without numbers: formulas, shapes and dtypes.

    ``theme`` is ``"light"``, ``"dark"`` or ``"print"``. Beyond 60 nodes, layers (``g.scope``) and long runs fold into
    one box each; ``open=("layer 1", "part 3")`` unfolds some, ``fold=True`` folds always and ``fold=False`` never.
    ``digits`` are the significant digits of numbers; ``direction`` is ``"TB"`` (downward), ``"LR"``, ``"BT"`` or
    ``"RL"``; ``title`` stands in the heading instead of the graph's name; ``time_limit`` is in seconds.

    Raises `DrawError` if there is nothing to draw or if an option makes no sense.

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
        raise DrawError(f"direction={direction!r} is none; there are {', '.join(DIRECTIONS)}")
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise DrawError(f"digits={digits!r} is not between 1 and 17, the digits that a float has")
    if not time_limit > 0:
        raise DrawError(f"time_limit={time_limit!r} is no time: say how many seconds the layout may take")
    colours = theme_named(theme)
    diagram = diagram_of(subject, opened=open, fold=fold, digits=digits, title=title)
    return Drawing(diagram, colours, direction, time_limit)


class Drawing:
    """A picture, laid out only when it is looked at.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("net").input("x")
    >>> picture = draw(ops.tanh(x, name="a"))
    >>> picture
    <Drawing of 'net': 2 boxes, 1 arrow>
    >>> picture.svg()[:4]
    '<svg'
    """

    def __init__(self, diagram: Diagram, theme: Theme, direction: str, time_limit: float) -> None:
        self.diagram, self.theme, self.direction, self.time_limit = diagram, theme, direction, time_limit

    @cached_property
    def source(self) -> str:
        """The DOT text. The same run gives the same text, byte for byte."""
        return dot_of(self.diagram, self.theme, self.direction)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, in the format that the suffix names: .svg, .png, .pdf or .dot.

        >>> import graphcore as gc
        >>> draw(gc.Graph().input("x")).save("net.jpeg")
        Traceback (most recent call last):
        viz.errors.DrawError: cannot save 'net.jpeg': the suffix says the format; there are .svg, .png, .pdf, .dot
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES:
            raise DrawError(f"cannot save {path.name!r}: the suffix says the format; there are {', '.join(_SUFFIXES)}")
        made = self.source.encode("utf-8") if suffix == ".dot" else self._rendered(suffix[1:])
        path.write_bytes(made)
        return path

    def svg(self) -> str:
        """The picture as SVG, ready to stand in a page."""
        return engine.inline(self._rendered("svg"))

    def _rendered(self, suffix: str) -> bytes:
        if suffix not in self._made:
            self._made[suffix] = engine.render(self.source, suffix, self.time_limit)
        return self._made[suffix]

    @cached_property
    def _made(self) -> dict[str, bytes]:
        return {}

    def _repr_html_(self) -> str:
        """For notebooks: the SVG in the page itself, because an image would lose its tooltips."""
        try:
            return f'<div style="overflow:auto;max-width:100%">{self.svg()}</div>'
        except LayoutError as error:
            return f"<pre>{html.escape(str(error))}</pre>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        boxes, arrows = count(len(self.diagram.boxes), "box"), count(len(self.diagram.arrows), "arrow")
        return f"<Drawing of {self.diagram.title!r}: {boxes}, {arrows}>"
