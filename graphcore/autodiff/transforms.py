"""Derivatives of plain Python functions, under the names and with the meaning that JAX gave them.

They nest: inside a function that is being traced each of them writes nodes of the graph it is traced to, which can be
differentiated again.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..arrays.namespace import asarray, namespace_of
from ..errors import CostError, DtypeError
from ..graph.constants import as_float_advice
from ..graph.node import Node
from ..support import pytree
from .linearization import Linearized, known_lengths, own_copy
from .tracing import Traced, trace_at, trace_inside, tracing_to

Function = Callable[..., Any]
Argnums = int | Sequence[int]


def grad(f: Function, argnums: Argnums = 0) -> Function:
    """Return the gradient of a function that returns one number, as a function of the same arguments.

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
    """Return the value of a function and its gradient, from one forward and one backward pass.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.value_and_grad(lambda x: x * x)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any, **named: Any) -> Any:
        at = _AtArguments(f, args, argnums, named)
        cost = _one_number(f, at.output)
        return at.value(), at.in_form(at.pulled(cost, 1.0))

    return value_and_gradient


def elementwise_grad(f: Function, argnums: Argnums = 0) -> Function:
    """Return the derivative of each entry of the result with respect to the entry of the argument that it comes from.

    For an elementwise function; it has the shape of the argument. In general it is the gradient of the sum
    of the result, in which every entry has the sensitivity 1.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """

    @functools.wraps(f, updated=())
    def derivatives(*args: Any, **named: Any) -> Any:
        at = _AtArguments(f, args, argnums, named)
        ones = ((leaf, np.ones(known_lengths(leaf))) for leaf in pytree.leaves(at.output))
        return at.in_form(_added(at.pulled(leaf, one) for leaf, one in ones))

    return derivatives


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value of a function, and its pullback: from a sensitivity of the result to those of the arguments.

    ``value, pullback = vjp(f, *args)``; ``pullback(dout)`` is a tuple with one entry per argument.

    >>> import graphcore as gc, numpy as np, ops
    >>> value, pullback = gc.vjp(lambda x, y: x * y, 3.0, 5.0)
    >>> value, pullback(1.0)
    (np.float64(15.0), (np.float64(5.0), np.float64(3.0)))
    """
    at = _AtArguments(f, primals, range(len(primals)), {})

    def pullback(dout: Any) -> tuple[Any, ...]:
        seeds = pytree.flatten_like(at.output, dout, "the sensitivity")
        pairs = zip(pytree.leaves(at.output), seeds, strict=True)
        return at.in_form(_added(at.pulled(leaf, seed) for leaf, seed in pairs))  # type: ignore[no-any-return]

    return at.value(), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function, and its change as the arguments move along ``tangents``.

    No rule is needed for this direction: a pullback is linear in what it is handed, and the pullback of that linear map
    is the push forward.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.jvp(lambda x, y: x * y, (3.0, 5.0), (1.0, 0.0))
    (np.float64(15.0), np.float64(5.0))
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise DtypeError("jvp takes a tuple of arguments and a tuple of tangents, as in gc.jvp(f, (x,), (dx,))")
    along = pytree.flatten_like(tuple(primals), tuple(tangents), "the tangent")
    at = _AtArguments(f, tuple(primals), range(len(primals)), {}, along)
    moves = dict(zip(at.inputs, along, strict=True))
    return at.value(), pytree.map_leaves(lambda leaf: at.pushed(leaf, moves), at.output)


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """All first derivatives: an array of the shape of the result followed by the shape of the argument.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f, updated=())
    def all_derivatives(*args: Any, **named: Any) -> Any:
        at = _AtArguments(f, args, argnums, named)
        return pytree.map_leaves(lambda leaf: at.in_form(at.rows(leaf), known_lengths(leaf)), at.output)

    return all_derivatives


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """All second derivatives of a function that returns one number: the `jacobian` of its `grad`.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.hessian(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """Return the Hessian of a function at ``x`` times a vector ``v``, without writing the Hessian down.

    It is symmetric, so this is the pullback of the gradient.

    >>> import graphcore as gc, numpy as np, ops
    >>> gc.hvp(lambda x: np.sum(x ** 3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    pytree.flatten_like(x, v, "the vector v")
    return vjp(grad(f), x)[1](v)[0]


# -- details


class _AtArguments:
    """A function at its arguments: as numbers, or as formulas inside a function that is being traced itself."""

    def __init__(self, f: Function, args: tuple[Any, ...], argnums: Any, named: dict[str, Any], also: Any = ()) -> None:
        self.is_by_one = hasattr(argnums, "__index__")
        places = _normalize_argnums(argnums, len(args))
        outer = tracing_to(args, named, also)
        traced = trace_inside(outer, f, args, places, named) if outer else trace_at(f, args, places, named)
        self.output = traced.output
        self.forms = traced.inputs
        self.inputs = pytree.leaves(traced.inputs)
        for node in self.inputs:
            _check_float(node, traced.examples.get(node), getattr(f, "__name__", type(f).__name__))
        self.linear = Linearized.in_symbols(outer, self.inputs) if outer else _with_values(traced)

    def value(self) -> Any:
        """Return the result, in its form."""
        values = self.linear.values
        return pytree.map_leaves(lambda leaf: own_copy(values[leaf]) if isinstance(leaf, Node) else leaf, self.output)

    def pulled(self, leaf: Any, seed: Any) -> dict[Node, Any]:
        """Return the gradients of the inputs for a sensitivity of a part of the result."""
        return self.linear.vjp(leaf, self.linear.seed_for(leaf, seed)) if isinstance(leaf, Node) else {}

    def pushed(self, leaf: Any, moves: dict[Node, Any]) -> Any:
        """Return the change of a part of the result as the inputs move."""
        return self.linear.jvp(leaf, moves) if isinstance(leaf, Node) else np.zeros(np.shape(leaf))[()]

    def rows(self, leaf: Any) -> dict[Node, Any]:
        """All derivatives of a part of the result."""
        return self.linear.jacobian(leaf) if isinstance(leaf, Node) else {}

    def in_form(self, found: dict[Node, Any], ahead: tuple[int, ...] = ()) -> Any:
        """Arrange derivatives by input in the form of the arguments; zero where nothing depends on them."""

        def of(node: Node) -> Any:
            return own_copy(found[node] if node in found else self.linear.zeros_like(node, ahead))

        forms = tuple(pytree.map_leaves(of, part) for part in self.forms)
        return forms[0] if self.is_by_one else forms


def _with_values(traced: Traced) -> Linearized:
    """Return a traced graph linearized at the arguments it was traced with."""
    xp = namespace_of(*traced.examples.values())
    # copies, since a pullback may be called after the arrays were changed
    values = {node: asarray(array, xp, copy=True) for node, array in traced.examples.items()}
    at = Linearized(traced.graph, values, xp, pytree.leaves(traced.inputs))
    at.compute([leaf for leaf in pytree.leaves(traced.output) if isinstance(leaf, Node)])
    return at


def _added(parts: Any) -> dict[Node, Any]:
    """Add up the gradients that several parts of a result give."""
    total: dict[Node, Any] = {}
    for part in parts:
        for source, share in part.items():
            total[source] = total[source] + share if source in total else share
    return total


def _normalize_argnums(argnums: Any, number: int) -> list[int]:
    """Return the positions of the arguments, counted from the first."""
    try:
        asked = [operator.index(a) for a in ([argnums] if hasattr(argnums, "__index__") else argnums)]
    except TypeError as error:
        raise DtypeError(f"`argnums`: expected an integer or a sequence of integers, got {argnums!r}") from error
    for place in asked:
        if not -number <= place < number:
            raise DtypeError(f"there is no argument {place} to differentiate by: {number} were given")
    places = [place % number for place in asked]
    if len(set(places)) < len(places):
        raise DtypeError(f"an argument is differentiated by once; got argnums={argnums!r}")
    return places


def _number_behind(node: Node) -> Any:
    """Return the number that a variable of a function inside a traced function stands for, if it is a constant."""
    return node.inputs[0].data if node.inputs and node.inputs[0].kind == "constant" else None


def _check_float(node: Node, value: Any, name: str) -> None:
    if not node.type.is_float:
        raise DtypeError(
            f"{name}: {node.label} is {node.dtype}, and only floats have a gradient: "
            f"{as_float_advice(_number_behind(node) if value is None else value)}, or choose other argnums"
        )


def _one_number(f: Function, output: Any) -> Any:
    name = getattr(f, "__name__", type(f).__name__)
    if isinstance(output, (tuple, list, dict)) or output is None:
        raise CostError(f"{name} returned a {type(output).__name__}; the gradient is of one number")
    if tuple(getattr(output, "shape", ())) != ():
        raise CostError(f"{name} returned an array of shape {output.shape}; take its sum or mean, or use gc.jacobian")
    if isinstance(output, Node) and not output.type.is_float:
        raise CostError(f"{name} returned {output.describe()}, which is no float, and only floats have a gradient")
    return output
