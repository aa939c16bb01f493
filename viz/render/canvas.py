"""DOT text with fixed positions, in points, with heights growing upward."""

from __future__ import annotations

from functools import lru_cache

import graphviz
import graphviz.quoting

from .markup import cell, escape, row, table
from .theme import FONTS, Theme


class Canvas:
    """Collects nodes and lines; lines are drawn below everything else.

    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "my net", THEMES["light"])
    >>> a, b = canvas.point(0, 0), canvas.point(30, 10)
    >>> canvas.line(a, b, color="#000000")
    >>> canvas.source.startswith("graph net {"), "n0 -- n1" in canvas.source, 'pos="30.00,10.00"' in canvas.source
    (True, True, True)
    """

    def __init__(self, kind: str, title: str, theme: Theme) -> None:
        self.theme = theme
        self._number = 0
        self._dot = graphviz.Graph(
            kind,
            graph_attr={
                "layout": "nop", "bgcolor": theme.paper, "pad": "0.25", "splines": "line", "outputorder": "edgesfirst",
                "id": kind, "class": f"theme-{theme.name}", "tooltip": escape(title), "fontname": FONTS,
            },
            node_attr={"shape": "plain", "fontname": FONTS, "fontcolor": theme.ink},
            edge_attr={"headclip": "false", "tailclip": "false"},
        )  # fmt: skip

    @property
    def source(self) -> str:
        """The DOT text."""
        return str(self._dot.source)

    def put(self, x: float, y: float, label: str, **given: str) -> str:
        """Add a node around a point, and return its name, which contains a number and no text of a user."""
        name = f"n{self._number}"
        self._number += 1
        attributes = _attributes(label=f"<{label}>" if label else "", **given, pos=f"{x:.2f},{y:.2f}")
        self._dot.body.append(f"\t{name} {attributes}\n")
        return name

    def point(self, x: float, y: float) -> str:
        """Add an invisible end of a line."""
        return self.put(x, y, "", shape="point", width="0.001", height="0.001", style="invis")

    def shape(self, x: float, y: float, width: float, height: float, label: str = "", **given: str) -> str:
        """Add a shape of a fixed size, by default a circle."""
        size = {"fixedsize": "true", "width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}
        return self.put(x, y, label, **{"shape": "circle", "style": "filled", **size, **given})

    def words(self, x: float, y: float, *lines: str, align: str = "CENTER", halo: bool = False) -> None:
        """Add lines of text, one below the other; ``halo`` covers what is behind them."""
        rows = [row(cell(line, align=align)) for line in lines if line]
        if rows:
            self.put(
                x, y, table(*rows, bgcolor=self.theme.paper if halo else None, cellpadding=1), **{"class": "words"}
            )

    def line(self, start: str, end: str, **given: str) -> None:
        """Add a straight line between two nodes."""
        self._dot.body.append(f"\t{start} -- {end} {_attributes(**given)}\n")


def _attributes(**given: str) -> str:
    """Format a label and other attributes as `graphviz` does, with a cache, because most words occur often."""
    label = [f"label={_quoted(given.pop('label'))}"] if "label" in given else []
    return f"[{' '.join([*label, *(f'{_quoted(name)}={_quoted(given[name])}' for name in sorted(given))])}]"


_quoted = lru_cache(4096)(graphviz.quoting.quote)


def tooltip(lines: list[str]) -> str:
    """Join the lines of a tooltip.

    >>> tooltip(["a < b", "c"])
    'a &lt; b&#10;c'
    """
    return "&#10;".join(escape(line) for line in lines)
