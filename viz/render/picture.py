"""Pictures: shown by a notebook, saved as a file, or available as DOT."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DrawError, LayoutError
from . import engine

_SUFFIXES = (".svg", ".png", ".pdf", ".dot")
_BEFORE_IDS = (' id="', 'href="#', "url(#")
_shown = itertools.count(1)


class Picture:
    """A picture; the layout is computed on first use.

    >>> picture = Picture(lambda: "digraph { a -> b }")
    >>> picture.svg()[:4]
    '<svg'
    """

    def __init__(self, write: Callable[[], str], title: str = "picture", time_limit: float = engine.TIME_LIMIT) -> None:
        self._write, self.title, self.time_limit = write, title, time_limit

    @property
    def parts(self) -> dict[str, Any]:
        """Nodes of the graph behind the elements of the picture, for pages."""
        return {}

    @cached_property
    def source(self) -> str:
        """The DOT text. The same run gives the same text, byte for byte."""
        return self._write()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, in the format of the suffix: .svg, .png, .pdf or .dot.

        >>> Picture(lambda: "digraph { a }").save("net.jpeg")
        Traceback (most recent call last):
        viz.errors.DrawError: cannot save 'net.jpeg': expected one of the suffixes .svg, .png, .pdf, .dot
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES:
            raise DrawError(f"cannot save {path.name!r}: expected one of the suffixes {', '.join(_SUFFIXES)}")
        made = self.source.encode("utf-8") if suffix == ".dot" else self._rendered(suffix[1:])
        path.write_bytes(made)
        return path

    def svg(self) -> str:
        """Return the picture as SVG, ready to be part of a page."""
        return engine.inline(self._rendered("svg"))

    @staticmethod
    def lay_out_together(pictures: Sequence[Picture]) -> None:
        """Render several pictures as SVG at once, and keep the results in them.

        >>> pictures = [Picture(lambda: "digraph { a -> b }"), Picture(lambda: "graph { c }")]
        >>> Picture.lay_out_together(pictures)
        >>> [picture.svg().count("<ellipse") for picture in pictures]
        [2, 1]
        """
        limit = max((picture.time_limit for picture in pictures), default=engine.TIME_LIMIT)
        drawn = engine.render_all([picture.source for picture in pictures], limit)
        for picture, svg in zip(pictures, drawn, strict=True):
            picture._made["svg"] = svg  # noqa: SLF001  its own kind

    def _rendered(self, suffix: str) -> bytes:
        if suffix not in self._made:
            self._made[suffix] = engine.render(self.source, suffix, self.time_limit)
        return self._made[suffix]

    @cached_property
    def _made(self) -> dict[str, bytes]:
        return {}

    def _repr_html_(self) -> str:
        """Return inline SVG for notebooks, because an image would lose its tooltips."""
        try:
            return f'<div style="overflow:auto;max-width:100%">{make_ids_unique(self.svg())}</div>'
        except LayoutError as error:
            return f"<pre>{html.escape(str(error))}</pre>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Picture of {self.title!r}>"


def make_ids_unique(svg: str) -> str:
    """Make the ids of an SVG unique in a notebook, even if the same picture is shown again.

    >>> one, two = (make_ids_unique('<g id="n0" fill="url(#a)">') for _ in range(2))
    >>> one != two, one.count("-n0"), one.count("-a)")
    (True, 1, 1)
    """
    return prefix_ids(svg, f"shown-{next(_shown)}-")


def prefix_ids(svg: str, prefix: str) -> str:
    """Put a prefix before every id of an SVG.

    >>> prefix_ids('<g id="n0" fill="#c0ffee"><use href="#n0"/></g>', "neurons-")
    '<g id="neurons-n0" fill="#c0ffee"><use href="#neurons-n0"/></g>'
    """
    for before in _BEFORE_IDS:
        svg = svg.replace(before, before + prefix)
    return svg
