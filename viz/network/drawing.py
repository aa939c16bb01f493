"""The network as neurons: circles shaded by activation, and between them the weights."""

from __future__ import annotations

from typing import Any

from graphcore import Run
from graphcore.extend import require_run

from ..errors import DrawError
from ..format.numbers import count
from ..render.picture import Picture
from ..render.svg_titles import titled
from ..render.theme import Theme, theme_named
from .builder import network_of
from .model import Network
from .neuron_dot import neuron_dot

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
    there is room the numbers stand on them. In the SVG a line tells its weight, the gradient, and what that is a
    product of (activation in × σ′(z) × ∂C/∂a) when the pointer rests on it. A neuron shows its bias and δ = ∂C/∂z,
    whose sign and size are also its ring. The targets stand beside the last layer, and the cost at the right.

    ``example`` picks one training example: activations, gradients and cost are then those that the batch would have if
    every example were like it (see `graphcore.per_example`). Without it activations are averages, and gradients those
    of the cost of all. Of a layer of more than ``most`` neurons the first and the last are shown; an input of more,
    whose number is a square and which lies between 0 and 1, is shown as an image. ``theme`` is ``"light"``, ``"dark"``
    or ``"print"``; ``title`` stands in the heading instead of the graph's name.

    Layers are found from the graph: a matmul of what comes in with a parameter, or a multiply by a single number, with
    biases added to it, and what is made of it entry by entry. Raises `DrawError` where there are none, more than 40, or
    no examples, and what `graphcore.per_example` raises.

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
        raise DrawError(f"show={show!r} is none; there are {', '.join(map(repr, _SHOWS))}")
    if not isinstance(most, int) or most < 2:
        raise DrawError(f"most={most!r} is no number of neurons: of a wide layer the first and the last are shown")
    colours = theme_named(theme)
    found = network_of(run, example, show, most, title)
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
        super().__init__(lambda: neuron_dot(network, theme), network.title)
        self.network, self.theme = network, theme

    @property
    def parts(self) -> dict[str, Any]:
        """The nodes behind neurons, weights, targets and the cost, column by column."""
        columns = [[origin.as_dict() for origin in column.origins] for column in self.network.columns]
        return {"columns": columns, "cost": self.network.cost_node}

    def _rendered(self, suffix: str) -> bytes:
        made = super()._rendered(suffix)
        return titled(made) if suffix == "svg" else made

    def __repr__(self) -> str:
        neurons = count(sum(len(c.neurons) + c.missing for c in self.network.columns), "neuron")
        return f"<NetworkPicture of {self.title!r}: {neurons} in {count(len(self.network.columns), 'column')}>"
