"""What a few nodes come to for many values of another at once: one walk through the graph, on arrays of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.extend import descendants

#: a node that is not computed entry by entry costs as much as so many in a compiled replay
_DEAR = 8
#: arrays of more entries than this are better computed one value after the other
_SMALL = 256


class Sweep:
    """Computes the values of some nodes of a run for many values of another.

    Operations that work entry by entry do so on all values at once, along an axis that is put before those of the run;
    the rest, say the mean at the end, is computed for one value after the other.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(3 * w, name="C"))
    >>> sweep = Sweep(run, w, [run.output])
    >>> sweep.pays, [[float(value) for value in found] for found in sweep([np.float64(1.0), np.float64(-2.0)])]
    (True, [[9.0], [36.0]])
    """

    def __init__(self, run: Run, changed: Node, asked: Sequence[Node]) -> None:
        self.changed, self.asked = changed, list(asked)
        after = descendants([changed], run.order)
        between = [node for node in run.order if node in after and node is not changed]
        mixing = descendants([node for node in between if not _is_elementwise(node)], between)
        self._together = [node for node in between if node not in mixing]
        self._apart = [node for node in between if node in mixing]
        shapes = [tuple(run.value[node].shape) for node in (changed, *between)]
        #: whether it is faster than a compiled program that is called once for each value
        self.pays = (
            run.xp is np
            and max(int(np.prod(shape)) for shape in shapes) <= _SMALL
            and _DEAR * len(self._apart) < len(self._together)
        )
        if self.pays:
            sources = dict.fromkeys(source for node in between for source in node.inputs)
            self._around = {node: run.value[node] for node in sources if node not in after}
            self._axes = max(len(shape) for shape in (*shapes, *(np.shape(v) for v in self._around.values())))
            needed = dict.fromkeys([*(source for node in self._apart for source in node.inputs), *self.asked])
            self._entering = [node for node in needed if node in after and node not in mixing]
            self._beside = {node: self._around[node] for node in needed if node in self._around}
            self._shape = dict(zip((changed, *between), shapes, strict=True))

    def __call__(self, values: Sequence[Any]) -> list[list[Any]]:
        """The values of the nodes that were asked for, for each of these."""
        ones = (1,) * (self._axes - len(self._shape[self.changed]))
        known = {**self._around, self.changed: np.stack(values).reshape(len(values), *ones, *self._shape[self.changed])}
        _compute(self._together, known)
        lined_up = {node: known[node].reshape(len(values), *self._shape[node]) for node in self._entering}
        found = []
        for place in range(len(values)):
            alone = self._beside | {node: every[place] for node, every in lined_up.items()}
            _compute(self._apart, alone)
            found.append([alone[node] for node in self.asked])
        return found


def _is_elementwise(node: Node) -> bool:
    return node.op is not None and node.op.is_elementwise


def _compute(nodes: Sequence[Node], values: dict[Node, Any]) -> None:
    with np.errstate(all="ignore"):
        for node in nodes:
            arguments = [values[source] for source in node.inputs]
            result = node.op.compute(arguments, node.arguments, node.settings, np)  # type: ignore[union-attr]
            values[node] = np.asarray(result).astype(node.dtype, copy=False)
