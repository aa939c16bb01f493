"""Renders DOT text as SVG, PNG or PDF, with the system's ``dot`` if it is installed, else with `pygraphviz`."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from ..errors import LayoutError
from .markup import BACKSLASH
from .pygraphviz_worker import GAP

#: the default time limit of a layout in seconds
TIME_LIMIT = 60.0
FORMATS = ("svg", "png", "pdf")
_MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "json0": b"{"}
_SHARP = "dpi=144"
_HEAD = re.compile(r"^<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*", re.DOTALL)


def render(source: str, suffix: str, time_limit: float = TIME_LIMIT) -> bytes:
    """Render a DOT text.

    >>> render("digraph { a -> b }", "png")[:4]
    b'\\x89PNG'
    >>> render("digraph { a -> }", "svg")
    Traceback (most recent call last):
    viz.errors.LayoutError: Graphviz cannot read this DOT text: ...
    """
    made = _run(source.encode("utf-8"), suffix, time_limit)
    return _with_backslashes(made) if suffix == "svg" else made


def render_all(sources: Sequence[str], time_limit: float = TIME_LIMIT) -> list[bytes]:
    """Render several DOT texts as SVG, as many at a time as there are processors.

    >>> [svg.count(b"<ellipse") for svg in render_all(["digraph { a -> b }", "graph { a }"])]
    [2, 1]
    >>> render_all(["graph { a }", "digraph { a -> }"])
    Traceback (most recent call last):
    viz.errors.LayoutError: Graphviz cannot draw this: ...
    """
    if not sources:
        return []
    at_once = min(len(sources), os.cpu_count() or 1)
    with ThreadPoolExecutor(at_once) as pool:
        if _system_dot():  # it starts quickly, and older versions order clusters randomly in a second picture
            return list(pool.map(lambda source: render(source, "svg", time_limit), sources))
        parts = [sources[len(sources) * i // at_once : len(sources) * (i + 1) // at_once] for i in range(at_once)]
        return [svg for part in pool.map(lambda part: _several(part, time_limit), parts) for svg in part]


def _several(sources: Sequence[str], time_limit: float) -> list[bytes]:
    """Render several texts with the engine of pygraphviz, which starts once for all of them."""
    made = _run(GAP.join(sources).encode("utf-8"), "svg", time_limit * len(sources))
    found = [_MAGIC["svg"] + svg for svg in _with_backslashes(made).split(_MAGIC["svg"])[1:]]
    if len(found) != len(sources):
        raise LayoutError(f"Graphviz drew {len(found)} of {len(sources)} pictures")
    return found


def _run(given: bytes, suffix: str, time_limit: float) -> bytes:
    command = [*_engine(), *_settings(suffix)]
    try:
        made = subprocess.run(  # noqa: S603  the command is ours; the text goes in through a pipe
            command, input=given, capture_output=True, timeout=time_limit, check=False
        )
    except subprocess.TimeoutExpired:
        raise LayoutError(
            f"the layout took longer than {time_limit:g} seconds: fold more (draw(..., fold=True), or fewer layers in "
            f"open=), draw one node instead of all, or allow more with time_limit={max(60, 4 * time_limit):g}; "
            f"save('name.dot') needs no layout"
        ) from None
    except OSError as error:
        raise LayoutError(f"the layout engine {command[0]!r} does not start: {error}") from error
    if made.returncode or not made.stdout.startswith(_MAGIC[suffix]):
        lines = made.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
        if any("No module named 'pygraphviz'" in line for line in lines):
            raise LayoutError(_NO_ENGINE)
        raise LayoutError(f"Graphviz cannot draw this: {' / '.join(lines) or f'exit code {made.returncode}'}")
    return made.stdout


_NO_ENGINE = (
    "no layout engine here: python -m pip install pygraphviz brings one in a wheel, or install Graphviz so that dot is "
    "on the PATH; save('name.dot') works without"
)


def inline(svg: bytes) -> str:
    """Remove the file header of an SVG, so that it can be part of a page.

    >>> inline(render("digraph { a }", "svg"))[:4]
    '<svg'
    """
    return _HEAD.sub("", svg.decode("utf-8")).strip()


def describe() -> str:
    """Describe the layout engine that is used.

    >>> "dot" in describe() or "pygraphviz" in describe()
    True
    """
    found = _system_dot()
    if found:
        return f"the system's dot, {found}"
    if importlib.util.find_spec("pygraphviz") is None:
        return _NO_ENGINE
    return f"the Graphviz inside pygraphviz {version('pygraphviz')}"


def _engine() -> list[str]:
    found = _system_dot()
    if found:
        return [found]
    if importlib.util.find_spec("pygraphviz") is None:
        raise LayoutError(_NO_ENGINE)
    return [sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name("pygraphviz_worker.py"))]


def _system_dot() -> str | None:
    return shutil.which("dot", path=os.environ.get("PATH", ""))


def _settings(suffix: str) -> list[str]:
    sharp = [_SHARP] if suffix == "png" else []
    if _system_dot():
        # cairo is sharper than gd, and has the fonts that were measured
        return [f"-T{suffix}", *(f"-G{setting}" for setting in sharp)]
    return [suffix, *sharp]


def _with_backslashes(svg: bytes) -> bytes:
    return svg.replace(BACKSLASH.encode("utf-8"), b"\\")
