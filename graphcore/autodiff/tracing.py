"""A plain Python function of arrays becomes a graph, by being called with nodes."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..arrays.incoming import check_real, unwrap
from ..arrays.namespace import Array, asarray, is_array, namespace_of, type_of
from ..arrays.registry import registry
from ..errors import GraphcoreError
from ..graph.graph import Graph
from ..graph.methods import apply
from ..graph.node import GraphOfNodes, Node
from ..operations.core_ops import identity
from ..support import pytree
from .executor import forward
from .gradient import evaluate
from .plan import plan_for
from .traced_result import check_result

_tracing_to: ContextVar[Graph | None] = ContextVar("tracing_to", default=None)


class TracedNode(Node):
    """A node in the place of an array: while a plain function is being called, ``==`` and ``!=`` are elementwise."""

    __slots__ = ()

    def __eq__(self, other: object) -> Any:
        return apply("equal", self, other) if isinstance(other, _COMPARED) else self is other

    def __ne__(self, other: object) -> Any:
        return apply("not_equal", self, other) if isinstance(other, _COMPARED) else self is not other

    __hash__ = object.__hash__


_COMPARED = (Node, int, float, np.generic, np.ndarray)


class Traced:
    """A function of arrays of certain shapes and dtypes as a graph.

    ``inputs`` has the form of the arguments and ``output`` that of the result, with nodes for arrays; ``examples`` are
    the arrays it was traced with. Called with other arrays of the same shapes, it computes.
    """

    def __init__(self, graph: GraphOfNodes, inputs: tuple[Any, ...], output: Any, examples: dict[Node, Array]) -> None:
        self.graph, self.inputs, self.output, self.examples = graph, inputs, output, examples

    def __call__(self, *args: Any) -> Any:
        """Run the graph on arguments of the form it was traced with; with nodes among them, write it where they are."""
        feed = dict(
            zip(pytree.leaves(self.inputs), pytree.flatten_like(self.inputs, args, "the arguments"), strict=True)
        )
        nodes = [leaf for leaf in pytree.leaves(self.output) if isinstance(leaf, Node)]
        if any(isinstance(given, Node) for given in feed.values()):
            values = dict(feed)
            forward(plan_for(self.graph, tuple(nodes)), values, registry)
        else:
            used = self.graph.ancestors(nodes)
            values = dict(zip(nodes, evaluate(nodes, {n: v for n, v in feed.items() if n in used}), strict=True))
        return pytree.map_leaves(lambda leaf: values[leaf] if isinstance(leaf, Node) else leaf, self.output)

    def __repr__(self) -> str:
        return f"<{self.graph.name} traced: {len(self.graph)} nodes>"


def trace(f: Callable[..., Any], *examples: Any) -> Traced:
    """Turn a plain function of arrays into a graph, for arrays of the shapes and dtypes of the examples.

    Arguments may be arrays, numbers, or nested tuples, lists and dicts of them; all become inputs. What the function
    decides by looking at a value is refused, since the graph must do for every value.

    >>> import graphcore as gc, numpy as np, ops
    >>> def neuron(p, x):
    ...     return np.tanh(p["w"] * x + p["b"])
    >>> traced = gc.trace(neuron, {"w": 0.5, "b": 0.1}, 2.0)
    >>> [node.name for node in traced.graph.inputs.values()]
    ["p['w']", "p['b']", 'x']
    >>> traced({"w": 0.5, "b": 0.1}, 2.0)
    np.float64(0.8004990217606297)
    """
    return trace_at(f, examples, range(len(examples)), {})


def trace_at(f: Callable[..., Any], args: tuple[Any, ...], positions: Sequence[int], named: dict[str, Any]) -> Traced:
    """Trace with the arguments at some positions as inputs; the others are passed on as they are."""
    name = getattr(f, "__name__", type(f).__name__)
    graph = Graph(name)
    examples: dict[Node, Array] = {}

    def inputs_for(position: int) -> Iterator[Node]:
        for path, leaf in pytree.paths(args[position], _name_of(f, position)):
            array = _as_array(leaf, f"{name}: {path}")
            node = graph.input(path, *type_of(array))
            examples[node] = array
            yield node

    graph.node_type = TracedNode
    inputs = tuple(pytree.unflatten(args[position], inputs_for(position)) for position in positions)
    with _tracing(graph), _as_arrays(graph):
        output = _called(f, args, positions, inputs, named)
    check_result(name, output, graph)
    return Traced(graph, inputs, output, examples)


@contextlib.contextmanager
def _tracing(graph: Graph) -> Iterator[None]:
    """Let nodes of a graph stand for arrays; afterwards they are compared by identity again."""
    before = _tracing_to.set(graph)
    try:
        yield
    finally:
        _tracing_to.reset(before)
        graph.node_type = Node
        for node in graph.nodes:
            node.__class__ = Node


@contextlib.contextmanager
def _as_arrays(graph: GraphOfNodes) -> Iterator[None]:
    """Let a copy of a node be the node itself, so that no gradient ends at it."""
    before, graph.is_traced = graph.is_traced, True
    try:
        yield
    finally:
        graph.is_traced = before


def trace_inside(
    graph: GraphOfNodes, f: Callable[..., Any], args: tuple[Any, ...], positions: Sequence[int], named: dict[str, Any]
) -> Traced:
    """Trace within a function that is being traced itself, to the same graph.

    The arguments become variables of their own, so that the same value used from outside does not count as one.
    """

    def variable(leaf: Any) -> Node:
        return identity(leaf if isinstance(leaf, Node) else graph.constant(leaf))  # type: ignore[no-any-return]

    inputs = tuple(pytree.map_leaves(variable, args[position]) for position in positions)
    with _as_arrays(graph):
        output = _called(f, args, positions, inputs, named)
    check_result(getattr(f, "__name__", type(f).__name__), output, graph)
    return Traced(graph, inputs, output, {})


def _called(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    positions: Sequence[int],
    inputs: tuple[Any, ...],
    named: dict[str, Any],
) -> Any:
    """Call a function with nodes at some positions, in containers that it may change."""
    passed = list(args)
    for position, nodes in zip(positions, inputs, strict=True):
        passed[position] = pytree.map_leaves(lambda node: node, nodes)
    return f(*passed, **named)


def tracing_to(*trees: Any) -> GraphOfNodes | None:
    """Return the graph that a function is being traced to, of which its arguments, or enclosed values, may be nodes."""
    nodes = [leaf for leaf in pytree.leaves(trees) if isinstance(leaf, Node)]
    return nodes[0].graph if nodes else _tracing_to.get()


def _as_array(leaf: Any, what: str) -> Array:
    if isinstance(leaf, Node):
        raise GraphcoreError(f"{what} is a node; call the function on nodes directly, and gc.derivative on its result")
    leaf = unwrap(leaf, what)
    check_real(leaf, what)
    return leaf if is_array(leaf) else asarray(leaf, namespace_of(leaf))


def _name_of(f: Callable[..., Any], position: int) -> str:
    """Return the function's own name of an argument, where it has a signature."""
    try:
        parameters = [p for p in inspect.signature(f).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    except (TypeError, ValueError):
        return f"argument {position}"
    if position < len(parameters) and parameters[position].kind is not inspect.Parameter.VAR_POSITIONAL:
        return parameters[position].name
    return f"{parameters[-1].name}[{position - len(parameters) + 1}]" if parameters else f"argument {position}"
