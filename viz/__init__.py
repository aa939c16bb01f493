"""Pictures of a run: every value, every gradient, and on every edge its local derivative.

>>> import graphcore as gc, ops, viz
>>> g = gc.Graph("one neuron")
>>> w, x, y = g.parameter("w", 0.5), g.input("x"), g.input("y")
>>> C = ops.squared_error(ops.sigmoid(w * x, name="a"), y, name="C")
>>> picture = viz.draw(gc.backprop(C, {x: 1.0, y: 0.0}))
>>> picture
<Drawing of 'one neuron': 6 boxes, 5 arrows>
>>> "∂C/∂a = 2 · (a − y)" in picture.source
True
"""

from graphcore.run import Run

from .curve_of_cost import Curve, curve
from .drawing import Drawing, draw
from .errors import DrawError, LayoutError
from .explaining import explain
from .live import Page, page
from .networks import network
from .number_lines import number_lines
from .picture import Picture
from .stepping import Frame, Frames, frames
from .steps import Step, steps_of
from .theme import THEMES, Theme

# a notebook shows a run by its diagram, wherever there is somebody to draw it
Run.drawn_by = lambda run: draw(run)._repr_html_()

__all__ = [
    "THEMES",
    "Curve",
    "DrawError",
    "Drawing",
    "Frame",
    "Frames",
    "LayoutError",
    "Page",
    "Picture",
    "Step",
    "Theme",
    "curve",
    "draw",
    "explain",
    "frames",
    "network",
    "number_lines",
    "page",
    "steps_of",
]
