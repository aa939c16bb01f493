"""From a run to the picture of its network as neurons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.errors import GraphError
from graphcore.extend import Connection, Layer, format_index, layers_of, symbol_of

from ..diagram.roles import targets_of
from ..errors import DrawError
from ..format.numbers import count, number, signed, text, times
from .layer_values import Reading
from .model import Column, Network, Neuron, Origin, Strand
from .weight_edges import Bundle, axes_of

#: a picture has no more weights than this that begin at an image
_MOST_FROM_IMAGE = 480
#: nor more columns than this
_DEEPEST = 40
_NAMED = 4
_DIGITS = 4


def network_of(run: Run, example: int | None, show: str, most: int, title: str | None = None) -> Network:
    """What there is to show.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("one neuron")
    >>> x, w, y = g.input("x"), g.parameter("w", 2.0), g.input("y")
    >>> a = ops.sigmoid((w * x).named("z"), name="a")
    >>> run = gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.5, y: 1.0})
    >>> found = network_of(run, None, "gradient", 16)
    >>> [column.title for column in found.columns], [strand.weight for strand in found.strands]
    (['x', 'a'], [2.0])
    >>> print("; ".join(found.strands[0].tooltip))
    w = 2, from x to a; ∂C/∂w = ▼ −0.05288 = 0.5 × 0.1966 × (−0.5379); activation in × σ′(z) × ∂C/∂a
    """
    return _Gatherer(run, Reading(run, example), show, most).gathered(title)


class _Gatherer:
    """Knows the run, and where every neuron stands."""

    def __init__(self, run: Run, reading: Reading, show: str, most: int) -> None:
        self.run, self.reading, self.show, self.most = run, reading, show, most
        try:
            self.layers = layers_of(run)
        except GraphError as error:
            raise DrawError(f"{error}; viz.draw(run) draws every graph") from error
        depth = 1 + max(layer.depth for layer in self.layers)
        if depth > _DEEPEST:
            raise DrawError(
                f"nobody could read {depth} layers of neurons beside each other, {_DEEPEST} are the most; "
                f"viz.draw(run) folds what is deep"
            )
        if not all(reading.examples(layer) for layer in self.layers):
            raise DrawError("there is no example in this run, so no neuron has an activation: feed at least one")
        self.said = {layer: reading.said(layer) for layer in self.layers}
        #: the layers of each depth, and where the neurons of each begin in their column
        self.columns: list[list[Layer]] = [[] for _ in range(depth)]
        self.first: dict[Layer, int] = {}
        for layer in self.layers:
            column = self.columns[layer.depth]
            self.first[layer] = sum(len(self.said[other]) for other in column)
            column.append(layer)
        #: the neurons of each layer that are seen
        self.seen: dict[Layer, list[int]] = {}
        self._names: dict[Node, str] = {}
        self.cost = text(str(symbol_of(run.output, run)), 12)
        self.targets = self._targets()
        self.last = set(self.layers) - {wire.source for layer in self.layers for wire in layer.connections}

    def gathered(self, title: str | None) -> Network:
        columns = [self._column(layers) for layers in self.columns]
        strands: list[Strand] = []
        notes = []
        for layer in self.layers:
            for wire in layer.connections:
                found, possible = self._strands(wire, layer, from_image=bool(columns[wire.source.depth].pixels))
                strands += found
                if len(found) < possible:
                    notes.append(self._some_of(wire, len(found), possible))
        return Network(
            title=text(self.run.graph.name if title is None else title, 60),
            columns=columns,
            strands=strands,
            cost=self.cost,
            cost_value=self.reading.cost,
            show=self.show,
            about=self._about(),
            notes=notes,
            target=", ".join(dict.fromkeys(text(node.label, 12) for node in self.targets.values())),
            cost_node=self.run.output.index,
        )

    def _about(self) -> str:
        examples = self.reading.examples(self.layers[-1])
        if self.reading.example is not None:
            return f"training example {self.reading.example} of {examples}"
        return f"activations: average over {examples} examples; gradients: of the cost of all" if examples > 1 else ""

    def _some_of(self, wire: Connection, shown: int, possible: int) -> str:
        name = text(wire.weights.label, 14)
        size = f"|∂{self.cost}/∂{name}|" if self.show == "gradient" else f"|{name}|"
        return f"of the {count(possible, 'weight')} of {name}, the {shown} with the largest {size}"

    def _targets(self) -> dict[Layer, Node]:
        """For each layer that is compared with a target, that target."""
        home = {
            node: layer for layer in self.layers if layer.z is not None for node in (layer.a, layer.z, *layer.chain)
        }
        met = [
            (home[other], target)
            for target in sorted(targets_of(self.run.order), key=lambda node: node.index)
            for consumer in target.graph.successors(target)
            for other in consumer.inputs
            if other in home
        ]
        first = dict(reversed(met))
        return {layer: first[layer] for layer in self.layers if layer in first}

    # -- columns

    def _column(self, layers: list[Layer]) -> Column:
        total = sum(len(self.said[layer]) for layer in layers)
        pixels = self._pixels(layers)
        gap = missing = 0
        if not pixels and total > self.most:
            gap, missing = (self.most + 1) // 2, total - self.most
        neurons: list[Neuron] = []
        for layer in layers:
            first = self.first[layer]
            numbers = range(len(self.said[layer]))
            self.seen[layer] = [i for i in numbers if not missing or not gap <= first + i < gap + missing]
            neurons += self._neurons(layer, full=1.0 if pixels else None)
        names = list(dict.fromkeys(self._name(layer.a) for layer in layers))
        return Column(
            title=", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else ""),
            about_lines=self._about_column(layers, total, pixels),
            neurons=neurons,
            gap=gap,
            missing=missing,
            pixels=pixels,
            weights=self._about_weights(layers),
            origins=[self._origin(layer) for layer in layers],
        )

    def _origin(self, layer: Layer) -> Origin:
        target = self.targets.get(layer)
        return Origin(
            first=self.first[layer],
            node=layer.a.index,
            axis=None if layer.axis is None else layer.axis % len(self.run.value[layer.a].shape),
            weights=[(wire.weights.index, axes_of(wire)) for wire in layer.connections],
            target=None if target is None else target.index,
        )

    @staticmethod
    def _about_column(layers: list[Layer], total: int, pixels: int) -> list[str]:
        size = f"{pixels} × {pixels} pixels" if pixels else count(total, "neuron") if total > 1 else ""
        made_by = [layer.a.op.name for layer in layers if layer.a.op is not None and layer.z not in (None, layer.a)]
        return [line for line in (size, ", ".join(dict.fromkeys(made_by))) if line]

    def _about_weights(self, layers: list[Layer]) -> str:
        """Names and shapes of the arrays of weights that enter; single numbers are not listed."""
        arrays = dict.fromkeys(wire.weights for layer in layers for wire in layer.connections if wire.weights.ndim)
        told = [f"{text(node.label, 14)}  {times(tuple(self.run.value[node].shape))}" for node in arrays]
        return ", ".join(told[:2]) + (", …" if len(told) > 2 else "")

    def _pixels(self, layers: list[Layer]) -> int:
        """How many pixels the input has in a row, if it can be seen as an image."""
        (layer, *others) = layers
        if others or layer.depth or layer.axis is None:
            return 0
        every = self.reading.every(layer)
        side = math.isqrt(len(every))
        is_wide = len(every) > self.most and side * side == len(every)
        return side if is_wide and bool(np.all((every >= 0) & (every <= 1))) else 0

    # -- neurons

    def _key(self, layer: Layer, i: int) -> str:
        return f"neuron-{layer.depth}-{self.first[layer] + i}"

    def _name(self, node: Node) -> str:
        if node not in self._names:
            self._names[node] = text(str(symbol_of(node, self.run)), 14)
        return self._names[node]

    def _neurons(self, layer: Layer, full: float | None) -> list[Neuron]:
        """Those of a layer that are seen; ``full`` is the activation with the full shade, if it is known."""
        said, reading = self.said[layer], self.reading
        if full is None:
            full = max(1.0, float(np.max(np.abs(said), initial=0.0, where=np.isfinite(said))))
        arrays: dict[str, Any] = {}
        if layer.z is not None:
            arrays |= {"bias": reading.bias(layer), "delta": reading.delta(layer)}
        if layer in self.last:
            arrays["blame"] = reading.blame(layer)
            arrays["target"] = reading.target(layer, self.targets[layer]) if layer in self.targets else None
        summed = reading.summed(layer) if layer.z is not None and layer.z is not layer.a else None
        made = []
        for i in self.seen[layer]:
            numbers = {what: float(array[i]) for what, array in arrays.items() if array is not None}
            entry = format_index((i,)) if layer.axis is not None else ""
            told = self._told(layer, entry, float(said[i]), None if summed is None else float(summed[i]), numbers)
            name = self._name(layer.a) + entry
            made.append(Neuron(self._key(layer, i), name, float(said[i]), full, tooltip=told, **numbers))
        return made

    def _told(
        self, layer: Layer, entry: str, said: float, summed: float | None, numbers: dict[str, float]
    ) -> list[str]:
        """What a neuron says of itself when it is asked."""
        name, told = self._name(layer.a) + entry, []
        told.append(f"{name} = {number(said, _DIGITS)}")
        inner = self._name(layer.z) + entry if layer.z is not None else ""
        if summed is not None:
            told.append(f"{inner} = {number(summed, _DIGITS)}")
        if "bias" in numbers:
            told.append(f"bias {number(numbers['bias'], _DIGITS)}")
        if "delta" in numbers:
            told.append(f"δ = ∂{self.cost}/∂{inner} = {signed(numbers['delta'], _DIGITS)}")
        if "blame" in numbers and inner != name:
            told.append(f"∂{self.cost}/∂{name} = {signed(numbers['blame'], _DIGITS)}")
        if "target" in numbers:
            told.append(f"it should have said {number(numbers['target'], _DIGITS)}")
        return told

    # -- weights

    def _strands(self, wire: Connection, layer: Layer, *, from_image: bool) -> tuple[list[Strand], int]:
        """The weights between neurons that are seen, and how many there are; from an image those that matter most."""
        sources, targets = self.seen[wire.source], self.seen[layer]
        most = max(1, _MOST_FROM_IMAGE // max(1, len(targets))) if from_image else len(sources)
        bundle = Bundle(self.reading, wire, layer, self._key, self.cost, self._name)
        return bundle.strands(sources, targets, self.show, most), len(sources) * len(targets)
