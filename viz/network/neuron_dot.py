"""From the columns of a network and a theme to DOT text."""

from __future__ import annotations

from ..format.numbers import count, number, signed
from ..render.canvas import Canvas, tooltip
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .model import Column, Network, Neuron, Strand
from .neuron_labels import Labels
from .neuron_layout import Places
from .neuron_legend import heading
from .neuron_marks import colour, draw_image, draw_neuron, draw_target, sign, strength

#: the thinnest and the thickest strand, in points; where much is thick, all of it is less so
_THIN, _THICK, _LEAST = 0.4, 4.0, 1.8
_MUCH = 110
#: how faint the thinnest is among many, and among few, from 0 to 1
_FAINT_AMONG_MANY, _FAINT_AMONG_FEW, _FEW = 0.25, 0.9, 24


def neuron_dot(network: Network, theme: Theme) -> str:
    """The DOT text; the same network gives the same bytes.

    >>> from viz.render.theme import THEMES
    >>> column = Column("x", [], [Neuron("neuron-0-0", "x", 0.5)])
    >>> source = neuron_dot(Network("net", [column], [], "C", 1.0, "gradient"), THEMES["light"])
    >>> source.startswith("graph network {"), 'id="neuron-0-0"' in source
    (True, True)
    """
    return _Board(network, theme).drawn()


class _Board:
    """Weights first, neurons over them."""

    def __init__(self, network: Network, theme: Theme) -> None:
        self.network, self.theme = network, theme
        self.places = Places(network)
        self.canvas = Canvas("network", network.title, theme)
        #: by the key of a neuron, where its weights arrive and leave
        self.arriving: dict[str, str] = {}
        self.leaving: dict[str, str] = {}
        self.spots: dict[str, tuple[float, float, float]] = {}
        ink = sum(strength(strand.size, network.largest) for strand in network.strands)
        self.thick = max(_LEAST, min(_THICK, _THICK * _MUCH / ink)) if ink else _THICK

    def drawn(self) -> str:
        for depth, column in enumerate(self.network.columns):
            self._title(depth, column)
            if column.pixels:
                used = {strand.source for strand in self.network.strands}
                self.leaving |= draw_image(self.canvas, column, self.places.x[depth], self.places, used)
            else:
                self._circles(depth, column)
        self._cost()
        for strand in sorted(self.network.strands, key=lambda strand: abs(strand.size)):
            self._strand(strand)
        if self.places.size.is_roomy:
            Labels(self.network, self.canvas, self.spots, self.places.size.radius).write()
        heading(self.canvas, self.network, self.places, (_THIN, self.thick))
        return self.canvas.source

    def _title(self, depth: int, column: Column) -> None:
        theme, places = self.theme, self.places
        words = [font(f"<B>{escape(column.title)}</B>", theme.ink, 13)]
        words += [font(escape(line), theme.quiet, 10) for line in column.about_lines]
        self.canvas.words(places.middle(depth), places.title(len(words)), *words)
        if column.weights and depth:
            x = (places.leaving(depth - 1) + places.x[depth] - places.size.radius) / 2
            if self.network.columns[depth - 1].pixels:
                x += places.pixel(self.network.columns[depth - 1]) * self.network.columns[depth - 1].pixels / 4
            self.canvas.words(x, places.title(1, below=1), font(escape(column.weights), theme.quiet, 10))

    def _circles(self, depth: int, column: Column) -> None:
        x, size = self.places.x[depth], self.places.size
        for neuron, at in zip(column.neurons, column.places, strict=True):
            y = self.places.row(column, at)
            ring = strength(neuron.delta or 0.0, self.network.largest_delta)
            self.arriving[neuron.key] = draw_neuron(self.canvas, neuron, (x, y), size, self.places.beside(column), ring)
            behind = self.places.leaving(depth)
            self.leaving[neuron.key] = self.canvas.point(behind, y) if size.beside else self.arriving[neuron.key]
            self.spots[neuron.key] = (x, y, behind)
            if size.is_roomy and neuron.name != column.title:
                self.canvas.words(x, y + size.radius + 10, font(escape(neuron.name), self.theme.ink, 11), halo=True)
        if column.missing:
            more = f"{count(column.missing, 'neuron').rpartition(' ')[0]} more"
            self.canvas.words(
                self.places.middle(depth), self.places.row(column, column.gap), font("⋮", self.theme.ink, 15),
                font(escape(more), self.theme.quiet, 9), halo=True,
            )  # fmt: skip

    # -- lines

    def _strand(self, strand: Strand) -> None:
        strong = strength(strand.size, self.network.largest)
        given = {"color": self._faded(strand, strong), "penwidth": f"{_THIN + (self.thick - _THIN) * strong:.2f}"}
        if strand.sign in ("negative", "zero"):
            given["style"] = "dashed" if strand.sign == "negative" else "dotted"
        self.canvas.line(
            self.leaving[strand.source], self.arriving[strand.target], id=strand.key, tooltip=tooltip(strand.tooltip),
            **{"class": f"weight {strand.sign}"}, **given,
        )  # fmt: skip

    def _faded(self, strand: Strand, strong: float) -> str:
        """Its colour, the fainter the smaller, so that what matters is seen through what does not."""
        few = min(1.0, _FEW / max(1, len(self.network.strands)))
        faint = _FAINT_AMONG_MANY + (_FAINT_AMONG_FEW - _FAINT_AMONG_MANY) * few
        return f"{colour(strand.size, self.theme)}{round(255 * (faint + (1 - faint) * strong)):02x}"

    def _cost(self) -> None:
        network, places, theme = self.network, self.places, self.theme
        words = table(
            row(cell(font(f"<B>{escape(network.cost)}</B>", theme.ink, 15), align="CENTER")),
            row(cell(font(escape(f"= {number(network.cost_value, 4)}"), theme.ink, 12), align="CENTER")),
            cellpadding=3,
        )
        inner = table(row(cell(words)), border=1, color=theme.ink, bgcolor=theme.box, cellpadding=5)
        framed = table(row(cell(inner, cellpadding=3)), border=1, color=theme.ink, bgcolor=theme.box)
        told = tooltip([f"{network.cost} = {number(network.cost_value, 6)}"])
        cost = self.canvas.put(places.cost, 0, framed, id="cost", tooltip=told, **{"class": "cost"})
        compared = [
            (neuron, places.row(column, at))
            for column in network.columns
            for neuron, at in zip(column.neurons, column.places, strict=True)
            if neuron.blame is not None and not column.pixels
        ]
        for neuron, y in compared:
            self._blame(neuron, y, cost)
        if any(neuron.target is not None for neuron, _ in compared):
            title = font(f"<B>{escape(network.target)}</B>", theme.quiet, 13)
            self.canvas.words(places.target, places.title(2), title, font("target", theme.quiet, 10))

    def _blame(self, neuron: Neuron, y: float, cost: str) -> None:
        """From what a neuron said, past what it should have said, to the cost: ∂C/∂a."""
        blame, places = neuron.blame or 0.0, self.places
        if neuron.target is not None:
            draw_target(self.canvas, neuron, places.target, y, places.target_radius)
        given = {
            "color": colour(blame, self.theme), "class": f"blame {sign(blame)}",
            "penwidth": f"{0.8 + 2.6 * strength(blame, self.network.largest_blame):.2f}",
            "tooltip": tooltip([f"∂{self.network.cost}/∂{neuron.name} = {signed(blame, 4)}"]),
        }  # fmt: skip
        if blame < 0:
            given["style"] = "dashed"
        key, start = neuron.key.replace("neuron", "blame"), self.leaving[neuron.key]
        if neuron.target is not None:
            corner = self.canvas.point(places.target, y)
            self.canvas.line(start, corner, id=f"{key}-before", **given)
            start = corner
        self.canvas.line(start, cost, id=key, **given)
