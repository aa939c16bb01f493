"""Lowering: operations become instructions, by calling the forwards of all others with nodes."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np

from ...arrays.namespace import namespace_of
from ...arrays.registry import registry
from ...autodiff.plan import plan_for
from ...graph.node import Node
from ...operations.operation import Op, op_of
from ...operations.purity import can_merge
from ..ir.primitives import ALIASES, ELEMENTWISE, LOGISTIC, PRIMITIVES, REDUCTIONS, UFUNCS, VIEW_OPS
from ..ir.program import Program, Value, ValueKind, collect_live
from ..ir.simplify import Simplifier
from .specialize import SpecializedGraph


def lower(graph: SpecializedGraph) -> Program:
    """Return the program that computes the outputs and gradients of a graph.

    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> g = gc.Graph()
    >>> x = g.input("x", (4,))
    >>> C = ops.mean(ops.sigmoid(x))
    >>> program = lower(specialize(g.nodes, [C], [], {}))
    >>> [value.name for value in program.values if value.kind == "op"]
    ['logistic', 'sum', 'divide']
    >>> len(program.inputs), len(program.results)
    (1, 1)
    """
    lowering = _Lowering(dict(graph.after))
    leaves: dict[ValueKind, list[Value]] = {"input": [], "parameter": []}
    for outside, inside in graph.leaves.items():
        if outside.kind != "constant":
            kind: ValueKind = "input" if outside.kind == "input" else "parameter"
            name = f"{'x' if kind == 'input' else 'p'}{len(leaves[kind])}"
            lowering.done[inside] = lowering.table.leaf(kind, name, inside.shape, inside.dtype)
            leaves[kind].append(lowering.done[inside])
    targets = (*graph.outputs, *graph.gradients)
    # in the order in which the nodes were made, which keeps few values alive at a time
    for node in sorted(plan_for(graph.graph, targets), key=attrgetter("index")):
        lowering.lower_with_sources(node)
    results = [lowering.done[node] for node in targets]
    return Program(collect_live(results), leaves["input"], leaves["parameter"], results)


class _Lowering:
    """Lowers nodes and what their operations are decomposed into, in a loop without recursion."""

    def __init__(self, after: dict[Node, Node]) -> None:
        self.simplifier = Simplifier()
        self.table = self.simplifier.table
        self.done: dict[Node, Value] = {}
        self._after = after
        #: the result of each decomposed node, and the operations inside which new nodes were written
        self._decompositions: dict[Node, Node] = {}
        self._inside: dict[Node, frozenset[str]] = {}

    def lower_with_sources(self, root: Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in self.done:
                waiting.pop()
                continue
            before = [self._decompositions[node]] if node in self._decompositions else list(node.inputs)
            if node in self._after:
                before.append(self._after[node])
            absent = [source for source in before if source not in self.done]
            if absent:
                waiting += absent
                continue
            if node in self._decompositions:
                self.done[node] = self.done[self._decompositions[node]]
                continue
            self.table.after = self.done[self._after[node]] if node in self._after else None
            value = self._lower_node(node)
            if value is not None:
                self.done[node] = value

    def _lower_node(self, node: Node) -> Value | None:
        """Return the value of a node whose arguments are lowered; ``None`` if it was decomposed into other nodes."""
        if node.op is None:
            return self.simplifier.constant(_as_numpy(node.data), node.shape, node.dtype)
        args = tuple(self.done[source] for source in node.inputs)
        name = node.op.primitive
        value = None if name is None else self._lower_primitive(name, node, args)
        if value is not None:
            if value.name == name != node.op.name and value.op is None:
                value.op, value.arguments = node.op, node.arguments
            return value
        inner = self._decompose(node) if name not in PRIMITIVES else None
        if inner is None:
            is_pure = can_merge(op_of(node), node.settings)
            return self.table.call(node.op, args, node.arguments, node.settings, node.type, is_pure=is_pure)
        self._decompositions[node] = inner
        return None

    # -- primitives

    def _lower_primitive(self, name: str, node: Node, args: tuple[Value, ...]) -> Value | None:
        write, shape, dtype = self.simplifier, node.shape, node.dtype
        is_supported = name in PRIMITIVES or name in ALIASES
        if not is_supported or None in shape or not all(a.is_static for a in args):
            return None
        if name in ELEMENTWISE:
            if not _supports_dtypes(name, args, dtype):
                return None
            return write.elementwise(name, args, {"dtype": dtype} if name == "astype" else {}, shape, dtype)
        x = args[0]
        if name == "matmul":
            return write.matmul(x, args[1], shape, dtype) if dtype.kind == "f" and x.dtype == args[1].dtype else None
        if name in REDUCTIONS or name == "mean":
            return self._lower_reduction(name, node, x)
        if name == "scatter":
            return self.table.apply(name, (x,), {"key": node.settings["key"], "shape": shape}, shape, dtype)
        if name == "slice":
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
            number = self.table.constant(np.asarray(name == "ones_like", dtype))
            return write.view("broadcast_to", number, shape)
        return write.view("reshape", x, shape)

    def _lower_reduction(self, name: str, node: Node, x: Value) -> Value | None:
        write, settings, shape, dtype = self.simplifier, node.settings, node.shape, node.dtype
        if x.dtype != dtype or dtype.kind != "f" or dtype.itemsize < 4 or 0 in x.shape:
            return None
        axis = settings["axis"]
        chosen = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted(one % len(x.shape) for one in chosen))
        keepdims = bool(settings["keepdims"])
        if name != "mean":
            return write.reduce(name, x, axes, keepdims=keepdims, shape=shape, dtype=dtype)
        total = write.reduce("sum", x, axes, keepdims=keepdims, shape=shape, dtype=dtype)
        number = 1
        for one in axes:
            number *= x.shape[one]  # type: ignore[operator]
        count = self.table.constant(np.asarray(number, dtype))
        return write.elementwise("divide", (total, count), {}, shape, dtype)

    # -- decomposition

    def _decompose(self, node: Node) -> Node | None:
        """Call an operation's forward with nodes and return the resulting node; ``None`` if that is impossible."""
        op = op_of(node)
        inside = self._inside.get(node, frozenset()) | {op.name}
        if not can_merge(op, node.settings) or _has_numpy_branch(op):
            return None
        first = len(node.graph)
        try:
            with node.graph.inherit_metadata(node):
                found: Any = op.compute(node.inputs, node.arguments, node.settings, registry)
        except Exception:  # noqa: BLE001  a forward that works on arrays alone is called as it is
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
            if node in self._after:
                self._after[new] = self._after[node]
        result: Node = found
        return result


def _nodes_added_since(first: int, result: Node) -> list[Node]:
    """Return the ancestors of a node, and the node itself, from an index on."""
    seen, waiting = {result}, [result]
    while waiting:
        for source in waiting.pop().inputs:
            if source.index >= first and source not in seen:
                seen.add(source)
                waiting.append(source)
    return [node for node in seen if node.index >= first]


def _has_numpy_branch(op: Op) -> bool:
    """Return whether a forward takes the namespace and names numpy too: it may branch on numpy's arrays."""
    return op.signature.needs_xp and "np" in op.forward.__code__.co_names


def _supports_dtypes(name: str, args: tuple[Value, ...], dtype: np.dtype[Any]) -> bool:
    """Return whether an elementwise instruction takes these dtypes and results in the inferred one."""
    if name == "astype":
        return True
    if name in ("where", "safe_multiply"):
        return all(a.dtype == dtype for a in args[name == "where" :])
    if name in LOGISTIC:
        return args[0].dtype == dtype and dtype.itemsize >= 4
    try:
        found = UFUNCS[name].resolve_dtypes((*(a.dtype for a in args), None))[-1]
    except TypeError:
        return False
    return bool(found == dtype)


def _as_numpy(data: Any) -> Any:
    return data if isinstance(data, (np.ndarray, np.generic)) else np.asarray(data)
