"""Writes a network of neurons as DOT text."""

from __future__ import annotations

from ..format.numbers import format_count, format_signed, number
from ..render.canvas import Canvas, tooltip
from ..render.markup import cell, escape, font, row, table
from ..render.theme import Theme
from .model import Column, Network, Neuron, WeightEdge
from .neuron_labels import EdgeLabels
from .neuron_layout import NetworkLayout
from .neuron_legend import draw_heading
from .neuron_marks import choose_colour, compute_strength, draw_image, draw_neuron, draw_target, sign_class

#: the thinnest and the thickest edge in points; with many thick edges the maximum is reduced
_THIN, _THICK, _LEAST = 0.4, 4.0, 1.8
_MUCH = 110
#: the opacity of the thinnest edge among many and among few, from 0 to 1
_FAINT_AMONG_MANY, _FAINT_AMONG_FEW, _FEW = 0.25, 0.9, 24


def write_neuron_dot(network: Network, theme: Theme) -> str:
    """Return the DOT text; the same network gives the same bytes.

    >>> from viz.render.theme import THEMES
    >>> column = Column("x", [], [Neuron("neuron-0-0", "x", 0.5)])
    >>> source = write_neuron_dot(Network("net", [column], [], "C", 1.0, "gradient"), THEMES["light"])
    >>> source.startswith("graph network {"), 'id="neuron-0-0"' in source
    (True, True)
    """
    return _NetworkPainter(network, theme).draw()


class _NetworkPainter:
    """Draws weights first, and neurons over them."""

    def __init__(self, network: Network, theme: Theme) -> None:
        self.network, self.theme = network, theme
        self.layout = NetworkLayout(network)
        self.canvas = Canvas("network", network.title, theme)
        #: by the key of a neuron, the DOT nodes at which its weights arrive and leave
        self.arriving: dict[str, str] = {}
        self.leaving: dict[str, str] = {}
        self.spots: dict[str, tuple[float, float, float]] = {}
        total_strength = sum(compute_strength(edge.size, network.largest) for edge in network.weight_edges)
        self.thick = max(_LEAST, min(_THICK, _THICK * _MUCH / total_strength)) if total_strength else _THICK

    def draw(self) -> str:
        for depth, column in enumerate(self.network.columns):
            self._title(depth, column)
            if column.pixels:
                used = {edge.source for edge in self.network.weight_edges}
                self.leaving |= draw_image(self.canvas, column, self.layout.x[depth], self.layout, used)
            else:
                self._circles(depth, column)
        self._cost()
        for edge in sorted(self.network.weight_edges, key=lambda edge: abs(edge.size)):
            self._edge(edge)
        if self.layout.size.is_roomy:
            EdgeLabels(self.network, self.canvas, self.spots, self.layout.size.radius).write()
        draw_heading(self.canvas, self.network, self.layout, (_THIN, self.thick))
        return self.canvas.source

    def _title(self, depth: int, column: Column) -> None:
        theme, layout = self.theme, self.layout
        words = [font(f"<B>{escape(column.title)}</B>", theme.ink, 13)]
        words += [font(escape(line), theme.quiet, 10) for line in column.about_lines]
        self.canvas.words(layout.middle(depth), layout.title(len(words)), *words)
        if column.weights and depth:
            x = (layout.leaving(depth - 1) + layout.x[depth] - layout.size.radius) / 2
            if self.network.columns[depth - 1].pixels:
                x += layout.pixel(self.network.columns[depth - 1]) * self.network.columns[depth - 1].pixels / 4
            self.canvas.words(x, layout.title(1, below=1), font(escape(column.weights), theme.quiet, 10))

    def _circles(self, depth: int, column: Column) -> None:
        x, size = self.layout.x[depth], self.layout.size
        for neuron, at in zip(column.neurons, column.row_positions, strict=True):
            y = self.layout.row(column, at)
            ring = compute_strength(neuron.delta or 0.0, self.network.largest_delta)
            self.arriving[neuron.key] = draw_neuron(self.canvas, neuron, (x, y), size, self.layout.beside(column), ring)
            behind = self.layout.leaving(depth)
            self.leaving[neuron.key] = self.canvas.point(behind, y) if size.beside else self.arriving[neuron.key]
            self.spots[neuron.key] = (x, y, behind)
            if size.is_roomy and neuron.name != column.title:
                self.canvas.words(x, y + size.radius + 10, font(escape(neuron.name), self.theme.ink, 11), halo=True)
        if column.missing:
            more = f"{format_count(column.missing, 'neuron').rpartition(' ')[0]} more"
            self.canvas.words(
                self.layout.middle(depth), self.layout.row(column, column.gap), font("⋮", self.theme.ink, 15),
                font(escape(more), self.theme.quiet, 9), halo=True,
            )  # fmt: skip

    # -- lines

    def _edge(self, edge: WeightEdge) -> None:
        strong = compute_strength(edge.size, self.network.largest)
        given = {"color": self._faded(edge, strong), "penwidth": f"{_THIN + (self.thick - _THIN) * strong:.2f}"}
        if edge.sign in ("negative", "zero"):
            given["style"] = "dashed" if edge.sign == "negative" else "dotted"
        self.canvas.line(
            self.leaving[edge.source], self.arriving[edge.target], id=edge.key, tooltip=tooltip(edge.tooltip),
            **{"class": f"weight {edge.sign}"}, **given,
        )  # fmt: skip

    def _faded(self, edge: WeightEdge, strong: float) -> str:
        """Return the colour of an edge; small ones are more transparent, so that large ones remain visible."""
        few = min(1.0, _FEW / max(1, len(self.network.weight_edges)))
        faint = _FAINT_AMONG_MANY + (_FAINT_AMONG_FEW - _FAINT_AMONG_MANY) * few
        return f"{choose_colour(edge.size, self.theme)}{round(255 * (faint + (1 - faint) * strong)):02x}"

    def _cost(self) -> None:
        network, layout, theme = self.network, self.layout, self.theme
        words = table(
            row(cell(font(f"<B>{escape(network.cost)}</B>", theme.ink, 15), align="CENTER")),
            row(cell(font(escape(f"= {number(network.cost_value, 4)}"), theme.ink, 12), align="CENTER")),
            cellpadding=3,
        )
        inner = table(row(cell(words)), border=1, color=theme.ink, bgcolor=theme.box, cellpadding=5)
        framed = table(row(cell(inner, cellpadding=3)), border=1, color=theme.ink, bgcolor=theme.box)
        shown = tooltip([f"{network.cost} = {number(network.cost_value, 6)}"])
        cost = self.canvas.put(layout.cost, 0, framed, id="cost", tooltip=shown, **{"class": "cost"})
        compared = [
            (neuron, layout.row(column, at))
            for column in network.columns
            for neuron, at in zip(column.neurons, column.row_positions, strict=True)
            if neuron.output_gradient is not None and not column.pixels
        ]
        for neuron, y in compared:
            self._output_gradient(neuron, y, cost)
        if any(neuron.target is not None for neuron, _ in compared):
            title = font(f"<B>{escape(network.target)}</B>", theme.quiet, 13)
            self.canvas.words(layout.target, layout.title(2), title, font("target", theme.quiet, 10))

    def _output_gradient(self, neuron: Neuron, y: float, cost: str) -> None:
        """Draw the line from an output, past its target, to the cost: ∂C/∂a."""
        gradient, layout = neuron.output_gradient or 0.0, self.layout
        if neuron.target is not None:
            draw_target(self.canvas, neuron, layout.target, y, layout.target_radius)
        given = {
            "color": choose_colour(gradient, self.theme), "class": f"blame {sign_class(gradient)}",
            "penwidth": f"{0.8 + 2.6 * compute_strength(gradient, self.network.largest_output_gradient):.2f}",
            "tooltip": tooltip([f"∂{self.network.cost}/∂{neuron.name} = {format_signed(gradient, 4)}"]),
        }  # fmt: skip
        if gradient < 0:
            given["style"] = "dashed"
        key, start = neuron.key.replace("neuron", "blame"), self.leaving[neuron.key]
        if neuron.target is not None:
            corner = self.canvas.point(layout.target, y)
            self.canvas.line(start, corner, id=f"{key}-before", **given)
            start = corner
        self.canvas.line(start, cost, id=key, **given)
