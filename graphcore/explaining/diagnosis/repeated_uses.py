"""Gradients that shrink or grow from one use of a parameter back to the use before, as in a recurrent network.

The gradient of the parameter is the sum over its uses, which hides that the early ones contribute nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from ...autodiff.plan import descendants
from ...autodiff.run import Run
from ...errors import shorten
from ...graph.node import Node
from ..text import numbers
from ..text.symbols import gradient_symbol
from .findings import Finding, Kind
from .gradient_size import gradient_size, worst_pair

#: from so many uses on a parameter is used again and again
_FEWEST = 3


def find_uneven_uses(run: Run, kind: Kind) -> Finding | None:
    """Return the worst pair of uses of one parameter, the later made of the earlier, by 10 000 and more; or ``None``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, h = g.parameter("w", 0.3), 0.0
    >>> for step in range(20):
    ...     h = ops.tanh(w * h + 0.5, name=f"h{step}")
    >>> finding = find_uneven_uses(gc.backprop(ops.square(h, name="C")), "vanishing")
    >>> finding.node.name, f"{finding.value:.1e}"
    ('w', '1.4e-13')
    """
    worst, rank = None, (-1, 0.0)
    for parameter, uses in _uses(run):
        sizes = [(use, size) for use in uses if (size := gradient_size(run, use)) > 0]
        pair = worst_pair(sizes, kind) if len(sizes) > 1 else None
        if pair is None or pair[2] not in descendants([pair[0]], run.order):
            continue  # uses side by side may differ as they like
        apart = max(pair[1] / pair[3], pair[3] / pair[1])
        if (parameter.ndim, apart) > rank:  # weights before biases
            worst, rank = _told(run, kind, parameter, uses, *pair[:4]), (parameter.ndim, apart)
    return worst


def _uses(run: Run) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each parameter with the nodes that combine it with something else, alike in operation and shape.

    What is made of the parameter and constants alone, such as its transpose, stands for the parameter.
    """
    owner: dict[Node, Node] = {node: node for node in run.order if node.kind == "parameter"}
    uses: dict[tuple[Node, str, tuple[int, ...]], list[Node]] = defaultdict(list)
    for node in run.order:
        others = [source for source in node.inputs if source.kind != "constant"]
        owners = dict.fromkeys(owner[source] for source in others if source in owner)
        if len(others) == 1 and owners:
            owner[node] = owner[others[0]]
        elif node.op is not None:
            for parameter in owners:
                uses[parameter, node.op.name, np.shape(run.value[node])].append(node)
    for (parameter, _, _), alike in uses.items():
        if len(alike) >= _FEWEST:
            yield parameter, alike


def _told(
    run: Run, kind: Kind, parameter: Node, uses: list[Node], early: Node, size: float, later: Node, later_size: float
) -> Finding:
    symbol, other = gradient_symbol(run, early), gradient_symbol(run, later)
    between = uses.index(later) - uses.index(early)
    each = math.exp(math.log(size / later_size) / between)
    verb, how = ("shrinks", "little") if kind == "vanishing" else ("grows", "almost all")
    message = (
        f"{shorten(parameter.label)} is used {len(uses)} times, one after the other: {symbol} is "
        f"{numbers.format_number(size)} in size, {numbers.format_number(size / later_size)} times that of {other}, "
        f"{numbers.format_number(later_size)}; from use {uses.index(later) + 1} back to use {uses.index(early) + 1} "
        f"the gradient {verb} to {numbers.format_number(each)} of itself from one use to the one before, so the early "
        f"uses contribute {how} of the gradient of {shorten(parameter.label)}; {parameter.describe()}"
    )
    return Finding(kind, parameter, message, None, size)
