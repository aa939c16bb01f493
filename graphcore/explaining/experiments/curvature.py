"""Derivatives at the values of a run: of any node by any other, and the cost's second ones."""

from __future__ import annotations

from typing import Any

from ...arrays.namespace import Array, zeros
from ...arrays.registry import registry
from ...autodiff.executor import forward
from ...autodiff.gradient import derivative
from ...autodiff.linearization import Linearized
from ...autodiff.run import Run
from ...errors import ShapeError, shorten
from ...graph.graph import Graph
from ...graph.node import Node
from ..paths.path_graph import require_complete_run, require_run, resolve_node


def jacobian_at(run: Run, of: Node | str, wrt: Node | str) -> Array:
    """∂of/∂wrt at the values of a run: axes of ``of`` first, those of ``wrt`` after them.

    Zero where ``of`` does not depend on ``wrt``. Raises `GraphError` for a node that the run did not compute.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (2,)), g.parameter("w", [3.0, 5.0])
    >>> run = gc.backprop(ops.sum((w * x).named("z"), name="C"), {x: [1.0, 2.0]})
    >>> gc.jacobian_at(run, "z", "w")
    array([[1., 0.],
           [0., 2.]])
    """
    above, below = (_of_floats(run, node, "jacobian_at") for node in (of, wrt))
    return Linearized(run.graph, run.value, run.xp, [below]).jacobian(above)[below][()]


def hessian_at(run: Run, node: Node | str, other: Node | str | None = None) -> Array:
    """∂²C/∂node∂other at the values of a run, ``other`` being the node itself unless another is named.

    Axes of ``node`` first, those of ``other`` after them. Raises `GraphError` for a node that does not reach the cost.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(w * x, name="C"), {x: 3.0})
    >>> gc.hessian_at(run, "w"), gc.hessian_at(run, "w", "x")
    (np.float64(18.0), np.float64(24.0))
    """
    first = resolve_node(run, node, "hessian_at")
    second = first if other is None else resolve_node(run, other, "hessian_at")
    at, gradient, by = _gradient_beside(run, first, second)
    return at.jacobian(gradient)[by][()]


def hvp_at(run: Run, node: Node | str, v: Any) -> Array:
    """Return the cost's second derivatives by a node times ``v``, in the shape of the node; nothing larger is made.

    It is how ∂C/∂node changes for each unit by which the node moves along ``v``. Raises `ShapeError` if ``v`` has
    another shape than the node.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w = g.parameter("w", [1.0, 2.0])
    >>> run = gc.backprop(ops.sum(w**3, name="C"))
    >>> gc.hvp_at(run, "w", [1.0, 1.0])
    array([ 6., 12.])
    """
    found = resolve_node(run, node, "hvp_at")
    at, gradient, by = _gradient_beside(run, found, found)
    try:
        move = at.seed_for(gradient, v)
    except ShapeError as error:
        shape = tuple(run.value[found].shape)
        raise ShapeError(
            f"hvp_at: v has the shape of {shorten(found.label)!r}, which is {shape}; got {type(v).__name__} ({error})"
        ) from error
    product = at.vjp(gradient, move).get(by)
    return zeros(tuple(run.value[found].shape), found.dtype, run.xp) if product is None else product


def _gradient_beside(run: Run, node: Node, other: Node) -> tuple[Linearized, Node, Node]:
    """Return ∂C/∂node and ``other`` as nodes of a copy, so that the graph gets no new nodes."""
    copy = Graph(run.graph.name)
    twin: dict[Node, Any] = {
        leaf: copy.input(f"{place}", tuple(run.value[leaf].shape), leaf.dtype)
        for place, leaf in enumerate(run.order)
        if leaf.op is None
    }
    forward(run.order, twin, registry)
    gradient = derivative(twin[run.output], twin[node])
    leaves = {twin[leaf]: run.value[leaf] for leaf in run.order if leaf.op is None}
    at = Linearized(copy, leaves, run.xp, [twin[other]])
    at.compute([gradient, twin[other]])
    return at, gradient, twin[other]


def _of_floats(run: Run, node: Node | str, what: str) -> Node:
    require_run(run, what)
    require_complete_run(run, what)
    found = run.value.node(node)
    run.value[found]  # refuses what the run did not compute
    return found if found.type.is_float else resolve_node(run, found, what)
