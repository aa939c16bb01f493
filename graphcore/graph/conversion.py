"""Advice for an expression that would convert a node to a number: the line to write instead."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..arrays.registry import registry
from ..errors import shorten
from ..support.source_expression import Expression, caller_expression
from .numpy import ALIASES, IMPLEMENTATIONS

#: advice for an expression without a line of its own
_GENERAL = (
    "gc.evaluate({label}, feed) gives it; inside the network, use numpy's functions and ops, which take nodes, and "
    "np.stack([a, b]), which makes one node of several"
)
_CONVERTERS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray)
_SIZED = (range, slice, np.zeros, np.ones, np.empty, np.eye, np.identity, np.arange, np.linspace)
_CASTS = {float: "float64", int: "int64", np.float64: "float64", np.float32: "float32", np.int64: "int64"}
_LISTS = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp)
_COMPARING = {max: ("np.maximum", "np.max"), min: ("np.minimum", "np.min")}
#: functions of math that numpy calls otherwise
_OF_MATH = {"fabs": "abs", "fsum": "sum"}


def conversion_message(label: str, description: str) -> str:
    """Return the message for a node in the place of a number, with the line to write instead.

    >>> import graphcore as gc, ops
    >>> s = gc.Graph().input("s")
    >>> math.sin(s + 1)
    Traceback (most recent call last):
    graphcore.errors.NoValueError: `math.sin(s + 1)`: ... has no number until it runs; write np.sin(s + 1)
    """
    expression = caller_expression()
    advice = None if expression is None else _advice(expression)
    where = "" if expression is None else f"`{shorten(expression.text)}`: "
    what = f"expected a number, got {description}, which" if where else f"{description},"
    return f"{where}{what} has no number until it runs; {advice or _GENERAL.format(label=label)}"


def decision_advice() -> str:
    """Return the line to write instead of a decision by Python that needs a value.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> max(g.input("a"), g.input("b"))
    Traceback (most recent call last):
    graphcore.errors.NoValueError: ... write np.maximum(g.input('a'), g.input('b'))
    """
    general = "use where(condition, a, b), maximum or minimum, which decide when the graph runs"
    expression = caller_expression()
    if expression is None or not isinstance(expression.tree, ast.Call) or not expression.tree.args:
        return general
    function, args = expression.resolve(expression.tree.func), expression.tree.args
    if _is_one_of(function, _COMPARING):
        of_two, of_many = _COMPARING[function]
        if len(args) == 1:
            return f"write {of_many}({_stack(expression, args[0])})"
        return f"write {of_two}({_join(args)})" if len(args) == 2 else f"write {of_many}({_stack_of(args)})"
    if _is_one_of(function, (any, all)):
        return f"write np.{function.__name__}({_stack(expression, args[0])})"
    return f"write np.sort({_stack(expression, args[0])})" if function is sorted else general


def _advice(expression: Expression) -> str | None:
    tree = expression.tree
    if isinstance(tree, ast.Subscript):
        return _advice_for_index(expression, tree)
    if isinstance(tree, ast.Call):
        return _advice_for_call(expression, tree)
    if isinstance(tree, ast.BinOp):
        sides = [_stack(expression, side) if _is_list(expression, side) else None for side in (tree.left, tree.right)]
        found = [side for side in sides if side is not None]
        return f"write {found[0]} for the list" if found else None
    return None


def _advice_for_index(expression: Expression, tree: ast.Subscript) -> str:
    held, key = ast.unparse(tree.value), ast.unparse(tree.slice)
    if expression.is_assigned:
        return f"arrays hold numbers: make {held} of its parts with np.stack, np.concatenate or np.where"
    if _is_list(expression, tree.value):
        return f"write ops.take({_stack(expression, tree.value)}, {key}, axis=0)"
    return f"write ops.take({held}, {key}, axis=0)"


def _advice_for_call(expression: Expression, call: ast.Call) -> str | None:
    function, args, every = expression.resolve(call.func), call.args, [*call.args, *call.keywords]
    name = getattr(function, "__name__", call.func.attr if isinstance(call.func, ast.Attribute) else "")
    first = args[0] if args else None
    if _is_one_of(function, _SIZED):
        return "lengths are integers that are known before a run, such as x.shape[0]"
    if _is_one_of(function, _CONVERTERS) and first is not None:
        if _is_list(expression, first):
            return f"write {_stack(expression, first)}"
        return f"write {ast.unparse(first)} itself, which takes the place of an array; gc.evaluate gives its numbers"
    if _is_one_of(function, _CASTS) and first is not None:
        return f"gc.evaluate gives it; inside the network write {_in_parentheses(first)}.astype('{_CASTS[function]}')"
    if function is np.full and len(args) >= 2:
        return f"write np.broadcast_to({ast.unparse(args[1])}, {ast.unparse(args[0])})"
    if isinstance(getattr(function, "__self__", None), np.ndarray) and isinstance(call.func, ast.Attribute):
        return _advice_for_method(name, call.func.value, every)
    if getattr(function, "__module__", None) == "math":
        return _advice_for_math(expression, name, args)
    if first is not None and _is_list(expression, first):
        rest = every[1:]
        return f"write {ast.unparse(call.func)}({', '.join([_stack(expression, first), *map(ast.unparse, rest)])})"
    return _advice_for_name(name, every, unlike=function)


def _advice_for_method(name: str, owner: ast.expr, args: list[Any]) -> str | None:
    if name == "dot":
        return f"write {_in_parentheses(owner)} @ {_in_parentheses(args[0])}"
    return _advice_for_name(name, [owner, *args], unlike=getattr(np, name, None))


def _advice_for_math(expression: Expression, name: str, args: list[ast.expr]) -> str | None:
    if name == "log" and len(args) == 2:
        return f"write np.log({ast.unparse(args[0])}) / np.log({ast.unparse(args[1])})"
    if name == "dist":
        return f"write np.linalg.norm({_in_parentheses(args[0])} - {_in_parentheses(args[1])})"
    if args and _is_list(expression, args[0]):
        return f"write np.{_OF_MATH.get(name, name)}({_stack(expression, args[0])})"
    return _advice_for_name(_OF_MATH.get(name, name), args)


def _advice_for_name(name: str, args: list[Any], unlike: Any = None) -> str | None:
    """Return the call of the operation of a name, other than the one that failed; ``None`` without one."""
    spelled = spelling_for_nodes(name, unlike)
    if spelled is not None:
        return f"write {spelled}({_join(args)})"
    if not name.isidentifier() or name.startswith("_") or hasattr(math, name):
        return None
    return f"no operation {name!r} is registered: write it with those that 'graphcore ops' lists, or make one by @gc.op"


def spelling_for_nodes(name: str, unlike: Any = None) -> str | None:
    """Return how a function that takes nodes is called, other than one; ``None`` without one.

    >>> import ops
    >>> spelling_for_nodes("tan"), spelling_for_nodes("inv"), spelling_for_nodes("logsumexp"), spelling_for_nodes("kv")
    ('np.tan', 'np.linalg.inv', 'ops.logsumexp', None)
    """
    operation = ALIASES.get(name, name)
    is_known = operation in registry or operation in registry.functions
    for module, prefix in ((np, "np."), (np.linalg, "np.linalg.")):
        function: Callable[..., Any] | None = getattr(module, name, None)
        if callable(function) and function is not unlike and (is_known or function in IMPLEMENTATIONS):
            return prefix + name
    return f"ops.{operation}" if is_known else None


def _is_one_of(function: Any, those: Iterable[Any]) -> bool:
    return any(function is one for one in those)


# -- source text


def _is_list(expression: Expression, tree: ast.expr) -> bool:
    return isinstance(tree, _LISTS) or isinstance(expression.resolve(tree), (list, tuple))


def _stack(expression: Expression, tree: ast.expr) -> str:
    """Return the source of the node that a list of nodes, or of such lists, was to become; a node stays itself."""
    if not _is_list(expression, tree):
        return ast.unparse(tree)
    if isinstance(tree, ast.GeneratorExp):
        tree = ast.ListComp(tree.elt, tree.generators)
    if isinstance(tree, (ast.List, ast.Tuple)):
        return f"np.stack([{', '.join(_stack(expression, one) for one in tree.elts)}])"
    return f"np.stack({ast.unparse(tree)})"


def _stack_of(args: list[ast.expr]) -> str:
    return f"np.stack([{_join(args)}])"


def _join(args: list[Any]) -> str:
    return ", ".join(map(ast.unparse, args))


def _in_parentheses(tree: ast.expr) -> str:
    simple = isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
    return ast.unparse(tree) if simple else f"({ast.unparse(tree)})"
