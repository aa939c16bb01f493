"""Where in the user's program a node was made."""

from __future__ import annotations

import inspect
import pathlib
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple

_HOME = str(pathlib.Path(__file__).parent)
_known: dict[tuple[str, int], Origin] = {}
#: plain functions made of operations, which are passed over too, and the files they are in
_passed_over: set[CodeType] = set()
_files: set[str] = set()


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
    """The nearest line on the call stack that is neither graphcore's own nor in a function that is passed over.

    >>> caller().line
    1
    """
    frame = _outside(sys._getframe(1))  # noqa: SLF001  the standard way to ask who called
    while frame.f_code.co_filename in _files:
        outer: FrameType | None = frame
        while outer is not None and outer.f_code not in _passed_over:
            outer = outer.f_back
        if outer is None or outer.f_back is None:
            break
        frame = _outside(outer.f_back)
    place = (frame.f_code.co_filename, frame.f_lineno)
    origin = _known.get(place)
    if origin is None:
        origin = _known[place] = Origin(*place)
    return origin


def defined_at(function: Callable[..., Any]) -> Origin:
    """The line where a function was defined.

    >>> import pathlib
    >>> pathlib.Path(defined_at(caller).file).name
    'origin.py'
    """
    code = inspect.unwrap(function).__code__
    return Origin(code.co_filename, code.co_firstlineno)


def pass_over(function: Callable[..., Any]) -> None:
    """Let nodes that a function makes have been made where the function was called.

    >>> import graphcore as gc, ops
    >>> ops.stack([gc.Graph().input("x")] * 2).origin.line
    1
    """
    _passed_over.add(function.__code__)
    _files.add(function.__code__.co_filename)


def _outside(frame: FrameType) -> FrameType:
    """The first frame from here outward that is not graphcore's."""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HOME):
        frame = frame.f_back
    return frame
