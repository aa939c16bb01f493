"""Forward and reverse: the readable definition of everything that this project computes.

Values that are arrays give numbers. Values that are nodes give formulas: the same loops then write a graph.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays.namespace import Array, Namespace, asarray, cast, make_read_only
from ..arrays.registry import registry
from ..arrays.shaped_array import as_dtype, is_compatible, show_shape
from ..errors import MissingRuleError, OperationError
from ..graph.graph import Graph
from ..graph.node import Node
from ..operations.core_ops import chain, handed_back, repeats, sum_like
from ..operations.operation import Op, op_of

_ORDERS_KEPT = 32
_AS_IT_IS = contextlib.nullcontext()
_WHERE = "while computing "


# -- the two loops


def forward(
    order: Iterable[Node], values: dict[Node, Any], xp: Namespace, after: Callable[[Node], None] | None = None
) -> None:
    """Compute every operation in ``order`` that ``values`` does not hold yet, arguments before results.

    ``after`` is called with every node that was computed.
    """
    with np.errstate(all="ignore"):
        for node in order:
            if node in values:
                continue
            if node.op is None:  # a constant of the small graph in which a composite operation is written out
                values[node] = node.data if xp is np or xp is registry else asarray(node.data, xp, node.dtype)
                continue
            arguments = [values[source] for source in node.inputs]
            try:
                if xp is registry:
                    values[node] = _applied(node, arguments)
                else:
                    result = node.op.compute(arguments, node.arguments, node.settings, xp)
                    values[node] = make_read_only(_check_inferred_type(result, node, xp))
            except Exception as error:
                _add_node_context(error, node, arguments)
                raise
            if after is not None:
                after(node)


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
            if node is cost or not wanted(node):
                continue
            if xp is registry:
                with node.graph.inherit_metadata(node):
                    total = gradient_of(node, values, gradients, xp)
            else:
                total = gradient_of(node, values, gradients, xp)
            if total is not None:
                gradients[node] = make_read_only(total)
    return gradients


def reverse_by_target(
    order: Sequence[Node],
    values: Mapping[Node, Any],
    gradients: dict[Node, Any],
    xp: Namespace,
    wanted: Callable[[Node], bool],
    before: Callable[[Node], None] | None = None,
    after: Callable[[Node], None] | None = None,
) -> None:
    """The sums of `reverse`, to which every contribution is added as soon as it is known, not when all of them are.

    So nothing has to wait for a parameter that is used everywhere, and what was read may be forgotten. ``gradients``
    holds that of the cost, and is filled; ``before`` and ``after`` are called with every target.
    """
    with np.errstate(all="ignore"):
        for target in reversed(order):
            if target.op is None or target not in gradients:
                continue
            if before is not None:
                before(target)
            for source, argument in zip(target.inputs, target.arguments, strict=True):
                if wanted(source):
                    with source.graph.inherit_metadata(source) if xp is registry else _AS_IT_IS:
                        share = edge_vjp(source, target, argument, values, gradients[target], xp)
                        if share is not None:
                            gradients[source] = gradients[source] + share if source in gradients else share
            if after is not None:
                after(target)


def gradient_of(node: Node, values: Mapping[Node, Any], gradients: Mapping[Node, Any], xp: Namespace) -> Any:
    """Add up over the outgoing edges; ``None`` if none of them leads to the cost."""
    total = None
    for target, argument in node.graph.out_edges(node):
        dout = gradients.get(target)
        if dout is not None:
            share = edge_vjp(node, target, argument, values, dout, xp)
            if share is not None:
                total = share if total is None else total + share
    return total


def edge_vjp(source: Node, target: Node, argument: str, values: Mapping[Node, Any], dout: Any, xp: Namespace) -> Any:
    """What the edge from ``source`` into ``argument`` of ``target`` hands back.

    ``None`` where it hands back nothing at all: the rule is flat, or the source is no float.
    """
    if not source.type.is_float:
        return None
    rule = target.op.rule_for(argument)  # type: ignore[union-attr]
    try:
        if rule is None:
            share = composite_vjp(target, argument, values, dout, xp)
        elif rule.kind == "flat":
            return None
        else:
            share = rule.evaluate(target, argument, values, dout, xp)
            if rule.kind == "local":
                share = _times(dout, share, target, xp)
        return None if share is None else _unbroadcast(share, source, target, values, xp)
    except Exception as error:
        _add_node_context(
            error, target, [values[s] for s in target.inputs], f"the derivative with respect to {argument!r} of "
        )
        raise


# -- operations without rules of their own: differentiated through the operations their forward is made of


def composite_vjp(
    target: Node, argument: str, values: Mapping[Node, Any], dout: Any, xp: Namespace
) -> Array | Node | None:
    """What an edge into a composite operation hands back; ``None`` if the forward does not depend on that argument.

    The forward is written out as a graph of its own, and its gradient with it. Running that graph on arrays gives
    the number; running it on nodes writes the formula where they are.
    """
    op = op_of(target)
    if not op.is_composite:
        raise MissingRuleError(
            f"{op.name} has no rule for {argument!r}: register @{op.name}.local or @{op.name}.pullback, or say "
            f"{op.name}.flat({argument!r}) if the derivative is zero"
        )
    inputs, seed, gradients = _trace_composite(op, target)
    formula = gradients[argument]
    if formula is None:
        return None
    inner: dict[Node, Any] = {seed: dout}
    for inside, outside in zip(inputs, target.inputs, strict=True):
        inner[inside] = values[outside]
    order = topological_order(formula.graph, (formula,))
    if xp is registry:
        with target.graph.inherit_metadata(target):
            forward(order, inner, xp)
    else:
        forward(order, inner, xp)
    return inner[formula]


def _trace_composite(op: Op, target: Node) -> tuple[list[Node], Node, dict[str, Node | None]]:
    """Inputs, sensitivity and one gradient per argument, as a graph of its own.

    It is written anew every time, since the forward may read a value that has changed meanwhile.
    """
    scratch = Graph(op.name)
    inputs = [scratch.input(a, n.shape, n.dtype) for a, n in zip(target.arguments, target.inputs, strict=True)]
    try:
        out = op.compute(inputs, target.arguments, target.settings, registry)
        if not isinstance(out, Node):
            raise TypeError(f"on nodes it returned {type(out).__name__}")  # noqa: TRY301
    except Exception as error:
        raise MissingRuleError(
            f"{op.name} has no rules, and its forward cannot be followed on nodes to find them "
            f"({type(error).__name__}: {error}); register @{op.name}.local or @{op.name}.pullback"
        ) from error
    seed = scratch.input("dout", out.shape, out.dtype)
    order = topological_order(scratch, (out,))
    gradients = reverse(out, order, SymbolicValues(), seed, registry, descendants(inputs, order).__contains__)
    return inputs, seed, {a: gradients.get(i) for a, i in zip(target.arguments, inputs, strict=True)}


# -- details


class SymbolicValues(dict[Node, Node]):
    """Values for writing formulas: every node stands for itself."""

    def __missing__(self, node: Node) -> Node:
        return node


def topological_order(graph: Graph, outputs: tuple[Node, ...]) -> list[Node]:
    """All nodes that the outputs depend on, arguments before results. Walked once and kept: a graph only grows.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, unused = g.input("x"), g.input("unused")
    >>> a = ops.exp(x, name="a")
    >>> topological_order(g, (a,))
    [<x (input): float64 ()>, <a = exp: float64 ()>]
    """
    orders = graph.cache.setdefault("orders", {})
    order: list[Node] | None = orders.get(outputs)
    if order is None:
        order = sorted(graph.ancestors(outputs), key=lambda node: node.index)
        if len(orders) >= _ORDERS_KEPT:
            orders.clear()  # in one step, as other threads may be reading
        orders[outputs] = order
    return order


def descendants(starts: Iterable[Node], order: Iterable[Node]) -> set[Node]:
    """The nodes of ``order`` that depend on one of ``starts``, and these themselves.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, y = g.input("x"), g.input("y")
    >>> a, b = ops.exp(x, name="a"), ops.exp(y, name="b")
    >>> sorted(n.name for n in descendants([x], g.nodes))
    ['a', 'x']
    """
    reached = set(starts)
    for node in order:
        if not reached.isdisjoint(node.inputs):
            reached.add(node)
    return reached


def _applied(node: Node, arguments: Sequence[Any]) -> Node:
    """The operation of ``node`` on other nodes."""
    op = op_of(node)
    if op.variadic:
        return op(*arguments, **node.settings)  # type: ignore[no-any-return]
    return op(**dict(zip(node.arguments, arguments, strict=True)), **node.settings)  # type: ignore[no-any-return]


def _check_inferred_type(result: Any, node: Node, xp: Namespace) -> Any:
    """What a forward computed, made sure that it is what was said when the node was made."""
    if not hasattr(result, "dtype"):
        result = asarray(result, xp, node.type.dtype)
    shape = result.shape
    if shape != node.type.shape and not is_compatible(tuple(shape), node.type.shape):
        raise OperationError(
            f"{op_of(node).name} gave the shape {show_shape(tuple(shape))} where {show_shape(node.shape)} was "
            f"foretold; its shape rule, or what its rules say of it, is wrong"
        )
    return result


def _times(dout: Any, local: Any, target: Node, xp: Namespace) -> Any:
    """dout × local derivative; a literal 1 costs no multiply."""
    if type(local) is int or type(local) is float:
        return dout if local == 1 else dout * local
    share = chain(dout, local) if xp is registry else handed_back(dout, local, xp)
    if len(share.shape) != len(dout.shape) or (xp is not registry and share.shape != dout.shape):
        raise OperationError(
            f"a local derivative of {op_of(target).name} has the shape {show_shape(tuple(local.shape))}, which does "
            f"not fit into {show_shape(tuple(dout.shape))}, the shape of {target.label!r}"
        )
    return share


def _unbroadcast(share: Any, source: Node, target: Node, values: Mapping[Node, Any], xp: Namespace) -> Any:
    """A contribution in the shape and dtype of the node it belongs to: broadcasting is undone here, for everybody."""
    if not hasattr(share, "dtype"):  # a rule may answer with a Python number
        share = source.graph.constant(share, dtype=source.dtype) if xp is registry else asarray(share, xp, source.dtype)
    if xp is registry:
        if share.shape != source.shape or _may_be_repeated(source, target):
            share = sum_like(share, source)
        return share if share.dtype == source.dtype else cast(share, source.dtype, xp)
    like = values[source]
    if share.shape != like.shape:
        # it may have been repeated to the axes of the result or of another argument, and to no more
        axes = len(share.shape)
        may_be = axes <= target.ndim or any(axes <= other.ndim for other in target.inputs)
        if not (may_be and repeats(tuple(share.shape), tuple(like.shape))):
            raise OperationError(
                f"a rule of {op_of(target).name} returned the shape {show_shape(tuple(share.shape))}, and "
                f"{show_shape(tuple(like.shape))} is needed, the shape of {source.label!r}"
            )
        share = sum_like.forward(share, like, xp=xp)
    dtype = share.dtype if xp is np else as_dtype(share.dtype)
    return share if dtype == source.type.dtype else cast(share, source.type.dtype, xp)


def _may_be_repeated(source: Node, target: Node) -> bool:
    """Whether only a run can tell if ``source`` is broadcast: its unknown length meets another unknown length."""
    return None in source.shape and any(other is not source and None in other.shape for other in target.inputs)


def _add_node_context(error: Exception, node: Node, arguments: Iterable[Any], doing: str = "") -> None:
    """Add the node, its arguments' shapes and the line that made it to an error of whatever library."""
    if any(note.startswith(_WHERE) for note in getattr(error, "__notes__", ())):
        return
    shapes = ", ".join(
        f"{name} {show_shape(tuple(getattr(value, 'shape', ())))}"
        for name, value in zip(node.arguments, arguments, strict=False)
    )
    error.add_note(f"{_WHERE}{doing}{node.describe()} (arguments: {shapes})")
