"""Values of a few nodes for other values of one node: the part of the graph between them, compiled once."""

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
from .batched_replay import BatchedReplay

#: the compiled programs of every graph, by the node that is changed, the outputs, and the shapes of all values
_PROGRAMS: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()


class Replay:
    """Values of some nodes of a run for other values of one of its nodes.

    Many values are computed as one batch where that is faster. Otherwise the nodes in between are compiled with numpy,
    once for all runs of a graph with the same shapes. A run of another array library, and what cannot be compiled, is
    run again instead.

    >>> import ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(3 * w, name="C"))
    >>> replay = Replay(run, w, [run.output])
    >>> [float(value) for value in replay(np.float64(1.0))]
    [9.0]
    >>> [float(value) for (value,) in replay.map([np.float64(1.0), np.float64(2.0)])]
    [9.0, 36.0]
    """

    def __init__(self, run: Run, changed: Node, outputs: Sequence[Node]) -> None:
        self.run, self.changed, self.outputs = run, changed, list(outputs)
        self._batched = BatchedReplay(run, changed, self.outputs)

    @cached_property
    def _step(self) -> Callable[[Any], list[Any]] | None:
        """The compiled program; ``None`` where nothing is compiled."""
        if self.run.xp is not np or not self.outputs:
            return None
        after = descendants([self.changed], self.run.order)
        between = [node for node in self.run.order if node in after and node is not self.changed]
        sources = dict.fromkeys([self.changed, *(source for node in between for source in node.inputs)])
        values = {n: np.asarray(self.run.value[n]) for n in sources if n is self.changed or n not in after}
        programs = _PROGRAMS.setdefault(self.run.graph, {})
        # nodes by index: a node as a key would keep its graph alive
        key = (self.changed.index, *(node.index for node in self.outputs), *(value.shape for value in values.values()))
        if key not in programs:
            try:
                programs[key] = self._compile(between, values)
            except Exception:  # noqa: BLE001  a graph that cannot be compiled is run again instead
                programs[key] = None
        if programs[key] is None:
            return None
        step, inputs = programs[key]
        moving = inputs[list(values).index(self.changed)]
        return step.of_one(moving, dict(zip(inputs, values.values(), strict=True)))  # type: ignore[no-any-return]

    def _compile(self, between: Sequence[Node], values: dict[Node, Any]) -> tuple[Any, list[Node]]:
        scratch = gc.Graph("replay")
        inputs = [scratch.input(f"{i}", v.shape, n.dtype) for i, (n, v) in enumerate(values.items())]
        nodes: dict[Node, Any] = dict(zip(values, inputs, strict=True))
        forward(between, nodes, registry)
        step = gc.compile([nodes[node] for node in self.outputs], wrt=[], backend="numpy")
        step(dict(zip(inputs, values.values(), strict=True)))
        return step, inputs

    @property
    def is_compiled(self) -> bool:
        """True if there is a compiled program."""
        return self._step is not None

    def map(self, values: Sequence[Any]) -> list[list[Any]]:
        """Return the outputs for each of several values."""
        if self._batched.is_faster and len(values) > 1:
            return self._batched(values)
        return [self(value) for value in values]

    def __call__(self, value: Any) -> list[Any]:
        """Return the outputs for one value."""
        if self._step is not None:
            return self._step(np.asarray(value))
        changed = asarray(value, self.run.xp, self.changed.dtype)
        found = self.run.rerun({self.changed: changed})
        return [as_numpy(found[node]) for node in self.outputs]
