"""A gradient split into the contributions of its paths to the cost."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from ...arrays.namespace import Array, zeros
from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import Run
from ...errors import ShapeError, shorten
from ...graph.node import Node
from ..chain_rule.factors import Factor, factors_of
from ..text.numbers import format_count, summarize
from ..text.symbols import gradient_symbol, symbol_of
from .path_graph import PathGraph, resolve_node
from .top_paths import TopPaths

_LONGEST = 9
T = TypeVar("T")


def paths(run: Run, node: Node | str, limit: int = 10) -> Paths:
    """Split a gradient into the paths from a node to the cost, heaviest first.

    A path is a choice of one edge after the other; ``x * x`` is two edges, and so two paths. What a path contributes is
    the product of the local derivatives along it, in the shape of the node, and all contributions sum to the gradient.
    However many paths there are, they are counted exactly and the ``limit`` heaviest found without making the others;
    the heaviest are those whose contributions have the largest sum of absolute values.

    Raises `GraphError` for a node that does not reach the cost or belongs to another graph, and `UnknownNameError` for
    a name that no node has.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> u, v = ops.square(x, name="u"), (3 * x).named("v")
    >>> run = gc.backprop((u + v).named("C"), {x: 1.0})
    >>> found = gc.paths(run, "x")
    >>> print(found)
    ∂C/∂x = 5, along 2 paths
        3  x → v → C
        2  x → u → C
    >>> found.count, found.shown[0].contribution, found.remainder
    (2, np.float64(3.0), np.float64(0.0))
    """
    if not isinstance(limit, int) or limit < 1:
        raise ShapeError(f"limit={limit!r} is no number of paths to show; say 1 or more")
    return Paths(run, resolve_node(run, node, "paths"), limit)


class Path:
    """One path from the node to the cost.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> path = gc.paths(run, "x").shown[0]
    >>> path, path.nodes, path.contribution
    (<Path x → C: 3>, (<x (input): float64 ()>, <C = multiply: float64 ()>), np.float64(3.0))
    >>> [str(factor) for factor in path.factors]
    ['∂C/∂x = x = 3: the other factor']
    """

    def __init__(self, run: Run, start: Node, steps: tuple[PlanEdge, ...], contribution: Array) -> None:
        self.run, self.steps = run, steps
        #: from the node to the cost, both included
        self.nodes: tuple[Node, ...] = (start, *(step.target for step in steps))
        #: what travels along this path, in the shape of the node
        self.contribution = contribution

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The local derivatives along the path, from the node to the cost."""
        return factors_of(self.run, self.steps)

    @property
    def short(self) -> str:
        """The path by the names that it passes."""
        first, *between, last = self.nodes if len(self.nodes) > 1 else (*self.nodes, *self.nodes)
        return _arrows([first, *(node for node in between if node.name is not None), last])

    @property
    def long(self) -> str:
        """The path by everything that it passes, and by which argument where there are several."""
        return " → ".join(_elided((None, *self.steps), self._told))

    def _told(self, step: PlanEdge | None) -> str:
        if step is None:
            return str(symbol_of(self.nodes[0], self.run))
        several = sum(source is step.source for source in step.target.inputs) > 1
        return f"{symbol_of(step.target, self.run)}{f' (as {step.argument})' if several else ''}"

    def __repr__(self) -> str:
        return f"<Path {self.short}: {summarize(self.contribution)}>"


class Paths:
    """A gradient and the paths it consists of.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = node = g.parameter("x", 1.0)
    >>> for _ in range(60):
    ...     node = node + node
    >>> found = gc.paths(gc.backprop(node.named("C")), "x", limit=2)
    >>> found.count == 2**60, float(found.total) == 2.0**60, len(found.shown)
    (True, True, 2)
    """

    def __init__(self, run: Run, node: Node, limit: int) -> None:
        self.run, self.node = run, node
        path_graph = PathGraph(run.order, node, run.output)
        #: how many paths there are, exactly
        self.count = path_graph.count if node is not run.output else 1
        #: the gradient
        self.total: Array = run.grad[node]
        self._top = heaviest = TopPaths(run, path_graph, limit)
        #: the heaviest paths, heaviest first
        found = zip(heaviest.paths, heaviest.contributions, strict=True)
        self.shown = [Path(run, node, steps, contribution) for steps, contribution in found]
        if node is run.output:
            self.shown = [Path(run, node, (), run.grad[node])]
        #: whether no path that is not shown is heavier than one that is, up to rounding
        self.is_certain = heaviest.is_certain

    @cached_property
    def remainder(self) -> Array:
        """The gradient less what is shown."""
        shown = sum((path.contribution for path in self.shown[1:]), self.shown[0].contribution) if self.shown else 0.0
        if len(self.shown) == self.count:  # nothing is left but rounding
            return zeros(tuple(self.total.shape), self.node.dtype, self.run.xp)
        return self.total - shown

    def product(self, steps: tuple[PlanEdge, ...]) -> Array:
        """Return the product of consecutive edges, at an upstream gradient of 1."""
        return self._top.contribution_of(steps)

    @cached_property
    def names(self) -> list[str]:
        """The text of each shown path: its named nodes, and all nodes where names alone are ambiguous."""
        short = [path.short for path in self.shown]
        return [s if short.count(s) == 1 else path.long for s, path in zip(short, self.shown, strict=True)]

    def __repr__(self) -> str:
        return f"<Paths from {shorten(self.node.label)!r}: {format_count(self.count)}, {len(self.shown)} shown>"

    def __str__(self) -> str:
        return "\n".join(
            [self._heading, *(f"{contribution:>{self._width}}  {name}" for contribution, name in self._rows)]
        )

    @property
    def _heading(self) -> str:
        count = f"{format_count(self.count)} path{'s' if self.count != 1 else ''}"
        doubt = "" if self.is_certain else "; a heavier path than the lightest shown cannot be ruled out"
        return f"{gradient_symbol(self.run, self.node)} = {summarize(self.total)}, along {count}{doubt}"

    @property
    def _width(self) -> int:
        return 4 + max((len(contribution) for contribution, _ in self._rows), default=0)

    @property
    def _rows(self) -> list[tuple[str, str]]:
        rows = [(summarize(path.contribution), name) for path, name in zip(self.shown, self.names, strict=True)]
        left = self.count - len(self.shown)
        if left:
            rows.append(
                (summarize(self.remainder), f"along the {'other' if left == 1 else f'other {format_count(left)}'}")
            )
        return rows

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:right">{html.escape(contribution)}</td><td style="text-align:left">'
            f"{html.escape(name)}</td></tr>"
            for contribution, name in self._rows
        )
        return f"<table><caption>{html.escape(self._heading)}</caption>{rows}</table>"


def _arrows(nodes: Sequence[Node]) -> str:
    return " → ".join(_elided(nodes, lambda node: shorten(node.label, 24)))


def _elided(things: Sequence[T], tell: Callable[[T], str]) -> list[str]:
    """Return the two ends of a long list, in words."""
    if len(things) <= _LONGEST:
        return [tell(thing) for thing in things]
    half = _LONGEST // 2
    return [*map(tell, things[:half]), f"… {format_count(len(things) - 2 * half)} more …", *map(tell, things[-half:])]
