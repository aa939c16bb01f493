"""The live page of a run: one HTML file that shows the chain rule in any browser."""

from __future__ import annotations

import html
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from graphcore import Run
from graphcore.errors import shorten

from ..errors import DrawError
from ..format.numbers import format_count, number, text
from ..render import engine
from .html_bundle import assemble_page, escape
from .json_values import Json
from .metadata import describe_examples, describe_nodes, list_limits, summarize_network
from .palette import Palette
from .panels import PANELS, render_panels
from .run_views import MAX_HANDLES, MAX_HANDLES_PER_EXAMPLE, RunView, compress, select_handles, split_examples
from .svg_postprocess import render_diagrams
from .value_table import render_table

__all__ = ["Page", "page"]


def page(
    run: Run, path: str | Path | None = None, *, title: str | None = None, time_limit: float = engine.TIME_LIMIT
) -> Page:
    """Write the live page of a run: one HTML file that works offline.

    It shows the gradient diagram, explains every gradient, has a handle for every number, plays backpropagation step by
    step, and switches between the examples of the batch. All numbers come from the run, or from the graph run again
    with other values; the page itself computes nothing of the network.

    Without a ``path`` nothing is written: a notebook displays the result in a frame, and ``.html`` is its text.
    ``title`` replaces the graph's name; ``time_limit`` is for each layout, in seconds. Raises `DrawError` if ``run`` is
    not a run, and `LayoutError` if there is no layout engine.

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
        raise DrawError(f"run: expected a run, got {shorten(repr(run))}; make one with run = gc.backprop(cost, feed)")
    made = Page(run, title, time_limit)
    if path is not None:
        made.save(path)
    return made


class Page:
    """A page, made when it is displayed or saved.

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
        """Write the page to a file, .html or .htm.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> Page(gc.backprop(ops.square(x, name="C"), {x: 3.0})).save("net.pdf")
        Traceback (most recent call last):
        viz.errors.DrawError: path: expected a name that ends in .html or .htm, got 'net.pdf'
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise DrawError(f"path: expected a name that ends in .html or .htm, got {path.name!r}")
        path.write_text(self.html, "utf-8", newline="\n")
        return path

    @cached_property
    def html(self) -> str:
        """The whole file; the same run gives the same bytes."""
        run, palette = self.run, Palette()
        examples = split_examples(run)
        handles = select_handles(run, MAX_HANDLES)
        batch = RunView(run, handles)
        views = [batch, *(RunView(one, select_handles(one, MAX_HANDLES_PER_EXAMPLE)) for one in examples)]
        # Graphviz computes the layouts while the numbers are computed
        with ThreadPoolExecutor(1) as executor:
            drawing = executor.submit(self._render_pictures, views, palette)
            first, *others = [view.as_json() for view in views]
            pictures, parts = drawing.result()
        nodes = describe_nodes(batch)
        data: Json = {
            "cost": batch.details.cost[1],
            "nodes": nodes,
            "arrows": {arrow.key: [arrow.source, arrow.target] for arrow in batch.diagram.arrows},
            "panels": [{"key": key, "title": _title(key), "parts": parts.get(key)} for key in pictures[0]],
            "views": [
                first,
                *(compress(view | {"pictures": drawn}) for view, drawn in zip(others, pictures[1:], strict=True)),
            ],
        }
        if examples:
            data["examples"] = describe_examples(run, examples, handles)
        fields = {
            "title": escape(self.title),
            "cost": escape(f"{data['cost']} = {number(float(run.cost), 4)}"),
            "size": escape(summarize_network(run)),
            "panels": "".join(f'<div class="panel" id="panel-{k}">{svg}</div>' for k, svg in pictures[0].items()),
            "notes": "".join(f'<p class="notes">{escape(note)}</p>' for note in list_limits(batch)),
            "table": render_table(nodes, first["nodes"]),
        }
        return assemble_page(fields, palette.css(), data)

    def _render_pictures(
        self, views: Sequence[RunView], palette: Palette
    ) -> tuple[list[dict[str, str]], dict[str, Json]]:
        """Return the pictures of each view by key, and the nodes that their parts show."""
        diagrams = render_diagrams([view.diagram for view in views], palette, self.time_limit)
        panels, parts = render_panels([view.run for view in views], palette)
        return [{"diagram": diagram} | others for diagram, others in zip(diagrams, panels, strict=True)], parts

    def _repr_html_(self) -> str:
        """Return the page for a notebook, in a sandboxed frame."""
        return (
            f'<iframe sandbox="allow-scripts" title="{escape(self.title)}" width="100%" height="860" '
            f'style="border:0" srcdoc="{html.escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Page of {self.title!r}: {format_count(len(self.run.order), 'node')}>"


def _title(key: str) -> str:
    return "Gradient diagram" if key == "diagram" else PANELS[key][0]
