"""Where in the user's program a node was made."""

from __future__ import annotations

import pathlib
import sys
from typing import NamedTuple

_HOME = str(pathlib.Path(__file__).parent)
_known: dict[tuple[str, int], Origin] = {}


class Origin(NamedTuple):
    """A line of the user's program.

    >>> print(Origin("net.py", 12))
    net.py:12
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def caller() -> Origin:
    """The nearest line on the call stack that is not graphcore's own.

    >>> caller().line
    1
    """
    frame = sys._getframe(1)  # noqa: SLF001  the standard way to ask who called
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HOME):
        frame = frame.f_back
    place = (frame.f_code.co_filename, frame.f_lineno)
    origin = _known.get(place)
    if origin is None:
        origin = _known[place] = Origin(*place)
    return origin
