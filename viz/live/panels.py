"""The pictures that stand beside the gradient diagram, each behind a tab of its own.

A picture is a title and a function from a run to SVG text in which every word of the user's is escaped, no id is that
of another picture, and no ``style`` attribute is used, which the page's policy would not let through.

>>> list(PANELS)
[]
>>> PANELS["greeting"] = ("Greeting", lambda run: "<svg><text>hello</text></svg>")
>>> import graphcore as gc, ops, viz
>>> x = gc.Graph().input("x")
>>> ">hello<" in viz.page(gc.backprop(ops.square(x, name="C"), {x: 3.0})).html
True
>>> del PANELS["greeting"]
"""

from __future__ import annotations

from collections.abc import Callable

from graphcore.run import Run

#: by key: the title of the tab, and what draws the picture, for the batch and for each example alike
PANELS: dict[str, tuple[str, Callable[[Run], str]]] = {}
