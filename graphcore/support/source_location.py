"""Where in the user's program a node was made."""

from __future__ import annotations

import inspect
import os
import pathlib
import sys
import weakref
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple

_HOME = str(pathlib.Path(__file__).parents[1]) + os.sep
#: plain functions made of operations, which are passed over too, and the files they are in
_passed_over: set[CodeType] = set()
_files: set[str] = set()


class SourceLocation(NamedTuple):
    """A line of the user's program.

    >>> print(SourceLocation("net.py", 12))
    net.py:12
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def caller_location() -> SourceLocation:
    """The nearest line on the call stack that is neither graphcore's own nor in a function that is passed over.

    >>> caller_location().line
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
    lines = _lines.get(id(frame.f_code))
    if lines is None:
        lines = _lines_of(frame.f_code)
    origin = lines.get(frame.f_lasti)
    if origin is None:
        origin = lines[frame.f_lasti] = SourceLocation(frame.f_code.co_filename, frame.f_lineno)
    return origin


def definition_location(function: Callable[..., Any]) -> SourceLocation:
    """The line where a function was defined.

    >>> import pathlib
    >>> pathlib.Path(definition_location(caller_location).file).name
    'source_location.py'
    """
    code = inspect.unwrap(function).__code__
    return SourceLocation(code.co_filename, code.co_firstlineno)


def hide_frames_of(function: Callable[..., Any]) -> None:
    """Let nodes that a function makes have been made where the function was called.

    >>> import graphcore as gc, ops
    >>> ops.stack([gc.Graph().input("x")] * 2).origin.line
    1
    """
    _passed_over.add(function.__code__)
    _files.add(function.__code__.co_filename)


def _outside(frame: FrameType) -> FrameType:
    """The first frame from here outward that is not graphcore's."""
    while _is_ours[frame.f_code.co_filename] and frame.f_back is not None:
        frame = frame.f_back
    return frame


class _Ours(dict[str, bool]):
    """Whether a file is graphcore's own, asked once of every file."""

    def __missing__(self, file: str) -> bool:
        ours = self[file] = file.startswith(_HOME)
        return ours


_is_ours = _Ours()
#: origins by code and place in it, since Python finds a line by counting from the code's first: a script's last
#: lines would make their nodes more slowly than its first
_lines: dict[int, dict[int, SourceLocation]] = {}


def _lines_of(code: CodeType) -> dict[int, SourceLocation]:
    """An empty table for the lines of some code, which goes when the code does."""
    weakref.finalize(code, _lines.pop, id(code), None).atexit = False
    lines: dict[int, SourceLocation] = {}
    _lines[id(code)] = lines
    return lines
