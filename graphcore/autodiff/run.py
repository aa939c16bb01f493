"""The record of one backprop: value and gradient of every node, and the contribution of every edge."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, NoReturn

import numpy as np

from ..arrays.incoming import real_array
from ..arrays.namespace import Array, Namespace, asarray, namespace_of, read_only_view, zeros
from ..errors import DtypeError, GraphError, MissingRuleError, NoValueError, UnknownNameError, shorten
from ..graph.node import GraphOfNodes, Node, unknown_name_error
from ..support.bounded_cache import BoundedCache, bounded_cache
from .dependence import Dependence
from .executor import edge_vjp, forward, gradient_of
from .interpreters import Depends, PlanEdge, interpreter_for
from .plan import Plan
from .report import table
from .run_habits import missing_attribute_error

#: contributions of up to this many numbers are cached, and so many of them
_SMALL, _KEPT = 1024, 16384


class Edge(NamedTuple):
    """One use of a node by another, and its contribution to the gradient.

    ``contribution`` has the shape of the source, and the contributions of all its edges sum to its gradient; ``None``
    if the source is not a float and so has no gradient, or if the operation has no rule for it. ``local`` is
    ∂target/∂source for elementwise rules, else ``None``.
    """

    source: Node
    target: Node
    argument: str
    contribution: Array
    local: Array | None


class NodeMapping(Mapping[Node, Any]):
    """A mapping by node that takes names too. Arrays come out read-only: a run is a record.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
    >>> run.value["C"], run.value[x], len(run.value)
    (np.float64(9.0), np.float64(3.0), 2)
    """

    def __init__(self, what: str, graph: GraphOfNodes, nodes: list[Node], find: Callable[[Node], Any]) -> None:
        self._what, self._graph, self._nodes, self._find = what, graph, nodes, find

    def __getitem__(self, key: Node | str) -> Any:
        return read_only_view(self._find(self.node(key)))

    def node(self, key: Node | str) -> Node:
        """Return the node of a name or node, checked to be of this graph."""
        if isinstance(key, Node):
            if key.graph is not self._graph:
                raise GraphError(f"{key.describe()}, belongs to another graph than this run: {key.graph!r}")
            return key
        if isinstance(key, str) and key in self._graph:
            return self._graph[key]
        raise unknown_name_error(key, [n.name for n in self._nodes if n.name], f"{self._what}s of {self._graph!r}")

    def __call__(self, key: Any = None) -> NoReturn:
        """Raise `NoValueError`: a mapping is read, not called."""
        shown = "w" if key is None else repr(key) if isinstance(key, str) else getattr(key, "label", "w")
        raise NoValueError(f"{self._what}s are read by node or name, not called; write [{shorten(shown)}] behind it")

    def __contains__(self, key: object) -> bool:
        try:
            self[key]  # type: ignore[index]
        except (UnknownNameError, GraphError, DtypeError, MissingRuleError):
            return False
        return True

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        some = ", ".join(shorten(node.label) for node in self._nodes[:8])
        return f"<{self._what}s of {len(self)} nodes: {some}{', ...' if len(self) > 8 else ''}>"


class Run:
    """One forward and reverse: ``run.cost``, ``run.value[node]``, ``run.grad[node]``, ``run.edges``.

    A run is a record. Nothing that happens later, another run, a changed parameter, a buffer that is fed again, changes
    it. Nodes may be given by name.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.square(w * x, name="C"), {x: 3.0})
    >>> print(run)
    C = 36 in graph 'graph'
             value  gradient
    x            3        24
    w            2        36
    multiply#2   6        12
    C           36         1
    """

    def __init__(
        self,
        plan: Plan,
        values: dict[Node, Array],
        gradients: dict[Node, Array],
        xp: Namespace,
        *,
        is_partial: bool = False,
    ) -> None:
        self.graph = plan.graph
        #: the node that was differentiated
        self.output = plan.outputs[0]
        #: everything it depends on, arguments before results
        self.order = plan
        #: the array library that computed
        self.xp = xp
        self._values, self._gradients = values, gradients
        #: whether values and gradients that were not to be kept are dropped
        self.is_partial = is_partial
        #: results about the run that are computed once, for everything that reads a run
        self.cache: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):
            return object.__getattribute__(self, name)  # raises the error of the property
        if name.startswith("_") or name in ("xp", "cache", "graph", "output", "order", "is_partial"):
            raise AttributeError(name)
        raise missing_attribute_error(name, [one for one in dir(self) if one[0] != "_"])

    def __getitem__(self, key: Any) -> NoReturn:
        shown = repr(key) if isinstance(key, str) else key.label if isinstance(key, Node) else "w"
        raise NoValueError(
            f"`run[{shorten(shown)}]`: a run has values and gradients; write run.value[{shorten(shown)}] or "
            f"run.grad[{shorten(shown)}]"
        )

    __iter__ = None

    # These refer to the run. If it referred to them as well, its arrays would live until the next garbage collection.

    @property
    def value(self) -> NodeMapping:
        """The value of every node, by node or name."""
        return NodeMapping("value", self.graph, self._with_value, self._value_of)

    @property
    def grad(self) -> NodeMapping:
        """The gradient of the cost with respect to every node that is a float, by node or name."""
        return NodeMapping("gradient", self.graph, self._with_gradient, self._gradient_of)

    @cached_property
    def _with_value(self) -> list[Node]:
        return [node for node in self.order if node in self._values] if self.is_partial else self.order.nodes

    @cached_property
    def _with_gradient(self) -> list[Node]:
        """The nodes with a gradient; that of a constant is computed when it is read, which a partial run cannot do."""
        return [n for n in self._with_value if n.type.is_float and (n.kind != "constant" or not self.is_partial)]

    @cached_property
    def _within(self) -> dict[Node, None]:
        return dict.fromkeys(self.order)

    @property
    def cost(self) -> Array:
        """The value of the cost."""
        return self.value[self.output]

    @cached_property
    def edges(self) -> list[Edge]:
        """Every edge that leads to the cost, in order of its source: its contribution and its local derivative."""
        return [self.edge(*edge) for node in self.order for edge in self.order.edges_from(node)]

    def _value_of(self, node: Node) -> Array:
        try:
            return self._values[node]
        except KeyError:
            if self.is_partial and node in self._within:
                raise self._forgotten(node) from None
            raise UnknownNameError(
                f"{node.describe()}, was not computed by this run: {self.output.label!r} does not depend on it"
            ) from None

    def _forgotten(self, node: Node) -> UnknownNameError:
        return UnknownNameError(
            f"{node.describe()}, was not kept by this run: name it, as in "
            f"backprop({shorten(self.output.label)}, feed, keep=[{shorten(node.label)!r}]), or leave keep out"
        )

    def _gradient_of(self, node: Node) -> Array:
        if node in self._gradients:
            return self._gradients[node]
        value = self._value_of(node)
        if not node.type.is_float:
            raise DtypeError(f"{node.describe()}, is not a float, and only floats have a gradient")
        total = None
        if not self.is_partial:  # what such a run keeps, and has no gradient, does not reach the cost
            with np.errstate(all="ignore"):  # infinities and NaN are results, and run.grad shows them
                total = gradient_of(node, self.order, self._values, self._gradients, self.xp, self._dependence.of)
        self._gradients[node] = zeros(tuple(value.shape), node.dtype, self.xp) if total is None else total
        return self._gradients[node]

    @np.errstate(all="ignore")
    def edge(self, source: Node, target: Node, argument: str) -> Edge:
        """One edge alone, for those who need only a few of a large graph.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> run = gc.backprop((x * x).named("C"), {x: 3.0})
        >>> run.edge(x, g["C"], "x2").contribution
        np.float64(3.0)
        """
        known: BoundedCache[Any, Edge] = bounded_cache(self.cache, "edges", _KEPT)
        key = source, target, argument
        edge = known.get(key)
        if edge is None:
            edge = self._edge(*key)
            if edge.contribution is None or math.prod(edge.contribution.shape) <= _SMALL:
                known[key] = edge
        return edge

    def _edge(self, source: Node, target: Node, argument: str) -> Edge:
        if self.is_partial:
            raise self._forgotten(source if source not in self._values else target)
        if not source.type.is_float:
            return Edge(source, target, argument, None, None)
        dout = self._gradients.get(target)  # absent where nothing of the target reaches the cost
        try:
            share = None if dout is None else self._edge_vjp(source, target, argument, dout, self._dependence.of)
        except MissingRuleError:
            return Edge(source, target, argument, None, None)
        if share is None:
            share = zeros(tuple(self._values[source].shape), source.dtype, self.xp)
        return Edge(source, target, argument, read_only_view(share), self._local(target, argument, share))

    @np.errstate(all="ignore")
    def edge_vjp(self, source: Node, target: Node, argument: str, dout: Array) -> Array:
        """Return the contribution of an edge for a sensitivity ``dout`` at its target, at the values of this run.

        An entry of ``dout`` that is 0 contributes 0, whatever the derivative is.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
        >>> run.edge_vjp(x, g["C"], "x", 1.0), run.edge_vjp(x, g["C"], "x", 0.5)
        (np.float64(6.0), np.float64(3.0))
        """
        dout = real_array(dout, self.xp, target.dtype, "`dout`")
        where = interpreter_for(self.xp).nonzero(dout)
        share = self._edge_vjp(source, target, argument, dout, lambda _: where)
        return zeros(tuple(self._values[source].shape), source.dtype, self.xp) if share is None else share

    def _edge_vjp(self, source: Node, target: Node, argument: str, dout: Array, depends: Depends) -> Array | None:
        return edge_vjp(PlanEdge(source, target, argument), self._values, dout, interpreter_for(self.xp), depends)

    def product(self, dout: Array, local: Array, target: Node) -> Array:
        """Return dout × a local derivative of a node, 0 where the cost does not depend on an entry of the node.

        >>> import numpy as np, graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
        >>> run.product(np.float64(2.0), np.float64(6.0), run.output)
        np.float64(12.0)
        """
        return interpreter_for(self.xp).product(dout, local, target, self._dependence.of)

    @cached_property
    def _dependence(self) -> Dependence:
        return Dependence(self.order, self._values, interpreter_for(self.xp), lambda: None)

    def rerun(self, changed: Mapping[Node, Array]) -> dict[Node, Array]:
        """Return every value if some nodes had other ones: all that depends on them is recomputed.

        The run, and what the parameters hold, stays as it is.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> w = g.parameter("w", 3.0)
        >>> run = gc.backprop(ops.square(w, name="C"))
        >>> float(run.rerun({w: np.float64(4.0)})[g["C"]]), float(run.cost)
        (16.0, 9.0)
        """
        after = self.order.descendants(changed)
        values = {node: self._values[node] for node in self.order if node not in after} | dict(changed)
        forward(self.order, values, self.xp)
        return values

    def _local(self, target: Node, argument: str, share: Array) -> Array | None:
        op = target.op
        rule = op.rule_for(argument) if op is not None else None
        if rule is None or rule.kind not in ("local", "flat") or not target.op.is_elementwise:  # type: ignore[union-attr]
            return None
        out = self._values[target]
        if rule.kind == "flat":
            return zeros(tuple(out.shape), share.dtype, self.xp) if target.type.is_float else None
        local = rule.evaluate(target, argument, self._values, None, self.xp)
        if not hasattr(local, "dtype"):
            local = asarray(local, self.xp, target.dtype)
        return read_only_view(local if local.shape == out.shape else self.xp.broadcast_to(local, out.shape))

    #: how a notebook shows a run: set by those who can draw (``import viz``), since nothing here can
    html_renderer: ClassVar[Callable[[Run], str] | None] = None

    def _repr_html_(self) -> str:
        """Return the diagram for notebooks if ``viz`` is imported, else the table.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> before, Run.html_renderer = Run.html_renderer, None
        >>> gc.backprop(ops.square(x, name="<C>"), {x: 3.0})._repr_html_()[:11]
        '<pre>&lt;C&'
        >>> Run.html_renderer = before
        """
        return f"<pre>{html.escape(str(self))}</pre>" if Run.html_renderer is None else Run.html_renderer(self)

    def __getstate__(self) -> dict[str, Any]:
        return {
            key: value for key, value in self.__dict__.items() if key not in ("xp", "edges", "cache", "_dependence")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.xp, self.cache = namespace_of(self._values[self.output]), {}

    def __repr__(self) -> str:
        return f"<Run of {shorten(self.output.label)!r}: cost {self.cost}, {len(self.order)} nodes>"

    def __str__(self) -> str:
        return table(self.output, self.value, self.grad)
