"""Backpropagation as frames: the same picture again and again, with one more number in each."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar, overload

from graphcore import Run

from ..diagram.builder import diagram_of
from ..diagram.diagram import Diagram
from ..diagram.dot import DIRECTIONS, dot_of
from ..diagram.folding import EVERYTHING
from ..errors import DrawError
from ..format.numbers import count
from ..render.animation import animate
from ..render.layout import Layout, laid_out
from ..render.markup import cell, escape, font, row, table
from ..render.picture import Picture
from ..render.theme import Theme, theme_named
from .states import largest, scenes, sized
from .steps import Step, steps_of

T, R = TypeVar("T"), TypeVar("R")
#: how many letters of a caption go into a line, and how wide a letter is
_LINE, _LETTER = 84, 6.1
_FORMATS = ("svg", "png", "pdf")
_PHASES = {"given": "what is given", "value": "forward", "cost": "the way back", "share": "the way back"}


def frames(
    run: Run, *, theme: str | Theme = "light", digits: int = 3, direction: str = "TB", title: str | None = None
) -> Frames:
    """Step through backpropagation: forward value by value, then back from the cost edge by edge.

    The frames are a sequence of pictures, each with its ``.caption``, which says in words and numbers what happens;
    where a node has several uses its sum fills up. Nothing moves from one frame to the next. ``.save_all(folder)``
    writes them as numbered files, ``.save("steps.gif")`` or ``.webp`` as one that moves (the extra ``frames``).

    ``theme``, ``digits``, ``direction`` and ``title`` are those of `draw`. Raises `DrawError` for a run of more than 60
    nodes, of whose steps nobody would see the end.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("one neuron")
    >>> x, y, w = g.input("x"), g.input("y"), g.parameter("w", 2.0)
    >>> C = ops.squared_error(ops.tanh(w * x, name="a"), y, name="C")
    >>> steps = frames(gc.backprop(C, {x: 0.5, y: 1.0}))
    >>> steps, len(steps)
    (<Frames of 'one neuron': 11 frames>, 11)
    >>> print(steps[5].caption)
    1 × 2 · (a − y) = 1 × (−0.4768) = −0.4768 arrives at a, and is ∂C/∂a
    """
    told = steps_of(run)
    if direction not in DIRECTIONS:
        raise DrawError(f"direction={direction!r} is none; there are {', '.join(DIRECTIONS)}")
    colours = theme_named(theme)
    if len(run.order) > EVERYTHING:
        raise DrawError(
            f"{count(len(run.order), 'node')} would make {count(len(told), 'frame')}, of which nobody sees the end; "
            f"frames shows up to {EVERYTHING} nodes: step through a smaller network, or draw(run), which folds"
        )
    diagram = diagram_of(run, fold=False, digits=digits, title=title)
    return Frames(diagram, told, colours, direction)


class Frames(Sequence["Frame"]):
    """The frames, laid out once when the first is looked at.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("square").input("x")
    >>> steps = frames(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [frame.step.kind for frame in steps[2:5]], steps[-1].caption
    (['cost', 'share', 'share'], 'Every gradient is there: ∂C/∂x = 6')
    """

    def __init__(self, diagram: Diagram, steps: Sequence[Step], theme: Theme, direction: str) -> None:
        self.diagram, self.steps, self.theme, self.direction = diagram, list(steps), theme, direction

    def __len__(self) -> int:
        return len(self.steps)

    @overload
    def __getitem__(self, index: int) -> Frame: ...

    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...

    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        return self._frames[index]

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    @cached_property
    def _frames(self) -> list[Frame]:
        seen = scenes(self.diagram, self.steps)
        return [Frame(self, scene, step, at) for at, (scene, step) in enumerate(zip(seen, self.steps, strict=True), 1)]

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands in all of them."""
        roomy, label = largest(self.diagram, self.steps), self.label(self.steps[0], 1)
        sizes = laid_out(dot_of(roomy, self.theme, self.direction, label=label)).sizes
        # once more with sizes in whole points, which are those of every frame
        return laid_out(dot_of(sized(roomy, sizes), self.theme, self.direction, label=label))

    def label(self, step: Step, at: int) -> str:
        """Title, place in the sequence and caption, which take as much room in every frame."""
        theme, lines = self.theme, _wrapped(step.caption)
        lines += [""] * (max(len(_wrapped(other.caption)) for other in self.steps) - len(lines))
        phase = _PHASES.get(step.kind, "the gradient")
        title = font(f"<B>{escape(self.diagram.title)}</B>", theme.ink, 15)
        title += font(escape(f"   {phase}, step {at} of {len(self)}"), theme.quiet, 11)
        rows = [row(cell(title, cellpadding=3))]
        rows += [row(cell(font(escape(line) or "&#160;", theme.ink, 12), cellpadding=2)) for line in lines]
        return table(*rows, width=round(_LINE * _LETTER), cellpadding=1)

    def save_all(self, folder: str | Path, suffix: str = "svg") -> list[Path]:
        """Write every frame into a folder, numbered: ``frame_001.svg`` and so on, or ``"png"`` or ``"pdf"``.

        >>> import graphcore as gc, ops, tempfile
        >>> x = gc.Graph().input("x")
        >>> steps = frames(gc.backprop((x * x).named("C"), {x: 3.0}))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in steps.save_all(folder)][::5]
        ['frame_001.svg', 'frame_006.svg']
        """
        suffix = suffix.lower().lstrip(".")
        if suffix not in _FORMATS:
            raise DrawError(f"frames cannot be saved as {suffix!r}; there are {', '.join(_FORMATS)}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        digits = max(3, len(str(len(self))))
        paths = [folder / f"frame_{at:0{digits}}.{suffix}" for at in range(1, len(self) + 1)]
        self._together(lambda pair: pair[0].save(pair[1]), list(zip(self, paths, strict=True)))
        return paths

    def save(self, path: str | Path, *, seconds: float = 1.5, width: int | None = None) -> Path:
        """Write one file that moves: .gif or .webp, by suffix. Needs Pillow, the extra ``frames``.

        Each frame stands for ``seconds``, and the last three times as long; ``width`` is in pixels.
        """
        return animate(lambda: self._together(lambda frame: frame.png(), list(self)), path, seconds, width)

    def _together(self, do: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """The same with each of them, several at a time, since it is the engine that works."""
        if things:
            _ = self.layout
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return list(pool.map(do, things))

    def _repr_html_(self) -> str:
        return self._frames[-1]._repr_html_()

    def __repr__(self) -> str:
        return f"<Frames of {self.diagram.title!r}: {count(len(self), 'frame')}>"


class Frame(Picture):
    """One frame: a picture with a caption.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("square").input("x")
    >>> frame = frames(gc.backprop((x * x).named("C"), {x: 3.0}))[3]
    >>> frame
    <Frame 4 of 'square': 1 × x = 1 × 3 = 3 arrives at x, the first of 2 shares>
    >>> frame.svg()[:4], frame.step.edge_id
    ('<svg', 'edge-0-1-0')
    """

    def __init__(self, frames: Frames, scene: Diagram, step: Step, at: int) -> None:
        self.step, self.at = step, at
        super().__init__(
            lambda: dot_of(
                sized(scene, frames.layout.sizes), frames.theme, frames.direction,
                label=frames.label(step, at), places=frames.layout,
            ),
            scene.title,
        )  # fmt: skip

    @property
    def caption(self) -> str:
        """What happens, in words and numbers."""
        return self.step.caption

    def png(self) -> bytes:
        """The picture as PNG."""
        return self._rendered("png")

    def __repr__(self) -> str:
        return f"<Frame {self.at} of {self.title!r}: {self.caption}>"


def _wrapped(caption: str) -> list[str]:
    return textwrap.wrap(caption, _LINE, break_on_hyphens=False) or [""]
