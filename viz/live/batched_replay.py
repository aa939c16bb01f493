"""Values of a few nodes for many values of one node at once: one walk through the graph, on stacked arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.extend import descendants

#: the cost of a node that is not elementwise, in calls of a compiled replay
_COST = 8
#: arrays with more entries than this are faster one value after the other
_MAX_SIZE = 256


class BatchedReplay:
    """Values of some nodes of a run for many values of one of its nodes.

    Elementwise operations are computed for all values at once, along a new leading axis; the rest, such as the mean at
    the end, for one value after the other.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(3 * w, name="C"))
    >>> replay = BatchedReplay(run, w, [run.output])
    >>> replay.is_faster, [[float(value) for value in found] for found in replay([np.float64(1.0), np.float64(-2.0)])]
    (True, [[9.0], [36.0]])
    """

    def __init__(self, run: Run, changed: Node, outputs: Sequence[Node]) -> None:
        self.changed, self.outputs = changed, list(outputs)
        after = descendants([changed], run.order)
        between = [node for node in run.order if node in after and node is not changed]
        mixing = descendants([node for node in between if not _is_elementwise(node)], between)
        self._batched = [node for node in between if node not in mixing]
        self._single = [node for node in between if node in mixing]
        shapes = [tuple(run.value[node].shape) for node in (changed, *between)]
        #: True if this is faster than calling a compiled program once for each value
        self.is_faster = (
            run.xp is np
            and max(int(np.prod(shape)) for shape in shapes) <= _MAX_SIZE
            and _COST * len(self._single) < len(self._batched)
        )
        if self.is_faster:
            sources = dict.fromkeys(source for node in between for source in node.inputs)
            self._unchanged = {node: run.value[node] for node in sources if node not in after}
            self._ndim = max(len(shape) for shape in (*shapes, *(np.shape(v) for v in self._unchanged.values())))
            needed = dict.fromkeys([*(source for node in self._single for source in node.inputs), *self.outputs])
            self._split = [node for node in needed if node in after and node not in mixing]
            self._shape = dict(zip((changed, *between), shapes, strict=True))

    def __call__(self, values: Sequence[Any]) -> list[list[Any]]:
        """Return the outputs for each of the values."""
        ones = (1,) * (self._ndim - len(self._shape[self.changed]))
        stacked = np.stack(values).reshape(len(values), *ones, *self._shape[self.changed])
        known = {**self._unchanged, self.changed: stacked}
        _compute(self._batched, known)
        split = {node: known[node].reshape(len(values), *self._shape[node]) for node in self._split}
        found = []
        for i in range(len(values)):
            single = self._unchanged | {node: array[i] for node, array in split.items()}
            _compute(self._single, single)
            found.append([single[node] for node in self.outputs])
        return found


def _is_elementwise(node: Node) -> bool:
    return node.op is not None and node.op.is_elementwise


def _compute(nodes: Sequence[Node], values: dict[Node, Any]) -> None:
    with np.errstate(all="ignore"):
        for node in nodes:
            arguments = [values[source] for source in node.inputs]
            result = node.op.compute(arguments, node.arguments, node.settings, np)  # type: ignore[union-attr]
            values[node] = np.asarray(result).astype(node.dtype, copy=False)
