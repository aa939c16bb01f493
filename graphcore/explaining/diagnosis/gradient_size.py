"""The sizes of gradients, and the one that is out of scale beside a later one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...autodiff.run import Run
from ...graph.node import Node
from .findings import Kind

#: the ratio of gradients from which it is reported
FACTOR = 1e4


def worst_pair(sizes: Sequence[tuple[Node, float]], kind: Kind) -> tuple[Node, float, Node, float, int] | None:
    """Return the node that is worst off beside a later one: both, their sizes, and how many are like it.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> nodes = [g.input(name) for name in "abc"]
    >>> worst_pair(list(zip(nodes, [1e-6, 1e-3, 1.0])), "vanishing")
    (<a (input): float64 ()>, 1e-06, <c (input): float64 ()>, 1.0, 1)
    """
    best: tuple[Node, float, Node, float] | None = None
    later, later_size = sizes[-1]
    count = 0
    for node, size in reversed(sizes[:-1]):
        ratio = later_size / size if kind == "vanishing" else size / later_size
        if ratio >= FACTOR:
            count += 1
            worst = None if best is None else (best[3] / best[1] if kind == "vanishing" else best[1] / best[3])
            if worst is None or ratio > worst:
                best = (node, size, later, later_size)
        if size >= later_size if kind == "vanishing" else size <= later_size:
            later, later_size = node, size
    return None if best is None else (*best, count)


def gradient_size(run: Run, node: Node) -> float:
    """Return the root of the mean square of a gradient, without overflowing; 0 without a gradient or a finite size.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [3e200, 4e200])
    >>> f"{gradient_size(gc.backprop(ops.sum(w * w)), w):.3g}"
    '7.07e+200'
    """
    if node not in run.grad:
        return 0.0
    host = np.abs(np.asarray(run.grad[node], dtype=float))
    largest = float(np.max(host, initial=0.0))
    if not 0 < largest < math.inf:
        return 0.0
    return largest * float(np.sqrt(np.mean((host / largest) ** 2)))
