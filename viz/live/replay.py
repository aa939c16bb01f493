"""What a few nodes come to when one has another value: the part of the graph between them, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

import graphcore as gc
from graphcore import Node, Run
from graphcore.extend import asarray, descendants, forward, registry

from ..format.array_summary import as_numpy
from .batched_replay import Sweep

#: the compiled parts of every graph, by what is changed, what is asked, and the shapes of all values
_KNOWN: WeakKeyDictionary[gc.Graph, dict[Any, Any]] = WeakKeyDictionary()


class Replay:
    """Computes the values of some nodes of a run for any value of another, many times.

    Many values are swept through at once where that is possible. Else it is compiled with numpy, once for all runs of a
    graph that have the same shapes; a run of another array library, and what cannot be compiled, is run again instead.

    >>> import ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(3 * w, name="C"))
    >>> replay = Replay(run, w, [run.output])
    >>> [float(value) for value in replay(np.float64(1.0))]
    [9.0]
    >>> [float(value) for (value,) in replay.each([np.float64(1.0), np.float64(2.0)])]
    [9.0, 36.0]
    """

    def __init__(self, run: Run, changed: Node, asked: Sequence[Node]) -> None:
        self.run, self.changed, self.asked = run, changed, list(asked)
        self._sweep = Sweep(run, changed, self.asked)

    @cached_property
    def _step(self) -> Callable[[Any], list[Any]] | None:
        """The compiled program; ``None`` if there is none."""
        if self.run.xp is not np or not self.asked:
            return None
        after = descendants([self.changed], self.run.order)
        self._between = [node for node in self.run.order if node in after and node is not self.changed]
        around = dict.fromkeys([self.changed, *(source for node in self._between for source in node.inputs)])
        self._around = [node for node in around if node is self.changed or node not in after]
        values = {node: np.asarray(self.run.value[node]) for node in self._around}
        known = _KNOWN.setdefault(self.run.graph, {})
        # by number, because a node would keep its graph
        key = (self.changed.index, *(node.index for node in self.asked), *(value.shape for value in values.values()))
        if key not in known:
            try:
                known[key] = self._written(values)
            except Exception:  # noqa: BLE001  what cannot be written down or compiled is run as it is
                known[key] = None
        if known[key] is None:
            return None
        step, inputs = known[key]
        moving = inputs[list(values).index(self.changed)]
        return step.of_one(moving, dict(zip(inputs, values.values(), strict=True)))  # type: ignore[no-any-return]

    def _written(self, values: dict[Node, Any]) -> tuple[Any, list[Node]]:
        scratch = gc.Graph("replay")
        inputs = [scratch.input(f"{i}", v.shape, n.dtype) for i, (n, v) in enumerate(values.items())]
        nodes: dict[Node, Any] = dict(zip(values, inputs, strict=True))
        forward(self._between, nodes, registry)
        step = gc.compile([nodes[node] for node in self.asked], wrt=[], backend="numpy")
        step(dict(zip(inputs, values.values(), strict=True)))
        return step, inputs

    @property
    def is_compiled(self) -> bool:
        """Whether there is a program for it."""
        return self._step is not None

    def each(self, values: Sequence[Any]) -> list[list[Any]]:
        """The same for several values."""
        if self._sweep.pays and len(values) > 1:
            return self._sweep(values)
        return [self(value) for value in values]

    def __call__(self, value: Any) -> list[Any]:
        """The values of the nodes that were asked for."""
        if self._step is not None:
            return self._step(np.asarray(value))
        changed = asarray(value, self.run.xp, self.changed.dtype)
        found = self.run.rerun({self.changed: changed})
        return [as_numpy(found[node]) for node in self.asked]
