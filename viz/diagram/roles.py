"""What part each node plays: input, parameter, constant, operation, target or cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from graphcore import Node

Role = Literal["input", "parameter", "constant", "op", "target", "cost", "output"]


def targets_of(order: Sequence[Node]) -> set[Node]:
    """The inputs that hold what the network should have said, found by how they are used.

    A target meets only computed values that depend on parameters (the prediction), and after that no other input or
    parameter comes in: what follows is the cost. ``order`` has arguments before results.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, y, w = g.input("x"), g.input("y"), g.parameter("w", 2.0)
    >>> C = ops.squared_error(ops.tanh(w * x), y)
    >>> [n.name for n in targets_of(g.nodes)]
    ['y']
    """
    learned: set[Node] = set()
    consumers: dict[Node, list[Node]] = {}
    for node in order:
        if node.kind == "parameter" or any(source in learned for source in node.inputs):
            learned.add(node)
        for source in node.inputs:
            consumers.setdefault(source, []).append(node)
    # backwards: does any input or parameter come in at or after this node, and which is the first
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


def inlined(nodes: Iterable[Node]) -> set[Node]:
    """The constants that stand in a formula as plain numbers and need no box: ``2`` in ``2 · x``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x") * 2.0 + g.constant(1.0, name="one")
    >>> [float(n.value) for n in inlined(g.nodes)]
    [2.0]
    """
    return {n for n in nodes if n.kind == "constant" and n.name is None and n.size == 1}


def role_of(node: Node, cost: Node | None, targets: set[Node], *, has_run: bool) -> Role:
    """The part a node plays in a picture.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> role_of(x, None, set(), has_run=True), role_of(x, None, {x}, has_run=True)
    ('input', 'target')
    """
    if node is cost and node.op is not None:
        return "cost" if has_run else "output"
    return "target" if node in targets else node.kind
