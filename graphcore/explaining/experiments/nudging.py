"""The experiment behind every derivative: nudge a value, run again, and measure the changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...arrays.incoming import real_array
from ...arrays.namespace import Array, asarray, zeros
from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import NodeMapping, Run
from ...errors import DtypeError, ShapeError, shorten
from ...graph.node import Node
from ..paths.edge_jvp import EdgeJVP, one_hot
from ..paths.path_graph import PathGraph, resolve_entry, resolve_node
from ..text import numbers
from ..text.symbols import gradient_symbol, symbol_of
from ..text.tables import Table

_LONGEST = 24


def nudge(run: Run, node: Node | str, by: float | Sequence[float], entry: int | tuple[int, ...] | None = None) -> Nudge:
    """Nudge a value, run again, and compare the actual changes with those that the derivatives predict.

    ``by`` is how far; a list of numbers tries each of them, for a plot. Every entry of an array is moved by as much, or
    only the ``entry`` that is named. For every node along the paths to the cost, ``.actual`` is the change that was
    found, ``.predicted`` what the chain rule says, Δnode ≈ ∂node/∂start · by, and ``.gap`` their difference, which
    shrinks with the square of the nudge. The run and the parameters stay as they are.

    Raises `GraphError` for a node that does not reach the cost, and `ShapeError` for a nudge of zero, one that is lost
    in the rounding of the value, and an entry that is not there.

    >>> import graphcore as gc
    >>> from ops import sigmoid, squared_error
    >>> g = gc.Graph("one neuron")
    >>> x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
    >>> z = (w * x + b).named("z")
    >>> C = squared_error(sigmoid(z, name="a"), y, name="C")
    >>> moved = gc.nudge(gc.backprop(C, {x: 0.62, y: 1.0}), "w", 0.01)
    >>> print(moved)
    w is nudged by 0.01, from 1.5 to 1.51
    <BLANKLINE>
        moves          by   predicted           gap
        w            0.01        0.01             0
        z          0.0062      0.0062             0
        a        0.001445    0.001446   −1.165·10⁻⁶
        C       −0.001069   −0.001072    2.951·10⁻⁶
    <BLANKLINE>
    ΔC/Δw = −0.1069, and ∂C/∂w = −0.1072
    >>> round(float(moved.actual["C"]), 8), round(float(moved.predicted["C"]), 8)
    (-0.00106862, -0.00107157)
    """
    found = resolve_node(run, node, "nudge")
    return Nudge(run, found, _how_far(by), None if entry is None else resolve_entry(run, found, entry))


class Nudge:
    """The actual and the predicted changes: mappings by node, or name, from the nudged node to the cost.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 3.0)
    >>> run = gc.backprop(ops.square(w, name="C"))
    >>> moved = gc.nudge(run, "w", [-0.5, 0.5, 1.0])
    >>> moved.actual["C"], moved.predicted["C"], moved.gap["C"]
    (array([-2.75,  3.25,  7.  ]), array([-3.,  3.,  6.]), array([0.25, 0.25, 1.  ]))
    """

    def __init__(self, run: Run, node: Node, by: Any, entry: tuple[int, ...] | None) -> None:
        self.run, self.node, self.entry = run, node, entry
        #: how far: a number, or an array of them
        self.by = by
        self._path_graph = PathGraph(run.order, node, run.output)
        #: the nodes along the paths, from the nudged one to the cost
        self.nodes: list[Node] = list(dict.fromkeys([*self._path_graph.out_edges, run.output]))
        self._found = {float(one): self._moved(float(one)) for one in np.atleast_1d(by)}
        self.actual = NodeMapping("change", run.graph, self.nodes, self._actual)
        self.predicted = NodeMapping("predicted change", run.graph, self.nodes, self._predicted)
        self.gap = NodeMapping("gap", run.graph, self.nodes, lambda node: self.actual[node] - self.predicted[node])

    def _actual(self, node: Node) -> Array:
        changes = [self._found[float(one)][node] for one in np.atleast_1d(self.by)]
        return changes[0] if np.ndim(self.by) == 0 else self.run.xp.stack(changes)

    def _predicted(self, node: Node) -> Array:
        rate = self._rates[node]
        if np.ndim(self.by) == 0:
            return rate * float(self.by)
        return self.run.xp.stack([rate * float(one) for one in self.by])

    def _moved(self, by: float) -> dict[Node, Array]:
        """Return the actual change of every node along the paths."""
        before = self.run.value[self.node]
        after = before + self._direction * by
        if not bool(self.run.xp.any(after != before)):
            size = float(np.max(np.abs(np.asarray(before)), initial=0.0))
            if not np.isfinite(size):
                raise ShapeError(
                    f"{shorten(self.node.label)!r} is {size:g}, which no nudge moves; see gc.diagnose(run)"
                )
            raise ShapeError(
                f"a nudge of {by:g} is lost in the rounding of {shorten(self.node.label)!r}, {self.node.dtype} numbers "
                f"of size {size:.3g}: nudge by {size * 1e-3:.1g} or so"
            )
        values = self.run.rerun({self.node: after})
        with np.errstate(all="ignore"):  # ∞ − ∞ is NaN, which is shown
            return {node: values[node] - self.run.value[node] for node in self.nodes}

    @cached_property
    def _direction(self) -> Array:
        if self.entry is None:
            shape = tuple(self.run.value[self.node].shape)
            return asarray(np.ones(shape, self.node.dtype), self.run.xp, self.node.dtype)
        return one_hot(self.run, self.node, self.entry)

    @cached_property
    def _rates(self) -> dict[Node, Array]:
        """The change of each node per unit of the nudge: the local derivatives, from the start forward."""
        rates = {self.node: self._direction}
        with np.errstate(all="ignore"):
            for source, steps in self._path_graph.out_edges.items():
                for step in steps:
                    contribution = self._along(step, rates[source])
                    rates[step.target] = rates[step.target] + contribution if step.target in rates else contribution
        nowhere = zeros((), self.run.output.dtype, self.run.xp)
        return {node: rates.get(node, nowhere) for node in self.nodes}

    def _along(self, step: PlanEdge, rate: Array) -> Array:
        local = self.run.edge(*step).local
        if local is None:
            return EdgeJVP(self.run, step, rate).values
        xp, product = self.run.xp, rate * local
        return xp.where(xp.broadcast_to(rate == 0, product.shape), xp.zeros_like(product), product)  # it does not move

    # -- output

    def __str__(self) -> str:
        return str(self._table)

    @property
    def _table(self) -> Table:
        name, symbol = self._name, gradient_symbol(self.run, self.node)
        if np.ndim(self.by):
            steps = ", ".join(numbers.format_number(one) for one in self.by[:6]) + (", …" if len(self.by) > 6 else "")
            heading = f"{name} is nudged by {steps}; changes of {self.run.output.label}"
            return Table(heading, ["nudge", "by", "predicted", "gap"], self._trials)
        after = ""
        if self.run.value[self.node].shape == ():
            ratio = numbers.format_number(self.actual[self.run.output] / self.by)
            rate = numbers.format_number(self.run.grad[self.node])
            after = f"Δ{symbol.upper}/Δ{symbol.lower} = {ratio}, and {symbol} = {rate}"
        heading = f"{name} is nudged by {numbers.format_number(self.by)}{self._from_to}"
        return Table(heading, ["moves", "by", "predicted", "gap"], self._rows, after)

    @property
    def _name(self) -> str:
        label = shorten(self.node.label, _LONGEST)
        return label + numbers.format_index(self.entry or ())

    @property
    def _from_to(self) -> str:
        before = self.run.value[self.node]
        if before.shape != () and self.entry is None:
            return ", every entry of it"
        before = before[self.entry or ()]
        return f", from {numbers.format_number(before)} to {numbers.format_number(before + self.by)}"

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        """The nodes with a name and the two ends."""
        told = [n for n in self.nodes if n.name is not None or n in (self.node, self.run.output)]
        shown = told if len(told) <= _LONGEST else [*told[: _LONGEST // 2], None, *told[-_LONGEST // 2 :]]
        rows: list[tuple[str, ...]] = []
        for node in shown:
            if node is None:
                rows.append((f"… {len(told) - _LONGEST} more …", "", "", ""))
                continue
            place = self._most_moved(node)
            name = f"{symbol_of(node, self.run)}{numbers.format_index(place)}"
            cells = [np.asarray(mapping[node])[place] for mapping in (self.actual, self.predicted, self.gap)]
            changes = [numbers.summarize(cell) for cell in cells]
            rows.append((name, *changes[:2], "0" if self._is_rounding(node) else changes[2]))
        return rows

    def _most_moved(self, node: Node) -> tuple[int, ...]:
        """Return the entry that stands for an array: the one that was nudged, and of others the one that moves most."""
        if self.entry is None:
            return ()
        if node is self.node:
            return self.entry
        sizes = np.abs(np.asarray(self.actual[node], dtype=float))
        return tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), sizes.shape))

    def _is_rounding(self, node: Node) -> bool:
        """Return true if the gap is no more than rounding."""
        value, gap = np.abs(np.asarray(self.run.value[node])), np.abs(np.asarray(self.gap[node]))
        largest = np.max(value, initial=0.0) + np.max(np.abs(np.asarray(self.actual[node])), initial=0.0)
        return bool(np.all(gap <= 8 * np.finfo(node.dtype).eps * largest))

    @property
    def _trials(self) -> list[tuple[str, ...]]:
        found = (mapping[self.run.output] for mapping in (self.actual, self.predicted, self.gap))
        return [tuple(map(numbers.format_number, row)) for row in zip(self.by, *found, strict=True)]

    def _repr_html_(self) -> str:
        return self._table.html

    def __repr__(self) -> str:
        trials = f" {len(self.by)} times" if np.ndim(self.by) else f" by {numbers.format_number(self.by)}"
        return f"<Nudge of {self._name}{trials}>"


def _how_far(by: Any) -> Any:
    try:
        steps = real_array(by, np, np.dtype(float), "`by`")
    except DtypeError:
        raise ShapeError(f"a nudge is a number, or a list of numbers, not {shorten(repr(by))}") from None
    if steps.ndim > 1 or not steps.size:
        raise ShapeError(f"a nudge is a number, or a list of numbers, not an array of shape {steps.shape}")
    if not np.all(np.isfinite(steps)) or not np.all(steps):
        raise ShapeError(f"a nudge of {shorten(repr(by))} moves nothing that could be measured: try 0.01")
    return steps[()]
