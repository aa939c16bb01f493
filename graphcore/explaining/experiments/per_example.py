"""One training example at a time: each one's cost and gradient, of which those of the batch are the average."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from ...arrays.namespace import Array, zeros
from ...autodiff.run import NodeMapping, Run
from ...errors import GraphError, ShapeError, shorten
from ...graph.node import Node
from ..paths.path_graph import require_run, resolve_entry
from ..text import numbers
from ..text.symbols import gradient_symbol, symbol_of
from ..text.tables import Table
from .batch import Batch, batch_of
from .per_example_grads import per_example_gradients

_SHOWN = 5


def per_example(run: Run) -> PerExample:
    """Return the cost and the gradients of each training example of a run.

    The examples lie along the first axis of the inputs whose first length is ``None``, or, if no input has one, of all
    inputs that agree on it. What belongs to one example is what the batch would give if every example were like this
    one, so the mean over the examples is the cost, and the mean of the gradients the gradient.

    ``.cost`` has one number per example, ``.grad[w]`` one gradient per example, examples first. All of them are found
    at once where the rules work on stacks of arrays; operations without such rules are applied once per example.

    Raises `GraphError` if there is no batch, if one example has an influence on another (as in a batch normalization),
    and if the cost is no average, or sum, of what each example costs.

    >>> import graphcore as gc
    >>> from ops import mean, squared_error
    >>> g = gc.Graph()
    >>> x, y, w = g.input("x", (None, 1)), g.input("y", (None, 1)), g.parameter("w", [[2.0]])
    >>> run = gc.backprop(mean(squared_error(x @ w, y), name="C"), {x: [[1.0], [2.0], [3.0]], y: [[1.0], [5.0], [6.0]]})
    >>> each = gc.per_example(run)
    >>> each.cost, each.grad["w"][:, 0, 0], run.grad[w]
    (array([1., 1., 0.]), array([ 2., -4.,  0.]), array([[-0.66666667]]))
    >>> print(each.pulls("w", (0, 0)))
    ∂C/∂w[0,0] is the mean over 3 examples: −0.6667
    <BLANKLINE>
        example   ∂C/∂w[0,0]   cost
        1                 −4      1   votes to increase
        2                  0      0
        0                  2      1   votes to decrease
    """
    require_run(run, "per_example")
    return PerExample(run, batch_of(run))


class PerExample:
    """The costs and gradients of the training examples of a run.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> each = gc.per_example(gc.backprop(ops.mean(ops.square(w * x), name="C"), {x: [1.0, 3.0]}))
    >>> each
    <PerExample: 2 examples, 1 parameter>
    >>> each.grad["w"]
    array([ 4., 36.])
    """

    def __init__(self, run: Run, batch: Batch) -> None:
        self.run, self.batch = run, batch
        #: what each example costs, (n,)
        self.cost: Array = batch.costs
        parameters = [node for node in run.order if node.kind == "parameter" and node.type.is_float]
        self._split: dict[Node, Array] | None = None
        #: the gradient of each example by every parameter, (n, *shape of the parameter)
        self.grad = NodeMapping("gradient per example", run.graph, parameters, self._gradient_of)

    def __len__(self) -> int:
        return self.batch.number

    def _gradient_of(self, node: Node) -> Array:
        if node.kind != "parameter":
            raise GraphError(f"{node.describe()}, is no parameter; per_example takes the gradients of parameters apart")
        if self._split is None:
            self._split = per_example_gradients(self.run, self.batch)
        if node not in self._split:
            shape = (self.batch.number, *tuple(self.run.value[node].shape))
            return zeros(shape, node.dtype, self.run.xp)
        return self._split[node]

    def pulls(self, node: Node | str, entry: int | tuple[int, ...] | None = None) -> WeightVotes:
        """Return the votes of the examples to increase or decrease a weight; ``entry`` is its index in an array.

        A step of gradient descent moves the weight against the gradient: a negative one votes to increase it.
        """
        found = self.run.value.node(node)
        shape = tuple(self.run.value[found].shape)
        if entry is None and shape != ():
            raise ShapeError(
                f"{shorten(found.label)!r} has the shape {shape}: say which weight, as in pulls({found.label!r}, "
                f"{(0,) * len(shape)})"
            )
        place = () if entry is None else resolve_entry(self.run, found, entry)
        return WeightVotes(self, found, place)

    def __str__(self) -> str:
        return "\n".join([self._told[0], *(f"    {line}" for line in self._told[1:])])

    def _repr_html_(self) -> str:
        first, *rest = map(html.escape, self._told)
        return f"<p>{first}</p><ul>{''.join(f'<li>{line}</li>' for line in rest)}</ul>"

    @property
    def _told(self) -> list[str]:
        """A line on the whole, one on the costs, and one on each parameter."""
        costs = np.asarray(self.cost)
        order = np.argsort(-costs, kind="stable")[:_SHOWN]
        dearest = ", ".join(f"{i} ({numbers.format_number(costs[i])})" for i in order)
        least, most = numbers.format_number(costs.min()), numbers.format_number(costs.max())
        name = symbol_of(self.run.output, self.run)
        return [
            f"{name} = {numbers.format_number(self.run.cost)} is the mean over {len(self)} examples",
            f"cost: from {least} to {most}; largest: {dearest}",
            *(self._agreement(node) for node in self.grad),
        ]

    def _agreement(self, node: Node) -> str:
        """Return a line on the agreement of the examples about a parameter."""
        each = np.asarray(self.grad[node]).reshape(len(self), -1)
        sizes = np.linalg.norm(each, axis=1)
        mean = float(np.linalg.norm(each.mean(axis=0)))
        agree = mean / sizes.mean() if sizes.mean() else 1.0
        largest = int(sizes.argmax())
        norm, most = numbers.format_number(mean), numbers.format_number(sizes[largest])
        return (
            f"{gradient_symbol(self.run, node)}: norm {norm}, {100 * agree:.0f} % of what it would "
            f"be if all examples agreed; the largest is that of example {largest}, {most}"
        )

    def __repr__(self) -> str:
        several = "s" * (len(self.grad) != 1)
        return f"<PerExample: {len(self)} examples, {len(self.grad)} parameter{several}>"


class WeightVotes:
    """The examples in the order in which they pull at one weight: votes to increase it first.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(w * x, name="C"), {x: [1.0, -3.0, 0.0]})
    >>> pulls = gc.per_example(run).pulls("w")
    >>> pulls.up, pulls.down
    ([1], [0])
    """

    def __init__(self, each: PerExample, node: Node, entry: tuple[int, ...]) -> None:
        self.each, self.node, self.entry = each, node, entry
        gradients: Any = np.asarray(each.grad[node])
        #: each example's derivative by this weight, (n,)
        self.gradient = gradients[(..., *entry)]
        self.order = [int(i) for i in np.argsort(self.gradient, kind="stable")]
        #: the examples that vote to increase the weight, largest gradient first, and those that vote to decrease it
        self.up = [i for i in self.order if self.gradient[i] < 0]
        self.down = [i for i in reversed(self.order) if self.gradient[i] > 0]

    def __str__(self) -> str:
        return str(self._table)

    def _repr_html_(self) -> str:
        return self._table.html

    @property
    def _table(self) -> Table:
        symbol = f"{gradient_symbol(self.each.run, self.node)}{numbers.format_index(self.entry)}"
        mean = numbers.format_number(self.gradient.mean())
        shown = [self._row(i) for i in self.order]
        if len(shown) > 2 * _SHOWN + 1:
            shown = [*shown[:_SHOWN], [f"… {len(shown) - 2 * _SHOWN} more", "", "", ""], *shown[-_SHOWN:]]
        heading = f"{symbol} is the mean over {len(self.each)} examples: {mean}"
        return Table(heading, ["example", symbol, "cost", ""], shown)

    def _row(self, example: int) -> list[str]:
        slope = self.gradient[example]
        vote = "votes to increase" if slope < 0 else "votes to decrease" if slope > 0 else ""
        return [str(example), numbers.format_number(slope), numbers.format_number(self.each.cost[example]), vote]

    def __repr__(self) -> str:
        return f"<WeightVotes on {self.node.label!r}: {len(self.up)} to increase, {len(self.down)} to decrease>"
