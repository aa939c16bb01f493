"""The layout of the picture of a network, in points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .model import Column, Network

#: the maximum and minimum width of an image
_LARGEST_IMAGE, _SMALLEST_IMAGE = 250.0, 150.0
#: room for the number of a neuron
_NUMBER = 17.0
#: half of the smallest node of the layout engine
_POINT = 0.36
#: from one line of a title to the next
_LINE = 15.0


@dataclass(frozen=True)
class Size:
    """The size of neurons, which depends on the number of rows.

    >>> choose_size(1).is_roomy, choose_size(16).is_roomy
    (True, False)
    """

    #: from one row to the next, and from the middle of a neuron to its ring
    apart: float
    radius: float
    #: the size of the words beside a neuron
    small: float
    #: the width of the words at the right of the neuron; 0 if they are below it
    beside: float

    @property
    def is_roomy(self) -> bool:
        """True if there is room for names, and for several lines below each neuron."""
        return self.beside == 0


def choose_size(rows: int) -> Size:
    """Choose the size for a number of rows: few neurons are large, many are small and close together.

    >>> choose_size(3).radius > choose_size(8).radius > choose_size(30).radius
    True
    """
    if rows <= 4:
        return Size(132.0, 28.0, 10.5, 0.0)
    return Size(62.0, 20.0, 9.0, 70.0) if rows <= 8 else Size(42.0, 15.5, 7.5, 60.0)


class NetworkLayout:
    """The positions of columns and rows.

    >>> from viz.network.model import Neuron
    >>> column = Column("x", [], [Neuron("neuron-0-0", "x", 0.5)])
    >>> layout = NetworkLayout(Network("net", [column], [], "C", 0.0, "gradient"))
    >>> layout.size.is_roomy, layout.row(layout.network.columns[0], 0)
    (True, 0.0)
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        rows = max((column.rows for column in network.columns if not column.pixels), default=1)
        self.size = choose_size(rows)
        #: the height of the highest column of circles
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
        #: the upper end of circles and images
        self.top = max(self.height / 2 + self.size.radius, *images, 0.0)
        lines = 1 + max((len(column.about_lines) for column in network.columns), default=0)
        #: the upper end of the titles of the columns, with room for the longest
        self.titles = self.top + (34 if self.size.is_roomy else 14) + _LINE * lines
        has_targets = any(neuron.target is not None for column in network.columns for neuron in column.neurons)
        #: the positions of the targets and the cost
        self.target = end + 14 + self.target_radius
        self.cost = (self.target + self.target_radius if has_targets else end) + max(115.0, 0.42 * self.between)
        self.right = self.cost + 45

    @property
    def target_radius(self) -> float:
        """Radius of a target."""
        return 0.75 * self.size.radius

    def _half(self, column: Column) -> float:
        return column.pixels * self.pixel(column) / 2

    def pixel(self, column: Column) -> int:
        """Return the width of a pixel of an image: an even number of points, for sharp edges."""
        return max(2, 2 * round(min(_LARGEST_IMAGE, max(_SMALLEST_IMAGE, self.height)) / column.pixels / 2))

    def beside(self, column: Column) -> float:
        """Return the room at the right of a column's neurons; less for neurons without bias and δ."""
        has_words = any(neuron.bias is not None or neuron.delta is not None for neuron in column.neurons)
        return self.size.beside if has_words else min(self.size.beside, _NUMBER)

    def row(self, column: Column, at: float) -> float:
        """Return the height of a row; the middle of every column is at 0."""
        return ((column.rows - 1) / 2 - at) * self.size.apart

    def corners(self, heading: float) -> list[tuple[float, float]]:
        """Return the corners of the picture in whole points, for a heading of this height."""
        below = math.ceil(self.top + (48 if self.size.is_roomy else 8))
        right, above = math.ceil(self.right) + 8, math.ceil(self.titles + heading)
        return [(_POINT - 8.0, _POINT - below), (right - _POINT, above - _POINT)]

    def title(self, lines: int, below: int = 0) -> float:
        """Return the middle of a title of ``lines`` lines, ``below`` lines under the top of the titles."""
        return self.titles - _LINE * (lines / 2 + below)

    def leaving(self, depth: int) -> float:
        """Return the position at which weights leave a column: the ring, or the end of the words beside it."""
        beside = self.beside(self.network.columns[depth])
        return self.x[depth] + (self.size.radius + beside if beside else 0.0)

    def middle(self, depth: int) -> float:
        """Return the middle of a column including the words beside it."""
        column = self.network.columns[depth]
        return self.x[depth] + (0.0 if column.pixels else self.beside(column) / 2)
