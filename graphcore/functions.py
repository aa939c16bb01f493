"""Derivatives of plain Python functions, under the names and with the meaning that JAX gave them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import tree
from .calculus import itself
from .errors import CostError, DtypeError
from .gradient import backprop, derivative
from .graph import Graph
from .linearization import Linearized
from .namespace import Array, asarray, namespace_of, zeros
from .node import Node
from .tracing import Traced, trace_at, tracing_to

Function = Callable[..., Any]
Argnums = int | Sequence[int]


def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The gradient of a function that returns one number, as a function of the same arguments.

    ``argnums`` says with respect to which positional argument, or which several; an argument may be an array, a float,
    or a nested tuple, list or dict of them, and the gradient has its form. Gradients nest. Raises `CostError` if the
    result is not one number, `DtypeError` for arguments that are not floats.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.grad(np.sin)(0.0)
    np.float64(1.0)
    >>> gc.grad(lambda p: np.sum(p["w"] ** 2))({"w": np.array([1.0, 3.0])})
    {'w': array([2., 6.])}
    >>> gc.grad(gc.grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f, updated=())
    def gradient(*args: Any, **named: Any) -> Any:
        return both(*args, **named)[1]

    return gradient


def value_and_grad(f: Function, argnums: Argnums = 0) -> Function:
    """The value of a function and its gradient, from one walk forward and back.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.value_and_grad(lambda x: x * x)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any, **named: Any) -> Any:
        outer = tracing_to(args, named)
        if outer is not None:
            return _on_nodes(f, outer, args, argnums, named)
        traced = _traced(f, args, argnums, named)
        cost = _scalar(f, traced)
        if not isinstance(cost, Node):
            return cost, _in_form(traced, argnums, {})
        used = _used(traced, [cost])
        found = backprop(cost, {node: traced.examples[node] for node in used})
        return found.cost, _in_form(traced, argnums, {node: found.grad[node] for node in used})

    return value_and_gradient


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of a function, and its pullback: from a sensitivity of the result to those of the arguments.

    ``value, pullback = vjp(f, *args)``; ``pullback(dout)`` is a tuple with one entry per argument.

    >>> import graphcore as gc, numpy as np, ops
    >>> value, pullback = gc.vjp(lambda x, y: x * y, 3.0, 5.0)
    >>> value, pullback(1.0)
    (np.float64(15.0), (np.float64(5.0), np.float64(3.0)))
    """
    traced = _traced(f, primals, range(len(primals)), {})
    at = _at(traced)

    def pullback(dout: Any) -> tuple[Any, ...]:
        total: dict[Node, Array] = {}
        seeds = tree.leaves_like(traced.output, dout, "the sensitivity")
        for node, seed in zip(tree.leaves(traced.output), seeds, strict=True):
            for source, share in _pulled(at, node, seed).items():
                total[source] = total[source] + share if source in total else share
        return tuple(_in_form(traced, range(len(primals)), total))

    return _value(at, traced.output), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of a function, and how it changes as the arguments move along ``tangents``.

    No rule is needed for this direction: a pullback is linear in what it is handed, and the pullback of that linear map
    is the push forward.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.jvp(lambda x, y: x * y, (3.0, 5.0), (1.0, 0.0))
    (np.float64(15.0), np.float64(5.0))
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise DtypeError("jvp takes a tuple of arguments and a tuple of tangents, as in gc.jvp(f, (x,), (dx,))")
    traced = _traced(f, tuple(primals), range(len(primals)), {})
    at = _at(traced)
    along = tree.leaves_like(tuple(primals), tuple(tangents), "the tangent")
    moves = dict(zip(tree.leaves(traced.inputs), along, strict=True))
    pushed = [_pushed(at, node, moves) for node in tree.leaves(traced.output)]
    return _value(at, traced.output), tree.rebuild(traced.output, pushed)


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """All first derivatives: an array of the shape of the result followed by the shape of the argument.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f, updated=())
    def all_derivatives(*args: Any, **named: Any) -> Any:
        traced = _traced(f, args, argnums, named)
        at = _at(traced)
        return tree.map_leaves(lambda node: _in_form(traced, argnums, _rows(at, node)), traced.output)

    return all_derivatives


def hessian(f: Function, argnums: int = 0) -> Function:
    """All second derivatives of a function that returns one number.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.hessian(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """

    if not isinstance(argnums, int):
        raise DtypeError(f"hessian is by one argument, which may hold others; argnums={argnums!r} is not one number")

    @functools.wraps(f, updated=())
    def second_derivatives(*args: Any, **named: Any) -> Any:
        traced = _traced(f, args, argnums, named)
        gradient = _written_gradient(f, traced)
        at = _at(traced, list(gradient.values()))
        per_input = (_in_form(traced, argnums, _rows(at, gradient[node])) for node in tree.leaves(traced.inputs))
        return tree.rebuild(traced.inputs[0], per_input)

    return second_derivatives


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of a function at ``x`` times a vector ``v``, without writing the Hessian down.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.hvp(lambda x: np.sum(x ** 3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    traced = _traced(f, (x,), 0, {})
    gradient = _written_gradient(f, traced)
    at = _at(traced, list(gradient.values()))
    total: dict[Node, Array] = {}
    for node, move in zip(tree.leaves(traced.inputs), tree.leaves_like(x, v, "the vector v"), strict=True):
        for source, share in _pulled(at, gradient[node], move).items():
            total[source] = total[source] + share if source in total else share
    return _in_form(traced, 0, total)


# -- details


def _on_nodes(f: Function, graph: Graph, args: tuple[Any, ...], argnums: Any, named: dict[str, Any]) -> Any:
    """Value and gradient inside a function that is being traced itself: both are nodes of the graph it is traced to.

    The arguments become variables of their own, so that the same value used from outside does not count as one.
    """
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    passed = list(args)
    for place in places:
        passed[place] = tree.map_leaves(
            lambda leaf: itself(leaf if isinstance(leaf, Node) else graph.constant(leaf)), args[place]
        )
    cost = f(*passed, **named)
    forms = [passed[place] for place in places]
    gradient = tree.rebuild(forms, derivative(cost, tree.leaves(forms)))
    return cost, gradient[0] if isinstance(argnums, int) else tuple(gradient)


def _at(traced: Traced, more: Sequence[Node] = ()) -> Linearized:
    """A traced graph at the arguments it was traced with."""
    xp = namespace_of(*traced.examples.values())
    # copies, since a pullback may be called when the caller has changed his arrays
    values = {node: asarray(array, xp, copy=True) for node, array in traced.examples.items()}
    at = Linearized(traced.graph, values, xp, tree.leaves(traced.inputs))
    at.compute([*(leaf for leaf in tree.leaves(traced.output) if isinstance(leaf, Node)), *more])
    return at


def _value(at: Linearized, output: Any) -> Any:
    """The value of a result, in its form."""
    return tree.map_leaves(lambda leaf: _own(at.values[leaf]) if isinstance(leaf, Node) else leaf, output)


def _pulled(at: Linearized, node: Any, seed: Any) -> dict[Node, Array]:
    return at.pull(node, at.seed_for(node, seed)) if isinstance(node, Node) else {}


def _pushed(at: Linearized, node: Any, moves: dict[Node, Any]) -> Any:
    return at.push(node, moves) if isinstance(node, Node) else np.zeros(np.shape(node))[()]


def _rows(at: Linearized, node: Any) -> dict[Node, Array]:
    if isinstance(node, Node):
        return at.rows(node)
    shape = np.shape(node)  # a constant, which depends on nothing
    return {n: zeros((*shape, *tuple(at.values[n].shape)), n.dtype, at.xp) for n in at.inputs}


def _traced(f: Function, args: tuple[Any, ...], argnums: Any, named: dict[str, Any]) -> Traced:
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    for i, place in enumerate(places):
        if not -len(args) <= place < len(args):
            raise DtypeError(f"there is no argument {place} to differentiate by: {len(args)} were given")
        places[i] = place % len(args)
    traced = trace_at(f, args, places, named)
    for node in traced.examples:
        if not node.type.is_float:
            raise DtypeError(
                f"{traced.graph.name}: {node.name} is {node.dtype}, and only floats have a gradient: "
                f"write 3.0 instead of 3, or choose other argnums"
            )
    return traced


def _scalar(f: Function, traced: Traced) -> Any:
    name = getattr(f, "__name__", type(f).__name__)
    output = traced.output
    if isinstance(output, (tuple, list, dict)) or output is None:
        raise CostError(f"{name} returned a {type(output).__name__}; the gradient is of one number")
    if tuple(getattr(output, "shape", ())) != ():
        raise CostError(f"{name} returned an array of shape {output.shape}; take its sum or mean, or use gc.jacobian")
    return output


def _written_gradient(f: Function, traced: Traced) -> dict[Node, Node]:
    inputs = tree.leaves(traced.inputs)
    cost = _scalar(f, traced)
    if not isinstance(cost, Node):
        cost = traced.graph.constant(float(cost))
    return dict(zip(inputs, derivative(cost, inputs), strict=True))


def _used(traced: Traced, nodes: list[Node]) -> list[Node]:
    needed = traced.graph.needed_by(nodes)
    return [node for node in traced.examples if node in needed]


def _in_form(traced: Traced, argnums: Any, found: dict[Node, Array]) -> Any:
    """Derivatives by node, in the form of the arguments; zero where nothing depends on them."""

    def of(node: Node) -> Array:
        if node in found:
            return _own(found[node])
        example = traced.examples[node]
        return zeros(tuple(example.shape), node.dtype, namespace_of(example))

    forms = [tree.map_leaves(of, part) for part in traced.inputs]
    return forms[0] if isinstance(argnums, int) else tuple(forms)


def _own(array: Array) -> Array:
    """The caller's own copy."""
    return asarray(array, namespace_of(array), copy=True)
