"""The cost along one parameter, with its tangent, whose slope is the derivative."""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from graphcore import Node, Run, nudge
from graphcore.errors import ShapeError, shorten
from graphcore.extend import format_index, resolve_entry, resolve_node, symbol_of

from ..errors import DrawError
from ..format.numbers import number
from ..render.engine import inline
from ..render.theme import Theme, get_theme

#: the number of points on each side
_HALF = 60
_SUFFIXES = (".svg", ".png", ".pdf")


def curve(
    run: Run,
    node: Node | str,
    entry: int | tuple[int, ...] | None = None,
    *,
    reach: float | None = None,
    theme: str | Theme = "light",
) -> Curve:
    """Draw the cost along one parameter, or one entry of an array, with its tangent at the value of the run.

    The curve is computed by runs with other values, up to ``reach`` to both sides (by default the distance of the value
    from zero, and at least 1). Needs matplotlib, the extra ``plots``. Raises `DrawError` if that is missing, and the
    errors of `graphcore.nudge`.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> drawn = curve(gc.backprop(ops.square(w, name="C")), "w", reach=1.0)
    >>> drawn
    <Curve of C along w: slope 4 at w = 2>
    >>> [round(float(v), 6) for v in (drawn.x[0], drawn.y[0], drawn.x[-1], drawn.y[-1])]
    [1.0, 1.0, 3.0, 9.0]
    """
    found = resolve_node(run, node, "curve")
    if entry is None and run.value[found].shape != ():
        shape = tuple(run.value[found].shape)
        raise ShapeError(
            f"{shorten(found.label)!r} has the shape {shape}: choose an entry, as in curve(run, {found.label!r}, "
            f"{(0,) * len(shape)})"
        )
    index = () if entry is None else resolve_entry(run, found, entry)
    return Curve(run, found, index, reach, get_theme(theme))


class Curve:
    """The cost at many values of one number: ``.x``, ``.y``, and the figure.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [2.0, 0.0])
    >>> drawn = curve(gc.backprop(ops.sum(ops.square(w), name="C")), "w", 0)
    >>> drawn.name, drawn.slope
    ('w[0]', 4.0)
    """

    def __init__(self, run: Run, node: Node, entry: tuple[int, ...], reach: float | None, theme: Theme) -> None:
        self.theme = theme
        self.name = shorten(node.label, 24) + format_index(entry)
        self.cost_name = str(symbol_of(run.output, run))
        #: the value of the run, its cost, and the derivative
        self.at = float(np.asarray(run.value[node])[entry])
        self.cost, self.slope = float(run.cost), float(np.asarray(run.grad[node])[entry])
        far = max(1.0, abs(self.at)) if reach is None else float(reach)
        if not 0 < far < np.inf:
            raise ShapeError(f"reach must be a positive finite number or None, got {reach!r}")
        steps = far * np.arange(1, _HALF + 1) / _HALF
        steps = np.concatenate([-steps[::-1], steps])
        moved = np.asarray(nudge(run, node, steps.tolist(), entry or None).actual[run.output], float)
        #: values of the parameter, and the cost at each
        self.x = self.at + np.insert(steps, _HALF, 0.0)
        with np.errstate(all="ignore"):  # infinities and NaN are gaps of the curve
            self.y = self.cost + np.insert(moved, _HALF, 0.0)

    @cached_property
    def figure(self) -> Any:
        """The matplotlib figure."""
        try:
            from matplotlib.figure import Figure  # noqa: PLC0415  an extra, imported when it is used
        except ImportError as error:
            raise DrawError("curve needs matplotlib: python -m pip install 'graphcore[plots]'") from error
        theme = self.theme
        figure = Figure(figsize=(6.4, 4.0), layout="constrained", facecolor=theme.paper)
        axes = figure.add_subplot(facecolor=theme.paper)
        with np.errstate(all="ignore"):
            tangent = self.cost + self.slope * (self.x - self.at)
            finite = self.y[np.isfinite(self.y)] if np.isfinite(self.y).any() else np.zeros(1)
            low, high = finite.min() / 2, finite.max() / 2  # halves, whose difference does not overflow
            room = 0.12 * (high - low) or 0.5
        axes.plot(self.x, self.y, color=theme.positive, linewidth=2.2, label=f"actual {self.cost_name}")
        label = f"tangent, slope {number(self.slope, 4)}"
        axes.plot(self.x, tangent, color=theme.negative, linewidth=1.6, linestyle="--", label=label)
        axes.plot([self.at], [self.cost], "o", color=theme.ink, markersize=7, zorder=3)
        axes.set_ylim(2 * (low - room), 2 * (high + room))
        axes.set_xlabel(_plain(self.name), color=theme.ink)
        axes.set_ylabel(_plain(self.cost_name), color=theme.ink)
        axes.set_title(_plain(f"{self.cost_name} along {self.name}"), color=theme.ink, loc="left", fontweight="bold")
        axes.tick_params(colors=theme.quiet)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(theme.line)
        axes.legend(frameon=False, labelcolor=theme.ink)
        return figure

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file: .svg, .png or .pdf, by suffix."""
        path = Path(path)
        if path.suffix.lower() not in _SUFFIXES:
            raise DrawError(f"cannot save {path.name!r}: expected one of the suffixes {', '.join(_SUFFIXES)}")
        self.figure.savefig(path, dpi=144)
        return path

    def _repr_html_(self) -> str:
        written = io.BytesIO()
        self.figure.savefig(written, format="svg")
        return f'<div style="max-width:100%">{inline(written.getvalue())}</div>'

    def __repr__(self) -> str:
        where = f"{self.name} = {number(self.at, 4)}"
        return f"<Curve of {self.cost_name} along {self.name}: slope {number(self.slope, 4)} at {where}>"


def _plain(words: str) -> str:
    """Escape dollar signs, which start formulas in matplotlib."""
    return words.replace("$", r"\$")
