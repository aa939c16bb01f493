"""Neurons without a response: behind a relu that is off for every example, or far out on a plateau."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal, NamedTuple

import numpy as np

from ...autodiff.executor import forward, reverse
from ...autodiff.plan import descendants, plan_for
from ...autodiff.run import Run
from ...errors import shorten
from ...graph.graph import Graph
from ...graph.node import Node
from ...operations.operation import op_of
from ..text import numbers
from .findings import Finding

#: a slope this much smaller than the steepest of its activation is on the plateau
_FLAT = 0.01
#: the fraction of dead neurons from which a layer is reported
_MANY = 0.05
#: an activation that stays below this however large its input squashes
_BOUND = 10.0
#: where an activation is tried out to see what it is
_TRIED = np.array([-1e3, -50.0, -8.0, -2.0, -1.0, -0.5, -1e-3, 1e-3, 0.5, 1.0, 2.0, 8.0, 50.0, 1e3])


class Activation(NamedTuple):
    """The kind of an activation: it cuts one side off, squashes both, or neither; and its steepest slope."""

    character: Literal["gate", "squash", "other"]
    steepest: float


def find_dead_units(run: Run) -> list[Finding]:
    """Activations of which neurons are dead or saturated for every example, layer by layer.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w, b = g.input("x", (None, 1)), g.parameter("w", [[1.0, 1.0]]), g.parameter("b", [0.0, -9.0])
    >>> run = gc.backprop(ops.sum(ops.relu(x @ w + b, name="a"), name="C"), {x: [[1.0], [2.0]]})
    >>> print(find_dead_units(run)[0].message.partition(";")[0])
    nothing comes through neuron 1 of a (1 of 2): z is −7 at most, where the slope of relu is 0
    """
    known: dict[Hashable, Activation] = {}
    found = []
    for node in run.order:
        if not is_activation(node):
            continue
        key = (node.op, repr(node.settings))
        if key not in known:
            known[key] = _tried_out(node)
        finding = None if known[key].character == "other" else _told(run, node, known[key])
        if finding is not None:
            found.append(finding)
    return found


def is_activation(node: Node) -> bool:
    """Return true for an elementwise function of one node with a local rule.

    >>> import graphcore as gc, ops
    >>> z = gc.Graph().input("z", (3,))
    >>> is_activation(ops.relu(z)), is_activation(ops.softmax(z)), is_activation(z)
    (True, False, False)
    """
    if node.op is None or len(node.inputs) != 1 or not node.type.is_float:
        return False
    rule = op_of(node).rule_for(node.arguments[0])
    return rule is not None and rule.kind == "local" and op_of(node).is_elementwise


def _told(run: Run, node: Node, activation: Activation) -> Finding | None:
    source = node.inputs[0]
    local = run.edge(source, node, node.arguments[0]).local
    if local is None or 0 in local.shape:
        return None
    # a neuron is an entry of the last axis, and everything before it are examples
    neurons = local.shape[-1] if local.shape else 1
    slopes = np.abs(np.asarray(local, dtype=float)).reshape(-1, neurons)
    values = np.broadcast_to(np.asarray(run.value[source], dtype=float), local.shape).reshape(-1, neurons)
    flat = slopes == 0 if activation.character == "gate" else slopes < _FLAT * activation.steepest
    which = np.flatnonzero(np.all(flat, axis=0))
    # that a neuron is off for one example is how a network works, and that all of them are is not
    if len(which) < (neurons if len(slopes) == 1 else max(1, _MANY * neurons)):
        return None
    name, op, place = _called(source), op_of(node).name, (int(which[0]),) if local.shape else ()
    who = _who(node, which, neurons)
    if activation.character == "gate":
        most = numbers.format_number(values[:, which].max())
        message = f"nothing comes through {who}: {name} is {most} at most, where the slope of {op} is 0"
        return Finding("dead", node, f"{message}; {node.describe()}", place, 0.0)
    mean, least = float(slopes[:, which].mean()), numbers.format_number(np.abs(values[:, which]).min())
    message = (
        f"almost nothing comes back through {who}: |{name}| is {least} or more, "
        f"where the slope of {op} is {numbers.format_number(mean)} on average; at its steepest it is "
        f"{numbers.format_number(activation.steepest)}"
    )
    return Finding("saturated", node, f"{message}; {node.describe()}", place, mean)


def _who(node: Node, which: Any, of: int) -> str:
    """Return the neurons that a message is about."""
    label = shorten(node.label, 24)
    if of == 1:
        return label
    if len(which) == of:
        return f"any of the {of} neurons of {label}"
    names = ", ".join(str(i) for i in which[:5]) + (", …" if len(which) > 5 else "")
    return f"neuron{'s' * (len(which) > 1)} {names} of {label} ({len(which)} of {of})"


def _called(node: Node) -> str:
    return shorten(node.label, 24) if node.name is not None else "z"


def _tried_out(node: Node) -> Activation:
    other = Activation("other", 0.0)
    try:
        values, slopes = _curve(node)
    except Exception:  # noqa: BLE001  an operation of whatever kind may not be for these numbers
        return other
    if not np.all(np.isfinite(values)) or not np.all(np.isfinite(slopes)):
        return other
    steepest = float(np.max(np.abs(slopes)))
    left, right = slopes[: len(slopes) // 2], slopes[len(slopes) // 2 :]
    if (np.all(left == 0) and np.all(right != 0)) or (np.all(right == 0) and np.all(left != 0)):
        return Activation("gate", steepest)
    one_way = np.all(slopes >= 0) or np.all(slopes <= 0)
    bounded = max(abs(values[0]), abs(values[-1])) < _BOUND and abs(values[-1] - values[0]) > 0
    return Activation("squash", steepest) if one_way and bounded and steepest > 0 else other


def _curve(node: Node) -> tuple[Any, Any]:
    """Values and slopes of the activation over the numbers it is tried at."""
    graph = Graph("activation")
    z = graph.input("z", _TRIED.shape)
    out = op_of(node)(z, **node.settings)
    values: dict[Node, Any] = {z: _TRIED}
    order = plan_for(graph, (out,))
    forward(order, values, np)
    found = reverse(order, values, np.ones_like(_TRIED), np, descendants([z], order))
    return np.asarray(values[out]), np.asarray(found.get(z, np.zeros_like(_TRIED)))
