"""Where everything stands in the picture of a network, in points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .model import Column, Network

#: how wide an image is at most, and at least
_LARGEST_IMAGE, _SMALLEST_IMAGE = 250.0, 150.0
#: room for the number of a neuron
_NUMBER = 17.0
#: half of the smallest node that the engine knows
_POINT = 0.36
#: from one line of a title to the next
_LINE = 15.0


@dataclass(frozen=True)
class Size:
    """How large neurons are drawn when their column has so many rows.

    >>> size_for(1).is_roomy, size_for(16).is_roomy
    (True, False)
    """

    #: from one row to the next, and from the middle of a neuron to its ring
    apart: float
    radius: float
    #: the size of what is written beside a neuron
    small: float
    #: how much room that has, at the right of the neuron; 0 if it stands below
    beside: float

    @property
    def is_roomy(self) -> bool:
        """Whether there is room for names, and for several lines below each neuron."""
        return self.beside == 0


def size_for(rows: int) -> Size:
    """Few neurons are large and far apart, many are small and close.

    >>> size_for(3).radius > size_for(8).radius > size_for(30).radius
    True
    """
    if rows <= 4:
        return Size(132.0, 28.0, 10.5, 0.0)
    return Size(62.0, 20.0, 9.0, 70.0) if rows <= 8 else Size(42.0, 15.5, 7.5, 60.0)


class Places:
    """The places of columns and rows.

    >>> from viz.network.model import Neuron
    >>> places = Places(Network("net", [Column("x", [], [Neuron("neuron-0-0", "x", 0.5)])], [], "C", 0.0, "gradient"))
    >>> places.size.is_roomy, places.row(places.network.columns[0], 0)
    (True, 0.0)
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        rows = max((column.rows for column in network.columns if not column.pixels), default=1)
        self.size = size_for(rows)
        #: how high the highest column of circles is
        self.height = (rows - 1) * self.size.apart
        self.between = min(300.0, max(175.0, 0.36 * self.height))
        #: the middle of the circles of each column, or of its image
        self.x: list[float] = []
        end = -self.between
        for column in network.columns:
            before = self._half(column) if column.pixels else self.size.radius
            self.x.append(round(end + self.between + before))
            end = self.x[-1] + (before if column.pixels else self.size.radius + self.beside(column))
        images = [self._half(column) for column in network.columns if column.pixels]
        #: where circles and images end above
        self.top = max(self.height / 2 + self.size.radius, *images, 0.0)
        lines = 1 + max((len(column.about_lines) for column in network.columns), default=0)
        #: where the titles of the columns begin above; they stand below each other to the ground of the longest
        self.titles = self.top + (34 if self.size.is_roomy else 14) + _LINE * lines
        has_targets = any(neuron.target is not None for column in network.columns for neuron in column.neurons)
        #: where the targets stand, and the cost
        self.target = end + 14 + self.target_radius
        self.cost = (self.target + self.target_radius if has_targets else end) + max(115.0, 0.42 * self.between)
        self.right = self.cost + 45

    @property
    def target_radius(self) -> float:
        """How large a target is drawn."""
        return 0.75 * self.size.radius

    def _half(self, column: Column) -> float:
        return column.pixels * self.pixel(column) / 2

    def pixel(self, column: Column) -> int:
        """How wide a pixel of an image is: an even number of points, so that pixels have sharp edges."""
        return max(2, 2 * round(min(_LARGEST_IMAGE, max(_SMALLEST_IMAGE, self.height)) / column.pixels / 2))

    def beside(self, column: Column) -> float:
        """How much room is at the right of a column's neurons; little if they have no bias and no δ."""
        told = any(neuron.bias is not None or neuron.delta is not None for neuron in column.neurons)
        return self.size.beside if told else min(self.size.beside, _NUMBER)

    def row(self, column: Column, at: float) -> float:
        """The height of a row; the middle of every column is at 0."""
        return ((column.rows - 1) / 2 - at) * self.size.apart

    def corners(self, heading: float) -> list[tuple[float, float]]:
        """Whole points around everything, ``heading`` being how high that stands."""
        below = math.ceil(self.top + (48 if self.size.is_roomy else 8))
        right, above = math.ceil(self.right) + 8, math.ceil(self.titles + heading)
        return [(_POINT - 8.0, _POINT - below), (right - _POINT, above - _POINT)]

    def title(self, lines: int, below: int = 0) -> float:
        """The middle of a title of so many lines, that many lines below where titles begin."""
        return self.titles - _LINE * (lines / 2 + below)

    def leaving(self, depth: int) -> float:
        """Where the weights leave a column: at the ring, or behind what is written beside it."""
        beside = self.beside(self.network.columns[depth])
        return self.x[depth] + (self.size.radius + beside if beside else 0.0)

    def middle(self, depth: int) -> float:
        """The middle of a column with all that is written beside it."""
        column = self.network.columns[depth]
        return self.x[depth] + (0.0 if column.pixels else self.beside(column) / 2)
