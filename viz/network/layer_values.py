"""What a run says of its layers, neuron by neuron: of one training example, or of all of them together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import graphcore as gc
from graphcore import Node, Run
from graphcore.extend import Connection, Layer, is_activation

from ..errors import DrawError
from ..format.array_summary import as_numpy
from ..format.numbers import count

_CLOSE = 1e-5


class Factors(NamedTuple):
    """What the gradient of the weight from neuron k to neuron j is a product of, one column for each example.

    ``said`` has a row for each k; ``slope``, ``blame`` and ``delta`` for each j. ``slope`` is ``None`` where the
    activation does not work on each neuron alone, or is not all that is made of the sum.

    >>> one = np.array([[2.0]])
    >>> Factors(one, None, one, 3 * one).shares(0, 0)
    array([12.])
    """

    said: Any
    slope: Any
    blame: Any
    delta: Any

    def shares(self, k: int, j: int) -> Any:
        """What each example contributes to ∂C/∂w."""
        return self.said[k] * self.delta[j]


class Reading:
    """The numbers of a run for its layers.

    Without ``example`` an activation is the average over the examples and a gradient that of the cost of all; with it
    everything is as if every example were like that one (see `graphcore.per_example`), so that the readings of all
    examples have those of the batch as their average.

    >>> import ops
    >>> from graphcore.extend import layers_of
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(ops.square(w * x, name="a"), name="C"), {x: [1.0, 3.0]})
    >>> layer = layers_of(run)[1]
    >>> together, first = Reading(run), Reading(run, 0)
    >>> together.said(layer), first.said(layer), together.delta(layer), first.delta(layer)
    (array([20.]), array([4.]), array([8.]), array([4.]))
    """

    def __init__(self, run: Run, example: int | None = None) -> None:
        self.run = run
        self._each = None if example is None else gc.per_example(run)
        #: how many examples one is picked of; 0 if none is
        self._number = 0 if self._each is None else len(self._each)
        self.example = None if self._each is None else _within(example, self._number)

    @property
    def cost(self) -> float:
        """What it costs."""
        return float(self.run.cost if self._each is None else self._each.cost[self.example])

    # -- neurons: one number for each

    def said(self, layer: Layer) -> Any:
        """The activations."""
        return self._average(self.run.value[layer.a], layer.axis)

    def every(self, layer: Layer) -> Any:
        """The activations for every example that is meant, a row for each neuron."""
        return self._meant(_by_neuron(self.run.value[layer.a], layer.axis))

    def examples(self, layer: Layer) -> int:
        """How many examples the run has."""
        return _by_neuron(self.run.value[layer.a], layer.axis).shape[1]

    def summed(self, layer: Layer) -> Any:
        """The weighted sums, z."""
        return self._average(self.run.value[layer.z], layer.axis)

    def delta(self, layer: Layer) -> Any:
        """δ = ∂C/∂z, over all examples that are meant."""
        return self._added_up(self.run.grad[layer.z], layer.axis)

    def blame(self, layer: Layer) -> Any:
        """∂C/∂a, over all examples that are meant."""
        return self._added_up(self.run.grad[layer.a], layer.axis)

    def bias(self, layer: Layer) -> Any:
        """The biases, added up; ``None`` if there are none."""
        if not layer.biases:
            return None
        shape = np.shape(as_numpy(self.run.value[layer.z]))
        spread = [np.broadcast_to(as_numpy(self.run.value[node]), shape) for node in layer.biases]
        return _by_neuron(sum(spread[1:], spread[0]), layer.axis)[:, 0]

    def target(self, layer: Layer, node: Node) -> Any:
        """What the neurons should have said, if the target has one number for each, or the label of the right one."""
        host = as_numpy(self.run.value[node])
        said = np.shape(as_numpy(self.run.value[layer.a]))
        if host.shape != said and layer.axis == -1 and host.shape == said[:-1] and node.dtype.kind in "iu":
            host = np.eye(said[-1])[host.astype(int)]
        return self._average(host, layer.axis) if host.shape == said else None

    # -- weights: (neurons before, neurons after)

    def weights(self, wire: Connection) -> Any:
        """The weights, from row to column."""
        return _from_to(self.run.value[wire.weights], wire)

    def gradient(self, wire: Connection) -> Any:
        """∂C/∂w of every weight."""
        whole = self.run.grad[wire.weights]
        return _from_to(whole if self._each is None else self._each.grad[wire.weights][self.example], wire)

    def factors(self, wire: Connection, layer: Layer) -> Factors:
        """What the gradients of the weights are made of, example by example."""
        said = self._meant(_by_neuron(self.run.value[wire.source.a], wire.source.axis))
        delta = self._meant(_by_neuron(self.run.grad[layer.z], layer.axis), self._times)
        blame = self._meant(_by_neuron(self.run.grad[layer.a], layer.axis), self._times)
        slope = self._slope(layer)
        if slope is not None:
            slope = self._meant(slope)
            close = _CLOSE * float(np.max(np.abs(delta), initial=0.0, where=np.isfinite(delta)))
            if not np.allclose(slope * blame, delta, rtol=_CLOSE, atol=close, equal_nan=True):
                slope = None
        return Factors(said, slope, blame, delta)

    def _slope(self, layer: Layer) -> Any:
        """∂a/∂z of every neuron, where the activation works on each alone; else ``None``."""
        slope, node = np.ones(np.shape(as_numpy(self.run.value[layer.z]))), layer.a
        while node is not layer.z:
            if not is_activation(node):
                return None
            slope = slope * as_numpy(self.run.edge(node.inputs[0], node, node.arguments[0]).local)
            node = node.inputs[0]
        return _by_neuron(slope, layer.axis)

    # -- over the examples

    @property
    def _times(self) -> int:
        return self._number or 1

    def _meant(self, table: Any, times: int = 1) -> Any:
        """The examples that are meant."""
        if self.example is None:
            return table
        if table.shape[1] != self._number:
            raise DrawError(
                f"example={self.example} picks one of {count(self._number, 'example')}, and there are layers that do "
                f"not hold one thing for each of them"
            )
        return times * table[:, self.example : self.example + 1]

    def _average(self, array: Any, axis: int | None) -> Any:
        return self._meant(_by_neuron(array, axis)).mean(axis=1)

    def _added_up(self, array: Any, axis: int | None) -> Any:
        return self._meant(_by_neuron(array, axis), self._times).sum(axis=1)


def _by_neuron(array: Any, axis: int | None) -> Any:
    """A row for each neuron, a column for each example."""
    host = as_numpy(array).astype("float64")
    return host.reshape(1, -1) if axis is None else np.moveaxis(host, axis, 0).reshape(host.shape[axis], -1)


def _from_to(array: Any, wire: Connection) -> Any:
    """Weights with a row for each neuron that they come from."""
    host = as_numpy(array).astype("float64")
    if host.ndim < 2:
        return host.reshape(-1, 1)
    return host.T if wire.is_transposed else host


def _within(example: Any, number: int) -> int:
    if not isinstance(example, (int, np.integer)) or isinstance(example, bool) or not -number <= example < number:
        raise DrawError(f"example={example!r} is none of the {number} examples of this run: say 0 to {number - 1}")
    return int(example) % number
