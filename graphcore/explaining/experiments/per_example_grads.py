"""A gradient split by training example: every edge is evaluated for all examples at once, where its rule allows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.namespace import Array, cast, unit_sensitivity, zeros
from ...autodiff.executor import contribution, reverse
from ...autodiff.interpreters import interpreter_for
from ...autodiff.run import Run
from ...errors import GraphError, shorten
from ...graph.node import Node
from ...operations.operation import op_of
from .batch import Batch

_CLOSE = 1e-9


def per_example_gradients(run: Run, batch: Batch) -> dict[Node, Array]:
    """Return the gradient of each example by every parameter, and by nodes made of parameters alone: (n, *shape).

    >>> import graphcore as gc, ops
    >>> from graphcore.explaining.experiments.batch import batch_of
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None, 2)), g.parameter("w", [1.0, -1.0])
    >>> run = gc.backprop(ops.mean(ops.square(x @ w), name="C"), {x: [[1.0, 2.0], [3.0, 0.0]]})
    >>> per_example_gradients(run, batch_of(run))[w]
    array([[-2., -4.],
           [18.,  0.]])
    """
    found: dict[Node, Array] = {}
    apart = set(batch.per_example) | batch.joined
    with np.errstate(all="ignore"):
        for node in reversed(run.order):
            if node in apart or node.kind not in ("parameter", "op") or not node.type.is_float:
                continue
            contributions = [
                contribution
                for target, arguments in node.graph.successors(node).items()
                if target in run.value
                for argument in arguments
                if (contribution := _share(run, batch, found, node, target, argument)) is not None
            ]
            if contributions:
                found[node] = sum(contributions[1:], contributions[0])
    _make_sure(run, batch, found)
    return found


def _make_sure(run: Run, batch: Batch, found: dict[Node, Array]) -> None:
    """Check against a run of the batch with every example like the last."""
    values, last = batch.alike(batch.number - 1), batch.number - 1
    seed = unit_sensitivity(values[run.output], run.xp)
    gradients = reverse(run.order, values, seed, run.xp, run.order.trainable)
    for node, each in found.items():
        if node.kind == "parameter" and node in gradients and not _same(each[last, ...], gradients[node]):
            raise GraphError(
                f"the gradient at {shorten(node.label)!r} cannot be split by example: the examples do not lie along "
                f"the first axis of every node from the inputs to where the cost adds them up"
            )


def _share(run: Run, batch: Batch, found: dict[Node, Array], source: Node, target: Node, argument: str) -> Array | None:
    """Return the contribution of one edge for each example."""
    rule = op_of(target).rule_for(argument)
    if rule is not None and rule.kind == "flat":
        return None
    if target in batch.joined:  # the examples are joined already: each has the same gradient
        contribution = run.edge(source, target, argument).contribution
        return (
            None
            if contribution is None
            else run.xp.broadcast_to(contribution, (batch.number, *tuple(contribution.shape)))
        )
    if batch.is_per_example(target):
        edge = _Edge(run, batch, source, target, argument, run.grad[target] * float(batch.number))
    elif target in found:
        edge = _Edge(run, batch, source, target, argument, found[target])
    else:
        return None
    return edge.contributions()


class _Edge:
    """One edge with a contribution of each example; ``douts`` has one upstream gradient per example."""

    def __init__(self, run: Run, batch: Batch, source: Node, target: Node, argument: str, douts: Array) -> None:
        self.run, self.batch, self.argument, self.douts = run, batch, argument, douts
        self.source, self.target = source, target
        self.shape = tuple(run.value[source].shape)

    def contributions(self) -> Array:
        """All at once, if the first and the last come out as they do alone; else one after the other."""
        number, xp = self.batch.number, self.run.xp
        ends = {i: self._one(i) for i in {0, number - 1}}
        at_once = self._at_once()
        if at_once is not None and all(_same(at_once[i, ...], one) for i, one in ends.items()):
            return at_once
        return xp.stack([ends[i] if i in ends else self._one(i) for i in range(number)])

    def _one(self, example: int) -> Array:
        """Return the contribution of one example: the edge with a batch of one."""
        of = slice(example, example + 1)
        values = {n: self._value(n)[of, ...] if self.batch.is_per_example(n) else self._value(n) for n in self._around}
        dout = self.douts[of, ...] if self.batch.is_per_example(self.target) else self.douts[example, ...]
        contribution = self._asked(values, dout)
        return _summed(contribution, (), self.shape, self.run.xp)

    def _at_once(self) -> Array | None:
        """Return all contributions, each as a batch of one: examples on an axis before all others."""
        xp, number = self.run.xp, self.batch.number
        values = {
            n: xp.expand_dims(self._value(n), axis=1) if self.batch.is_per_example(n) else self._value(n)
            for n in self._around
        }
        dout = xp.expand_dims(self.douts, axis=1) if self.batch.is_per_example(self.target) else self.douts
        try:
            contribution = self._asked(values, dout)
            return _summed(contribution, (number,), self.shape, xp)
        except Exception:  # noqa: BLE001  whatever it is, the rule does not work on stacks
            return None

    def _value(self, node: Node) -> Array:
        return self.run.value[node]

    @property
    def _around(self) -> list[Node]:
        return [*self.target.inputs, self.target]

    def _asked(self, values: dict[Node, Array], dout: Array) -> Array:
        run = self.run
        on = interpreter_for(run.xp)
        where = on.nonzero(dout)
        share = contribution(self.target, self.argument, values, dout, on, lambda _: where)
        if share is None:  # the forward is made of others, and does not depend on this argument
            share = zeros(self.shape, self.source.dtype, run.xp)
        return cast(share, self.source.dtype, run.xp)


def _summed(contribution: Array, ahead: tuple[int, ...], shape: tuple[int, ...], xp: Any) -> Array:
    """Return a contribution in the shape of a node, after an axis of examples if there is one."""
    first, extra = len(ahead), len(contribution.shape) - len(ahead) - len(shape)
    if extra > 0:
        contribution = xp.sum(contribution, axis=tuple(range(first, first + extra)))
    wanted = (*ahead, *shape)
    repeated = tuple(
        i for i, (got, want) in enumerate(zip(contribution.shape, wanted, strict=True)) if got != want == 1
    )
    if repeated:
        contribution = xp.sum(contribution, axis=repeated, keepdims=True)
    if tuple(contribution.shape) != wanted:
        raise ValueError(f"{tuple(contribution.shape)} is not {wanted}")
    return contribution


def _same(one: Array, other: Array) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    close = max(_CLOSE, 1e3 * float(np.finfo(other.dtype).eps))
    size = float(np.max(np.abs(other), initial=0.0))
    return bool(np.allclose(one, other, rtol=close, atol=close * size if np.isfinite(size) else 0.0, equal_nan=True))
