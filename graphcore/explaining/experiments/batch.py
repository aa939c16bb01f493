"""The nodes of a run that belong to single training examples, and the cost of each example."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ...arrays.namespace import Array, asarray, unit_sensitivity
from ...autodiff.executor import forward, reverse
from ...autodiff.plan import descendants
from ...autodiff.run import Run
from ...errors import GraphError, shorten, some_of
from ...graph.node import Node

_CLOSE = 1e-6


class Batch:
    """The nodes of a run that hold one thing per example, along their first axis.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(ops.square(w * x, name="c"), name="C"), {x: [1.0, 3.0]})
    >>> batch = batch_of(run)
    >>> batch.number, [node.label for node in batch.per_example], [node.label for node in batch.last]
    (2, ['x', 'multiply#2', 'c'], ['c'])
    >>> batch.costs
    array([ 4., 36.])
    """

    def __init__(self, run: Run, inputs: list[Node]) -> None:
        self.run, self.inputs = run, inputs
        #: how many examples there are
        self.number = int(run.value[inputs[0]].shape[0])
        reached = descendants(inputs, run.order)
        #: the nodes that depend on the examples, and hold one thing for each
        self.per_example = [n for n in run.order if n in reached and self._has_example_axis(n)]
        self._per_example_set = set(self.per_example)
        #: those that depend on the examples and hold nothing of any single one: the cost, and what it is made of
        self.joined = reached - self._per_example_set
        #: the nodes per example that enter those
        self.last = [n for n in self.per_example if any(t in self.joined for t in self._targets(n))]

    def is_per_example(self, node: Node) -> bool:
        """Return true for a node with one entry per example."""
        return node in self._per_example_set

    def _targets(self, node: Node) -> list[Node]:
        return [t for t in node.graph.successors(node) if t in self.run.value]

    def _has_example_axis(self, node: Node) -> bool:
        shape = tuple(self.run.value[node].shape)
        return len(shape) > 0 and shape[0] == self.number

    @cached_property
    def costs(self) -> Array:
        """The cost of the batch if every example were like this one: (n,).

        The cost is affine in what the examples contribute, so one pass gives all: with g = ∂C/∂c, which is the same for
        every example, ``C + n · g c_i − Σ_j g c_j``. That it is affine is checked with two of them.
        """
        run, n = self.run, self.number
        total = np.full(n, float(run.cost))
        for node in self.last:
            if node.type.is_float:
                contribution = self._to_the_cost(node) * np.asarray(run.value[node], dtype=float)
                contribution = contribution.reshape(n, -1).sum(axis=1)
                total = total + (n * contribution - contribution.sum())
        self._make_sure(total)
        return asarray(total, run.xp, run.output.dtype)

    def _to_the_cost(self, node: Node) -> Any:
        """∂C/∂node along the edges that leave the examples behind."""
        edges = [
            self.run.edge(node, target, argument).contribution
            for target, arguments in node.graph.successors(node).items()
            if target in self.joined
            for argument in arguments
        ]
        return sum((np.asarray(edge, dtype=float) for edge in edges if edge is not None), np.zeros(()))

    def alike(self, example: int) -> dict[Node, Array]:
        """Every value, if all examples were like one of them."""
        xp, run = self.run.xp, self.run
        of = slice(example, example + 1)
        return run.rerun(
            {node: xp.broadcast_to(run.value[node][of, ...], tuple(run.value[node].shape)) for node in self.inputs}
        )

    def only(self, example: int) -> Run:
        """Return the run of one example alone, with the parameters as they were: a batch of one.

        Where the length of the batch is declared, the batch has it still, and every example in it is this one.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
        >>> run = gc.backprop(ops.mean(ops.square(w * x), name="C"), {x: [1.0, 3.0]})
        >>> alone = batch_of(run).only(1)
        >>> alone.cost, alone.grad["w"], alone.value["x"]
        (np.float64(36.0), np.float64(36.0), array([3.]))
        """
        run, xp = self.run, self.run.xp
        of = slice(example, example + 1)
        values = {node: run.value[node] for node in run.order if node.op is None}
        for node in self.inputs:
            alone = run.value[node][of, ...]
            values[node] = alone if node.shape[0] is None else xp.broadcast_to(alone, tuple(run.value[node].shape))
        forward(run.order, values, xp)
        seed = unit_sensitivity(values[run.output], xp)
        gradients = reverse(run.order, values, seed, xp, run.order.trainable)
        return Run(run.order, values, gradients, xp)

    def _make_sure(self, costs: Any) -> None:
        """Try what the formula says, at the first example and at the one that costs most."""
        for example in {0, int(np.argmax(costs)) if np.all(np.isfinite(costs)) else 0}:
            found = float(self.alike(example)[self.run.output])
            size = max(abs(found), abs(float(self.run.cost)))
            close = max(_CLOSE, 1e3 * float(np.finfo(self.run.output.dtype).eps))
            if np.isfinite(found) and not abs(found - costs[example]) <= close * size:
                raise GraphError(
                    f"{shorten(self.run.output.label)!r} is no average or sum of what each example costs: if all were "
                    f"like example {example} it would be {found:.6g}, and not {costs[example]:.6g}; give per_example a "
                    f"run whose cost ends in a mean over the examples"
                )


def batch_of(run: Run) -> Batch:
    """Return the batch of a run, and check that its examples are independent.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> batch_of(gc.backprop(x * x, {x: 1.0}))
    Traceback (most recent call last):
    graphcore.errors.GraphError: there is no batch to take apart: no input has an axis of examples; ...
    """
    inputs = [node for node in run.order if node.kind == "input" and len(node.shape) > 0]
    open_ended = [node for node in inputs if node.shape[0] is None]
    inputs = open_ended or inputs
    if not inputs:
        raise GraphError(
            "there is no batch to take apart: no input has an axis of examples; declare inputs with shape=(None, ...) "
            "and feed several examples at once"
        )
    lengths = {int(run.value[node].shape[0]) for node in inputs}
    if len(lengths) != 1 or lengths == {0}:
        told = [f"{node.label}: {run.value[node].shape[0]}" for node in inputs]
        raise GraphError(f"the inputs do not hold the same number of examples, at least one: {some_of(told)}")
    batch = Batch(run, inputs)
    _refuse_mixing(batch)
    return batch


def _refuse_mixing(batch: Batch) -> None:
    """Make sure that no example has an influence on another: change the first, and nothing else may move."""
    run = batch.run
    if batch.number == 1:
        return
    changed = {node: _first_replaced(run.value[node], run) for node in batch.inputs}
    values = run.rerun(changed)
    for node in batch.per_example:
        before, after = np.asarray(run.value[node])[1:], np.asarray(values[node])[1:]
        size = float(np.max(np.abs(before), initial=0.0, where=np.isfinite(before)))
        if not np.allclose(before, after, rtol=_CLOSE, atol=_CLOSE * size, equal_nan=True):
            raise GraphError(
                f"{node.describe()}, mixes the examples: what it gives for one depends on others, so no example has "
                f"a gradient of its own (a batch normalization does this in training; its inference form does not)"
            )


def _first_replaced(value: Array, run: Run) -> Array:
    """Return the array with something else in place of the first example: the last, moved a little if it is a float."""
    host = np.array(np.asarray(value))
    host[0] = host[-1]
    if host.dtype.kind == "f":
        host[0] += (
            0.37 * (np.abs(host[0]) + 1).astype(host.dtype) * np.cos(np.arange(host[0].size)).reshape(host[0].shape)
        )
    return asarray(host, run.xp, np.dtype(str(host.dtype)))
