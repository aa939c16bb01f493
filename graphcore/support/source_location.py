"""Lines of the user's program, where nodes and operations were made."""

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
#: plain functions made of operations, whose frames are skipped too, and their files
_hidden: set[CodeType] = set()
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
    """Return the nearest line on the call stack outside graphcore and outside hidden functions.

    >>> caller_location().line
    1
    """
    frame = _outside(sys._getframe(1))  # noqa: SLF001  the standard library has no public equivalent that is as fast
    while frame.f_code.co_filename in _files:
        outer: FrameType | None = frame
        while outer is not None and outer.f_code not in _hidden:
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


def is_internal(file: str) -> bool:
    """Return whether a file is one of graphcore's.

    >>> is_internal(caller_location.__code__.co_filename), is_internal("net.py")
    (True, False)
    """
    return _is_ours[file]


def definition_location(function: Callable[..., Any]) -> SourceLocation:
    """Return the line where a function was defined.

    >>> import pathlib
    >>> pathlib.Path(definition_location(caller_location).file).name
    'source_location.py'
    """
    code = inspect.unwrap(function).__code__
    return SourceLocation(code.co_filename, code.co_firstlineno)


def hide_frames_of(function: Callable[..., Any]) -> None:
    """Skip the frames of a function: nodes that it makes get the location of its caller.

    >>> import graphcore as gc, ops
    >>> ops.stack([gc.Graph().input("x")] * 2).origin.line
    1
    """
    _hidden.add(function.__code__)
    _files.add(function.__code__.co_filename)


def _outside(frame: FrameType) -> FrameType:
    """Return the first frame, going outward, that is not in graphcore."""
    while _is_ours[frame.f_code.co_filename] and frame.f_back is not None:
        frame = frame.f_back
    return frame


class _Ours(dict[str, bool]):
    """Cache of file names: True for the files of graphcore."""

    def __missing__(self, file: str) -> bool:
        ours = self[file] = file.startswith(_HOME)
        return ours


_is_ours = _Ours()
#: locations by code object and instruction, since Python computes a line number in time linear in the position
_lines: dict[int, dict[int, SourceLocation]] = {}


def _lines_of(code: CodeType) -> dict[int, SourceLocation]:
    """Create an empty table for the lines of a code object, deleted together with it."""
    weakref.finalize(code, _lines.pop, id(code), None).atexit = False
    lines: dict[int, SourceLocation] = {}
    _lines[id(code)] = lines
    return lines
