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

from graphcore import Run

from .diagram.drawing import Drawing, draw
from .errors import DrawError, LayoutError
from .figures.cost_curve import Curve, curve
from .figures.factor_cards import explain
from .figures.number_lines import number_lines
from .frames.frames import Frame, Frames, frames
from .frames.steps import Step, steps_of
from .live import Page, page
from .network.drawing import network
from .render.picture import Picture
from .render.theme import THEMES, Theme

# once viz is imported, notebooks show a run as its diagram
Run.html_renderer = lambda run: draw(run)._repr_html_()

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
