"""From operations to elementary ones: a forward that is called with nodes says what it is made of."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from ...arrays.namespace import namespace_of
from ...arrays.registry import registry
from ...autodiff.plan import plan_for
from ...graph.node import Node
from ...operations.operation import Op, op_of
from ..ir.primitives import ALIASES, ELEMENTWISE, PRIMITIVES, REDUCTIONS, SIGMOIDS, UFUNCS, VIEW_OPS, is_ours
from ..ir.program import Program, Value, collect_live
from ..ir.simplify import Simplifier
from .specialize import SpecializedGraph


def lower(special: SpecializedGraph) -> Program:
    """The program that computes the outputs and gradients of a graph.

    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> program = lower(specialize(g.nodes, [C], [], {}))
    >>> [value.name for value in program.values if value.kind == "op"]
    ['sigmoid', 'sum', 'divide']
    >>> len(program.inputs), len(program.results)
    (1, 1)
    """
    lowering = _Lowering()
    inputs: list[Value] = []
    parameters: list[Value] = []
    for outside, inside in special.leaves.items():
        if outside.kind != "constant":
            of_kind = inputs if outside.kind == "input" else parameters
            name = f"{'x' if outside.kind == 'input' else 'p'}{len(of_kind)}"
            leaf = lowering.simplifier.table.leaf(
                "input" if of_kind is inputs else "parameter", name, inside.shape, inside.dtype
            )
            lowering.done[inside] = leaf
            of_kind.append(leaf)
    targets = (*special.outputs, *special.gradients)
    for node in topological_order(special.graph, targets):  # as they were made, so that little is remembered at a time
        lowering.lower_node_and_sources(node)
    results = [lowering.done[node] for node in targets]
    return Program(collect_live(results), inputs, parameters, results)


class _Lowering:
    """Follows nodes to what they are made of, in a loop."""

    def __init__(self) -> None:
        self.simplifier = Simplifier()
        self.done: dict[Node, Value] = {}
        #: what an operation's forward was found to be made of, and inside which operations that was
        self._decompositions: dict[Node, Node] = {}
        self._inside: dict[Node, frozenset[str]] = {}

    def lower_node_and_sources(self, root: Node) -> Value:
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in self.done:
                waiting.pop()
                continue
            before = [self._decompositions[node]] if node in self._decompositions else node.inputs
            absent = [source for source in before if source not in self.done]
            if absent:
                waiting += absent
                continue
            if node in self._decompositions:
                self.done[node] = self.done[self._decompositions[node]]
                continue
            value = self._lower_node(node)
            if value is not None:
                self.done[node] = value
        return self.done[root]

    def _lower_node(self, node: Node) -> Value | None:
        """The value of a node whose arguments are done; ``None`` if it is made of others, which come first."""
        if node.op is None:
            return self.simplifier.constant(_as_numpy(node.data), node.shape, node.dtype)
        args = tuple(self.done[source] for source in node.inputs)
        value = self._lower_primitive(node, args) if is_ours(node.op) else None
        if value is not None:
            return value
        inner = self._decompose(node) if node.op.name not in PRIMITIVES else None
        if inner is None:
            return self.simplifier.table.call(node.op, args, node.arguments, node.settings, node.type)
        self._decompositions[node] = inner
        return None

    # -- what backends know

    def _lower_primitive(self, node: Node, args: tuple[Value, ...]) -> Value | None:
        name, write = op_of(node).name, self.simplifier
        known = name in PRIMITIVES or name in ALIASES
        if not known or None in node.shape or not all(a.is_static for a in args):
            return None
        shape, dtype = node.shape, node.dtype
        if name in ELEMENTWISE:
            if not _is_primitive_for(name, args, dtype):
                return None
            return write.elementwise(name, args, {"dtype": dtype} if name == "astype" else {}, shape, dtype)
        x = args[0]
        if name == "matmul":
            return write.matmul(x, args[1], shape, dtype) if dtype.kind == "f" and x.dtype == args[1].dtype else None
        if name in REDUCTIONS or name == "mean":
            return self._lower_reduction(name, node, x)
        if name == "scatter_slice":
            return write.table.apply(name, (x,), {"key": node.settings["key"], "shape": shape}, shape, dtype)
        if name == "getitem":
            return write.view(name, x, shape, {"key": node.settings["key"]})
        if name == "permute_dims":
            return write.view(name, x, shape, {"axes": tuple(axis % len(shape) for axis in node.settings["axes"])})
        if name in VIEW_OPS:
            return write.view(name, x, shape)
        return self._lower_alias(name, node, x)

    def _lower_alias(self, name: str, node: Node, x: Value) -> Value | None:
        write, shape, dtype = self.simplifier, node.shape, node.dtype
        if name == "identity":
            return x
        if name == "matrix_transpose":
            front = range(len(shape) - 2)
            return write.view("permute_dims", x, shape, {"axes": (*front, len(shape) - 1, len(shape) - 2)})
        if name in ("zeros_like", "ones_like"):
            number = write.table.constant(np.asarray(name == "ones_like", dtype))
            return write.view("broadcast_to", number, shape)
        return write.view("reshape", x, shape)

    def _lower_reduction(self, name: str, node: Node, x: Value) -> Value | None:
        settings, shape, dtype = node.settings, node.shape, node.dtype
        if x.dtype != dtype or dtype.kind != "f" or dtype.itemsize < 4 or 0 in x.shape:
            return None
        axis = settings["axis"]
        chosen = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted(one % len(x.shape) for one in chosen))
        keepdims = bool(settings["keepdims"])
        if name != "mean":
            return self.simplifier.reduce(name, x, axes, keepdims=keepdims, shape=shape, dtype=dtype)
        total = self.simplifier.reduce("sum", x, axes, keepdims=keepdims, shape=shape, dtype=dtype)
        number = 1
        for one in axes:
            number *= x.shape[one]  # type: ignore[operator]
        count = self.simplifier.table.constant(np.asarray(number, dtype))
        return self.simplifier.elementwise("divide", (total, count), {}, shape, dtype)

    # -- what a forward is made of

    def _decompose(self, node: Node) -> Node | None:
        """The node that the forward of an operation gives when it is called with nodes; ``None`` if it cannot be."""
        op = op_of(node)
        inside = self._inside.get(node, frozenset()) | {op.name}
        if not _can_decompose(op):
            return None
        first = len(node.graph)
        try:
            with node.graph.inherit_metadata(node):
                found = op.compute(node.inputs, node.arguments, node.settings, registry)
        except Exception:  # noqa: BLE001  a forward that only knows arrays is called as it is
            return None
        if not isinstance(found, Node):
            if not hasattr(found, "dtype") or namespace_of(found) is not np:
                return None
            found = node.graph.add_constant(found)
        if found.type != node.type or found is node:
            return None
        for new in _nodes_added_since(first, found):
            if new.op is not None and new.op.name in inside:
                return None
            self._inside[new] = inside
        return found


def _nodes_added_since(first: int, found: Node) -> list[Node]:
    """What a forward wrote: the nodes that are new, on the way to its result."""
    seen, waiting = {found}, [found]
    while waiting:
        for source in waiting.pop().inputs:
            if source.index >= first and source not in seen:
                seen.add(source)
                waiting.append(source)
    return [node for node in seen if node.index >= first]


def _can_decompose(op: Op) -> bool:
    """Whether a forward does the same thing for numpy's arrays as for nodes, today as tomorrow.

    One of ours that names numpy has a way of its own with numpy's arrays. One of somebody else's that reads a value
    from its module or an enclosing function may find another value there later.
    """
    code, scope = getattr(op.forward, "__code__", None), getattr(op.forward, "__globals__", {})
    if code is None:
        return False
    if is_ours(op):
        return "np" not in code.co_names
    read = [scope[name] for name in code.co_names if name in scope]
    return not code.co_freevars and all(callable(value) or isinstance(value, types.ModuleType) for value in read)


def _is_primitive_for(name: str, args: tuple[Value, ...], dtype: np.dtype[Any]) -> bool:
    """Whether backends know the operation for these dtypes, and give the one that was foretold."""
    if name in ("astype", "later"):
        return name == "astype" or args[0].dtype == dtype
    if name in ("where", "chain"):
        return all(a.dtype == dtype for a in args[name == "where" :])
    if name in SIGMOIDS:
        return args[0].dtype == dtype and dtype.itemsize >= 4
    try:
        found = UFUNCS[name].resolve_dtypes((*(a.dtype for a in args), None))[-1]
    except TypeError:
        return False
    return bool(found == dtype)


def _as_numpy(parameters: Any) -> Any:
    return parameters if isinstance(parameters, (np.ndarray, np.generic)) else np.asarray(parameters)
