"""Refusal of numpy's functions that write into an array, with the line that makes a new node instead."""

from __future__ import annotations

import ast
from typing import NoReturn

import numpy as np

from ...errors import DtypeError, shorten
from ...support.source_expression import Expression, caller_expression

#: functions that write into their first argument
WRITING = (np.copyto, np.put, np.putmask, np.place, np.fill_diagonal, np.put_along_axis)
_GENERAL = "make a new node, with np.where(mask, value, x), np.concatenate or np.stack"


def refuse_writing(name: str) -> NoReturn:
    """Raise the error for a function that would write a node into an array, or into a node.

    >>> import graphcore as gc, ops
    >>> x, total = gc.Graph().input("x", (3,)), np.zeros(3)
    >>> total += x
    Traceback (most recent call last):
    graphcore.errors.DtypeError: `total += x`: expected arrays, got a node, which is never changed and stands for no \
numbers yet; write total = total + x
    """
    expression = caller_expression()
    text = name if expression is None else shorten(ast.unparse(expression.tree))
    advice = _GENERAL if expression is None else _advice(expression) or _GENERAL
    raise DtypeError(
        f"`{text}`: expected arrays, got a node, which is never changed and stands for no numbers yet; {advice}"
    )


def _advice(expression: Expression) -> str | None:
    tree = expression.tree
    if isinstance(tree, ast.AugAssign):
        target = ast.unparse(tree.target)
        return f"write {target} = {ast.unparse(ast.BinOp(ast.Name(target), tree.op, tree.value))}"
    if not isinstance(tree, ast.Call):
        return None
    out = next((keyword.value for keyword in tree.keywords if keyword.arg == "out"), None)
    if out is not None:
        kept = [keyword for keyword in tree.keywords if keyword.arg != "out"]
        target = f"{ast.unparse(out)} = " if isinstance(out, (ast.Name, ast.Attribute)) else ""
        return f"write {target}{ast.unparse(ast.Call(tree.func, tree.args, kept))}"
    args = [ast.unparse(arg) for arg in tree.args]
    if expression.resolve(tree.func) is np.full_like and len(args) > 1:
        return f"write np.broadcast_to({args[1]}, {args[0]}.shape)"
    if expression.resolve(tree.func) == np.add.at and len(args) == 3:
        return f"write {args[0]} = {args[0]} + ops.scatter_add({args[2]}, {args[0]}, {args[1]}, axes=(0,))"
    return None
