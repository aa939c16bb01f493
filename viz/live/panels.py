"""The pictures beside the gradient diagram, each in a tab of its own.

A picture is a title, and a function from a run and a theme to a `Picture`, or to SVG text that escapes all user text
and uses no ``style`` attribute, which the page's policy does not allow. The theme is a `Palette`: colours made by its
``tint``, ``mix`` and ``on`` are those of all themes at once. Where there is nothing to draw the function raises
`DrawError`, and there is no tab.

>>> import graphcore as gc, ops
>>> PANELS["greeting"] = ("Greeting", lambda run, theme: f'<svg><text id="t" fill="{theme.ink}">hello</text></svg>')
>>> run = gc.backprop(ops.square(gc.Graph().input("x"), name="C"), {"x": 3.0})
>>> render_panels([run], Palette())
([{'greeting': '<svg><text id="greeting-t" fill="var(--c1)">hello</text></svg>'}], {})
>>> del PANELS["greeting"]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from graphcore import Run

from ..errors import DrawError
from ..network.drawing import network
from ..render.picture import Picture, prefix_ids
from ..render.theme import FONTS
from .json_values import Json
from .palette import Palette

#: the title of each tab and the function that draws its picture, for the batch and for each example
PANELS: dict[str, tuple[str, Callable[[Run, Palette], Picture | str]]] = {
    "neurons": ("Neurons", lambda run, theme: network(run, theme=theme)),
}

#: markup that an SVG needs as a file, but not inside a page
_UNNEEDED = re.compile(r' xmlns(?::xlink)?="[^"]*"|<!--[^>]*-->\s*')
#: a straight line, which Graphviz writes as a curve
_STRAIGHT = re.compile(r' d="M([-\d.,]+)C\1 ([-\d.,]+) \2"')
#: attributes that Graphviz repeats on every shape; the font is set once, for the whole picture
_REDUNDANT = (' stroke="transparent"', ' text-anchor="start"', f' font-family="{FONTS}"')


def render_panels(runs: Sequence[Run], palette: Palette) -> tuple[list[dict[str, str]], dict[str, Json]]:
    """Return the SVG of each picture of each run, with unique ids, and the nodes that the parts show."""
    found: list[dict[str, Picture | str]] = [{} for _ in runs]
    for key, (_, picture) in PANELS.items():
        for run, drawn in zip(runs, found, strict=True):
            try:
                drawn[key] = picture(run, palette)
            except DrawError:
                continue  # this picture cannot show this network
    Picture.lay_out_together([made for drawn in found for made in drawn.values() if isinstance(made, Picture)])
    parts = {key: made.parts for key, made in found[0].items() if isinstance(made, Picture) and made.parts}
    return [{key: _embed(made, key, palette) for key, made in drawn.items()} for drawn in found], parts


def _embed(made: Picture | str, key: str, palette: Palette) -> str:
    svg = made if isinstance(made, str) else _simplify(made.svg())
    return palette.use_variables(prefix_ids(svg, f"{key}-"))


def _simplify(svg: str) -> str:
    """Return the same picture with less of Graphviz's markup."""
    for redundant in _REDUNDANT:
        svg = svg.replace(redundant, "")
    svg = _STRAIGHT.sub(r' d="M\1L\2"', _UNNEEDED.sub("", svg.replace("&#45;", "-")))
    return svg.replace("<svg", f'<svg font-family="{FONTS}"', 1)
