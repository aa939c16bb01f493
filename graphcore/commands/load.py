"""Find what a user's file made: a run, a node or a graph."""

from __future__ import annotations

import pathlib
import runpy
import sys
from typing import Any

from ..autodiff.run import Run
from ..errors import GraphcoreError, UnknownNameError, did_you_mean
from ..graph.graph import Graph
from ..graph.node import Node

Drawable = Run | Node | Graph


def load(target: str) -> Drawable:
    """Run ``FILE.py`` and return the run, node or graph called ``NAME`` in ``FILE.py:NAME``; without a name the last
    run, or else the last node, or else the last graph that it made.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "net.py"
    ...     _ = file.write_text("import graphcore as gc; g = gc.Graph('mine'); x = g.input('x')")
    ...     load(f"{file}:g"), load(str(file))
    (<Graph 'mine': 1 nodes, 0 edges>, <x (input): float64 ()>)
    """
    file, name = _split(target)
    path = pathlib.Path(file)
    if not path.is_file():
        raise UnknownNameError(f"there is no file {file}")
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        made = runpy.run_path(str(path), run_name="__graphcore__")
    finally:
        sys.path.pop(0)
    drawable = {key: value for key, value in made.items() if isinstance(value, Drawable)}
    if name is not None:
        return _named(name, made, drawable, file)
    for kind in (Run, Node, Graph):
        found = [value for value in drawable.values() if isinstance(value, kind)]
        if found:
            return found[-1]
    raise GraphcoreError(
        f"{file} makes no run, node or graph in a variable of its own; assign one, as in run = gc.backprop(C)"
    )


def _split(target: str) -> tuple[str, str | None]:
    file, colon, name = target.rpartition(":")
    return (file, name) if colon and name.isidentifier() and file.endswith(".py") else (target, None)


def _named(name: str, made: dict[str, Any], drawable: dict[str, Drawable], file: str) -> Drawable:
    if name in drawable:
        return drawable[name]
    if name in made:
        raise GraphcoreError(f"{name} in {file} is a {type(made[name]).__name__}, and not a run, node or graph")
    raise UnknownNameError(
        f"{file} makes nothing called {name}{did_you_mean(name, drawable)}; it makes {', '.join(drawable)}"
    )
