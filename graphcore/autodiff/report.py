"""A run as a plain text table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays.shaped_array import show_shape
from ..errors import shorten
from ..graph.node import Node
from ..support.number_format import format_number

_MOST_ROWS = 60


def number(value: Any, digits: int = 5) -> str:
    """Return a number as people read it.

    >>> number(0.1234567), number(-1234567.0), number(3.0), number(float("nan"))
    ('0.12346', '-1.2346e+06', '3', 'nan')
    """
    return format_number(value, digits, "ascii")


def summary(array: Any) -> str:
    """Return a value in one cell: the number itself, or an array's shape and size.

    >>> summary(np.array([3.0, 4.0]))
    '(2,) rms 3.5355'
    """
    if array.shape == ():
        return number(array)
    if 0 in array.shape:
        return f"{show_shape(tuple(array.shape))} empty"
    host = np.asarray(array, dtype="float64")
    return f"{show_shape(tuple(array.shape))} rms {number(np.sqrt(np.mean(host**2)))}"


def _gradient(node: Node, grad: Mapping[Node, Any]) -> str:
    """Return the gradient in one cell, or the reason why it is absent."""
    if not node.type.is_float:
        return "none"
    return summary(grad[node]) if node in grad else "no rule"


def table(output: Node, value: Mapping[Node, Any], grad: Mapping[Node, Any]) -> str:
    """Return every node with its value and gradient, in order of computation."""
    nodes = list(value)
    shown = nodes if len(nodes) <= _MOST_ROWS else [*nodes[: _MOST_ROWS // 2], *nodes[-_MOST_ROWS // 2 :]]
    rows = [(shorten(n.label, 40), summary(value[n]), _gradient(n, grad)) for n in shown]
    left = max(len(row[0]) for row in rows)
    middle, right = (max(len(head), *(len(row[i]) for row in rows)) for i, head in ((1, "value"), (2, "gradient")))
    # a name longer than the rest does not push the numbers of all others away
    lines = [f"{output.label} = {number(value[output])} in graph {shorten(output.graph.name)!r}"]
    lines.append(f"{'':{left}}  {'value':>{middle}}  {'gradient':>{right}}")
    lines += [f"{name:{left}}  {shown_value:>{middle}}  {gradient:>{right}}" for name, shown_value, gradient in rows]
    if len(shown) < len(nodes):
        lines.insert(2 + _MOST_ROWS // 2, f"... {len(nodes) - len(shown)} more nodes ...")
    return "\n".join(lines)
