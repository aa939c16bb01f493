"""Values and gradients of layers, neuron by neuron: for one training example, or for all together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import graphcore as gc
from graphcore import Node, Run
from graphcore.extend import Connection, Layer, is_activation

from ..errors import DrawError
from ..format.array_summary import as_numpy
from ..format.numbers import format_count

_CLOSE = 1e-5


class Factors(NamedTuple):
    """The factors of the gradient of the weight from neuron k to neuron j, one column for each example.

    ``activations`` has a row for each k; ``slope``, ``output_gradient`` and ``delta`` for each j. ``slope`` is ``None``
    if the activation is not elementwise, or the sum is used elsewhere too.

    >>> one = np.array([[2.0]])
    >>> Factors(one, None, one, 3 * one).contributions(0, 0)
    array([12.])
    """

    activations: Any
    slope: Any
    output_gradient: Any
    delta: Any

    def contributions(self, k: int, j: int) -> Any:
        """Return the contribution of each example to ∂C/∂w."""
        return self.activations[k] * self.delta[j]


class LayerValues:
    """The values and gradients of a run for its layers.

    Without ``example`` an activation is the average over the examples and a gradient that of the cost of all; with it
    all numbers are those of a batch in which every example equals that one (see `graphcore.per_example`), so that their
    average over the examples is that of the batch.

    >>> import ops
    >>> from graphcore.extend import layers_of
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(ops.square(w * x, name="a"), name="C"), {x: [1.0, 3.0]})
    >>> layer = layers_of(run)[1]
    >>> together, first = LayerValues(run), LayerValues(run, 0)
    >>> together.activations(layer), first.activations(layer), together.delta(layer), first.delta(layer)
    (array([20.]), array([4.]), array([8.]), array([4.]))
    """

    def __init__(self, run: Run, example: int | None = None) -> None:
        self.run = run
        self._each = None if example is None else gc.per_example(run)
        #: the number of examples that one is selected from; 0 without a selection
        self._number = 0 if self._each is None else len(self._each)
        self.example = None if self._each is None else _check_example(example, self._number)

    @property
    def cost(self) -> float:
        """The cost."""
        return float(self.run.cost if self._each is None else self._each.cost[self.example])

    # -- neurons: one number for each

    def activations(self, layer: Layer) -> Any:
        """Return the activations."""
        return self._average(self.run.value[layer.a], layer.axis)

    def all_activations(self, layer: Layer) -> Any:
        """Return the activations for every selected example, a row for each neuron."""
        return self._select(_to_table(self.run.value[layer.a], layer.axis))

    def examples(self, layer: Layer) -> int:
        """Return the number of examples of the run."""
        return int(_to_table(self.run.value[layer.a], layer.axis).shape[1])

    def weighted_sums(self, layer: Layer) -> Any:
        """Return the weighted sums, z."""
        return self._average(self.run.value[_preactivation(layer)], layer.axis)

    def delta(self, layer: Layer) -> Any:
        """Return δ = ∂C/∂z, summed over the selected examples."""
        return self._sum(self.run.grad[_preactivation(layer)], layer.axis)

    def output_gradient(self, layer: Layer) -> Any:
        """Return ∂C/∂a, summed over the selected examples."""
        return self._sum(self.run.grad[layer.a], layer.axis)

    def biases(self, layer: Layer) -> Any:
        """Return the sum of the biases; ``None`` without biases."""
        if not layer.biases:
            return None
        shape = np.shape(as_numpy(self.run.value[_preactivation(layer)]))
        spread = [np.broadcast_to(as_numpy(self.run.value[node]), shape) for node in layer.biases]
        return _to_table(sum(spread[1:], spread[0]), layer.axis)[:, 0]

    def target(self, layer: Layer, node: Node) -> Any:
        """Return the targets of the neurons, if the target has one number for each, or the label of the right one."""
        host = as_numpy(self.run.value[node])
        activations = np.shape(as_numpy(self.run.value[layer.a]))
        if (
            host.shape != activations
            and layer.axis == -1
            and host.shape == activations[:-1]
            and node.dtype.kind in "iu"
        ):
            host = np.eye(activations[-1])[host.astype(int)]
        return self._average(host, layer.axis) if host.shape == activations else None

    # -- weights: (neurons before, neurons after)

    def weights(self, connection: Connection) -> Any:
        """Return the weights, from row to column."""
        return _orient_weights(self.run.value[connection.weights], connection)

    def gradient(self, connection: Connection) -> Any:
        """Return ∂C/∂w of every weight."""
        whole = self.run.grad[connection.weights]
        return _orient_weights(
            whole if self._each is None else self._each.grad[connection.weights][self.example], connection
        )

    def factors(self, connection: Connection, layer: Layer) -> Factors:
        """Return the factors of the gradients of the weights, example by example."""
        activations = self._select(_to_table(self.run.value[connection.source.a], connection.source.axis))
        delta = self._select(_to_table(self.run.grad[_preactivation(layer)], layer.axis), self._scale)
        output_gradient = self._select(_to_table(self.run.grad[layer.a], layer.axis), self._scale)
        slope = self._slope(layer)
        if slope is not None:
            slope = self._select(slope)
            close = _CLOSE * float(np.max(np.abs(delta), initial=0.0, where=np.isfinite(delta)))
            if not np.allclose(slope * output_gradient, delta, rtol=_CLOSE, atol=close, equal_nan=True):
                slope = None
        return Factors(activations, slope, output_gradient, delta)

    def _slope(self, layer: Layer) -> Any:
        """Return ∂a/∂z of every neuron if the activation is elementwise; else ``None``."""
        slope, node = np.ones(np.shape(as_numpy(self.run.value[_preactivation(layer)]))), layer.a
        while node is not layer.z:
            if not is_activation(node):
                return None
            slope = slope * as_numpy(self.run.edge(node.inputs[0], node, node.arguments[0]).local)
            node = node.inputs[0]
        return _to_table(slope, layer.axis)

    # -- over the examples

    @property
    def _scale(self) -> int:
        return self._number or 1

    def _select(self, table: Any, times: int = 1) -> Any:
        """Return the selected examples."""
        if self.example is None:
            return table
        if table.shape[1] != self._number:
            raise DrawError(
                f"example={self.example} selects one of {format_count(self._number, 'example')}, but some layers do "
                f"not have one value for each of them"
            )
        return times * table[:, self.example : self.example + 1]

    def _average(self, array: Any, axis: int | None) -> Any:
        return self._select(_to_table(array, axis)).mean(axis=1)

    def _sum(self, array: Any, axis: int | None) -> Any:
        return self._select(_to_table(array, axis), self._scale).sum(axis=1)


def _preactivation(layer: Layer) -> Node:
    """Return z of a layer behind the input."""
    if layer.z is None:
        raise TypeError("an input layer has no weighted sums")
    return layer.z


def _to_table(array: Any, axis: int | None) -> Any:
    """Return a table with a row for each neuron and a column for each example."""
    host = as_numpy(array).astype("float64")
    return host.reshape(1, -1) if axis is None else np.moveaxis(host, axis, 0).reshape(host.shape[axis], -1)


def _orient_weights(array: Any, connection: Connection) -> Any:
    """Return weights with a row for each source neuron."""
    host = as_numpy(array).astype("float64")
    if host.ndim < 2:
        return host.reshape(-1, 1)
    return host.T if connection.is_transposed else host


def _check_example(example: Any, number: int) -> int:
    if not isinstance(example, (int, np.integer)) or isinstance(example, bool) or not -number <= example < number:
        raise DrawError(f"example must be an integer from 0 to {number - 1}, got {example!r}")
    return int(example) % number
