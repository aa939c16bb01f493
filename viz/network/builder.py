"""Builds the picture of a network as neurons from a run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.errors import GraphError
from graphcore.extend import Connection, Layer, format_index, layers_of, symbol_of

from ..diagram.roles import find_targets
from ..errors import DrawError
from ..format.numbers import format_count, format_shape, format_signed, number, text
from .layer_values import LayerValues
from .model import Column, Network, Neuron, Origin, WeightEdge
from .weight_edges import ConnectionWeights, name_axes

#: the maximum number of weights that are drawn from an image
_MOST_FROM_IMAGE = 480
#: the maximum number of columns
_DEEPEST = 40
_NAMED = 4
_DIGITS = 4


def build_network(run: Run, example: int | None, show: str, most: int, title: str | None = None) -> Network:
    """Build the network of neurons of a run.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("one neuron")
    >>> x, w, y = g.input("x"), g.parameter("w", 2.0), g.input("y")
    >>> a = ops.sigmoid((w * x).named("z"), name="a")
    >>> run = gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.5, y: 1.0})
    >>> found = build_network(run, None, "gradient", 16)
    >>> [column.title for column in found.columns], [edge.weight for edge in found.weight_edges]
    (['x', 'a'], [2.0])
    >>> print("; ".join(found.weight_edges[0].tooltip))
    w = 2, from x to a; ∂C/∂w = ▼ −0.05288 = 0.5 × 0.1966 × (−0.5379); activation in × σ′(z) × ∂C/∂a
    """
    return _NetworkBuilder(run, LayerValues(run, example), show, most).build(title)


class _NetworkBuilder:
    """Collects columns, neurons and weights from a run."""

    def __init__(self, run: Run, layer_values: LayerValues, show: str, most: int) -> None:
        self.run, self.layer_values, self.show, self.most = run, layer_values, show, most
        try:
            self.layers = layers_of(run)
        except GraphError as error:
            raise DrawError(f"{error}; viz.draw(run) draws every graph") from error
        depth = 1 + max(layer.depth for layer in self.layers)
        if depth > _DEEPEST:
            raise DrawError(
                f"a network of {depth} layers is too deep to draw as neurons, {_DEEPEST} are the maximum; "
                f"viz.draw(run) folds deep networks"
            )
        if not all(layer_values.examples(layer) for layer in self.layers):
            raise DrawError("this run has no examples, so no neuron has an activation: feed at least one")
        self.activations = {layer: layer_values.activations(layer) for layer in self.layers}
        #: the layers of each depth, and the position of the first neuron of each in its column
        self.columns: list[list[Layer]] = [[] for _ in range(depth)]
        self.first: dict[Layer, int] = {}
        for layer in self.layers:
            column = self.columns[layer.depth]
            self.first[layer] = sum(len(self.activations[other]) for other in column)
            column.append(layer)
        #: the visible neurons of each layer
        self.seen: dict[Layer, list[int]] = {}
        self._names: dict[Node, str] = {}
        self.cost = text(str(symbol_of(run.output, run)), 12)
        self.targets = self._targets()
        self.last = set(self.layers) - {connection.source for layer in self.layers for connection in layer.connections}

    def build(self, title: str | None) -> Network:
        columns = [self._column(layers) for layers in self.columns]
        weight_edges: list[WeightEdge] = []
        notes = []
        for layer in self.layers:
            for connection in layer.connections:
                found, possible = self._weight_edges(
                    connection, layer, from_image=bool(columns[connection.source.depth].pixels)
                )
                weight_edges += found
                if len(found) < possible:
                    notes.append(self._some_of(connection, len(found), possible))
        return Network(
            title=text(self.run.graph.name if title is None else title, 60),
            columns=columns,
            weight_edges=weight_edges,
            cost=self.cost,
            cost_value=self.layer_values.cost,
            show=self.show,
            about=self._about(),
            notes=notes,
            target=", ".join(dict.fromkeys(text(node.label, 12) for node in self.targets.values())),
            cost_node=self.run.output.index,
        )

    def _about(self) -> str:
        examples = self.layer_values.examples(self.layers[-1])
        if self.layer_values.example is not None:
            return f"training example {self.layer_values.example} of {examples}"
        return f"activations: average over {examples} examples; gradients: of the cost of all" if examples > 1 else ""

    def _some_of(self, connection: Connection, shown: int, possible: int) -> str:
        name = text(connection.weights.label, 14)
        size = f"|∂{self.cost}/∂{name}|" if self.show == "gradient" else f"|{name}|"
        return f"of the {format_count(possible, 'weight')} of {name}, the {shown} with the largest {size}"

    def _targets(self) -> dict[Layer, Node]:
        """Return the target of each layer that is compared with one."""
        home = {
            node: layer for layer in self.layers if layer.z is not None for node in (layer.a, layer.z, *layer.chain)
        }
        met = [
            (home[other], target)
            for target in sorted(find_targets(self.run.order), key=lambda node: node.index)
            for consumer in target.graph.successors(target)
            for other in consumer.inputs
            if other in home
        ]
        first = dict(reversed(met))
        return {layer: first[layer] for layer in self.layers if layer in first}

    # -- columns

    def _column(self, layers: list[Layer]) -> Column:
        total = sum(len(self.activations[layer]) for layer in layers)
        pixels = self._pixels(layers)
        gap = missing = 0
        if not pixels and total > self.most:
            gap, missing = (self.most + 1) // 2, total - self.most
        neurons: list[Neuron] = []
        for layer in layers:
            first = self.first[layer]
            numbers = range(len(self.activations[layer]))
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
            weights=[(connection.weights.index, name_axes(connection)) for connection in layer.connections],
            target=None if target is None else target.index,
        )

    @staticmethod
    def _about_column(layers: list[Layer], total: int, pixels: int) -> list[str]:
        size = f"{pixels} × {pixels} pixels" if pixels else format_count(total, "neuron") if total > 1 else ""
        made_by = [layer.a.op.name for layer in layers if layer.a.op is not None and layer.z not in (None, layer.a)]
        return [line for line in (size, ", ".join(dict.fromkeys(made_by))) if line]

    def _about_weights(self, layers: list[Layer]) -> str:
        """List names and shapes of the arrays of weights that enter; single numbers are omitted."""
        arrays = dict.fromkeys(
            connection.weights for layer in layers for connection in layer.connections if connection.weights.ndim
        )
        lines = [f"{text(node.label, 14)}  {format_shape(tuple(self.run.value[node].shape))}" for node in arrays]
        return ", ".join(lines[:2]) + (", …" if len(lines) > 2 else "")

    def _pixels(self, layers: list[Layer]) -> int:
        """Return the number of pixels in a row if the input can be shown as an image, else 0."""
        (layer, *others) = layers
        if others or layer.depth or layer.axis is None:
            return 0
        every = self.layer_values.all_activations(layer)
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
        """Return the visible neurons of a layer; ``full`` is the activation with the full shade, if fixed."""
        activations, layer_values = self.activations[layer], self.layer_values
        if full is None:
            full = max(1.0, float(np.max(np.abs(activations), initial=0.0, where=np.isfinite(activations))))
        arrays: dict[str, Any] = {}
        if layer.z is not None:
            arrays |= {"bias": layer_values.biases(layer), "delta": layer_values.delta(layer)}
        if layer in self.last:
            arrays["output_gradient"] = layer_values.output_gradient(layer)
            arrays["target"] = layer_values.target(layer, self.targets[layer]) if layer in self.targets else None
        weighted_sums = layer_values.weighted_sums(layer) if layer.z is not None and layer.z is not layer.a else None
        made = []
        for i in self.seen[layer]:
            numbers = {what: float(array[i]) for what, array in arrays.items() if array is not None}
            entry = format_index((i,)) if layer.axis is not None else ""
            lines = self._tooltip_lines(
                layer, entry, float(activations[i]), None if weighted_sums is None else float(weighted_sums[i]), numbers
            )
            name = self._name(layer.a) + entry
            made.append(Neuron(self._key(layer, i), name, float(activations[i]), full, tooltip=lines, **numbers))
        return made

    def _tooltip_lines(
        self, layer: Layer, entry: str, activations: float, weighted_sums: float | None, numbers: dict[str, float]
    ) -> list[str]:
        """Return the lines of a neuron's tooltip."""
        name, lines = self._name(layer.a) + entry, []
        lines.append(f"{name} = {number(activations, _DIGITS)}")
        inner = self._name(layer.z) + entry if layer.z is not None else ""
        if weighted_sums is not None:
            lines.append(f"{inner} = {number(weighted_sums, _DIGITS)}")
        if "bias" in numbers:
            lines.append(f"bias {number(numbers['bias'], _DIGITS)}")
        if "delta" in numbers:
            lines.append(f"δ = ∂{self.cost}/∂{inner} = {format_signed(numbers['delta'], _DIGITS)}")
        if "output_gradient" in numbers and inner != name:
            lines.append(f"∂{self.cost}/∂{name} = {format_signed(numbers['output_gradient'], _DIGITS)}")
        if "target" in numbers:
            lines.append(f"target {number(numbers['target'], _DIGITS)}")
        return lines

    # -- weights

    def _weight_edges(self, connection: Connection, layer: Layer, *, from_image: bool) -> tuple[list[WeightEdge], int]:
        """Return the visible weights (from an image, the largest) and the number of all between visible neurons."""
        sources, targets = self.seen[connection.source], self.seen[layer]
        most = max(1, _MOST_FROM_IMAGE // max(1, len(targets))) if from_image else len(sources)
        bundle = ConnectionWeights(self.layer_values, connection, layer, self._key, self.cost, self._name)
        return bundle.weight_edges(sources, targets, self.show, most), len(sources) * len(targets)
