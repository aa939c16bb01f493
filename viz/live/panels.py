"""The pictures that stand beside the gradient diagram, each behind a tab of its own.

A picture is a title, and a function from a run and a theme to a `Picture`, or to SVG text in which every word of the
user's is escaped and no ``style`` attribute is used, which the page's policy would not let through. The theme that is
given is a `Palette`: colours made by its ``tint``, ``mix`` and ``on`` are those of all themes at once. Where there is
nothing to draw the function raises `DrawError`, and there is no tab.

>>> import graphcore as gc, ops
>>> PANELS["greeting"] = ("Greeting", lambda run, theme: f'<svg><text id="t" fill="{theme.ink}">hello</text></svg>')
>>> run = gc.backprop(ops.square(gc.Graph().input("x"), name="C"), {"x": 3.0})
>>> panels_of([run], Palette())
([{'greeting': '<svg><text id="greeting-t" fill="var(--c1)">hello</text></svg>'}], {})
>>> del PANELS["greeting"]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from graphcore import Run

from ..errors import DrawError
from ..network.drawing import network
from ..render.picture import Picture, prefixed
from ..render.theme import FONTS
from .json_values import Json
from .palette import Palette

#: by key: the title of the tab, and what draws the picture, for the batch and for each example alike
PANELS: dict[str, tuple[str, Callable[[Run, Palette], Picture | str]]] = {
    "neurons": ("Neurons", lambda run, theme: network(run, theme=theme)),
}

#: what an SVG needs as a file, and not inside a page
_UNNEEDED = re.compile(r' xmlns(?::xlink)?="[^"]*"|<!--[^>]*-->\s*')
#: a straight line, which Graphviz writes as a curve
_STRAIGHT = re.compile(r' d="M([-\d.,]+)C\1 ([-\d.,]+) \2"')
#: what Graphviz says of every shape and says nothing with; the font is said once, for the whole picture
_IDLE = (' stroke="transparent"', ' text-anchor="start"', f' font-family="{FONTS}"')


def panels_of(runs: Sequence[Run], palette: Palette) -> tuple[list[dict[str, str]], dict[str, Json]]:
    """The SVG of each picture that there is of each run, with ids that no other has; and what its parts show."""
    found: list[dict[str, Picture | str]] = [{} for _ in runs]
    for key, (_, picture) in PANELS.items():
        for run, drawn in zip(runs, found, strict=True):
            try:
                drawn[key] = picture(run, palette)
            except DrawError:
                continue  # a network of another kind than this picture shows
    Picture.lay_out_together([made for drawn in found for made in drawn.values() if isinstance(made, Picture)])
    parts = {key: made.parts for key, made in found[0].items() if isinstance(made, Picture) and made.parts}
    return [{key: _embedded(made, key, palette) for key, made in drawn.items()} for drawn in found], parts


def _embedded(made: Picture | str, key: str, palette: Palette) -> str:
    svg = made if isinstance(made, str) else _slimmed(made.svg())
    return palette.colours_in(prefixed(svg, f"{key}-"))


def _slimmed(svg: str) -> str:
    """The same picture in fewer words, in the markup of Graphviz."""
    for idle in _IDLE:
        svg = svg.replace(idle, "")
    svg = _STRAIGHT.sub(r' d="M\1L\2"', _UNNEEDED.sub("", svg.replace("&#45;", "-")))
    return svg.replace("<svg", f'<svg font-family="{FONTS}"', 1)
