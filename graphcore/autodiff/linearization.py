"""A graph at given values: how small changes travel through it, backward and forward.

Where nodes stand for themselves instead of having values, what is found are nodes of the same graph: this is what a
derivative inside a function that is being traced is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays.incoming import real_array
from ..arrays.namespace import Array, Namespace, asarray, namespace_of, zeros
from ..arrays.registry import registry
from ..errors import ShapeError
from ..graph.node import GraphOfNodes, Node
from ..operations.core_ops import broadcast_like, identity
from .executor import forward, reverse
from .interpreters import SymbolicValues
from .plan import plan_for


class Linearized:
    """A graph at given values, and the linear maps that its derivatives are there.

    ``inputs`` are the nodes with respect to which derivatives are taken. The forward mode writes into the graph.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", (2,))
    >>> z = x * x
    >>> at = Linearized(g, {x: np.array([1.0, 3.0])}, np, [x])
    >>> at.compute([z])
    >>> at.vjp(z, np.array([1.0, 1.0]))[x]
    array([2., 6.])
    >>> at.jacobian(z)[x]
    array([[2., 0.],
           [0., 6.]])
    >>> at.jvp(z, {x: [1.0, -1.0]})
    array([ 2., -6.])
    """

    def __init__(
        self, graph: GraphOfNodes, values: Mapping[Node, Array], xp: Namespace, inputs: Sequence[Node]
    ) -> None:
        self.graph, self.xp, self.inputs = graph, xp, list(inputs)
        self.values: dict[Node, Array] = dict(values)

    @classmethod
    def in_symbols(cls, graph: GraphOfNodes, inputs: Sequence[Node]) -> Linearized:
        """Return the same with formulas in place of numbers: every node stands for itself.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> at = Linearized.in_symbols(g, [x])
        >>> gc.evaluate(at.vjp(x * x, at.seed_for(x, 1.0))[x], {x: 3.0})
        np.float64(6.0)
        """
        at = cls(graph, {}, registry, inputs)
        at.values = SymbolicValues()
        return at

    def compute(self, nodes: Sequence[Node]) -> None:
        """Run forward to some nodes."""
        if self.xp is not registry:
            for node in nodes:
                forward(plan_for(self.graph, (node,)), self.values, self.xp)

    def seed_for(self, node: Node, seed: Any) -> Array | Node:
        """Return a sensitivity or a tangent as an array or node, checked to have the shape of its node."""
        if isinstance(seed, Node) or self.xp is registry:
            array = seed if isinstance(seed, Node) else self.graph.constant(seed, dtype=node.dtype)
        else:
            array = real_array(seed, self.xp, node.dtype, "a sensitivity or tangent")
        if tuple(array.shape) != tuple(self.values[node].shape):
            raise ShapeError(
                f"a sensitivity has the shape of what it belongs to, {tuple(self.values[node].shape)}; "
                f"got {tuple(array.shape)}"
            )
        return array

    def vjp(self, node: Node, seed: Array | Node) -> dict[Node, Any]:
        """From a sensitivity of one node to those of the inputs it depends on."""
        if isinstance(seed, Node) and self.xp is not registry:
            return self._pull_elsewhere(node, seed)
        return self._reversed(node, self.values, seed, self.xp, self.inputs)

    def jvp(self, node: Node, moves: Mapping[Node, Any]) -> Array | Node:
        """Return the change of a node as the inputs move (the Jacobian-vector product).

        No rule is needed for this direction: a pullback is linear in what it is handed, and the pullback of that linear
        map is the push forward.
        """
        seed, written = self._pullback_written_for(node)
        total: Any = None
        for source, formula in written.items():
            self.compute([seed, formula])
            move = self.seed_for(source, moves[source])
            found = self._reversed(formula, self.values, move, self.xp, [seed]).get(seed)
            if found is not None:
                total = found if total is None else total + found
        return self.zeros_like(node) if total is None else total

    def jacobian(self, node: Node) -> dict[Node, Array | Node]:
        """All derivatives of a node by each input: axes of the node first, those of the input after them."""
        shape = known_lengths(self.values[node])
        parts: dict[Node, list[Any]] = {source: [] for source in self.inputs}
        for entry in np.ndindex(shape):
            one = np.zeros(shape, node.dtype)
            one[entry] = 1
            found = self.vjp(node, self.seed_for(node, one))
            for source in self.inputs:
                parts[source].append(found[source] if source in found else self.zeros_like(source))
        return {source: self._stacked(rows, shape, source) for source, rows in parts.items()}

    def zeros_like(self, node: Node, ahead: tuple[int, ...] = ()) -> Array | Node:
        """Zeros of the shape of a node, with more axes ahead of its own if there are any."""
        if self.xp is not registry:
            return zeros((*ahead, *tuple(self.values[node].shape)), node.dtype, self.xp)
        if ahead:
            return self.graph.constant(np.zeros((*ahead, *node.shape), node.dtype))
        zero = self.graph.constant(0.0, dtype=node.dtype)
        return zero if node.shape == () else broadcast_like(zero, node)

    # -- details

    def _reversed(
        self, node: Node, values: Mapping[Node, Any], seed: Any, xp: Namespace, sources: Sequence[Node]
    ) -> dict[Node, Any]:
        plan = plan_for(self.graph, (node,))
        found = reverse(plan, values, seed, xp, plan.descendants(sources))
        return {source: found[source] for source in sources if source in found}

    def _pullback_written_for(self, node: Node) -> tuple[Node, dict[Node, Node]]:
        """Return a sensitivity of a node, which is 0, and the formulas of the input gradients that follow from it."""
        zero = self.graph.constant(0.0, dtype=node.dtype)
        seed = identity(zero if node.shape == () else broadcast_like(zero, node))
        return seed, self._reversed(node, SymbolicValues(), seed, registry, self.inputs)

    def _pull_elsewhere(self, node: Node, seed: Node) -> dict[Node, Node]:
        """Return the vjp of a sensitivity in another graph: nodes of that graph, the values being numbers."""
        ours, written = self._pullback_written_for(node)
        values = {**self.values, ours: seed}
        for formula in written.values():
            forward(plan_for(self.graph, (formula,)), values, registry)
        return {source: values[formula] for source, formula in written.items()}

    def _stacked(self, rows: list[Any], shape: tuple[int, ...], source: Node) -> Any:
        if not rows:
            return self.zeros_like(source, shape)
        own = tuple(self.values[source].shape)
        return self.xp.reshape(self.xp.stack(rows), (*shape, *own)) if shape else rows[0]


def known_lengths(value: Any) -> tuple[int, ...]:
    """Return the shape of a value, all lengths of which have to be known.

    >>> known_lengths(np.zeros((2, 3)))
    (2, 3)
    """
    shape: tuple[int, ...] = np.shape(value)
    if None in shape:
        raise ShapeError(f"all derivatives of something need its lengths, which are not known: {value.describe()}")
    return shape


def own_copy(value: Array | Node) -> Array | Node:
    """Return a copy for the caller, or the node itself.

    >>> own_copy(np.float64(3.0))
    np.float64(3.0)
    """
    return value if isinstance(value, Node) else asarray(value, namespace_of(value), copy=True)
