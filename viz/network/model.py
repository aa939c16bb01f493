"""The model of a network of neurons, independent of colours and DOT: columns of neurons, and weights between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Neuron:
    """One neuron with its numbers.

    >>> Neuron("neuron-0-1", "x[1]", 0.5, 2.0).shade
    0.25
    """

    #: the id of its SVG element
    key: str
    name: str
    #: the activation
    value: float
    #: the activation that has the full shade
    full: float = 1.0
    bias: float | None = None
    #: ∂C/∂z
    delta: float | None = None
    #: the target of a neuron of the last layer
    target: float | None = None
    #: ∂C/∂a, for a neuron that the cost uses
    output_gradient: float | None = None
    tooltip: list[str] = field(default_factory=list)

    @property
    def shade(self) -> float:
        """Shade from −1 to 1; NaN if the activation is not finite."""
        if not np.isfinite(self.value):
            return float("nan")
        return max(-1.0, min(1.0, self.value / self.full)) if self.full else 0.0


@dataclass(frozen=True)
class Origin:
    """The nodes of the graph behind some neurons of a column and their weights.

    >>> Origin(first=0, node=2, axis=1, weights=[(1, "kj")], target=None).as_dict()
    {'first': 0, 'node': 2, 'axis': 1, 'weights': [[1, 'kj']], 'target': None}
    """

    #: the number of its first neuron in the column
    first: int
    #: the node of the activations, by its number in the graph, and its axis along which the neurons lie, if any
    node: int
    axis: int | None
    #: of each array of weights that enters, in the order of their keys: the node and its axes, k for the source
    #: neurons and j for the target neurons
    weights: list[tuple[int, str]]
    #: the node of their targets
    target: int | None

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary ready for JSON."""
        return {
            "first": self.first,
            "node": self.node,
            "axis": self.axis,
            "weights": [list(weights) for weights in self.weights],
            "target": self.target,
        }


@dataclass(frozen=True)
class Column:
    """The neurons of one depth, from top to bottom; of a wide layer the first and the last, or all as an image.

    >>> ends = [Neuron(f"neuron-0-{i}", "", 0.0) for i in (0, 1, 782, 783)]
    >>> column = Column("x", ["784 neurons"], ends, gap=2, missing=780)
    >>> column.row_positions
    [0, 1, 3, 4]
    """

    title: str
    about_lines: list[str]
    neurons: list[Neuron]
    #: the number of neurons above the gap, and of those omitted in it
    gap: int = 0
    missing: int = 0
    #: the number of pixels in a row of the image; 0 if the neurons are drawn as circles
    pixels: int = 0
    #: the label above the weights that enter: their names and shapes
    weights: str = ""
    #: in the order of the neurons
    origins: list[Origin] = field(default_factory=list)

    @property
    def row_positions(self) -> list[int]:
        """Row of each neuron; the gap is a row too."""
        return [i if i < self.gap or not self.missing else i + 1 for i in range(len(self.neurons))]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.neurons) + bool(self.missing)


@dataclass(frozen=True)
class WeightEdge:
    """One weight between two neurons.

    >>> WeightEdge("weight-1-0-0", "neuron-0-0", "neuron-1-0", 0.5, -2.0, size=-2.0).sign
    'negative'
    """

    key: str
    source: str
    target: str
    weight: float
    gradient: float
    #: the one of the two that determines colour and width
    size: float
    #: the name of the weight, with its entry
    name: str = ""
    tooltip: list[str] = field(default_factory=list)

    @property
    def sign(self) -> str:
        """CSS class of the sign."""
        if not np.isfinite(self.size):
            return "alarm"
        return "positive" if self.size > 0 else "negative" if self.size < 0 else "zero"


@dataclass(frozen=True)
class Network:
    """A complete network.

    >>> Network("net", [], [], "C", 0.5, "gradient").largest
    0.0
    """

    title: str
    columns: list[Column]
    weight_edges: list[WeightEdge]
    #: the symbol of the cost, and its value
    cost: str
    cost_value: float
    #: "gradient" or "weight"
    show: str
    #: the examples that the numbers belong to
    about: str = ""
    notes: list[str] = field(default_factory=list)
    target: str = ""
    #: the node of the cost, by its number in the graph
    cost_node: int = -1

    @cached_property
    def largest(self) -> float:
        """Magnitude of the largest finite weight or gradient, to which all widths are relative."""
        sizes = (abs(edge.size) for edge in self.weight_edges)
        return max((size for size in sizes if np.isfinite(size)), default=0.0)

    @cached_property
    def largest_delta(self) -> float:
        """Magnitude of the largest finite δ, to which all rings are relative."""
        sizes = (abs(n.delta) for column in self.columns for n in column.neurons if n.delta is not None)
        return max((size for size in sizes if np.isfinite(size)), default=0.0)

    @cached_property
    def largest_output_gradient(self) -> float:
        """Magnitude of the largest finite ∂C/∂a, to which the lines to the cost are relative."""
        sizes = (
            abs(n.output_gradient) for column in self.columns for n in column.neurons if n.output_gradient is not None
        )
        return max((size for size in sizes if np.isfinite(size)), default=0.0)
