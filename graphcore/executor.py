"""Forward and reverse: the readable definition of everything that this project computes.

Values that are arrays give numbers. Values that are nodes give formulas: the same loops then write a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from .arraytype import as_dtype, show_shape
from .calculus import broadcast_like, chain, handed_back, sum_like
from .composite import composite_contribution
from .errors import CostError, DtypeError, GraphError, OperationError, ShapeError
from .feeding import bind
from .graph import Graph
from .namespace import Array, Namespace, asarray, cast
from .node import Node
from .registration import registry
from .run import Run

Feed = Mapping[Any, Any]

_ORDERS_KEPT = 32


# -- what programs call


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
    order = order_of(graph, tuple(wanted))
    values, xp = bind(graph, order, feed)
    forward(order, values, xp)
    results = [values[node] for node in wanted]
    return results[0] if isinstance(nodes, Node) else results


def backprop(cost: Node, feed: Feed | None = None) -> Run:
    """Run forward, then walk backward and add up, at every node, what each outgoing edge hands back.

    For a node n with edges to nodes t: ``∂C/∂n = Σ_t ∂C/∂t · ∂t/∂n``. The cost is one number; raises `CostError`
    otherwise, and whatever `evaluate` raises.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> run.cost, run.grad[x], [float(edge.contribution) for edge in run.edges]
    (np.float64(9.0), np.float64(6.0), [3.0, 3.0])
    """
    check_cost(cost)
    order = order_of(cost.graph, (cost,))
    values, xp = bind(cost.graph, order, feed)
    forward(order, values, xp)
    seed = asarray(1.0, xp, cost.dtype) if xp is np else xp.ones_like(values[cost])
    # What inputs and constants contribute is worked out by the run when somebody asks.
    gradients = reverse(cost, order, values, seed, xp, lambda node: node.kind in ("op", "parameter"))
    return Run(cost, order, values, gradients, xp, share_of=contribution, sum_of=gradient_of)


@overload
def derivative(cost: Node, wrt: Node) -> Node: ...


@overload
def derivative(cost: Node, wrt: Sequence[Node]) -> list[Node]: ...


def derivative(cost: Node, wrt: Node | Sequence[Node]) -> Any:
    """∂cost/∂wrt as a node of the same graph, written by the same walk backward; differentiate it again.

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
    written = graph.cache.setdefault("derivatives", {})
    new = [node for node in wanted if (cost, node) not in written]
    if new:
        for node in new:
            if not node.type.is_float:
                raise DtypeError(f"{node.describe()}, is not a float, and only floats have a derivative")
        order = order_of(graph, (cost,))
        between = reached_from(new, order)
        with graph.on_behalf_of(cost):
            seed = graph.constant(1.0, dtype=cost.dtype)
        gradients = reverse(cost, order, Itself(), seed, registry, between.__contains__)
        for node in new:
            found = gradients.get(node)
            written[cost, node] = _zero_of(node) if found is None else found
    results = [written[cost, node] for node in wanted]
    return results[0] if isinstance(wrt, Node) else results


# -- the two loops


def forward(order: Iterable[Node], values: dict[Node, Any], xp: Namespace) -> None:
    """Compute every operation in ``order`` that ``values`` does not hold yet, arguments before results."""
    with np.errstate(all="ignore"):
        for node in order:
            if node in values:
                continue
            if node.op is None:  # a constant of the small graph in which a composite operation is written out
                values[node] = node._value if xp is np or xp is registry else asarray(node._value, xp, node.dtype)
                continue
            arguments = [values[source] for source in node.inputs]
            try:
                if xp is registry:
                    values[node] = _applied(node, arguments)
                else:
                    values[node] = node.op.compute(arguments, node.arguments, node.settings, xp)
            except Exception as error:
                _say_where(error, node, arguments)
                raise


def reverse(
    cost: Node,
    order: Sequence[Node],
    values: Mapping[Node, Any],
    seed: Any,
    xp: Namespace,
    wanted: Callable[[Node], bool],
) -> dict[Node, Any]:
    """The gradient of ``cost`` at every wanted node: the sum, over the edges that leave it, of their contributions.

    Nodes are visited from the cost backward, so what a contribution needs is there when it is asked for. A node that
    no contribution reaches is absent from the result.
    """
    gradients = {cost: seed}
    with np.errstate(all="ignore"):
        for node in reversed(order):
            if node is not cost and wanted(node):
                total = gradient_of(node, values, gradients, xp)
                if total is not None:
                    gradients[node] = total
    return gradients


def gradient_of(node: Node, values: Mapping[Node, Any], gradients: Mapping[Node, Any], xp: Namespace) -> Any:
    """Add up over the outgoing edges; ``None`` if none of them leads to the cost."""
    total = None
    for target, arguments in list(node.graph.successors_of(node).items()):
        dout = gradients.get(target)
        if dout is None:
            continue
        for argument in arguments:
            share = contribution(node, target, argument, values, dout, xp)
            if share is not None:
                total = share if total is None else total + share
    return total


def contribution(
    source: Node, target: Node, argument: str, values: Mapping[Node, Any], dout: Any, xp: Namespace
) -> Any:
    """What the edge from ``source`` into ``argument`` of ``target`` hands back.

    ``None`` where it hands back nothing at all: the rule is flat, or the source is no float.
    """
    if not source.type.is_float:
        return None
    rule = target.op.rule_for(argument)  # type: ignore[union-attr]
    try:
        if rule is None:
            share = composite_contribution(target, argument, values, dout, xp)
        elif rule.kind == "flat":
            return None
        else:
            share = rule.ask(target, argument, values, dout, xp)
            if rule.kind == "local":
                share = _times(dout, share, xp)
        return None if share is None else _settled(share, source, target, values, xp)
    except Exception as error:
        _say_where(error, target, [values[s] for s in target.inputs], f"the derivative with respect to {argument!r} of ")
        raise


# -- details


class Itself(dict[Node, Node]):
    """Values for writing formulas: every node stands for itself."""

    def __missing__(self, node: Node) -> Node:
        return node


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


def order_of(graph: Graph, outputs: tuple[Node, ...]) -> list[Node]:
    """All nodes that the outputs depend on, arguments before results. Walked once and kept: a graph only grows."""
    orders = graph.cache.setdefault("orders", {})
    if outputs not in orders:
        if len(orders) >= _ORDERS_KEPT:
            del orders[next(iter(orders))]
        seen, waiting = set(outputs), list(outputs)
        while waiting:
            for source in waiting.pop().inputs:
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        orders[outputs] = sorted(seen, key=lambda node: node.index)
    return orders[outputs]  # type: ignore[no-any-return]


def reached_from(starts: Iterable[Node], order: Iterable[Node]) -> set[Node]:
    """The nodes of ``order`` that depend on one of ``starts``, and these themselves.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, y = g.input("x"), g.input("y")
    >>> a, b = ops.exp(x, name="a"), ops.exp(y, name="b")
    >>> sorted(n.name for n in reached_from([x], g.nodes))
    ['a', 'x']
    """
    reached = set(starts)
    for node in order:
        if not reached.isdisjoint(node.inputs):
            reached.add(node)
    return reached


def _one_graph(nodes: Sequence[Node]) -> Graph:
    for node in nodes:
        if not isinstance(node, Node):
            raise GraphError(f"expected nodes of a graph, and got {type(node).__name__}")
        if node.graph is not nodes[0].graph:
            raise GraphError(f"nodes of different graphs: {nodes[0].describe()}, and {node.describe()}")
    return nodes[0].graph


def _applied(node: Node, arguments: Sequence[Any]) -> Node:
    """The operation of ``node`` on other nodes."""
    op = node.op
    assert op is not None
    if op.variadic:
        return op(*arguments, **node.settings)  # type: ignore[no-any-return]
    return op(**dict(zip(node.arguments, arguments, strict=True)), **node.settings)  # type: ignore[no-any-return]


def _times(dout: Any, local: Any, xp: Namespace) -> Any:
    """dout × local derivative; a literal 1 costs no multiply."""
    if type(local) is int or type(local) is float:
        return dout if local == 1 else dout * local
    return chain(dout, local) if xp is registry else handed_back(dout, local, xp)


def _settled(share: Any, source: Node, target: Node, values: Mapping[Node, Any], xp: Namespace) -> Any:
    """A contribution in the shape and dtype of the node it belongs to: broadcasting is undone here, for everybody."""
    if not hasattr(share, "dtype"):  # a rule may answer with a Python number
        share = source.graph.constant(share, dtype=source.dtype) if xp is registry else asarray(share, xp, source.dtype)
    if xp is registry:
        if share.shape != source.shape or _may_be_repeated(source, target):
            share = sum_like(share, source)
        return share if share.dtype == source.dtype else cast(share, source.dtype, xp)
    like = values[source]
    if share.shape != like.shape:
        try:
            share = sum_like.forward(share, like, xp=xp)
        except ShapeError as error:
            raise OperationError(
                f"a rule of {target.op.name} returned the shape {show_shape(tuple(share.shape))}, and "  # type: ignore[union-attr]
                f"{show_shape(tuple(like.shape))} is needed, the shape of {source.label!r}"
            ) from error
    dtype = share.dtype if xp is np else as_dtype(share.dtype)
    return share if dtype == source.type.dtype else cast(share, source.type.dtype, xp)


def _may_be_repeated(source: Node, target: Node) -> bool:
    """Whether only a run can tell if ``source`` is broadcast: its unknown length meets another unknown length."""
    return None in source.shape and any(other is not source and None in other.shape for other in target.inputs)


def _zero_of(node: Node) -> Node:
    with node.graph.on_behalf_of(node):
        zero = node.graph.constant(0.0, dtype=node.dtype)
        return zero if node.shape == () else broadcast_like(zero, node)  # type: ignore[no-any-return]


def _say_where(error: Exception, node: Node, arguments: Iterable[Any], doing: str = "") -> None:
    """Add the node, its arguments' shapes and the line that made it to an error of whatever library."""
    if getattr(error, "_graphcore_said_where", False):
        return
    shapes = ", ".join(
        f"{name} {show_shape(tuple(getattr(value, 'shape', ())))}"
        for name, value in zip(node.arguments, arguments, strict=False)
    )
    error.add_note(f"in {doing}{node.describe()} (arguments: {shapes})")
    error._graphcore_said_where = True  # type: ignore[attr-defined]
