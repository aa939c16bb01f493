"""Number lines of a handle: every quantity that one number affects, computed by the graph on a grid of its values.

The page interpolates linearly between the grid points. The error is measured with the graph itself halfway between
neighbours, and the grid is refined until the error is too small to see.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphcore import Node, Run, nudge
from graphcore.errors import shorten
from graphcore.extend import Nudge, format_index, symbol_of

from ..format.array_summary import as_numpy
from .json_values import Json, round_digits, round_to_span, to_json_number
from .replay import Replay

#: the longest number line, in pixels of the page
PIXELS = 640
#: the largest interpolation error that is allowed, in such pixels
MAX_ERROR = 0.25
#: the numbers of grid points at first and at most
_COARSE, _FINEST = 17, 400
_MAX_CURVES = 10
_PROBE = 1e-3

Entry = tuple[int, ...]


@dataclass(frozen=True)
class Handle:
    """A number that the reader can move: a scalar node, or one entry of an array.

    >>> import graphcore as gc
    >>> Handle(gc.Graph().parameter("w", [1.0, 2.0]), (1,)).name
    'w[1]'
    """

    node: Node
    entry: Entry = ()

    @property
    def name(self) -> str:
        """The label of its number line."""
        return shorten(self.node.label, 24) + format_index(self.entry)


@dataclass
class Curve:
    """A quantity as a function of a handle: its value and slope in the run, and its values on the grid."""

    node: Node
    entry: Entry
    name: str
    start: float
    slope: float
    values: list[float] = field(default_factory=list)

    @property
    def span(self) -> float:
        """The range of the finite values; never zero."""
        finite = [v for v in self.values if math.isfinite(v)]
        return (max(finite) - min(finite) if finite else 0.0) or _finite_size(self.start) or 1.0

    @property
    def rounding(self) -> float:
        """A bound on the rounding error of a value."""
        return 8 * float(np.finfo(self.node.dtype).eps) * max(map(_finite_size, (self.start, *self.values)))

    def as_json(self, grid: Iterable[float], start: float) -> Json:
        """Return the curve as the page reads it; ``start`` is the handle's position in the run."""
        fine = max(self.span, 1e4 * self.rounding)
        return {
            "name": self.name,
            "node": self.node.index,
            "entry": list(self.entry),
            "start": to_json_number(self.start),
            "slope": to_json_number(self.slope),
            "values": [
                to_json_number(v) if t == start else round_to_span(v, fine)
                for t, v in zip(grid, self.values, strict=True)
            ],
        }


class HandleLine:
    """The number line of one handle: ``grid`` has its positions, ``curves`` the quantities that it affects.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> line = HandleLine(gc.backprop(ops.square(w, name="C")), Handle(w))
    >>> line.grid[0], line.grid[-1], [(c.name, c.start, c.slope) for c in line.curves]
    (-1.0, 5.0, [('C', 4.0, 4.0)])
    >>> line.error < MAX_ERROR
    True
    """

    def __init__(self, run: Run, handle: Handle) -> None:
        self.run, self.handle = run, handle
        self.start = float(as_numpy(run.value[handle.node])[handle.entry])
        reach = 1.5 * max(1.0, abs(self.start))
        self.curves = self._find_curves(reach)
        self._replay = Replay(run, handle.node, [curve.node for curve in self.curves])
        #: the largest error measured halfway between two grid points, in pixels of the longest line
        self.error = math.inf
        self.grid = self._refine_grid(self.start - reach, self.start + reach)

    def _find_curves(self, reach: float) -> list[Curve]:
        """Return a curve for each named node between the handle and the cost; of an array, for its fastest entry."""
        run, handle = self.run, self.handle
        by = max(_PROBE * reach, 64 * float(np.finfo(handle.node.dtype).eps) * abs(self.start))
        moved = nudge(run, handle.node, by, handle.entry or None)
        nodes = [n for n in moved.nodes if n is not handle.node and (n.name is not None or n is run.output)]
        if len(nodes) > _MAX_CURVES:
            nodes = [*nodes[: _MAX_CURVES // 2], *nodes[-_MAX_CURVES // 2 :]]
        curves = []
        far: Nudge | None = None
        for node in nodes:
            value, predicted = as_numpy(run.value[node]), as_numpy(moved.predicted[node])
            sizes = np.abs(np.nan_to_num(predicted))
            if not sizes.any():  # behind a relu that is off nothing moves nearby, but farther away it may
                far = far or nudge(run, handle.node, [by, -reach, reach], handle.entry or None)
                sizes = np.nan_to_num(np.abs(as_numpy(far.actual[node]))).max(axis=0)
            entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), sizes.shape)) if sizes.size else ()
            name = shorten(str(symbol_of(node, run)), 18) + format_index(entry)
            curves.append(Curve(node, entry, name, float(value[entry]), float(predicted[entry]) / by))
        return curves

    def _refine_grid(self, low: float, high: float) -> list[float]:
        """Halve every interval in which the interpolation error would be visible, starting from a coarse grid."""
        half = _COARSE // 2
        points = [low + (self.start - low) * i / half for i in range(half)] + [self.start]
        points += [self.start + (high - self.start) * i / half for i in range(1, half + 1)]
        found = dict(zip(points, self._evaluate(points), strict=True))
        intervals = list(itertools.pairwise(points))
        self._store(found)
        scales = [(curve.span, curve.rounding) for curve in self.curves]
        worst = 0.0
        while intervals:
            halves = []
            middles = [(a + b) / 2 for a, b in intervals]
            for (a, b), middle, values in zip(intervals, middles, self._evaluate(middles), strict=True):
                if (b - a) * PIXELS < high - low:
                    continue  # a discontinuity, located to within a pixel
                error = _interpolation_error(scales, found[a], found[b], values)
                if error > MAX_ERROR and len(found) < _FINEST and a < middle < b:
                    found[middle] = values
                    halves += [(a, middle), (middle, b)]
                else:
                    worst = max(worst, error)
            intervals = halves
        self.error = worst
        return self._store(found)

    def _store(self, found: dict[float, list[float]]) -> list[float]:
        """Store the values on the curves, and return the grid."""
        grid = sorted(found)
        for i, curve in enumerate(self.curves):
            curve.values = [found[t][i] for t in grid]
        return grid

    def _evaluate(self, positions: Sequence[float]) -> list[list[float]]:
        """Return the value of every curve with the handle at each position, computed by the graph."""
        found = self._replay.map([self._move_to(t) for t in positions])
        return [
            # at the start exactly as in the run
            [c.start if t == self.start else float(v[c.entry]) for v, c in zip(values, self.curves, strict=True)]
            for t, values in zip(positions, found, strict=True)
        ]

    def _move_to(self, position: float) -> Any:
        """Return the value of the handle's node with the handle at a position."""
        moved = np.array(as_numpy(self.run.value[self.handle.node]), dtype=self.handle.node.dtype)
        moved[self.handle.entry] = position
        return moved

    def as_json(self) -> Json:
        """Return the line as the page reads it."""
        reach = self.grid[-1] - self.grid[0]
        return {
            "name": self.handle.name,
            "node": self.handle.node.index,
            "entry": list(self.handle.entry),
            "start": to_json_number(self.start),
            "grid": [to_json_number(t) if t == self.start else round_to_span(t, reach) for t in self.grid],
            "error": round_digits(self.error, 2),
            "curves": [curve.as_json(self.grid, self.start) for curve in self.curves],
        }


def _interpolation_error(
    scales: Iterable[tuple[float, float]], left: Sequence[float], right: Sequence[float], middle: Sequence[float]
) -> float:
    """Return the distance of the middle from the straight line, in pixels, of the curve where it is largest."""
    errors = [0.0]
    for (span, rounding), a, b, m in zip(scales, left, right, middle, strict=True):
        if all(map(math.isfinite, (a, b, m))):
            errors.append(max(0.0, abs((a + b) / 2 - m) - rounding) / span * PIXELS)
        elif math.isfinite(a) or math.isfinite(b):
            errors.append(math.inf)  # the end of a curve is located as closely as possible
    return max(errors)


def _finite_size(value: float) -> float:
    return abs(value) if math.isfinite(value) else 0.0
