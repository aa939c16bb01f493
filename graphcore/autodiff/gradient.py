"""The functions that programs call: values of nodes, all gradients of a cost, a derivative as a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

from ..arrays.namespace import Array, asarray, unit_sensitivity
from ..arrays.registry import registry
from ..errors import CostError, DtypeError, GraphError
from ..graph.node import GraphOfNodes, Node
from ..operations.core_ops import broadcast_like
from .executor import forward, reverse
from .feed import bind
from .interpreters import SymbolicValues
from .plan import Plan, plan_for
from .recompute import run_keeping_only
from .run import Run

Feed = Mapping[Any, Any]


@overload
def evaluate(nodes: Node, feed: Feed | None = None) -> Array: ...


@overload
def evaluate(nodes: Sequence[Node], feed: Feed | None = None) -> list[Array]: ...


def evaluate(nodes: Node | Sequence[Node], feed: Feed | None = None) -> Any:
    """Run forward only: the value of a node, or a list of the values of several.

    ``feed`` maps every input that the nodes depend on, as a node or by name, to its array. Raises `FeedError` for a
    feed that is incomplete or holds more, `ShapeError` and `DtypeError` for arrays that are not as declared.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", shape=(None,))
    >>> gc.evaluate(ops.sum(x * x), {"x": [1.0, 2.0, 3.0]})
    np.float64(14.0)
    """
    wanted = [nodes] if isinstance(nodes, Node) else list(nodes)
    if not wanted:
        return []
    graph = _one_graph(wanted)
    plan = plan_for(graph, tuple(wanted))
    values, xp = bind(plan, feed)
    forward(plan, values, xp)
    # copies, because a result may share its memory with a parameter
    results = [asarray(values[node], xp, copy=True) for node in wanted]
    return results[0] if isinstance(nodes, Node) else results


def backprop(cost: Node, feed: Feed | None = None, keep: Iterable[Node | str] | None = None) -> Run:
    """Run forward and backward: at every node, add up the contributions of its outgoing edges.

    For a node n with edges to nodes t: ``∂C/∂n = Σ_t ∂C/∂t · ∂t/∂n``. The cost is one number; raises `CostError`
    otherwise, and whatever `evaluate` raises.

    A run is a record of everything. With ``keep`` it is one of the cost, of the gradients of parameters, and of the
    values and gradients of the nodes that are given: all others are forgotten as soon as nothing reads them, which
    saves their memory, and `checkpoint` saves more.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> run.cost, run.grad[x], [float(edge.contribution) for edge in run.edges]
    (np.float64(9.0), np.float64(6.0), [3.0, 3.0])
    """
    check_cost(cost)
    plan = plan_for(cost.graph, (cost,))
    values, xp = bind(plan, feed, for_record=True)
    if keep is not None:
        return _partial_run(plan, values, xp, keep)
    forward(plan, values, xp)
    seed = unit_sensitivity(values[cost], xp)
    # The gradients of inputs and constants are computed by the run when they are read.
    gradients = reverse(plan, values, seed, xp, plan.trainable)
    return Run(plan, values, gradients, xp)


def _partial_run(plan: Plan, values: Any, xp: Any, keep: Iterable[Node | str]) -> Run:
    if isinstance(keep, (str, Node)):
        raise GraphError(f"keep is a list of nodes, or of their names; got {type(keep).__name__}")
    (cost,) = plan.outputs
    kept = [cost.graph[one] if isinstance(one, str) else one for one in keep]
    _one_graph([cost, *kept])
    shown, gradients = run_keeping_only(plan, values, xp, kept)
    return Run(plan, shown, gradients, xp, is_partial=True)


@overload
def derivative(cost: Node, wrt: Node) -> Node: ...


@overload
def derivative(cost: Node, wrt: Sequence[Node]) -> list[Node]: ...


def derivative(cost: Node, wrt: Node | Sequence[Node]) -> Any:
    """Return ∂cost/∂wrt as a node of the same graph, written by the same backward pass; it can be differentiated again.

    ``wrt`` is a node or a list of nodes. Where the cost does not depend on it the derivative is a zero of its shape.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> C = x * x * x
    >>> first = gc.derivative(C, x)
    >>> second = gc.derivative(first, x)
    >>> gc.evaluate([first, second], {x: 2.0})
    [np.float64(12.0), np.float64(12.0)]
    """
    wanted = [wrt] if isinstance(wrt, Node) else list(wrt)
    check_cost(cost)
    graph = _one_graph([cost, *wanted])
    written = graph.derivatives
    new = [node for node in wanted if (cost, node) not in written]
    if new:
        for node in new:
            if not node.type.is_float:
                raise DtypeError(f"{node.describe()}, is not a float, and only floats have a derivative")
        plan = plan_for(graph, (cost,))
        with graph.inherit_metadata(cost):
            seed = graph.constant(1.0, dtype=cost.dtype)
        gradients = reverse(plan, SymbolicValues(), seed, registry, plan.descendants(new))
        for node in new:
            found = gradients.get(node)
            written[cost, node] = zero_of(node) if found is None else found
    results = [written[cost, node] for node in wanted]
    return results[0] if isinstance(wrt, Node) else results


def check_cost(cost: Any) -> None:
    """Make sure that this is something with a gradient: a node with one float."""
    if not isinstance(cost, Node):
        raise CostError(f"the cost is a node, not {type(cost).__name__}; build it from a Graph's inputs")
    if cost.shape != ():
        raise CostError(
            f"the cost must be one number, and {cost.describe()}, is not: take its mean or sum, for example "
            f"mean({cost.label if cost.name else '...'})"
        )
    if not cost.type.is_float:
        raise CostError(f"the cost must be a float, and {cost.describe()}, is not")


def _one_graph(nodes: Sequence[Node]) -> GraphOfNodes:
    for node in nodes:
        if not isinstance(node, Node):
            raise GraphError(f"expected nodes of a graph, and got {type(node).__name__}")
        if node.graph is not nodes[0].graph:
            raise GraphError(f"nodes of different graphs: {nodes[0].describe()}, and {node.describe()}")
    return nodes[0].graph


def zero_of(node: Node) -> Node:
    """Return the gradient of a node on which the cost does not depend, as a node."""
    with node.graph.inherit_metadata(node):
        zero = node.graph.constant(0.0, dtype=node.dtype)
        return zero if node.shape == () else broadcast_like(zero, node)
