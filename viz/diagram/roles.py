"""Roles of nodes: input, parameter, constant, operation, target or cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from graphcore import Node

Role = Literal["input", "parameter", "constant", "op", "target", "cost", "output"]


def find_targets(order: Sequence[Node]) -> set[Node]:
    """Return the inputs that hold targets, inferred from their uses.

    A target is combined only with computed values that depend on parameters (the prediction), and no other input or
    parameter enters after that: the rest is the cost. ``order`` has arguments before results.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, y, w = g.input("x"), g.input("y"), g.parameter("w", 2.0)
    >>> C = ops.squared_error(ops.tanh(w * x), y)
    >>> [n.name for n in find_targets(g.nodes)]
    ['y']
    """
    learned: set[Node] = set()
    consumers: dict[Node, list[Node]] = {}
    for node in order:
        if node.kind == "parameter" or any(source in learned for source in node.inputs):
            learned.add(node)
        for source in node.inputs:
            consumers.setdefault(source, []).append(node)
    # in reverse: True if another input or parameter enters in or after a consumer of this node
    later: dict[Node, bool] = {}
    for node in reversed(order):
        later[node] = any(later[c] or _takes_leaf(c, node) for c in consumers.get(node, ()))
    return {
        node
        for node in order
        if node.kind == "input"
        and node in consumers
        and all(_meets_prediction(c, node, learned) and not later[c] for c in consumers[node])
    }


def _takes_leaf(consumer: Node, besides: Node) -> bool:
    return any(s is not besides and s.kind in ("input", "parameter") for s in consumer.inputs)


def _meets_prediction(consumer: Node, node: Node, learned: set[Node]) -> bool:
    others = [s for s in consumer.inputs if s is not node]
    return bool(others) and all(s.op is not None and s in learned for s in others)


def find_inlined(nodes: Iterable[Node]) -> set[Node]:
    """Return the constants that are written as plain numbers and need no box: ``2`` in ``2 · x``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x") * 2.0 + g.constant(1.0, name="one")
    >>> [float(n.value) for n in find_inlined(g.nodes)]
    [2.0]
    """
    return {n for n in nodes if n.kind == "constant" and n.name is None and n.size == 1}


def assign_role(node: Node, cost: Node | None, targets: set[Node], *, has_run: bool) -> Role:
    """Return the role of a node in a picture.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> assign_role(x, None, set(), has_run=True), assign_role(x, None, {x}, has_run=True)
    ('input', 'target')
    """
    if node is cost and node.op is not None:
        return "cost" if has_run else "output"
    return "target" if node in targets else node.kind
