"""The expression of the user's program that is being evaluated, for messages that show what to write instead."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import itertools
import linecache
import sys
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from .source_location import is_internal

#: packages whose frames lie between a node and the line of the program that uses it, as those of graphcore do
_BETWEEN = frozenset({"ops", "numpy", "scipy", "pandas", "xarray", "torch", "jax", "array_api_compat"})
#: objects whose attributes are read without running code of the program
_TRANSPARENT = (ModuleType, np.ndarray, np.ufunc, type)
#: the instructions of ``a[i] = b``; since Python 3.12 there is one of its own for ``a[i:j] = b``
_ASSIGNMENTS = ("STORE_SUBSCR", "STORE_SLICE")


class Expression(NamedTuple):
    """An expression that is being evaluated, and the frame whose variables it uses."""

    tree: ast.expr | ast.AugAssign
    frame: FrameType
    is_assigned: bool

    @property
    def text(self) -> str:
        """The source of the expression."""
        return ast.unparse(self.tree)

    def resolve(self, tree: ast.expr) -> Any:
        """Return the object of a variable, or of an attribute of a module, a class or an array; ``None`` if unknown.

        >>> expression = Expression(ast.parse("np.linalg.norm").body[0].value, sys._getframe(), False)
        >>> expression.resolve(expression.tree) is np.linalg.norm
        True
        """
        if isinstance(tree, ast.Name):
            for scope in (self.frame.f_locals, self.frame.f_globals, vars(builtins)):
                if tree.id in scope:
                    return scope[tree.id]
        if isinstance(tree, ast.Attribute):
            owner = self.resolve(tree.value)
            return getattr(owner, tree.attr, None) if isinstance(owner, _TRANSPARENT) else None
        return None


def caller_expression() -> Expression | None:
    """Return the expression being evaluated in the nearest frame outside graphcore and the array libraries.

    ``None`` where its source is not available.

    >>> caller_expression().text
    'caller_expression()'
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  as in source_location
    while frame is not None and _is_between(frame):
        frame = frame.f_back
    text = None if frame is None else _source_of(frame.f_code, frame.f_lasti, frame.f_globals)
    if frame is None or text is None:
        return None
    tree = _parse(text)
    if tree is None:
        return None
    return Expression(tree, frame, dis.opname[frame.f_code.co_code[frame.f_lasti]] in _ASSIGNMENTS)


def _parse(text: str) -> ast.expr | ast.AugAssign | None:
    with contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(f"({text}\n)", mode="eval").body
    with contextlib.suppress(SyntaxError, ValueError):
        statement = ast.parse(text).body[0]
        return statement if isinstance(statement, ast.AugAssign) else None
    return None


def _is_between(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in _BETWEEN or is_internal(frame.f_code.co_filename)


def _source_of(code: CodeType, instruction: int, module: dict[str, Any]) -> str | None:
    """Return the source of the expression that an instruction evaluates."""
    positions = next(itertools.islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    first, last, start, end = positions
    if first is None or last is None or start is None or end is None:
        return None
    lines = [line.encode() for line in linecache.getlines(code.co_filename, module)[first - 1 : last]]
    if len(lines) != last - first + 1:
        return None
    lines[-1] = lines[-1][:end]  # first the end: it may be the same line, and columns count bytes
    lines[0] = lines[0][start:]
    return b"".join(lines).decode(errors="replace")
