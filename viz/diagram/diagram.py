"""What a picture shows, without a word about colours or DOT: boxes, arrows, clusters and a heading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..format.array_summary import Quantity
from ..format.numbers import number, times

Path = tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """A node, or several folded into one.

    >>> Box("node-0", "input", "input", "x", tooltip=["x"]).terms
    ''
    """

    #: the id by which a page finds it
    key: str
    #: a role, or "fold"
    role: str
    #: the role in words, or the name of the operation
    tag: str
    name: str
    #: the one-step formula, for the result of an operation
    formula: str = ""
    #: shape and dtype, or what is folded here
    about: str = ""
    value: Quantity | None = None
    gradient: Quantity | None = None
    #: ∂C/∂z
    gradient_symbol: str = ""
    #: the sum over outgoing edges, if there are several
    terms: str = ""
    #: the clusters around it
    path: Path = ()
    #: whether paths are lit, and none of them passes here
    is_muted: bool = False
    #: of "value" and "gradient", what is not there yet: its place is kept
    hides: frozenset[str] = frozenset()
    #: "room" around the box, which is "lit" where something happens; empty in a picture that stands still
    halo: str = ""
    #: width and height, in points, if the box is to keep its size whatever is in it
    size: tuple[int, int] | None = None
    tooltip: list[str] = field(default_factory=list)
    #: the places, in their graph, of the nodes that it holds
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class Arrow:
    """One edge, or all edges between two boxes of which one is folded.

    >>> Arrow("edge-0-1-0", "node-0", "node-1").is_dead
    False
    """

    key: str
    source: str
    target: str
    lines: list[str] = field(default_factory=list)
    #: what it hands back, shown where it is one term of several
    term: str = ""
    contribution: Quantity | None = None
    #: whether a gradient could be handed back at all, or None before a run
    has_gradient: bool | None = None
    #: whether it comes from a parameter, a constant or a target, which stand beside the flow
    source_is_leaf: bool = False
    #: whether paths are lit, and none of them passes here
    is_muted: bool = False
    #: "ahead" where nothing has passed yet, "forward" where a value passes, "back" where a share does; else empty
    passing: str = ""
    tooltip: list[str] = field(default_factory=list)

    @property
    def is_dead(self) -> bool:
        """Whether it hands back nothing."""
        return self.has_gradient is False or (self.contribution is not None and self.contribution.dead)

    @property
    def is_mixed(self) -> bool:
        """Whether there are both signs in what it hands back."""
        return self.contribution is not None and 0.005 <= self.contribution.positive <= 0.995 and not self.is_dead

    @property
    def size(self) -> float:
        """How large the contribution is; infinite if it is not finite."""
        if self.contribution is None:
            return 0.0
        return float("inf") if self.contribution.nans or self.contribution.infinities else self.contribution.norm


@dataclass(frozen=True)
class Diagram:
    """The whole picture.

    >>> Diagram("net", [], []).largest
    0.0
    """

    title: str
    boxes: list[Box]
    arrows: list[Arrow]
    #: the cost in symbols and numbers, for the heading
    cost: str = ""
    notes: list[str] = field(default_factory=list)
    digits: int = 3

    @property
    def has_run(self) -> bool:
        """Whether there are numbers in it."""
        return any(arrow.has_gradient is not None for arrow in self.arrows) or any(b.value for b in self.boxes)

    @property
    def has_grids(self) -> bool:
        """Whether there are heat maps in it."""
        return any(q is not None and q.grid for box in self.boxes for q in (box.value, box.gradient))

    @property
    def largest(self) -> float:
        """The size of the largest finite contribution, to which all widths are relative."""
        return max((a.size for a in self.arrows if np.isfinite(a.size)), default=0.0)

    @property
    def largest_gradient(self) -> float:
        """The size of the largest finite gradient of a single number, to which all tints are relative."""
        sizes = [abs(b.gradient.top) for b in self.boxes if b.gradient is not None and b.gradient.single is not None]
        return max(sizes, default=0.0)

    def width(self, arrow: Arrow) -> float:
        """The width of an arrow in points: from 1 to 5, with the square root of its size.

        >>> diagram = Diagram("net", [], [Arrow("e", "a", "b", contribution=Quantity((), norm=4.0, top=4.0))])
        >>> diagram.width(diagram.arrows[0]), diagram.size_at(3.0), diagram.size_at(5.0)
        (5.0, 1.0, 4.0)
        """
        if arrow.size == float("inf"):
            return 5.0
        return 1.0 if not self.largest else round(1 + 4 * (arrow.size / self.largest) ** 0.5, 2)

    def size_at(self, width: float) -> float:
        """How large a contribution is whose arrow has this width."""
        return self.largest * ((width - 1) / 4) ** 2

    def scale(self) -> list[tuple[float, str]]:
        """Widths and the sizes they stand for, for the legend."""
        return [(w, number(self.size_at(w), 2)) for w in (1.0, 2.0, 3.0, 5.0)] if self.largest else []


def shape_and_type(node: Any) -> str:
    """What is known of a node before a run: ``float64 any×3``.

    >>> import graphcore as gc
    >>> shape_and_type(gc.Graph().input("x", (None, 3))), shape_and_type(gc.Graph().input("x"))
    ('float64  any×3', 'float64')
    """
    return f"{node.dtype}  {times(node.shape)}".strip()
