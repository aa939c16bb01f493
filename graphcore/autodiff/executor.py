"""Forward and reverse over a plan: the readable definition of everything that this project computes.

On arrays the loops give numbers; on nodes the same loops write formulas (see `interpreters`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from ..arrays.namespace import Namespace
from ..arrays.registry import registry
from ..arrays.shaped_array import show_shape
from ..errors import MissingRuleError
from ..graph.graph import Graph
from ..graph.node import Node
from ..operations.operation import Op, op_of
from ..operations.rules import Rule
from .dependence import Dependence, everywhere
from .interpreters import Depends, Interpreter, PlanEdge, SymbolicValues, interpreter_for
from .plan import Plan, descendants, plan_for

#: the contribution of an edge, of the values of nodes, of the gradient at its target, and of what the cost depends on
Vjp = Callable[[PlanEdge, Mapping[Node, Any], Any, Depends], Any]

_WHERE = "while computing "
#: the mask of a seed, by default
_NONZERO = object()


class BackwardHooks(Protocol):
    """Called before and after the backward pass visits a node: where values are recomputed and dropped."""

    def before(self, target: Node) -> None:
        """Provide what the rules of the edges into a node read."""

    def after(self, target: Node) -> None:
        """Drop what is not read any more."""


def forward(
    order: Iterable[Node], values: dict[Node, Any], xp: Namespace, after: Callable[[Node], None] | None = None
) -> None:
    """Compute every operation of a plan that ``values`` does not hold yet, arguments before results.

    ``xp`` is the namespace that computes, or the registry, which writes nodes. ``after`` is called with every node
    that was computed.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> C = ops.square(x, name="C")
    >>> values = {x: np.float64(3.0)}
    >>> forward(plan_for(g, (C,)), values, np)
    >>> values[C]
    np.float64(9.0)
    """
    on = interpreter_for(xp)
    steps = _bind_nodes(order, on)
    if isinstance(order, Plan):
        steps = order.bound("forward", on, steps)
    with np.errstate(all="ignore"):  # infinities and NaN are results
        for node, operation in steps:
            if node in values:
                continue
            if operation is None:  # a constant of the small graph in which a composite operation is written out
                values[node] = on.constant(node)
                continue
            arguments = [values[source] for source in node.inputs]
            try:
                values[node] = on.accept(operation(*arguments), node)
            except Exception as error:
                _add_node_context(error, node, arguments)
                raise
            if after is not None:
                after(node)


def reverse(
    plan: Plan,
    values: Mapping[Node, Any],
    seed: Any,
    xp: Namespace,
    needs_grad: Container[Node],
    *,
    where: Any = _NONZERO,
    gradients: dict[Node, Any] | None = None,
    hooks: BackwardHooks | None = None,
) -> dict[Node, Any]:
    """Return the gradient of the plan's output: at every node the sum, over its outgoing edges, of their contributions.

    Nodes are visited from the output backward. When a node's turn comes, the contributions of all edges that leave it
    are added up, and those of the edges into it are computed; so a parameter that is used everywhere keeps nothing
    waiting. A node that no contribution reaches is absent from the result, which is also written to ``gradients``.

    ``where`` is a mask of the seed, ``None`` for everywhere: by default, a seed of 0 is a structural zero.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> C = (x * x).named("C")
    >>> plan = plan_for(g, (C,))
    >>> reverse(plan, {x: np.float64(3.0), C: np.float64(9.0)}, np.float64(1.0), np, {x})[x]
    np.float64(6.0)
    """
    on = interpreter_for(xp)
    gradients = {} if gradients is None else gradients
    gradients[plan.outputs[0]] = seed
    dependence = Dependence(plan, values, on, lambda: on.nonzero(seed) if where is _NONZERO else where)
    steps = plan.bound("reverse", on, _bind_edges(plan, on))
    with np.errstate(all="ignore"), on.on_behalf_of(plan.outputs[0]):
        for target, edges in steps:
            if target not in gradients:
                continue
            dout = gradients[target] = on.finish(gradients[target])
            if hooks is not None:
                hooks.before(target)
                dependence.keep(edge for edge, _ in edges)
            for edge, vjp in edges:
                source = edge[0]
                if source in needs_grad:
                    on.now_for(source)
                    share = _call(vjp, edge, values, dout, dependence.of)
                    if share is not None:
                        gradients[source] = share + gradients[source] if source in gradients else share
            if hooks is not None:
                hooks.after(target)
    for node, gradient in gradients.items():
        if node.op is None:
            gradients[node] = on.finish(gradient)
    return gradients


def gradient_of(
    node: Node, plan: Plan, values: Mapping[Node, Any], gradients: Mapping[Node, Any], xp: Namespace, depends: Depends
) -> Any:
    """Return the sum over the outgoing edges of one node; ``None`` if none of them leads to the output."""
    total, on = None, interpreter_for(xp)
    for edge in plan.edges_from(node):
        dout = gradients.get(edge.target)
        share = None if dout is None else edge_vjp(edge, values, dout, on, depends)
        if share is not None:
            total = share if total is None else total + share
    return total


def edge_vjp(edge: PlanEdge, values: Mapping[Node, Any], dout: Any, on: Interpreter, depends: Depends) -> Any:
    """Return the contribution of one edge, in the shape of its source; ``None`` where nothing is contributed."""
    vjp = _bind_edge(edge, on)
    return None if vjp is None else _call(vjp, edge, values, dout, depends)


def contribution(
    target: Node,
    argument: str,
    values: Mapping[Node, Any],
    dout: Any,
    on: Interpreter,
    depends: Depends = everywhere,
) -> Any:
    """Return the contribution of an edge before broadcasting is undone; ``None`` where nothing is contributed."""
    vjp = _make_vjp(op_of(target).rule_for(argument), on, lambda share, _edge, _values: share)
    index = target.arguments.index(argument)
    return None if vjp is None else vjp(PlanEdge(target.inputs[index], target, argument), values, dout, depends)


def _bind_nodes(order: Iterable[Node], on: Interpreter) -> Iterable[tuple[Node, Callable[..., Any] | None]]:
    """Yield every node with its operation, bound to the settings it was made with."""
    return ((node, None if node.op is None else on.operation(node)) for node in order)


def _bind_edges(plan: Plan, on: Interpreter) -> Iterator[tuple[Node, list[tuple[PlanEdge, Vjp]]]]:
    """Yield every operation from the last to the first, with the edges into it, each with its vjp."""
    for position in range(len(plan) - 1, -1, -1):
        node = plan.nodes[position]
        if node.op is not None:
            edges = reversed(plan.edges_into(position))
            yield node, [(edge, vjp) for edge in edges if (vjp := _bind_edge(edge, on)) is not None]


def _bind_edge(edge: PlanEdge, on: Interpreter) -> Vjp | None:
    """Return the function that computes the contribution of an edge: it is the same for all edges with one rule."""
    if not edge.source.type.is_float:
        return None
    rule = op_of(edge.target).rule_for(edge.argument)
    if rule is None:
        return _make_vjp(None, on, on.unbroadcast)
    if on not in rule.bound:
        rule.bound[on] = _make_vjp(rule, on, on.unbroadcast)
    vjp: Vjp | None = rule.bound[on]
    return vjp


def _make_vjp(rule: Rule | None, on: Interpreter, unbroadcast: Callable[..., Any]) -> Vjp | None:
    """Return the contribution of an edge with a rule: the one place with the kinds of rules.

    local: dout × rule; pullback: the rule; no rule: through the operations of the forward; flat: ``None``.
    """
    if rule is None:
        return lambda edge, values, dout, depends: unbroadcast(
            _composite_vjp(edge, values, dout, on, depends), edge, values
        )
    if rule.kind == "flat":
        return None
    evaluate, product = rule.evaluator(on.xp), on.switch if rule.zeros == "made" else on.product

    def local(edge: PlanEdge, values: Mapping[Node, Any], dout: Any, depends: Depends) -> Any:
        _, target, argument = edge
        return unbroadcast(product(dout, evaluate(target, argument, values, dout), target, depends), edge, values)

    def pullback(edge: PlanEdge, values: Mapping[Node, Any], dout: Any, _: Depends) -> Any:
        return unbroadcast(evaluate(edge[1], edge[2], values, dout), edge, values)

    return local if rule.kind == "local" else pullback


# -- operations without rules of their own: differentiated through the operations their forward is made of


def _composite_vjp(edge: PlanEdge, values: Mapping[Node, Any], dout: Any, on: Interpreter, depends: Depends) -> Any:
    """Return the contribution of an edge into a composite operation; ``None`` if the forward does not depend on it.

    The forward is written out as a graph of its own, and its gradient with it. Running that graph on arrays gives
    the number; running it on nodes writes the formula where they are.
    """
    _, target, argument = edge
    op = op_of(target)
    if not op.is_composite:
        raise MissingRuleError(
            f"{op.name} has no rule for {argument!r}: register @{op.name}.local or @{op.name}.pullback, or say "
            f"{op.name}.flat({argument!r}) if the derivative is zero"
        )
    mask = depends(target)
    inputs, seed, where, gradients = _trace_composite(op, target, is_masked=mask is not None)
    formula = gradients[argument]
    if formula is None:
        return None
    inner: dict[Node, Any] = {seed: dout}
    if where is not None:
        inner[where] = mask
    for inside, outside in zip(inputs, target.inputs, strict=True):
        inner[inside] = values[outside]
    with on.on_behalf_of(target):
        forward(plan_for(formula.graph, (formula,)), inner, on.xp)
    return inner[formula]


def _trace_composite(
    op: Op, target: Node, *, is_masked: bool
) -> tuple[list[Node], Node, Node | None, dict[str, Node | None]]:
    """Return inputs, upstream gradient, where the cost depends on it, and one gradient per argument, as a new graph.

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
    plan = plan_for(scratch, (out,))
    where = scratch.input("depends", out.shape, "bool") if is_masked else None
    gradients = reverse(plan, SymbolicValues(), seed, registry, descendants(inputs, plan), where=where)
    return inputs, seed, where, {a: gradients.get(i) for a, i in zip(target.arguments, inputs, strict=True)}


def _call(vjp: Vjp, edge: PlanEdge, values: Mapping[Node, Any], dout: Any, depends: Depends) -> Any:
    try:
        return vjp(edge, values, dout, depends)
    except Exception as error:
        arguments = [values[source] for source in edge.target.inputs]
        _add_node_context(error, edge.target, arguments, f"the derivative with respect to {edge.argument!r} of ")
        raise


def _add_node_context(error: Exception, node: Node, arguments: Iterable[Any], doing: str = "") -> None:
    """Add the node, its arguments' shapes and the line that made it to an error of whatever library."""
    if any(note.startswith(_WHERE) for note in getattr(error, "__notes__", ())):
        return
    shapes = ", ".join(
        f"{name} {show_shape(tuple(getattr(value, 'shape', ())))}"
        for name, value in zip(node.arguments, arguments, strict=False)
    )
    error.add_note(f"{_WHERE}{doing}{node.describe()} (arguments: {shapes})")
