"""Regions of a network whose values are computed twice rather than kept in between."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..errors import GraphError
from ..support.pytree import leaves
from .node import Node


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same function, the values inside of which are not kept for the backward pass but recomputed.

    ``f`` makes nodes of nodes. What it makes is a region of the graph like any other, and no number changes. But
    `backprop` with ``keep``, and a compiled step, drop the values inside once the results are known, and compute
    them anew when the gradient gets there: a chain of n operations in regions of √n needs memory for about 2√n values
    instead of n, for one more forward pass (Griewank and Walther, Evaluating Derivatives, 2008, chapter 12). Regions
    within regions are one region. Raises `GraphError` if no argument is a node.

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
            raise GraphError("checkpoint: expected a node among the arguments, since it marks a region of a graph")
        with nodes[0].graph.checkpoint_region():
            return f(*args, **named)

    return within
