"""The weights between two columns of neurons, each with the factors of its gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcore import Node
from graphcore.extend import Connection, Layer, derivative_symbol, format_index, parenthesize

from ..format.numbers import format_signed, number, text
from .layer_values import Factors, LayerValues
from .model import WeightEdge

_CLOSE = 1e-4
_DIGITS = 4


def name_axes(connection: Connection) -> str:
    """Return the axes of an array of weights: k for the source neurons, j for the target neurons.

    >>> import graphcore as gc, ops
    >>> from graphcore.extend import layers_of
    >>> x, W = (g := gc.Graph()).input("x", (2,)), g.parameter("W", [[1.0, 2.0]])
    >>> name_axes(layers_of(gc.backprop(ops.sum(W @ x), {x: [0.5, 0.25]}))[1].connections[0])
    'jk'
    """
    axes = connection.weights.ndim
    return "" if axes == 0 else "k" if axes == 1 else "jk" if connection.is_transposed else "kj"


class ConnectionWeights:
    """All weights of a connection between visible neurons.

    ``keys`` returns the id of a neuron by its layer and index, ``cost`` is the symbol of the cost, and ``name`` returns
    that of a node.

    >>> import graphcore as gc, ops
    >>> from graphcore.extend import layers_of
    >>> g = gc.Graph()
    >>> x, W = g.input("x", (2,)), g.parameter("W", [[1.0], [-2.0]])
    >>> run = gc.backprop(ops.sum(ops.tanh(x @ W, name="a"), name="C"), {x: [0.5, 0.25]})
    >>> layer = layers_of(run)[1]
    >>> keys = lambda layer, i: f"neuron-{layer.depth}-{i}"
    >>> weights = ConnectionWeights(LayerValues(run), layer.connections[0], layer, keys, "C", str)
    >>> [(edge.key, edge.name, edge.weight) for edge in weights.weight_edges([0, 1], [0], "weight", 2)]
    [('weight-1-0-0-0', 'W[0,0]', 1.0), ('weight-1-0-0-1', 'W[1,0]', -2.0)]
    """

    def __init__(
        self,
        layer_values: LayerValues,
        connection: Connection,
        layer: Layer,
        keys: Callable[[Layer, int], str],
        cost: str,
        name: Callable[[Node], str],
    ) -> None:
        self.connection, self.layer, self.keys, self.cost, self.name = connection, layer, keys, cost, name
        self.weights, self.gradient = layer_values.weights(connection), layer_values.gradient(connection)
        self.factors: Factors = layer_values.factors(connection, layer)
        self.called = text(connection.weights.label, 14)
        self.what = self._what_is_multiplied()

    def weight_edges(self, sources: list[int], targets: list[int], show: str, most: int) -> list[WeightEdge]:
        """Return the weights from some neurons to others: for each target neuron the ``most`` largest."""
        sizes = self.gradient if show == "gradient" else self.weights
        order = np.argsort(-np.nan_to_num(np.abs(sizes), nan=np.inf), axis=0, kind="stable")
        is_source = np.zeros(len(sizes), bool)
        is_source[sources] = True
        found = []
        for j in targets:
            chosen = sources
            if len(sources) > most:
                heaviest = order[is_source[order[:, j]], j][:most]
                chosen = sorted(int(k) for k in heaviest if sizes[k, j] != 0)
            found += [self._edge(k, j, float(sizes[k, j])) for k in chosen]
        return found

    def _edge(self, k: int, j: int, size: float) -> WeightEdge:
        source, target = self.keys(self.connection.source, k), self.keys(self.layer, j)
        key = f"{target}-{source}".replace("neuron-", "")
        which = self.layer.connections.index(self.connection)
        name = self.called + self._entry(k, j)
        weight, gradient = float(self.weights[k, j]), float(self.gradient[k, j])
        ends = " to ".join(
            self.name(node) + format_index((i,) if axis is not None else ())
            for node, axis, i in (
                (self.connection.source.a, self.connection.source.axis, k),
                (self.layer.a, self.layer.axis, j),
            )
        )
        lines = [f"{name} = {number(weight, _DIGITS)}, from {ends}", *self._why(name, gradient, k, j)]
        return WeightEdge(
            f"weight-{key}" + (f"-{which}" if which else ""), source, target, weight, gradient, size, name, lines
        )

    def _entry(self, k: int, j: int) -> str:
        """Return the entry of the weight in its array, as text."""
        return format_index(tuple({"k": k, "j": j}[axis] for axis in name_axes(self.connection)))

    def _why(self, name: str, gradient: float, k: int, j: int) -> list[str]:
        """Return the gradient of one weight as a product of its factors."""
        contributions = self.factors.contributions(k, j)
        start = f"∂{self.cost}/∂{name} = {format_signed(gradient, _DIGITS)}"
        if len(contributions) == 1:
            lines = [f"{start} = {self._product(k, j, 0)}", self.what]
        else:
            heaviest = int(np.argmax(np.nan_to_num(np.abs(contributions), nan=np.inf)))
            amount = number(float(contributions[heaviest]), _DIGITS)
            lines = [start, f"sum over {len(contributions)} examples of {self.what}"]
            lines.append(f"largest from example {heaviest}: {self._product(k, j, heaviest)} = {amount}")
        other = gradient - float(contributions.sum())
        if abs(other) > _CLOSE * max(abs(gradient), float(np.abs(contributions).max(initial=0.0))):
            lines.append(f"and {number(other, _DIGITS)} from its other uses")
        return lines

    def _product(self, k: int, j: int, example: int) -> str:
        factors = self.factors
        after = [factors.delta] if factors.slope is None else [factors.slope, factors.output_gradient]
        rest = [parenthesize(number(float(table[j, example]), _DIGITS)) for table in after]
        return " × ".join([number(float(factors.activations[k, example]), _DIGITS), *rest])

    def _what_is_multiplied(self) -> str:
        a, z = self.layer.a, self.layer.z
        if z is None or self.factors.slope is None:
            return f"activation in × δ = ∂{self.cost}/∂{self.name(a if z is None else z)}"
        symbol = derivative_symbol(a) if a is not z and a.inputs[0] is z else None
        slope = f"∂{self.name(a)}/∂{self.name(z)}" if symbol is None else text(str(symbol), 24)
        return f"activation in × {'1' if a is z else slope} × ∂{self.cost}/∂{self.name(a)}"
