"""The fast path: a graph and its gradient as one flat program, which agrees with the executor to rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from ..autodiff.gradient import check_cost
from ..errors import DtypeError, GraphError
from ..graph.node import Node
from .backends.backend import get_backend
from .backends.threads import check_threads
from .compiled_function import CompiledFunction
from .step import Step

__all__ = ["CompiledFunction", "Step", "compile"]


@overload
def compile(  # noqa: A001
    outputs: Node | Sequence[Node], wrt: Any = None, backend: str = "auto", *, threads: int | None = None
) -> Step: ...


@overload
def compile(  # noqa: A001
    outputs: Callable[..., Any], wrt: None = None, backend: str = "auto", *, threads: int | None = None
) -> CompiledFunction: ...


def compile(outputs: Any, wrt: Any = None, backend: str = "auto", *, threads: int | None = None) -> Any:  # noqa: A001
    """A step that computes the cost and its gradients, as a program written for the shapes that it is fed.

    ``cost, gradients = step(feed)``, the gradients in a dict by node. ``wrt`` says with respect to which nodes, all
    parameters of the graph if it is not given; with ``wrt=[]`` the step gives the value alone. Of several outputs the
    first is the cost, and the step gives the list of their values in its place. Parameters are read at every call.

    ``backend`` is ``numpy``, which is always there; ``numba`` (extra ``fast``), which fuses loops and keeps what it has
    compiled on disk; ``jax`` or ``torch`` (extras of these names), which hand the same rules to these libraries and to
    the hardware they find; one that an installed package offers; or ``auto``, which is numba where it is installed,
    and else numpy. ``threads`` limits the threads of matrix products; without it they are as many as BLAS has.

    Of a plain function it makes one that is traced once for every form of its arguments; what is traced may hold `grad`
    and all its friends, as in ``gc.compile(gc.value_and_grad(f))``, see `CompiledFunction`.

    What is computed is what `backprop` computes, to rounding, NaN and infinities included; results smaller than the
    smallest normal number may be 0. Raises `CostError` for a cost that is not one number, `UnknownNameError` for an
    unknown backend, `MissingExtraError` for one whose package is missing.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> step = gc.compile(ops.square(w * x, name="C"), backend="numpy")
    >>> step({x: 3.0})
    (np.float64(36.0), {<w (parameter): float64 ()>: np.float64(36.0)})
    """
    if callable(outputs) and not isinstance(outputs, Node):
        if wrt is not None:
            raise GraphError("a function has no nodes to differentiate by: compile gc.value_and_grad of it")
        return CompiledFunction(outputs, get_backend(backend), check_threads(threads))
    nodes = [outputs] if isinstance(outputs, Node) else list(outputs)
    if not nodes:
        raise GraphError("there is nothing to compile: give a node, or a list of nodes")
    targets = _resolve_wrt(nodes, wrt)
    if targets or wrt is None:
        check_cost(nodes[0])
    form = ("value" if isinstance(outputs, Node) else "list") + (" and gradients" if targets or wrt is None else "")
    return Step(nodes, targets, get_backend(backend), form=form, threads=threads)


def _resolve_wrt(nodes: Sequence[Node], wrt: Any) -> list[Node]:
    graph = nodes[0].graph
    if wrt is None:
        targets = list(graph.parameters.values())
    else:
        given = [wrt] if isinstance(wrt, (Node, str)) else list(wrt)
        targets = [graph[node] if isinstance(node, str) else node for node in given]
    for node in (*nodes, *targets):
        if not isinstance(node, Node):
            raise GraphError(f"expected nodes of a graph, and got {type(node).__name__}")
        if node.graph is not graph:
            raise GraphError(f"nodes of different graphs: {nodes[0].describe()}, and {node.describe()}")
    for node in targets:
        if not node.type.is_float:
            raise DtypeError(f"{node.describe()}, is not a float, and only floats have a derivative")
    return list(dict.fromkeys(targets))
