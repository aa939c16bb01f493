"""The picture of a network as neurons: circles shaded by activation, with the weights between them."""

from __future__ import annotations

from typing import Any

from graphcore import Run
from graphcore.extend import require_run

from ..errors import DrawError
from ..format.numbers import format_count
from ..render.picture import Picture
from ..render.svg_titles import add_titles
from ..render.theme import Theme, get_theme
from .builder import build_network
from .model import Network
from .neuron_dot import write_neuron_dot

_SHOWS = ("gradient", "weight")


def network(
    run: Run,
    example: int | None = None,
    show: str = "gradient",
    *,
    theme: str | Theme = "light",
    most: int = 16,
    title: str | None = None,
) -> NetworkPicture:
    """Draw the layers of a run as neurons: a circle for each, shaded by its activation, and a line for each weight.

    The lines have the colour of the sign and the width of the size of ∂C/∂w, or of w with ``show="weight"``; where
    there is room the numbers are written on them. In the SVG the tooltip of a line has the weight, its gradient, and
    the factors of the gradient (activation in × σ′(z) × ∂C/∂a). A neuron shows its bias and δ = ∂C/∂z, whose sign and
    size are also its ring. The targets are beside the last layer, and the cost at the right.

    ``example`` selects one training example: activations, gradients and cost are then those of a batch in which every
    example equals it (see `graphcore.per_example`). Without it activations are averages, and gradients those of the
    cost of all. Of a layer of more than ``most`` neurons the first and the last are shown; an input of more,
    whose size is a square and whose values are between 0 and 1, is shown as an image. ``theme`` is ``"light"``,
    ``"dark"`` or ``"print"``; ``title`` replaces the graph's name in the heading.

    Layers are inferred from the graph: a matmul of the input with a parameter, or a multiply by a single number, then
    added biases and elementwise operations. Raises `DrawError` for a graph without layers, with more than 40, or a run
    without examples, and the errors of `graphcore.per_example`.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("one neuron")
    >>> x, w, y = g.input("x"), g.parameter("w", 2.0), g.input("y")
    >>> C = ops.squared_error(ops.sigmoid(w * x, name="a"), y, name="C")
    >>> network(gc.backprop(C, {x: 0.5, y: 1.0}))
    <NetworkPicture of 'one neuron': 2 neurons in 2 columns>
    >>> network(gc.backprop(ops.square(x), {x: 0.5}))
    Traceback (most recent call last):
    viz.errors.DrawError: there are no layers of neurons in <Graph 'one neuron': ...
    """
    require_run(run, "network")
    if show not in _SHOWS:
        raise DrawError(f"unknown show {show!r}, expected {' or '.join(map(repr, _SHOWS))}")
    if not isinstance(most, int) or most < 2:
        raise DrawError(f"most must be an integer of at least 2 (the first and the last neurons), got {most!r}")
    colours = get_theme(theme)
    found = build_network(run, example, show, most, title)
    return NetworkPicture(found, colours)


class NetworkPicture(Picture):
    """The picture of a network as neurons; in its SVG every neuron and weight has an id, a class and a title.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("net")
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> picture = network(gc.backprop(ops.tanh(w * x, name="C"), {x: 0.5}))
    >>> svg = picture.svg()
    >>> 'class="edge weight positive"' in svg, "<title>w = 2, from x to" in svg
    (True, True)
    """

    def __init__(self, network: Network, theme: Theme) -> None:
        super().__init__(lambda: write_neuron_dot(network, theme), network.title)
        self.network, self.theme = network, theme

    @property
    def parts(self) -> dict[str, Any]:
        """Nodes of the neurons, weights, targets and the cost, column by column."""
        columns = [[origin.as_dict() for origin in column.origins] for column in self.network.columns]
        return {"columns": columns, "cost": self.network.cost_node}

    def _rendered(self, suffix: str) -> bytes:
        made = super()._rendered(suffix)
        return add_titles(made) if suffix == "svg" else made

    def __repr__(self) -> str:
        neurons = format_count(sum(len(c.neurons) + c.missing for c in self.network.columns), "neuron")
        return f"<NetworkPicture of {self.title!r}: {neurons} in {format_count(len(self.network.columns), 'column')}>"
