"""From a run to the picture of its network as neurons."""

from __future__ import annotations

import math

import numpy as np

from graphcore import Node
from graphcore.explaining.layers import Layer, Wire, layers_of
from graphcore.explaining.numbers import held, place
from graphcore.explaining.symbols import symbol_of
from graphcore.formulas import derivative_symbol
from graphcore.run import Run

from .columns import Column, Network, Neuron, Strand
from .numbers import count, number, signed, text, times
from .readings import Factors, Reading
from .roles import targets_of

#: a picture has no more weights than this that begin at an image
_MOST_FROM_IMAGE = 480
_CLOSE = 1e-4
_DIGITS = 4


def network_of(run: Run, example: int | None, show: str, most: int, title: str | None = None) -> Network:
    """What there is to show.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("one neuron")
    >>> x, w, y = g.input("x"), g.parameter("w", 2.0), g.input("y")
    >>> a = ops.sigmoid((w * x).named("z"), name="a")
    >>> found = network_of(gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.5, y: 1.0}), None, "gradient", 16)
    >>> [column.title for column in found.columns], [strand.weight for strand in found.strands], found.columns[1].about_lines
    (['x', 'a'], [2.0], ['sigmoid'])
    >>> print(found.strands[0].tooltip[1])
    ∂C/∂w = ▼ −0.05288 = 0.5 × 0.1966 × (−0.5379)
    """
    return _Gatherer(run, Reading(run, example), show, most).gathered(title)


class _Gatherer:
    """Knows the run, and where every neuron stands."""

    def __init__(self, run: Run, reading: Reading, show: str, most: int) -> None:
        self.run, self.reading, self.show, self.most = run, reading, show, most
        self.layers = layers_of(run)
        #: the layers of each depth, and where the neurons of each begin in their column
        self.columns: list[list[Layer]] = [[] for _ in range(1 + max(layer.depth for layer in self.layers))]
        self.first: dict[Layer, int] = {}
        self.said = {layer: reading.said(layer) for layer in self.layers}
        for layer in self.layers:
            before = self.columns[layer.depth]
            self.first[layer] = sum(len(self.said[other]) for other in before)
            before.append(layer)
        self.cost = text(str(symbol_of(run.output, run)), 12)
        self.targets = self._targets()
        sources = {wire.source for layer in self.layers for wire in layer.wires}
        self.last = {layer for layer in self.layers if layer not in sources}

    def gathered(self, title: str | None) -> Network:
        made = [self._column(depth) for depth in range(len(self.columns))]
        seen = {neuron.key: neuron for column in made for neuron in column.neurons}
        strands, notes = [], []
        for layer in self.layers:
            for number_of_wire, wire in enumerate(layer.wires):
                drawn, possible = self._strands(wire, layer, number_of_wire, seen, made[wire.source.depth])
                strands += drawn
                if len(drawn) < possible:
                    what = (
                        f"∂{self.cost}/∂{self._weights_name(wire)}"
                        if self.show == "gradient"
                        else self._weights_name(wire)
                    )
                    notes.append(
                        f"of the {count(possible, 'weight')} of {self._weights_name(wire)}, the {len(drawn)} with the largest |{what}|"
                    )
        return Network(
            title=text(self.run.graph.name if title is None else title, 60),
            columns=made,
            strands=strands,
            cost=self.cost,
            cost_value=self.reading.cost,
            show=self.show,
            about=self._about(),
            notes=notes,
            target=", ".join(dict.fromkeys(text(node.label, 12) for node in self.targets.values())),
        )

    def _about(self) -> str:
        examples = self.reading.examples(self.layers[0])
        if self.reading.example is not None:
            return f"training example {self.reading.example} of {examples}"
        return (
            f"activations: average over {count(examples, 'example')}; gradients: of the cost of all"
            if examples > 1
            else ""
        )

    # -- neurons

    def _column(self, depth: int) -> Column:
        layers = self.columns[depth]
        total = sum(len(self.said[layer]) for layer in layers)
        pixels = self._pixels(layers[0]) if depth == 0 and len(layers) == 1 else 0
        gap = missing = 0
        if not pixels and total > self.most:
            gap, missing = (self.most + 1) // 2, total - self.most
        shown = [i for i in range(total) if not missing or i < gap or i >= gap + missing]
        neurons = {}
        for layer in layers:
            here = [i - self.first[layer] for i in shown if 0 <= i - self.first[layer] < len(self.said[layer])]
            neurons.update((self.first[layer] + i, neuron) for i, neuron in self._neurons(layer, here, bool(pixels)))
        return Column(
            title=", ".join(dict.fromkeys(self._name(layer.a) for layer in layers[:4]))
            + (", …" if len(layers) > 4 else ""),
            about_lines=self._about_layers(layers, total, pixels),
            neurons=[neurons[i] for i in shown],
            gap=gap,
            missing=missing,
            pixels=pixels,
            weights=", ".join(dict.fromkeys(self._about_weights(w) for layer in layers[:2] for w in layer.wires[:2]))
            if all(layer.axis is not None for layer in layers)
            else "",
        )

    def _about_layers(self, layers: list[Layer], total: int, pixels: int) -> list[str]:
        made_by = dict.fromkeys(
            layer.a.op.name for layer in layers if layer.a.op is not None and layer.z not in (None, layer.a)
        )
        size = f"{pixels} × {pixels} pixels" if pixels else count(total, "neuron") if total > 1 else ""
        return [*([size] if size else []), *list(made_by)[:2]]

    def _about_weights(self, wire: Wire) -> str:
        return f"{self._weights_name(wire)}  {times(tuple(self.run.value[wire.weights].shape))}"

    def _pixels(self, layer: Layer) -> int:
        """How many pixels the input has in a row, if it can be seen as an image."""
        every = self.reading.every(layer)
        side = math.isqrt(len(every))
        wide = len(every) > self.most and side * side == len(every)
        return side if wide and layer.axis is not None and bool(np.all((every >= 0) & (every <= 1))) else 0

    def _neurons(self, layer: Layer, shown: list[int], as_pixels: bool) -> list[tuple[int, Neuron]]:
        said = self.said[layer]
        finite = np.abs(said[np.isfinite(said)])
        full = 1.0 if as_pixels or not finite.size or finite.max() <= 1 else float(finite.max())
        reading = self.reading
        summed = delta = bias = blame = target = None
        if layer.z is not None:
            summed, delta, bias = reading.summed(layer), reading.delta(layer), reading.bias(layer)
        if layer in self.last:
            blame = reading.blame(layer)
            target = reading.target(layer, self.targets[layer]) if layer in self.targets else None
        made = []
        for i in shown:
            at = (i,) if layer.axis is not None else ()
            name = self._name(layer.a) + place(at)
            values = {
                key: None if of is None else float(of[i])
                for key, of in (("bias", bias), ("delta", delta), ("blame", blame), ("target", target))
            }
            tooltip = [f"{name} = {number(said[i], _DIGITS)}"]
            if summed is not None and layer.a is not layer.z:
                tooltip.append(f"{self._name(layer.z)}{place(at)} = {number(summed[i], _DIGITS)}")
            if values["bias"] is not None:
                tooltip.append(f"bias {number(values['bias'], _DIGITS)}")
            if values["delta"] is not None:
                tooltip.append(
                    f"δ = ∂{self.cost}/∂{self._name(layer.z)}{place(at)} = {signed(values['delta'], _DIGITS)}"
                )
            if values["blame"] is not None:
                tooltip.append(f"∂{self.cost}/∂{name} = {signed(values['blame'], _DIGITS)}")
            if values["target"] is not None:
                tooltip.append(f"it should have said {number(values['target'], _DIGITS)}")
            made.append((i, Neuron(self._key(layer, i), name, float(said[i]), full, tooltip=tooltip, **values)))
        return made

    def _key(self, layer: Layer, i: int) -> str:
        return f"neuron-{layer.depth}-{self.first[layer] + i}"

    def _name(self, node: Node) -> str:
        return text(str(symbol_of(node, self.run)), 14)

    def _weights_name(self, wire: Wire) -> str:
        return text(wire.weights.label, 14)

    def _targets(self) -> dict[Layer, Node]:
        """For each layer that is compared with a target, that target."""
        home = {node: layer for layer in self.layers for node in (layer.a, layer.z, *layer.chain) if node is not None}
        found = {}
        for target in targets_of(self.run.order):
            for consumer in target.graph.successors_of(target):
                for other in consumer.inputs:
                    if other in home and home[other].z is not None:
                        found.setdefault(home[other], target)
        return {layer: found[layer] for layer in self.layers if layer in found}

    # -- weights

    def _strands(
        self, wire: Wire, layer: Layer, which: int, seen: dict[str, Neuron], before: Column
    ) -> tuple[list[Strand], int]:
        """The weights between neurons that are seen, and how many there are; from an image those that matter most."""
        weights, gradient = self.reading.weights(wire), self.reading.gradient(wire)
        sizes = gradient if self.show == "gradient" else weights
        rows, columns = sizes.shape
        sources = [k for k in range(rows) if self._key(wire.source, k) in seen]
        targets = [j for j in range(columns) if self._key(layer, j) in seen]
        most = max(1, _MOST_FROM_IMAGE // max(1, len(targets))) if before.pixels else rows
        factors = self.reading.factors(wire, layer)
        strands = []
        for j in targets:
            heaviest = sources
            if len(sources) > most:
                heaviest = sorted(sorted(sources, key=lambda k: -abs(np.nan_to_num(sizes[k, j], nan=np.inf)))[:most])
            for k in heaviest:
                if before.pixels and sizes[k, j] == 0:
                    continue
                name = self._weights_name(wire) + self._entry(wire, k, j)
                ends = f"from {seen[self._key(wire.source, k)].name} to {seen[self._key(layer, j)].name}"
                told = [
                    f"{name} = {number(weights[k, j], _DIGITS)}, {ends}",
                    *self._why(name, gradient[k, j], factors, k, j, layer),
                ]
                key = (
                    f"weight-{layer.depth}-{self.first[layer] + j}-{wire.source.depth}-{self.first[wire.source] + k}"
                    + (f"-{which}" if which else "")
                )
                strands.append(
                    Strand(
                        key,
                        self._key(wire.source, k),
                        self._key(layer, j),
                        float(weights[k, j]),
                        float(gradient[k, j]),
                        float(sizes[k, j]),
                        name,
                        told,
                    )
                )
        return strands, len(sources) * len(targets)

    def _entry(self, wire: Wire, k: int, j: int) -> str:
        at: dict[int, tuple[int, ...]] = {0: (), 1: (k,), 2: (j, k) if wire.is_transposed else (k, j)}
        return place(at[self.run.value[wire.weights].ndim])

    def _why(self, name: str, gradient: float, factors: Factors, k: int, j: int, layer: Layer) -> list[str]:
        """What the gradient of one weight is the product of."""
        shares = factors.shares(k, j)
        start = f"∂{self.cost}/∂{name} = {signed(gradient, _DIGITS)}"
        symbols = f"activation in × {self._slope_name(layer)} × ∂{self.cost}/∂{self._name(layer.a)}"
        if factors.slope is None:
            symbols = f"activation in × δ = ∂{self.cost}/∂{self._name(layer.z)}"
        if len(shares) == 1:
            told = [f"{start} = {self._product(factors, k, j, 0)}", symbols]
        else:
            heaviest = int(np.argmax(np.nan_to_num(np.abs(shares), nan=np.inf)))
            told = [start, f"the sum over {len(shares)} examples of {symbols}"]
            told.append(
                f"most by example {heaviest}: {self._product(factors, k, j, heaviest)} = {number(shares[heaviest], _DIGITS)}"
            )
        other = gradient - shares.sum()
        if abs(other) > _CLOSE * max(abs(gradient), float(np.abs(shares).max())):
            told.append(f"and {number(other, _DIGITS)} by other uses of it")
        return told

    def _product(self, factors: Factors, k: int, j: int, example: int) -> str:
        parts = [factors.said[k, example]]
        parts += (
            [factors.delta[j, example]]
            if factors.slope is None
            else [factors.slope[j, example], factors.blame[j, example]]
        )
        first, *rest = (number(part, _DIGITS) for part in parts)
        return " × ".join([first, *(held(part) for part in rest)])

    def _slope_name(self, layer: Layer) -> str:
        if layer.a is layer.z:
            return "1"
        direct = layer.a.inputs[0] is layer.z
        symbol = derivative_symbol(layer.a) if direct else None
        return text(str(symbol), 24) if symbol is not None else f"∂{self._name(layer.a)}/∂{self._name(layer.z)}"
