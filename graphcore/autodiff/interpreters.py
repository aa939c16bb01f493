"""The two ways to run a plan: on arrays, which gives numbers, and on nodes, which writes formulas.

The loops of the executor are the same for both; what differs between arrays and nodes is here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from ..arrays.namespace import Namespace, asarray, cast, make_read_only
from ..arrays.registry import registry
from ..arrays.shaped_array import as_dtype, is_compatible, show_shape
from ..errors import OperationError
from ..graph.node import Node
from ..operations.core_ops import chain, handed_back, repeats, sum_like
from ..operations.operation import op_of

_NOTHING_TO_DO = contextlib.nullcontext()


class Interpreter(Protocol):
    """What the executor needs: values of constants and operations, products, and sums over repeated axes."""

    xp: Namespace

    def constant(self, node: Node) -> Any:
        """Return the value of a constant."""

    def apply(self, node: Node, arguments: Sequence[Any]) -> Any:
        """Return the result of the operation of a node."""

    def multiply(self, dout: Any, local: Any, target: Node) -> Any:
        """Return dout × local derivative."""

    def unbroadcast(self, share: Any, source: Node, target: Node, values: Mapping[Node, Any]) -> Any:
        """Return a contribution in the shape and dtype of the source: broadcasting is undone here, for every rule."""

    def finish(self, gradient: Any) -> Any:
        """Return a gradient as it is recorded."""

    def on_behalf_of(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which what is made belongs to a node."""


class Numbers:
    """Run on arrays of one library.

    >>> import graphcore as gc, ops
    >>> node = ops.exp(gc.Graph().input("x"))
    >>> Numbers(np).apply(node, [np.float64(0.0)])
    np.float64(1.0)
    """

    def __init__(self, xp: Namespace) -> None:
        self.xp = xp

    def constant(self, node: Node) -> Any:
        """Return the value of a constant as an array of this library."""
        return node.data if self.xp is np else asarray(node.data, self.xp, node.dtype)

    def apply(self, node: Node, arguments: Sequence[Any]) -> Any:
        """Compute, and check that shape and dtype are what was inferred when the node was made."""
        op = op_of(node)
        result = op.compute(arguments, node.arguments, node.settings, self.xp)
        if not hasattr(result, "dtype"):
            result = asarray(result, self.xp, node.type.dtype)
        shape = result.shape
        if shape != node.type.shape and not is_compatible(tuple(shape), node.type.shape):
            raise OperationError(
                f"{op.name} returned the shape {show_shape(tuple(shape))}, and {show_shape(node.shape)} was inferred; "
                f"its shape rule, or its being elementwise, is wrong"
            )
        return make_read_only(result)

    def multiply(self, dout: Any, local: Any, target: Node) -> Any:
        """Multiply; a literal 1 costs no multiplication."""
        if type(local) is int or type(local) is float:
            return dout if local == 1 else dout * local
        share = handed_back(dout, local, self.xp)
        if share.shape != dout.shape:
            raise OperationError(_does_not_fit(local, dout, target))
        return share

    def unbroadcast(self, share: Any, source: Node, target: Node, values: Mapping[Node, Any]) -> Any:
        """Add up over the axes along which the source was repeated, and cast."""
        if not hasattr(share, "dtype"):  # a rule may return a Python number
            share = asarray(share, self.xp, source.dtype)
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
            share = sum_like.forward(share, like, xp=self.xp)
        dtype = share.dtype if self.xp is np else as_dtype(share.dtype)
        return share if dtype == source.type.dtype else cast(share, source.type.dtype, self.xp)

    def finish(self, gradient: Any) -> Any:
        """Make it read-only: a run is a record."""
        return make_read_only(gradient)

    def on_behalf_of(self, node: Node) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return a context that does nothing: numbers belong to no node."""
        return _NOTHING_TO_DO


class Symbols:
    """Run on nodes: every operation is written where its arguments are.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> Symbols().multiply(x, ops.exp(x), x)
    <chain#2 = chain: float64 ()>
    """

    xp = registry

    def constant(self, node: Node) -> Any:
        """Return the array that a constant holds, which becomes a constant where it is used."""
        return node.data

    def apply(self, node: Node, arguments: Sequence[Any]) -> Any:
        """Write the operation of a node on other nodes."""
        op = op_of(node)
        if op.variadic:
            return op(*arguments, **node.settings)
        return op(**dict(zip(node.arguments, arguments, strict=True)), **node.settings)

    def multiply(self, dout: Any, local: Any, target: Node) -> Any:
        """Write a product; a literal 1 needs none."""
        if type(local) is int or type(local) is float:
            return dout if local == 1 else dout * local
        share = chain(dout, local)
        if share.ndim != dout.ndim:
            raise OperationError(_does_not_fit(local, dout, target))
        return share

    def unbroadcast(self, share: Any, source: Node, target: Node, values: Mapping[Node, Any]) -> Any:  # noqa: ARG002
        """Write the sum over repeated axes, also where only a run can tell whether there are any."""
        if not hasattr(share, "dtype"):
            share = source.graph.constant(share, dtype=source.dtype)
        if share.shape != source.shape or _may_be_repeated(source, target):
            share = sum_like(share, source)
        return share if share.dtype == source.dtype else cast(share, source.dtype, registry)

    def finish(self, gradient: Any) -> Any:
        """Return the node."""
        return gradient

    def on_behalf_of(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which nodes get scope and origin of a node."""
        return node.graph.inherit_metadata(node)


SYMBOLS = Symbols()
_NUMPY = Numbers(np)


def interpreter_for(xp: Namespace) -> Interpreter:
    """Return the interpreter of a namespace: symbols for the registry, the namespace of nodes, and else numbers.

    >>> interpreter_for(registry) is SYMBOLS, interpreter_for(np).xp is np
    (True, True)
    """
    return _NUMPY if xp is np else SYMBOLS if xp is registry else Numbers(xp)


class SymbolicValues(dict[Node, Node]):
    """Values for writing formulas: every node stands for itself."""

    def __missing__(self, node: Node) -> Node:
        return node


def _may_be_repeated(source: Node, target: Node) -> bool:
    """Whether only a run can tell if ``source`` is broadcast: its unknown length meets another unknown length."""
    return None in source.shape and any(other is not source and None in other.shape for other in target.inputs)


def _does_not_fit(local: Any, dout: Any, target: Node) -> str:
    return (
        f"a local derivative of {op_of(target).name} has the shape {show_shape(tuple(local.shape))}, which does "
        f"not fit into {show_shape(tuple(dout.shape))}, the shape of {target.label!r}"
    )
