"""Trace a function twice, so that what changes from call to call is found before a program freezes it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from ..errors import GraphError, shorten
from ..graph.node import Node
from ..operations.fingerprint import describe
from ..operations.operation import op_of
from ..support import pytree
from .tracing import Traced, trace_at


def trace_twice(f: Callable[..., Any], args: tuple[Any, ...]) -> Traced:
    """Return the graph of a function of arrays. Raises `GraphError`, with the line, if a second one is another.

    >>> import itertools, ops
    >>> print(trace_twice(lambda x: 2.0 * x, (1.0,)))
    <<lambda> traced: 3 nodes>
    >>> count = itertools.count()
    >>> trace_twice(lambda x: next(count) * x, (1.0,))
    Traceback (most recent call last):
    graphcore.errors.GraphError: <lambda> changes from call to call at ...:1: the constant 0 was 1 the second time...
    """
    first, second = (trace_at(f, args, range(len(args)), {}) for _ in range(2))
    name = getattr(f, "__name__", type(f).__name__)
    for one, other in zip_longest(first.graph.nodes, second.graph.nodes):
        if one is None or other is None or _describe(one) != _describe(other):
            raise GraphError(_message(name, one, other))
    outputs = (pytree.map_leaves(_describe_leaf, traced.output) for traced in (first, second))
    if repr(next(outputs)) != repr(next(outputs)):
        raise GraphError(f"{name} changes from call to call: it returned other numbers the second time; {_ADVICE}")
    return first


_ADVICE = (
    "a compiled program would keep the first; pass what changes as an argument, or compute it in an operation made by "
    "gc.op(pure=False)"
)


def _describe(node: Node) -> Any:
    """Return a description of a node that is equal for equal nodes of two graphs."""
    made = describe(node.data) if node.kind == "constant" else None
    if node.op is not None:
        made = node.op.name, op_of(node).fingerprint, [s.index for s in node.inputs], describe(node.settings)
    return node.kind, node.type, node.arguments, made


def _describe_leaf(leaf: Any) -> Any:
    return leaf.index if isinstance(leaf, Node) else describe(leaf)


def _message(name: str, one: Node | None, other: Node | None) -> str:
    found = next(node for node in (one, other) if node is not None)
    if one is None or other is None:
        what = f"{found.describe()}, is in one of two calls alone"
    elif (one.kind, one.type) == (other.kind, other.type) and one.kind == "constant":
        what = f"the constant {_shown(one)} was {_shown(other)} the second time"
    else:
        what = f"{one!r} was {other!r} the second time"
    return f"{name} changes from call to call at {found.origin}: {what}; {_ADVICE}"


def _shown(node: Node) -> str:
    return str(node.data.item()) if node.size == 1 else shorten(repr(node.data))
