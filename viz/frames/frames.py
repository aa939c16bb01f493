"""Backpropagation as frames: one picture per step, each with one more number."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar, overload

from graphcore import Run

from ..diagram.builder import build_diagram
from ..diagram.diagram import Diagram
from ..diagram.dot import DIRECTIONS, write_dot
from ..diagram.folding import EVERYTHING
from ..errors import DrawError
from ..format.numbers import format_count
from ..render.animation import animate
from ..render.layout import Layout, compute_layout
from ..render.markup import cell, escape, font, row, table
from ..render.picture import Picture
from ..render.theme import Theme, get_theme
from .states import build_states, reserve_room, set_sizes
from .steps import Step, steps_of

T = TypeVar("T")
R = TypeVar("R")
#: the number of letters of a caption in a line, and the width of a letter
_LINE, _LETTER = 84, 6.1
_FORMATS = ("svg", "png", "pdf")
_PHASES = {"given": "given", "value": "forward pass", "cost": "backward pass", "contribution": "backward pass"}


def frames(
    run: Run, *, theme: str | Theme = "light", digits: int = 3, direction: str = "TB", title: str | None = None
) -> Frames:
    """Step through backpropagation: the forward pass value by value, then the backward pass edge by edge.

    The frames are a sequence of pictures, each with a ``.caption`` that describes its step in words and numbers; the
    gradient of a node with several uses accumulates. All frames have the same layout. ``.save_all(folder)`` writes them
    as numbered files, ``.save("steps.gif")`` or ``.webp`` as one animation (the extra ``frames``).

    ``theme``, ``digits``, ``direction`` and ``title`` are those of `draw`. Raises `DrawError` for a run of more than 60
    nodes, which would have too many steps.

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
    steps = steps_of(run)
    if direction not in DIRECTIONS:
        raise DrawError(f"unknown direction {direction!r}, expected one of {', '.join(DIRECTIONS)}")
    colours = get_theme(theme)
    if len(run.order) > EVERYTHING:
        raise DrawError(
            f"frames shows up to {EVERYTHING} nodes, got {len(run.order)} "
            f"({format_count(len(steps), 'frame')}): step through a smaller network, or use draw(run), which folds"
        )
    diagram = build_diagram(run, fold=False, digits=digits, title=title)
    return Frames(diagram, steps, colours, direction)


class Frames(Sequence["Frame"]):
    """The frames; the common layout is computed on first use.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("square").input("x")
    >>> steps = frames(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [frame.step.kind for frame in steps[2:5]], steps[-1].caption
    (['cost', 'contribution', 'contribution'], 'Every gradient is computed: ∂C/∂x = 6')
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
        states = build_states(self.diagram, self.steps)
        return [
            Frame(self, state, step, at) for at, (state, step) in enumerate(zip(states, self.steps, strict=True), 1)
        ]

    @cached_property
    def layout(self) -> Layout:
        """Layout that all frames have in common."""
        roomy, label = reserve_room(self.diagram, self.steps), self.label(self.steps[0], 1)
        sizes = compute_layout(write_dot(roomy, self.theme, self.direction, label=label)).sizes
        # once more with sizes in whole points, which are those of every frame
        return compute_layout(write_dot(set_sizes(roomy, sizes), self.theme, self.direction, label=label))

    def label(self, step: Step, at: int) -> str:
        """Return title, step number and caption, of the same size in every frame."""
        theme, lines = self.theme, _wrapped(step.caption)
        lines += [""] * (max(len(_wrapped(other.caption)) for other in self.steps) - len(lines))
        phase = _PHASES.get(step.kind, "gradient")
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
            raise DrawError(f"suffix: expected one of {', '.join(_FORMATS)}, got {suffix!r}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        digits = max(3, len(str(len(self))))
        paths = [folder / f"frame_{at:0{digits}}.{suffix}" for at in range(1, len(self) + 1)]
        self._map(lambda pair: pair[0].save(pair[1]), list(zip(self, paths, strict=True)))
        return paths

    def save(self, path: str | Path, *, seconds: float = 1.5, width: int | None = None) -> Path:
        """Write an animation: .gif or .webp, by suffix. Needs Pillow, the extra ``frames``.

        Each frame is shown for ``seconds``, and the last three times as long; ``width`` is in pixels.
        """
        return animate(lambda: self._map(lambda frame: frame.png(), list(self)), path, seconds, width)

    def _map(self, do: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """Apply a function to each item in several threads; the layout engine is a process of its own."""
        if things:
            _ = self.layout
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return list(pool.map(do, things))

    def _repr_html_(self) -> str:
        return self._frames[-1]._repr_html_()

    def __repr__(self) -> str:
        return f"<Frames of {self.diagram.title!r}: {format_count(len(self), 'frame')}>"


class Frame(Picture):
    """One frame: a picture with a caption.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph("square").input("x")
    >>> frame = frames(gc.backprop((x * x).named("C"), {x: 3.0}))[3]
    >>> frame
    <Frame 4 of 'square': 1 × x = 1 × 3 = 3 arrives at x, the first of 2 contributions>
    >>> frame.svg()[:4], frame.step.edge_id
    ('<svg', 'edge-0-1-0')
    """

    def __init__(self, frames: Frames, state: Diagram, step: Step, at: int) -> None:
        self.step, self.at = step, at
        super().__init__(
            lambda: write_dot(
                set_sizes(state, frames.layout.sizes), frames.theme, frames.direction,
                label=frames.label(step, at), layout=frames.layout,
            ),
            state.title,
        )  # fmt: skip

    @property
    def caption(self) -> str:
        """The step in words and numbers."""
        return self.step.caption

    def png(self) -> bytes:
        """Return the picture as PNG."""
        return self._rendered("png")

    def __repr__(self) -> str:
        return f"<Frame {self.at} of {self.title!r}: {self.caption}>"


def _wrapped(caption: str) -> list[str]:
    return textwrap.wrap(caption, _LINE, break_on_hyphens=False) or [""]
