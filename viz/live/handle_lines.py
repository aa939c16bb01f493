"""What a handle does: every quantity behind a number, computed by the real graph over a grid of values of that number.

The page draws straight lines between the points. How far those are from the truth is measured half-way between
neighbours, with the graph itself, and the grid is refined until it is less than anybody can see.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphcore import Node, Run, nudge
from graphcore.errors import shorten
from graphcore.extend import Nudge, symbol_of
from graphcore.extend import place as at_place

from ..format.array_summary import as_numpy
from .json_values import Json, exact, rounded, stepped
from .replay import Replay

#: a number line is no longer than this, in pixels of the page
PIXELS = 640
#: the largest error that is allowed, in such pixels
INVISIBLE = 0.25
#: so many points at first, and no more than that in the end
_COARSE, _FINEST = 17, 400
_MOST_ANSWERS = 10
_PROBE = 1e-3

Entry = tuple[int, ...]


@dataclass(frozen=True)
class Handle:
    """A number that the reader can move: a node, or one entry of it.

    >>> import graphcore as gc
    >>> Handle(gc.Graph().parameter("w", [1.0, 2.0]), (1,)).name
    'w[1]'
    """

    node: Node
    entry: Entry = ()

    @property
    def name(self) -> str:
        """What stands beside its line."""
        return shorten(self.node.label, 24) + at_place(self.entry)


@dataclass
class Answer:
    """A quantity that moves with the handle: where it is in the run, how fast it moves there, and its curve."""

    node: Node
    entry: Entry
    name: str
    at: float
    rate: float
    values: list[float] = field(default_factory=list)

    @property
    def span(self) -> float:
        """From the lowest to the highest of its finite values; never zero."""
        finite = [v for v in self.values if math.isfinite(v)]
        return (max(finite) - min(finite) if finite else 0.0) or _size(self.at) or 1.0

    @property
    def rounding(self) -> float:
        """How far two runs may differ where nothing differs but the rounding."""
        return 8 * float(np.finfo(self.node.dtype).eps) * max(map(_size, (self.at, *self.values)))


class Lines:
    """The grid of one handle: ``at`` are its values, and ``answers`` has a curve for each quantity behind it.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 2.0)
    >>> lines = Lines(gc.backprop(ops.square(w, name="C")), Handle(w))
    >>> lines.at[0], lines.at[-1], [(a.name, a.at, a.rate) for a in lines.answers]
    (-1.0, 5.0, [('C', 4.0, 4.0)])
    >>> lines.error < INVISIBLE
    True
    """

    def __init__(self, run: Run, handle: Handle) -> None:
        self.run, self.handle = run, handle
        self.start = float(as_numpy(run.value[handle.node])[handle.entry])
        reach = 1.5 * max(1.0, abs(self.start))
        self.answers = self._answers(reach)
        self._replay = Replay(run, handle.node, [answer.node for answer in self.answers])
        #: the largest error that was measured half-way between two points, in pixels of the longest line
        self.error = math.inf
        self.at = self._grid(self.start - reach, self.start + reach)

    def _answers(self, reach: float) -> list[Answer]:
        """The quantities with a name on the way to the cost; of an array the entry that moves most."""
        run, handle = self.run, self.handle
        by = max(_PROBE * reach, 64 * float(np.finfo(handle.node.dtype).eps) * abs(self.start))
        moved = nudge(run, handle.node, by, handle.entry or None)
        told = [n for n in moved.nodes if n is not handle.node and (n.name is not None or n is run.output)]
        if len(told) > _MOST_ANSWERS:
            told = [*told[: _MOST_ANSWERS // 2], *told[-_MOST_ANSWERS // 2 :]]
        answers = []
        far: Nudge | None = None
        for node in told:
            value, predicted = as_numpy(run.value[node]), as_numpy(moved.predicted[node])
            sizes = np.abs(np.nan_to_num(predicted))
            if not sizes.any():  # nothing moves at first, behind a relu that is switched off, but farther away it may
                far = far or nudge(run, handle.node, [by, -reach, reach], handle.entry or None)
                sizes = np.nan_to_num(np.abs(as_numpy(far.actual[node]))).max(axis=0)
            entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), sizes.shape)) if sizes.size else ()
            name = shorten(str(symbol_of(node, run)), 18) + at_place(entry)
            answers.append(Answer(node, entry, name, float(value[entry]), float(predicted[entry]) / by))
        return answers

    def _grid(self, low: float, high: float) -> list[float]:
        """Halve every interval in which a straight line would show, beginning with a few."""
        half = _COARSE // 2
        points = [low + (self.start - low) * i / half for i in range(half)] + [self.start]
        points += [self.start + (high - self.start) * i / half for i in range(1, half + 1)]
        found = dict(zip(points, self._values(points), strict=True))
        waiting = list(itertools.pairwise(points))
        self._keep(found)
        self._seen = [(answer.span, answer.rounding) for answer in self.answers]
        worst = 0.0
        while waiting:
            following = []
            middles = [(a + b) / 2 for a, b in waiting]
            for (a, b), middle, values in zip(waiting, middles, self._values(middles), strict=True):
                off = self._off(found[a], found[b], values)
                if (b - a) * PIXELS < high - low:
                    continue  # a jump or a break, cornered between two pixels
                if off > INVISIBLE and len(found) < _FINEST and a < middle < b:
                    found[middle] = values
                    following += [(a, middle), (middle, b)]
                else:
                    worst = max(worst, off)
            waiting = following
        self.error = worst
        return self._keep(found)

    def _keep(self, found: dict[float, list[float]]) -> list[float]:
        points = sorted(found)
        for place, answer in enumerate(self.answers):
            answer.values = [found[t][place] for t in points]
        return points

    def _values(self, places: Sequence[float]) -> list[list[float]]:
        """Every answer when the handle is at each of these places: the graph is run again."""
        found = self._replay.each([self._moved_to(at) for at in places])
        return [self._read(at, values) for at, values in zip(places, found, strict=True)]

    def _read(self, at: float, values: Sequence[Any]) -> list[float]:
        """The answers in the values of their nodes; where nothing has moved, as the run has them."""
        if at == self.start:
            return [answer.at for answer in self.answers]
        return [float(value[answer.entry]) for value, answer in zip(values, self.answers, strict=True)]

    def _moved_to(self, at: float) -> Any:
        """The value of the node when the handle is there."""
        moved = np.array(as_numpy(self.run.value[self.handle.node]), dtype=self.handle.node.dtype)
        moved[self.handle.entry] = at
        return moved

    def _off(self, left: Sequence[float], right: Sequence[float], middle: Sequence[float]) -> float:
        """How far the middle is from the straight line, in pixels, for the answer where it is farthest."""
        offs = [0.0]
        for (span, rounding), a, b, m in zip(self._seen, left, right, middle, strict=True):
            if all(map(math.isfinite, (a, b, m))):
                offs.append(max(0.0, abs((a + b) / 2 - m) - rounding) / span * PIXELS)
            elif math.isfinite(a) or math.isfinite(b):
                offs.append(math.inf)  # where a curve breaks off is looked for as closely as possible
        return max(offs)

    def as_json(self) -> Json:
        """What the page reads."""
        reach = self.at[-1] - self.at[0]
        return {
            "name": self.handle.name,
            "start": exact(self.start),
            "at": [exact(t) if t == self.start else stepped(t, reach) for t in self.at],
            "error": rounded(self.error, 2),
            "answers": [self._answer(answer) for answer in self.answers],
        }

    def _answer(self, answer: Answer) -> Json:
        fine = max(answer.span, 1e4 * answer.rounding)
        points = zip(self.at, answer.values, strict=True)
        return {
            "name": answer.name,
            "node": answer.node.index,
            "entry": list(answer.entry),
            "at": exact(answer.at),
            "rate": exact(answer.rate),
            "values": [exact(v) if t == self.start else stepped(v, fine) for t, v in points],
        }


def _size(value: float) -> float:
    return abs(value) if math.isfinite(value) else 0.0
