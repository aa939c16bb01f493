"""Compilation of a graph and its gradient to one flat program, which agrees with the executor to rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from ..autodiff.gradient import check_cost
from ..errors import DtypeError, GraphError
from ..graph.node import Node
from .backends.backend import get_backend
from .backends.threads import check_threads
from .compiled_function import CompiledFunction
from .step import ResultForm, Step

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
    """Return a step that computes the cost and its gradients, compiled for the shapes of each feed.

    ``cost, gradients = step(feed)``, with the gradients in a dict by node. ``wrt`` are the nodes to differentiate with
    respect to, by default all parameters of the graph; with ``wrt=[]`` the step returns the value alone. Of several
    outputs the first is the cost, and the step returns the list of their values in its place. Parameters are read at
    every call.

    ``backend`` is ``numpy``, which is always available; ``numba`` (extra ``fast``), which fuses loops and caches
    compiled code on disk; ``jax`` or ``torch`` (extras of these names), which run the same rules in these libraries and
    on their devices; one that an installed package provides; or ``auto``: numba where it is installed, else numpy.
    ``threads`` is the number of threads of matrix products. By default small products are computed by one thread, which
    is as fast as several where other programs keep cores busy, and those of more than 2³⁰ multiplications by all.

    The programs of the 64 shapes used last are kept, and between calls the memory of the 4 used last. With numba, a
    shape that is not the first is computed by numpy in its first 100 calls and compiled after them.

    A plain function is traced for each structure and type of its arguments; it may contain `grad` and the other
    transforms, as in ``gc.compile(gc.value_and_grad(f))``, see `CompiledFunction`. Raises `GraphError` for a function
    that draws random numbers or depends on something else that changes: pass that as an argument, or draw in an
    operation made by ``gc.op(pure=False)``, which is called at every run.

    The results equal those of `backprop` to rounding, NaN and infinities included; results smaller than the smallest
    normal number may be 0. Raises `CostError` for a cost that is not one number, `UnknownNameError` for an unknown
    backend, `MissingExtraError` for one whose package is missing.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> step = gc.compile(ops.square(w * x, name="C"), backend="numpy")
    >>> step({x: 3.0})
    (np.float64(36.0), {<w (parameter): float64 ()>: np.float64(36.0)})
    """
    if callable(outputs) and not isinstance(outputs, Node):
        if wrt is not None:
            raise GraphError("`wrt`: a function has no nodes to differentiate by; compile gc.value_and_grad of it")
        return CompiledFunction(outputs, get_backend(backend), check_threads(threads))
    nodes = [outputs] if isinstance(outputs, Node) else list(outputs)
    if not nodes:
        raise GraphError("`outputs`: expected a node or a list of nodes, got an empty list")
    targets = _resolve_wrt(nodes, wrt)
    if targets or wrt is None:
        check_cost(nodes[0])
    form = ResultForm.VALUE if isinstance(outputs, Node) else ResultForm.LIST
    form |= ResultForm.GRADIENTS if targets or wrt is None else ResultForm.VALUE
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
            raise GraphError(f"expected nodes of a graph, got {type(node).__name__}")
        if node.graph is not graph:
            raise GraphError(f"expected nodes of one graph, got {nodes[0].describe()}, and {node.describe()}")
    for node in targets:
        if not node.type.is_float:
            raise DtypeError(f"`wrt`: expected nodes of a float dtype, got {node.describe()}")
    return list(dict.fromkeys(targets))
