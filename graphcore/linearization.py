"""A graph at given values: how small changes travel through it, backward and forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import ShapeError
from .executor import Itself, forward, order_of, reached_from, reverse
from .graph import Graph
from .namespace import Array, Namespace, asarray, zeros
from .node import Node
from .registration import registry


class Linearized:
    """A graph at given values, and the linear maps that its derivatives are there.

    ``inputs`` are the nodes whose small changes are asked about. Going forward writes into the graph.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", (2,))
    >>> z = x * x
    >>> at = Linearized(g, {x: np.array([1.0, 3.0])}, np, [x])
    >>> at.compute([z])
    >>> at.pull(z, np.array([1.0, 1.0]))[x]
    array([2., 6.])
    >>> at.rows(z)[x]
    array([[2., 0.],
           [0., 6.]])
    >>> at.push(z, {x: [1.0, -1.0]})
    array([ 2., -6.])
    """

    def __init__(self, graph: Graph, values: Mapping[Node, Array], xp: Namespace, inputs: Sequence[Node]) -> None:
        self.graph, self.xp, self.inputs = graph, xp, list(inputs)
        self.values: dict[Node, Array] = dict(values)

    def compute(self, nodes: Sequence[Node]) -> None:
        """Run forward to some nodes."""
        for node in nodes:
            forward(order_of(self.graph, (node,)), self.values, self.xp)

    def seed_for(self, node: Node, seed: Any) -> Array:
        """A sensitivity of a node, or a change of it, made sure that it has the node's shape."""
        array = asarray(seed, self.xp, node.dtype, copy=True)
        if tuple(array.shape) != tuple(self.values[node].shape):
            raise ShapeError(
                f"a sensitivity has the shape of what it belongs to, {tuple(self.values[node].shape)}; "
                f"got {tuple(array.shape)}"
            )
        return array

    def pull(self, node: Node, seed: Array) -> dict[Node, Array]:
        """From a sensitivity of one node to those of the inputs it depends on."""
        order = order_of(self.graph, (node,))
        found = reverse(node, order, self.values, seed, self.xp, reached_from(self.inputs, order).__contains__)
        return {source: found[source] for source in self.inputs if source in found}

    def push(self, node: Node, moves: Mapping[Node, Any]) -> Array:
        """How a node changes as the inputs move.

        No rule is needed for this direction: a pullback is linear in what it is handed, and the pullback of that linear
        map is the push forward.
        """
        order = order_of(self.graph, (node,))
        name = f"sensitivity of {node.label}"
        seed = self.graph[name] if name in self.graph else self.graph.input(name, node.shape, node.dtype)
        written = reverse(node, order, Itself(), seed, registry, reached_from(self.inputs, order).__contains__)
        self.values[seed] = zeros(tuple(self.values[node].shape), node.dtype, self.xp)
        total = self.values[seed]
        for source in self.inputs:
            formula = written.get(source)
            if formula is None:
                continue
            self.compute([formula])
            after = order_of(self.graph, (formula,))
            move = self.seed_for(source, moves[source])
            found = reverse(formula, after, self.values, move, self.xp, reached_from([seed], after).__contains__)
            if seed in found:
                total = total + found[seed]
        return total

    def rows(self, node: Node) -> dict[Node, Array]:
        """All derivatives of a node by each input: axes of the node first, those of the input after them."""
        shape = tuple(self.values[node].shape)
        parts: dict[Node, list[Array]] = {source: [] for source in self.inputs}
        for entry in np.ndindex(shape):
            one = np.zeros(shape, node.dtype)
            one[entry] = 1
            found = self.pull(node, self.seed_for(node, one))
            for source in self.inputs:
                parts[source].append(found[source] if source in found else self._nothing((), source))
        return {source: self._stacked(rows, shape, source) for source, rows in parts.items()}

    def _stacked(self, rows: list[Array], shape: tuple[int, ...], source: Node) -> Array:
        if not rows:
            return self._nothing(shape, source)
        return self.xp.reshape(self.xp.stack(rows), (*shape, *tuple(self.values[source].shape)))

    def _nothing(self, ahead: tuple[int, ...], source: Node) -> Array:
        return zeros((*ahead, *tuple(self.values[source].shape)), source.dtype, self.xp)
