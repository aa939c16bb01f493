"""The two ways to run a plan: on arrays, which gives numbers, and on nodes, which writes formulas.

The loops of the executor are the same for both; what differs between arrays and nodes is here.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..arrays.namespace import Namespace, asarray, cast, make_read_only
from ..arrays.registry import registry
from ..arrays.shaped_array import as_dtype, is_compatible, show_shape
from ..errors import OperationError
from ..graph.node import Node
from ..operations.core_ops import chain, repeats, safe_multiply, sum_like
from ..operations.operation import op_of

#: results that need no conversion
_ARRAYS = frozenset({np.ndarray, np.float64, np.float32})
_NOTHING_TO_DO = contextlib.nullcontext()


#: where the cost depends on the entries of a node (see `Dependence`)
Depends = Callable[[Node], Any]


class PlanEdge(NamedTuple):
    """One edge of the graph: a node, one that uses it, and as which argument, which is the edge's key in networkx."""

    source: Node
    target: Node
    argument: str


class Interpreter(Protocol):
    """The differences between arrays and nodes."""

    xp: Namespace

    def constant(self, node: Node) -> Any:
        """Return the value of a constant."""

    def operation(self, node: Node) -> Callable[..., Any]:
        """Return the operation of a node as a function of its arguments."""

    def accept(self, result: Any, node: Node) -> Any:
        """Return the result of an operation as it is recorded, checked against what was inferred."""

    def product(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:
        """Return dout × a local derivative; a literal 1 costs no multiplication.

        Where the cost does not depend on an entry of the target, by ``depends``, it is 0 whatever the derivative is.
        """

    def switch(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:
        """Return dout × the local derivative of a switch, as of relu, whose zeros are structural: 0 where dout is 0.

        Such a derivative is finite unless a value of the network is NaN, and then no zero of dout is accidental.
        """

    def nonzero(self, value: Any) -> Any:
        """Return where a value is not 0; ``None`` for everywhere."""

    def as_float(self, mask: Any, like: Node) -> Any:
        """Return 1 where a mask is true, in the dtype of a node."""

    def unbroadcast(self, share: Any, edge: PlanEdge, values: Mapping[Node, Any]) -> Any:
        """Return a contribution in the shape and dtype of the source: broadcasting is undone here, for every rule."""

    def finish(self, gradient: Any) -> Any:
        """Return a gradient as it is recorded."""

    def on_behalf_of(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which what is made belongs to a node."""

    def now_for(self, node: Node) -> None:
        """Let what is made belong to another node, within that context."""


class Numbers:
    """Run on arrays of one library.

    >>> import graphcore as gc, ops
    >>> node = ops.exp(gc.Graph().input("x"))
    >>> Numbers(np).operation(node)(np.float64(0.0))
    np.float64(1.0)
    """

    def __init__(self, xp: Namespace) -> None:
        self.xp = xp

    def constant(self, node: Node) -> Any:
        """Return the value of a constant as an array of this library."""
        return node.data if self.xp is np else asarray(node.data, self.xp, node.dtype, copy=True)

    def operation(self, node: Node) -> Callable[..., Any]:
        """Return the forward with the settings of a node."""
        return op_of(node).bind(node.arguments, node.settings, self.xp)

    def accept(self, result: Any, node: Node) -> Any:
        """Check the shape and make an array read-only: a run is a record."""
        kind = type(result)
        if kind not in _ARRAYS or not is_compatible(result.shape, node.type.shape):
            return make_read_only(self._check_inferred_type(result, node))
        if kind is np.ndarray:
            result.setflags(False)  # noqa: FBT003
        return result

    def product(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:
        """Return dout × a local derivative; only a NaN in the product needs what the cost depends on."""
        if type(local) is int or type(local) is float:
            return dout if local == 1 else dout * local
        if local is None:
            return None
        product = dout * local
        if product.shape != dout.shape:
            raise OperationError(_does_not_fit(local, dout, target))
        if self.xp is np:  # a sum of squares is NaN if one of them is
            total = np.vdot(product, product)
            if total == total:  # noqa: PLR0124
                return product
        mask = depends(target)
        return product if mask is None else self.xp.where(mask, product, self.xp.zeros_like(product))

    def switch(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:  # noqa: ARG002
        """Return dout × the local derivative of a switch, 0 where dout is 0."""
        return self.product(dout, local, target, lambda _: self.nonzero(dout))

    def nonzero(self, value: Any) -> Any:
        """Return where a value is not 0; numpy's is looked at."""
        if type(value) is int or type(value) is float:
            return None
        mask = value != 0
        return None if self.xp is np and np.all(mask) else mask

    def as_float(self, mask: Any, like: Node) -> Any:
        """Return 1 where a mask is true, in the dtype of a node."""
        return cast(mask, like.dtype, self.xp)

    def unbroadcast(self, share: Any, edge: PlanEdge, values: Mapping[Node, Any]) -> Any:
        """Return a sum over the axes along which the source was repeated, in its dtype."""
        source = edge[0]
        like = values[source]
        if type(share) in _ARRAYS and share.shape == like.shape and share.dtype is source.type.dtype:
            return share
        return self._fit(share, edge, like)

    def finish(self, gradient: Any) -> Any:
        """Make it read-only: a run is a record."""
        return make_read_only(gradient)

    def on_behalf_of(self, node: Node) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return a context that does nothing: numbers belong to no node."""
        return _NOTHING_TO_DO

    def now_for(self, node: Node) -> None:
        """Do nothing."""

    def _check_inferred_type(self, result: Any, node: Node) -> Any:
        if not hasattr(result, "dtype"):
            result = asarray(op_of(node).check_single(result), self.xp, node.dtype)
        shape = tuple(result.shape)
        if not is_compatible(shape, node.shape):
            raise OperationError(
                f"{op_of(node).name} returned the shape {show_shape(shape)}, and {show_shape(node.shape)} was "
                f"inferred; its shape rule, or its being elementwise, is wrong"
            )
        return result

    def _fit(self, share: Any, edge: PlanEdge, like: Any) -> Any:
        """Undo broadcasting for a contribution that is not in the shape and dtype of its source as it is."""
        source, target, _ = edge
        if share is None:
            return _nothing_along(edge)
        if not hasattr(share, "dtype"):  # a rule may return a Python number
            share = asarray(share, self.xp, source.dtype)
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
        return share if dtype == source.dtype else cast(share, source.dtype, self.xp)


class Symbols:
    """Run on nodes: every operation is written where its arguments are.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> Symbols().operation(ops.exp(x))(x * 2.0)
    <exp#4 = exp: float64 ()>
    """

    xp = registry

    def constant(self, node: Node) -> Any:
        """Return the array that a constant holds, which becomes a constant where it is used."""
        return node.data

    def operation(self, node: Node) -> Callable[..., Any]:
        """Return a function that writes the operation of a node on other nodes."""
        op = op_of(node)
        if op.variadic:
            return functools.partial(op, **node.settings)
        return lambda *arguments: op(**dict(zip(node.arguments, arguments, strict=True)), **node.settings)

    def accept(self, result: Any, node: Node) -> Any:  # noqa: ARG002
        """Return the node that was written."""
        return result

    def product(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:
        """Write dout × local derivative; a literal 1 needs no product."""
        if local is None:
            return None
        if type(local) is int or type(local) is float:
            return dout if local == 1 else dout * local
        mask = depends(target)
        share = chain(dout, local) if mask is None else chain(dout, local, mask)
        return self._checked(share, dout, local, target)

    def switch(self, dout: Any, local: Any, target: Node, depends: Depends) -> Any:
        """Write the product that is 0 where dout is, which costs less than a mask."""
        if not hasattr(local, "dtype"):
            return self.product(dout, local, target, depends)
        return self._checked(safe_multiply(dout, local), dout, local, target)

    def _checked(self, share: Any, dout: Any, local: Any, target: Node) -> Any:
        if share.ndim != dout.ndim:
            raise OperationError(_does_not_fit(local, dout, target))
        return share

    def nonzero(self, value: Any) -> Any:
        """Write the comparison with 0; a constant is looked at."""
        if not isinstance(value, Node) or (value.kind == "constant" and np.all(np.asarray(value.data) != 0)):
            return None
        return registry.not_equal(value, 0.0)

    def as_float(self, mask: Any, like: Node) -> Any:
        """Write the conversion to the dtype of a node."""
        return cast(mask, like.dtype, registry)

    def unbroadcast(self, share: Any, edge: PlanEdge, values: Mapping[Node, Any]) -> Any:  # noqa: ARG002
        """Write the sum over repeated axes, also where only a run shows if there are any."""
        source, target, _ = edge
        if share is None:
            return _nothing_along(edge)
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

    def now_for(self, node: Node) -> None:
        """Let nodes get scope and origin of another node."""
        node.graph.take_metadata_of(node)


SYMBOLS = Symbols()
#: one interpreter for each namespace, as rules keep what they are bound to
_INTERPRETERS: dict[Any, Interpreter] = {np: Numbers(np), registry: SYMBOLS}


def interpreter_for(xp: Namespace) -> Interpreter:
    """Return the interpreter of a namespace: symbols for the registry, the namespace of nodes, and else numbers.

    >>> interpreter_for(registry) is SYMBOLS, interpreter_for(np).xp is np
    (True, True)
    """
    found = _INTERPRETERS.get(xp)
    if found is None:
        found = _INTERPRETERS[xp] = Numbers(xp)
    return found


class SymbolicValues(dict[Node, Node]):
    """Values for writing formulas: every node stands for itself."""

    def __missing__(self, node: Node) -> Node:
        return node


def _nothing_along(edge: PlanEdge) -> None:
    """Accept that the forward of a composite operation does not depend on an argument; any other rule has a result."""
    op = op_of(edge.target)
    rule = op.rule_for(edge.argument)
    if rule is not None:
        name = getattr(rule.function, "__name__", "a rule")
        raise OperationError(f"{name} of {op.name} ({rule.origin}) returned None; a rule returns an array or a number")


def _may_be_repeated(source: Node, target: Node) -> bool:
    """Return whether only a run shows if ``source`` is broadcast: its unknown length meets another unknown length."""
    return None in source.shape and any(other is not source and None in other.shape for other in target.inputs)


def _does_not_fit(local: Any, dout: Any, target: Node) -> str:
    return (
        f"a local derivative of {op_of(target).name} has the shape {show_shape(tuple(local.shape))}, which does "
        f"not fit into {show_shape(tuple(dout.shape))}, the shape of {target.label!r}"
    )
