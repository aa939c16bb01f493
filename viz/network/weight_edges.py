"""The weights between two columns of neurons, each with what its gradient is made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcore import Node
from graphcore.extend import Connection, Layer, derivative_symbol, format_index, parenthesize

from ..format.numbers import number, signed, text
from .layer_values import Factors, Reading
from .model import Strand

_CLOSE = 1e-4
_DIGITS = 4


def axes_of(wire: Connection) -> str:
    """What the axes of an array of weights are: k numbers the neurons that it comes from, j those that it goes to.

    >>> import graphcore as gc, ops
    >>> from graphcore.extend import layers_of
    >>> x, W = (g := gc.Graph()).input("x", (2,)), g.parameter("W", [[1.0, 2.0]])
    >>> axes_of(layers_of(gc.backprop(ops.sum(W @ x), {x: [0.5, 0.25]}))[1].connections[0])
    'jk'
    """
    axes = wire.weights.ndim
    return "" if axes == 0 else "k" if axes == 1 else "jk" if wire.is_transposed else "kj"


class Bundle:
    """All weights of a wire between neurons that are seen.

    ``keys`` gives the id of a neuron by its layer and number, ``cost`` the symbol of the cost, and ``name`` that of a
    node.

    >>> import graphcore as gc, ops
    >>> from graphcore.extend import layers_of
    >>> g = gc.Graph()
    >>> x, W = g.input("x", (2,)), g.parameter("W", [[1.0], [-2.0]])
    >>> run = gc.backprop(ops.sum(ops.tanh(x @ W, name="a"), name="C"), {x: [0.5, 0.25]})
    >>> layer = layers_of(run)[1]
    >>> key = lambda layer, i: f"neuron-{layer.depth}-{i}"
    >>> bundle = Bundle(Reading(run), layer.connections[0], layer, key, "C", str)
    >>> [(strand.key, strand.name, strand.weight) for strand in bundle.strands([0, 1], [0], "weight", 2)]
    [('weight-1-0-0-0', 'W[0,0]', 1.0), ('weight-1-0-0-1', 'W[1,0]', -2.0)]
    """

    def __init__(
        self,
        reading: Reading,
        wire: Connection,
        layer: Layer,
        keys: Callable[[Layer, int], str],
        cost: str,
        name: Callable[[Node], str],
    ) -> None:
        self.wire, self.layer, self.keys, self.cost, self.name = wire, layer, keys, cost, name
        self.weights, self.gradient = reading.weights(wire), reading.gradient(wire)
        self.factors: Factors = reading.factors(wire, layer)
        self.called = text(wire.weights.label, 14)
        self.what = self._what_is_multiplied()

    def strands(self, sources: list[int], targets: list[int], show: str, most: int) -> list[Strand]:
        """The weights from some neurons to others; of each neuron that receives, at most so many: the largest."""
        sizes = self.gradient if show == "gradient" else self.weights
        order = np.argsort(-np.nan_to_num(np.abs(sizes), nan=np.inf), axis=0, kind="stable")
        wanted = np.zeros(len(sizes), bool)
        wanted[sources] = True
        found = []
        for j in targets:
            chosen = sources
            if len(sources) > most:
                heaviest = order[wanted[order[:, j]], j][:most]
                chosen = sorted(int(k) for k in heaviest if sizes[k, j] != 0)
            found += [self._strand(k, j, float(sizes[k, j])) for k in chosen]
        return found

    def _strand(self, k: int, j: int, size: float) -> Strand:
        source, target = self.keys(self.wire.source, k), self.keys(self.layer, j)
        key = f"{target}-{source}".replace("neuron-", "")
        which = self.layer.connections.index(self.wire)
        name = self.called + self._entry(k, j)
        weight, gradient = float(self.weights[k, j]), float(self.gradient[k, j])
        ends = " to ".join(
            self.name(node) + format_index((i,) if axis is not None else ())
            for node, axis, i in ((self.wire.source.a, self.wire.source.axis, k), (self.layer.a, self.layer.axis, j))
        )
        told = [f"{name} = {number(weight, _DIGITS)}, from {ends}", *self._why(name, gradient, k, j)]
        return Strand(
            f"weight-{key}" + (f"-{which}" if which else ""), source, target, weight, gradient, size, name, told
        )

    def _entry(self, k: int, j: int) -> str:
        """Where the weight stands in its array."""
        return format_index(tuple({"k": k, "j": j}[axis] for axis in axes_of(self.wire)))

    def _why(self, name: str, gradient: float, k: int, j: int) -> list[str]:
        """What the gradient of one weight is the product of."""
        shares = self.factors.shares(k, j)
        start = f"∂{self.cost}/∂{name} = {signed(gradient, _DIGITS)}"
        if len(shares) == 1:
            told = [f"{start} = {self._product(k, j, 0)}", self.what]
        else:
            heaviest = int(np.argmax(np.nan_to_num(np.abs(shares), nan=np.inf)))
            share = number(float(shares[heaviest]), _DIGITS)
            told = [start, f"the sum over {len(shares)} examples of {self.what}"]
            told.append(f"most by example {heaviest}: {self._product(k, j, heaviest)} = {share}")
        other = gradient - float(shares.sum())
        if abs(other) > _CLOSE * max(abs(gradient), float(np.abs(shares).max(initial=0.0))):
            told.append(f"and {number(other, _DIGITS)} by other uses of it")
        return told

    def _product(self, k: int, j: int, example: int) -> str:
        factors = self.factors
        after = [factors.delta] if factors.slope is None else [factors.slope, factors.blame]
        rest = [parenthesize(number(float(table[j, example]), _DIGITS)) for table in after]
        return " × ".join([number(float(factors.said[k, example]), _DIGITS), *rest])

    def _what_is_multiplied(self) -> str:
        a, z = self.layer.a, self.layer.z
        if z is None or self.factors.slope is None:
            return f"activation in × δ = ∂{self.cost}/∂{self.name(a if z is None else z)}"
        symbol = derivative_symbol(a) if a is not z and a.inputs[0] is z else None
        slope = f"∂{self.name(a)}/∂{self.name(z)}" if symbol is None else text(str(symbol), 24)
        return f"activation in × {'1' if a is z else slope} × ∂{self.cost}/∂{self.name(a)}"
