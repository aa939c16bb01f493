"""Parts of a network whose values are computed twice rather than kept in between."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from ..errors import GraphError
from ..support.pytree import leaves
from .node import Node


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, the values inside of which are not kept for the walk backward but computed again.

    ``f`` makes nodes of nodes. What it makes is a part of the graph like any other, and no number changes. But
    `backprop` with ``keep``, and a compiled step, forget the values inside once the results are known, and compute
    them anew when the gradient gets there: a chain of n operations in parts of √n needs memory for about 2√n values
    instead of n, for one more walk forward (Griewank and Walther, Evaluating Derivatives, 2008, chapter 12). Parts
    within parts are one part. Raises `GraphError` if no argument is a node.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> a = gc.checkpoint(lambda x: ops.tanh(w * x))(x)
    >>> run = gc.backprop(ops.square(a, name="C"), {x: 0.25}, keep=[])
    >>> round(float(run.grad[w]), 6)
    0.181715
    """

    @functools.wraps(f, updated=())
    def within(*args: Any, **named: Any) -> Any:
        nodes = [leaf for leaf in leaves((args, named)) if isinstance(leaf, Node)]
        if not nodes:
            raise GraphError("checkpoint: none of the arguments is a node; it says how a graph is run, and makes none")
        graph = nodes[0].graph
        first = len(graph)
        result = f(*args, **named)
        graph.parts.add(first, len(graph))
        return result

    return within


class Parts:
    """The checkpointed parts of a graph, each a run of nodes that were made one after the other.

    >>> parts = Parts()
    >>> parts.add(3, 5)
    >>> parts.add(2, 6)  # around the first
    >>> parts.add(8, 9)
    >>> parts.of(4), parts.of(6), parts.of(8), len(parts)
    (0, None, 1, 2)
    """

    def __init__(self) -> None:
        self._first: list[int] = []
        self._end: list[int] = []

    def add(self, first: int, end: int) -> None:
        """The nodes made from one number on and before another are a part; parts inside of it are no more."""
        while self._first and self._first[-1] >= first:
            self._first.pop()
            self._end.pop()
        if end > first:
            self._first.append(first)
            self._end.append(end)

    def of(self, index: int) -> int | None:
        """The number of the part in which a node lies; ``None`` for a node outside."""
        number = bisect_right(self._first, index) - 1
        return number if number >= 0 and index < self._end[number] else None

    def __len__(self) -> int:
        return len(self._first)

    def state(self) -> list[tuple[int, int]]:
        """The parts as plain numbers, for a copy."""
        return list(zip(self._first, self._end, strict=True))
