"""The live page of a run: one file, which shows the chain rule at work wherever there is a browser."""

from __future__ import annotations

import html
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from graphcore import Run
from graphcore.errors import shorten

from ..errors import DrawError
from ..format.numbers import count, number, text
from ..render import engine
from .html_bundle import assembled, escaped
from .json_values import Json
from .metadata import about, described, each_example, notes, roles
from .palette import Palette
from .panels import PANELS, panels_of
from .run_views import LINES, LINES_EACH, Scene, examples_of, handles_of, packed
from .svg_postprocess import inlined
from .value_table import table

__all__ = ["Page", "page"]


def page(
    run: Run, path: str | Path | None = None, *, title: str | None = None, time_limit: float = engine.TIME_LIMIT
) -> Page:
    """Write the live page of a run: one HTML file that needs no network, no server and no install.

    It shows the gradient diagram, explains every gradient, has a handle on every number, tells backpropagation step by
    step, and switches between the examples of the batch. Everything on it was computed by the run, or by the graph
    run again with other values; the page computes nothing of the network itself.

    Without a ``path`` nothing is written: the result shows itself in a notebook, in a frame, and has ``.html``.
    ``title`` stands in the place of the graph's name; ``time_limit`` is for each layout, in seconds. Raises `DrawError`
    for what is no run, and `LayoutError` where there is no layout engine.

    >>> import graphcore as gc, ops, pathlib, tempfile
    >>> x = gc.Graph("square").input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = page(run, pathlib.Path(folder) / "square.html")
    ...     (pathlib.Path(folder) / "square.html").read_text("utf-8") == made.html
    True
    >>> made
    <Page of 'square': 2 nodes>
    """
    if not isinstance(run, Run):
        raise DrawError(
            f"a page shows a run, and got {shorten(repr(run))}: make one with run = gc.backprop(cost, feed)"
        )
    made = Page(run, title, time_limit)
    if path is not None:
        made.save(path)
    return made


class Page:
    """A page, made when it is looked at or saved.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("square").input("x")
    >>> made = Page(gc.backprop(ops.square(x, name="C"), {x: 3.0}))
    >>> "default-src 'none'" in made.html, "<iframe" in made._repr_html_()
    (True, True)
    """

    def __init__(self, run: Run, title: str | None = None, time_limit: float = engine.TIME_LIMIT) -> None:
        self.run, self.time_limit = run, time_limit
        self.title = text(run.graph.name if title is None else title, 80)

    def save(self, path: str | Path) -> Path:
        """Write it to a file, .html or .htm.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> Page(gc.backprop(ops.square(x, name="C"), {x: 3.0})).save("net.pdf")
        Traceback (most recent call last):
        viz.errors.DrawError: cannot save 'net.pdf': a page is an .html file
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise DrawError(f"cannot save {path.name!r}: a page is an .html file")
        path.write_text(self.html, "utf-8", newline="\n")
        return path

    @cached_property
    def html(self) -> str:
        """The whole file. The same run gives the same text, byte for byte."""
        run, palette = self.run, Palette()
        alone = examples_of(run)
        handles = handles_of(run, LINES)
        scenes = [Scene(run, handles), *(Scene(example, handles_of(example, LINES_EACH)) for example in alone)]
        # the engine lays out while the numbers are computed
        with ThreadPoolExecutor(1) as aside:
            drawing = aside.submit(self._pictures, scenes, palette)
            told, *others = [scene.told for scene in scenes]
            pictures, parts = drawing.result()
        average = scenes[0]
        each = [packed(one | {"pictures": drawn}) for one, drawn in zip(others, pictures[1:], strict=True)]
        nodes = [described(node, average, role) for node, role in roles(average)]
        data: Json = {
            "cost": average.teller.cost[1],
            "nodes": nodes,
            "arrows": {arrow.key: [arrow.source, arrow.target] for arrow in average.diagram.arrows},
            "panels": [{"key": key, "title": _title(key), "parts": parts.get(key)} for key in pictures[0]],
            "scenes": [told, *each],
        }
        if alone:
            data["examples"] = each_example(run, alone, handles)
        places = {
            "title": escaped(self.title),
            "cost": escaped(f"{data['cost']} = {number(float(run.cost), 4)}"),
            "about": escaped(about(run)),
            "panels": "".join(_panel(key, svg) for key, svg in pictures[0].items()),
            "notes": "".join(f'<p class="notes">{escaped(note)}</p>' for note in notes(average)),
            "table": table(nodes, told["nodes"]),
            "made": "Made by graphcore.",
        }
        return assembled(places, palette.css(), data)

    def _pictures(self, scenes: Sequence[Scene], palette: Palette) -> tuple[list[dict[str, str]], dict[str, Json]]:
        """The pictures of each scene, by key, and what their parts show."""
        diagrams = inlined([scene.diagram for scene in scenes], palette, self.time_limit)
        panels, parts = panels_of([scene.run for scene in scenes], palette)
        return [{"diagram": diagram} | others for diagram, others in zip(diagrams, panels, strict=True)], parts

    def _repr_html_(self) -> str:
        """For notebooks: the page in a frame of its own, where it can do nothing to the notebook."""
        return (
            f'<iframe sandbox="allow-scripts" title="{escaped(self.title)}" width="100%" height="860" '
            f'style="border:0" srcdoc="{html.escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Page of {self.title!r}: {count(len(self.run.order), 'node')}>"


def _title(key: str) -> str:
    return "Gradient diagram" if key == "diagram" else PANELS[key][0]


def _panel(key: str, svg: str) -> str:
    return f'<div class="panel" id="panel-{key}">{svg}</div>'
