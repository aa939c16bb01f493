"""The model of a diagram, independent of colours and DOT: boxes, arrows, clusters and a heading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..format.array_summary import ArraySummary
from ..format.numbers import format_shape, number

Path = tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """A node, or several folded into one.

    >>> Box("node-0", "input", "input", "x", tooltip=["x"]).terms
    ''
    """

    #: the id of its SVG element
    key: str
    #: a role, or "fold"
    role: str
    #: the role in words, or the name of the operation
    tag: str
    name: str
    #: the one-step formula, for the result of an operation
    formula: str = ""
    #: shape and dtype, or a summary of the folded nodes
    about: str = ""
    value: ArraySummary | None = None
    gradient: ArraySummary | None = None
    #: ∂C/∂z
    gradient_symbol: str = ""
    #: the sum over outgoing edges, if there are several
    terms: str = ""
    #: the clusters around it
    path: Path = ()
    #: True if paths are highlighted and none of them passes here
    is_dimmed: bool = False
    #: the parts, "value" and "gradient", that are blank but keep their room
    hides: frozenset[str] = frozenset()
    #: "room" around the box, or "lit" for a highlighted one; empty outside of animations
    halo: str = ""
    #: fixed width and height in points, independent of the content
    size: tuple[int, int] | None = None
    tooltip: list[str] = field(default_factory=list)
    #: the indices of its nodes in the graph
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class Arrow:
    """One edge, or all edges between two boxes of which one is folded.

    >>> Arrow("edge-0-1-0", "node-0", "node-1").is_zero
    False
    """

    key: str
    source: str
    target: str
    lines: list[str] = field(default_factory=list)
    #: the contribution as text, where it is one term of several
    term: str = ""
    contribution: ArraySummary | None = None
    #: True if the edge can carry a gradient; None without a run
    has_gradient: bool | None = None
    #: True if the source is a parameter, a constant or a target, which are drawn beside the flow
    source_is_leaf: bool = False
    #: True if paths are highlighted and none of them passes here
    is_dimmed: bool = False
    #: "ahead" before anything has passed, "forward" while a value passes, "back" while a gradient does; else empty
    passing: str = ""
    tooltip: list[str] = field(default_factory=list)

    @property
    def is_zero(self) -> bool:
        """True if the contribution is zero or does not exist."""
        return self.has_gradient is False or (self.contribution is not None and self.contribution.is_zero)

    @property
    def is_mixed(self) -> bool:
        """True if the contribution has entries of both signs."""
        return self.contribution is not None and 0.005 <= self.contribution.positive <= 0.995 and not self.is_zero

    @property
    def size(self) -> float:
        """Norm of the contribution; infinite if it is not finite."""
        if self.contribution is None:
            return 0.0
        return float("inf") if self.contribution.nans or self.contribution.infinities else self.contribution.norm


@dataclass(frozen=True)
class Diagram:
    """A complete diagram.

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
        """True if the diagram has numbers."""
        return any(arrow.has_gradient is not None for arrow in self.arrows) or any(b.value for b in self.boxes)

    @property
    def has_grids(self) -> bool:
        """True if the diagram has heat maps."""
        return any(q is not None and q.grid for box in self.boxes for q in (box.value, box.gradient))

    @property
    def largest(self) -> float:
        """Norm of the largest finite contribution, to which all widths are relative."""
        return max((a.size for a in self.arrows if np.isfinite(a.size)), default=0.0)

    @property
    def largest_gradient(self) -> float:
        """Magnitude of the largest finite gradient of a single number, to which all tints are relative."""
        sizes = [abs(b.gradient.top) for b in self.boxes if b.gradient is not None and b.gradient.single is not None]
        return max(sizes, default=0.0)

    def width(self, arrow: Arrow) -> float:
        """Return the width of an arrow in points: from 1 to 5, with the square root of its size.

        >>> diagram = Diagram("net", [], [Arrow("e", "a", "b", contribution=ArraySummary((), norm=4.0, top=4.0))])
        >>> diagram.width(diagram.arrows[0]), diagram.size_at(3.0), diagram.size_at(5.0)
        (5.0, 1.0, 4.0)
        """
        if arrow.size == float("inf"):
            return 5.0
        return 1.0 if not self.largest else round(1 + 4 * (arrow.size / self.largest) ** 0.5, 2)

    def size_at(self, width: float) -> float:
        """Return the norm of the contribution whose arrow has this width."""
        return self.largest * ((width - 1) / 4) ** 2

    def scale(self) -> list[tuple[float, str]]:
        """Return pairs of width and contribution for the legend."""
        return [(w, number(self.size_at(w), 2)) for w in (1.0, 2.0, 3.0, 5.0)] if self.largest else []


def format_type(node: Any) -> str:
    """Format dtype and shape of a node: ``float64 any×3``.

    >>> import graphcore as gc
    >>> format_type(gc.Graph().input("x", (None, 3))), format_type(gc.Graph().input("x"))
    ('float64  any×3', 'float64')
    """
    return f"{node.dtype}  {format_shape(node.shape)}".strip()
