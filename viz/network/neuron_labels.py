"""Labels on the weights of a small network."""

from __future__ import annotations

from ..format.numbers import format_signed, number
from ..render.canvas import Canvas
from ..render.markup import escape, font
from .model import Network, WeightEdge

#: between two columns with more weights than this there are no labels
_MOST = 9
#: possible positions of a label along an edge, the best first
_TRIED = (0.3, 0.36, 0.24, 0.42, 0.64, 0.7, 0.58, 0.76, 0.5, 0.18, 0.82)
_WIDTH, _HEIGHT = 5.6, 13.0

Spot = tuple[float, float, float]


class EdgeLabels:
    """Labels all edges between two columns, or none of them if there is not enough room.

    >>> from viz.render.theme import THEMES
    >>> canvas = Canvas("net", "net", THEMES["light"])
    >>> edge = WeightEdge("weight-1-0-0-0", "a", "b", 0.5, -0.25, -0.25, name="w")
    >>> spots = {"a": (0, 0, 0), "b": (200, 0, 200)}
    >>> EdgeLabels(Network("net", [], [edge], "C", 0, "gradient"), canvas, spots, 20).write()
    >>> "w = 0.5" in canvas.source, "∂C/∂w ▼ −0.25" in canvas.source
    (True, True)
    """

    def __init__(self, network: Network, canvas: Canvas, spots: dict[str, Spot], radius: float) -> None:
        self.network, self.canvas, self.spots, self.radius = network, canvas, spots, radius
        self.taken: list[tuple[float, float, float]] = []

    def write(self) -> None:
        """Write all labels."""
        weight_edges = [s for s in self.network.weight_edges if s.source in self.spots and s.target in self.spots]
        bundles: dict[tuple[float, float], list[WeightEdge]] = {}
        for edge in weight_edges:
            bundles.setdefault((self.spots[edge.source][0], self.spots[edge.target][0]), []).append(edge)
        for bundle in bundles.values():
            if len(bundle) == 1:
                self._alone(bundle[0])
            elif len(bundle) <= _MOST:
                self._among_others(bundle)

    def _alone(self, edge: WeightEdge) -> None:
        """Write the weight above the line, and its gradient below."""
        (_, y, x), (end, y_end, _) = self.spots[edge.source], self.spots[edge.target]
        middle, height = (x + end) / 2, (y + y_end) / 2
        if abs(y - y_end) > 1:
            self._among_others([edge])
            return
        ink = self.canvas.theme.ink
        symbol = f"∂{self.network.cost}/∂{edge.name}"
        self.canvas.words(middle, height + 13, font(escape(f"{edge.name} = {number(edge.weight)}"), ink, 11))
        self.canvas.words(middle, height - 13, font(escape(f"{symbol} {format_signed(edge.gradient)}"), ink, 11))

    def _among_others(self, bundle: list[WeightEdge]) -> None:
        """Write the number that determines colour and width on each line."""
        found: list[tuple[float, float, str]] = []
        taken = list(self.taken)
        for edge in bundle:
            words = format_signed(edge.size, 2)
            half = _WIDTH * len(words) / 2
            (_, y, x), (end, y_end, _) = self.spots[edge.source], self.spots[edge.target]
            x, end = x + self.radius, end - self.radius
            for part in _TRIED:
                here = x + part * (end - x), y + part * (y_end - y)
                if all(abs(here[0] - a) > half + other or abs(here[1] - b) > _HEIGHT for a, b, other in taken):
                    taken.append((*here, half))
                    found.append((*here, words))
                    break
            else:
                return
        self.taken = taken
        for x, y, words in found:
            self.canvas.words(x, y, font(escape(words), self.canvas.theme.ink, 9.5), halo=True)
