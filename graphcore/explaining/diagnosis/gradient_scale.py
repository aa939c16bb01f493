"""Gradients that shrink or grow in the backward pass through the layers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...autodiff.run import Run
from ...errors import shorten
from ...graph.node import Node
from ..text import numbers
from ..text.symbols import gradient_symbol
from .findings import Finding, Kind
from .gradient_size import gradient_size, worst_pair
from .repeated_uses import find_uneven_uses


def find_uneven_layers(run: Run, non_finite: Sequence[Finding] = ()) -> list[Finding]:
    """Parameters whose gradients are smaller or larger than those of the layers nearer to the cost, by 10 000 and more.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> a = g.input("x")
    >>> for layer in range(1, 13):
    ...     a = ops.sigmoid(a * g.parameter(f"w{layer}", 1.0), name=f"a{layer}")
    >>> for finding in find_uneven_layers(gc.backprop(ops.square(a, name="C"), {"x": 1.0})):
    ...     print(finding.kind, finding.node.name)
    vanishing w1
    """
    if non_finite:
        return []  # sizes say nothing where numbers are missing
    like: dict[int, list[tuple[Node, float]]] = {}  # weights are compared with weights, and biases with biases
    for node in run.order:
        if node.kind == "parameter" and (size := gradient_size(run, node)) > 0:
            like.setdefault(node.ndim, []).append((node, size))
    found = []
    kinds: tuple[Kind, ...] = "vanishing", "exploding"
    for kind in kinds:
        worst = [one for sizes in like.values() if (one := worst_pair(sizes, kind)) is not None]
        if worst:  # one finding is enough: that of the larger arrays
            found.append(_told(run, kind, *max(worst, key=lambda one: one[0].ndim)))
        elif finding := find_uneven_uses(run, kind):
            found.append(finding)
    return found


def _told(run: Run, kind: Kind, node: Node, size: float, later: Node, later_size: float, count: int) -> Finding:
    symbol, other = gradient_symbol(run, node), gradient_symbol(run, later)
    ratio = size / later_size
    also = f", and so {'do' if count > 2 else 'does'} {count - 1} more" if count > 1 else ""
    verb = "shrinks" if kind == "vanishing" else "grows"
    message = (
        f"{symbol} is {numbers.format_number(size)} in size, {numbers.format_number(ratio)} times that of {other}, "
        f"{numbers.format_number(later_size)}{also}: from {shorten(later.label)} back to {shorten(node.label)} the "
        f"gradient {verb}{_between(run, node, later, ratio)}; {node.describe()}"
    )
    return Finding(kind, node, message, None, size)


def _between(run: Run, node: Node, later: Node, ratio: float) -> str:
    """Return the number of layers between, and the average ratio of each."""
    steps = _layers_between(run, node, later)
    if steps < 2:
        return ""
    each = math.exp(math.log(ratio) / steps)
    return f" over {steps} layers, to {numbers.format_number(each)} of itself in each"


def _layers_between(run: Run, node: Node, later: Node) -> int:
    """Return the number of parameters from one to the other."""
    parameters = [n for n in run.order if n.kind == "parameter" and n.ndim == node.ndim]
    if node not in parameters or later not in parameters:
        return 0
    return abs(parameters.index(later) - parameters.index(node))
