"""The graph: all nodes of a network as one `networkx.MultiDiGraph`, with their names and scopes."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..arrays.namespace import Array, is_array, make_read_only, read_only_view, type_of
from ..arrays.protocols import Operation
from ..arrays.registry import registry
from ..arrays.shaped_array import ShapedArray, as_dtype, as_shape, is_compatible, show_shape
from ..errors import DtypeError, NameTakenError, ShapeError, shorten
from ..support.source_location import caller_location
from .constants import as_float_advice, copy_array, to_constant, to_parameter
from .contexts import Contexts, Metadata
from .networkx_view import add_node, make_structure, rename_node, replace_views
from .node import Kind, Node, unknown_name_error

if TYPE_CHECKING:
    import networkx as nx

_NO_SETTINGS: dict[str, Any] = {}
_LONGEST_NAME = 10_000
#: labels of nodes without a name, such as multiply#3
_AUTOMATIC = re.compile(r"\w+#\d+")


class Graph:
    """A network: nodes are values, and an edge leads from each argument of an operation to its result.

    The edge's key is the name of the argument, so ``x * x`` is two edges. A graph only grows, and an operation can
    only use nodes that exist, so there is never a cycle. Nodes record what they use and what uses them, and as a
    `networkx.MultiDiGraph` they are read in `nx`. Several threads may add to one graph; a scope is that of its thread.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("square")
    >>> x = g.input("x")
    >>> C = (x * x).named("C")
    >>> g
    <Graph 'square': 2 nodes, 2 edges>
    >>> [key for _, _, key in g.nx.edges(keys=True)]
    ['x1', 'x2']
    >>> g["C"] is C
    True
    """

    def __init__(self, name: str = "graph") -> None:
        self.name = name
        self._nodes: list[Node] = []
        self._names: dict[str, Node] = {}
        self._leaves: dict[Kind, dict[str, Node]] = {"input": {}, "parameter": {}}
        self._contexts = Contexts()
        self._lock = threading.Lock()
        #: the class of the nodes that are made
        self.node_type: type[Node] = Node
        #: whether a plain function is being called with nodes in place of arrays, where a copy is the node itself
        self.is_traced = False
        self._regions = 0
        self._structure: nx.MultiDiGraph | None = None
        #: how many nodes `nx` has, once it is used
        self._filled: int | None = None
        #: derivatives that were written as nodes, by cost and the node they are taken with respect to
        self.derivatives: dict[tuple[Node, Node], Node] = {}
        #: how often a node got a name after it was made, which changes formulas that it stands in
        self.renamings = 0
        #: what can be found again, kept between runs: plans, formulas
        self.cache: dict[Any, Any] = {}

    # -- making nodes

    def input(self, name: str, shape: Any = (), dtype: Any = "float64") -> Node:
        """Add a value that is fed at every run.

        ``shape`` may hold ``None`` for a length that is known only then; ``()`` is a single number.

        >>> import graphcore as gc
        >>> gc.Graph().input("x", shape=(None, 784), dtype="float32")
        <x (input): float32 (any, 784)>
        """
        name = self.check_name(name)
        return self._leaf("input", name, ShapedArray(as_shape(shape), as_dtype(dtype)), None)

    def parameter(self, name: str, value: Any, dtype: Any = None) -> Node:
        """Add a value that learning changes: ``w.value`` is its array, ``w.value = ...`` sets another.

        ``value`` is a float or an array or nested list of floats, of any array library; it is copied. Raises
        `DtypeError` for integers, which have no gradient: write ``3.0``, or say ``dtype="float64"``.

        >>> import graphcore as gc
        >>> w = gc.Graph().parameter("w", [[1.0, 2.0]])
        >>> w.shape, w.value
        ((1, 2), array([[1., 2.]]))
        """
        name = self.check_name(name)
        array = to_parameter(value, None if dtype is None else as_dtype(dtype), f"parameter {shorten(name)!r}")
        type_ = type_of(array)
        if not type_.is_float:
            raise DtypeError(
                f"parameter {shorten(name)!r} is {type_}, and only floats have a gradient: "
                f"{as_float_advice(value)}, or say dtype='float64'"
            )
        return self._leaf("parameter", name, type_, array)

    def constant(self, value: Any, name: str | None = None, dtype: Any = None) -> Node:
        """Add a value that never changes. Python numbers and arrays in an operation become constants by themselves.

        >>> import graphcore as gc
        >>> gc.Graph().constant(2.0)
        <constant#0 (constant): float64 ()>
        """
        if name is not None:
            name = self.check_name(name)
        return self.add_constant(to_constant(value, None if dtype is None else as_dtype(dtype)), name)

    def add_constant(self, array: Array, name: str | None = None) -> Node:
        """Add a constant that holds an array which is the graph's own already."""
        return self._leaf("constant", name, type_of(array), array)

    @contextlib.contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Nodes made inside belong together: a layer. A cluster in the picture, a prefix nowhere. Scopes nest.

        >>> import graphcore as gc
        >>> g = gc.Graph()
        >>> with g.scope("layer 1"):
        ...     x = g.input("x")
        >>> x.scope
        ('layer 1',)
        """
        _check_text(name, "a scope's name")
        current = self._contexts.current
        with self._contexts.enter(current._replace(scope=(*current.scope, name))):
            yield

    @contextlib.contextmanager
    def checkpoint_region(self) -> Iterator[None]:
        """Nodes made inside are recomputed in the backward pass, see `checkpoint`. Regions within regions are one."""
        current = self._contexts.current
        if current.region is None:
            with self._lock:
                current, self._regions = current._replace(region=self._regions), self._regions + 1
        with self._contexts.enter(current):
            yield

    @contextlib.contextmanager
    def inherit_metadata(self, node: Node) -> Iterator[None]:
        """Let nodes that are made inside have the scope and the origin of the node they are made for."""
        with self._contexts.enter(Metadata(node.scope, node.origin)):
            yield

    def take_metadata_of(self, node: Node) -> None:
        """Let nodes have the scope and the origin of a node, until the context around this ends."""
        self._contexts.replace(Metadata(node.scope, node.origin))

    def apply(
        self,
        op: Operation,
        inputs: tuple[Node, ...],
        arguments: tuple[str, ...],
        settings: dict[str, Any],
        type_: ShapedArray,
        name: str | None,
    ) -> Node:
        """Add the result of an operation. Called by `Op`; a program calls the operation itself."""
        return self._add("op", name, type_, op, inputs, arguments, settings or _NO_SETTINGS)

    def _leaf(self, kind: Kind, name: str | None, type_: ShapedArray, value: Array) -> Node:
        node = self._add(kind, name, type_, None, (), (), _NO_SETTINGS)
        node.data = make_read_only(value) if kind == "constant" else value
        if name is not None and kind in self._leaves:
            self._leaves[kind][name] = node
        return node

    def _add(
        self,
        kind: Kind,
        name: str | None,
        type_: ShapedArray,
        op: Operation | None,
        inputs: tuple[Node, ...],
        arguments: tuple[str, ...],
        settings: dict[str, Any],
    ) -> Node:
        node = self.node_type()
        node.graph = self
        node.scope, origin, node.region = self._contexts.current
        node.origin = origin or caller_location()
        node.kind, node.name, node.type = kind, name, type_
        node.op, node.inputs, node.arguments, node.settings = op, inputs, arguments, settings
        node.users = []
        if name is not None and self._names.setdefault(name, node) is not node:
            raise self._taken(name)  # by another thread, since it was checked
        # single operations on lists and dicts, which threads cannot interrupt: a lock would cost a twentieth of a node
        nodes = self._nodes
        node.index = len(nodes)
        nodes.append(node)
        if nodes[node.index] is not node:  # another thread has appended between the two lines
            node.index = nodes.index(node, node.index)
        for source, argument in zip(inputs, arguments, strict=True):
            source.users += node, argument
        if self._filled is not None:
            self._fill()
        return node

    def _fill(self) -> None:
        """Add the nodes to `nx` that it does not have yet."""
        with self._lock:
            for node in self._nodes[self._filled :]:
                add_node(self.structure, node)
                self._filled = node.index + 1

    # -- names

    def set_name(self, node: Node, name: str) -> None:
        """Name a node that has no name yet; programs say ``node.named(name)``."""
        if node.name is not None:
            raise NameTakenError(f"{node.describe()}, has a name already; a node has one name")
        self.check_name(name)
        with self._lock:
            if self._names.setdefault(name, node) is not node:
                raise self._taken(name)
            node.name = name
            self.renamings += 1
            if self._filled is not None:
                rename_node(self.structure, node)

    def check_name(self, name: str) -> str:
        """Return a name that a node can have and that is not taken. Raises `NameTakenError`."""
        _check_text(name, "a node's name")
        if _AUTOMATIC.fullmatch(name):
            raise NameTakenError(
                f"a node's name cannot be {shorten(name)!r}, the label of a node without a name; leave out the '#'"
            )
        if name in self._names:
            raise self._taken(name)
        return name

    def _taken(self, name: str) -> NameTakenError:
        return NameTakenError(f"the name {shorten(name)!r} is taken in {self!r}: {self._names[name].describe()}")

    def __getitem__(self, name: str) -> Node:
        node = self._names.get(name) if isinstance(name, str) else None
        if node is None:
            raise unknown_name_error(name, self._names, repr(self))
        return node

    def __contains__(self, item: object) -> bool:
        return item in self._names if isinstance(item, str) else isinstance(item, Node) and item.graph is self

    # -- what there is

    @property
    def nx(self) -> nx.MultiDiGraph:
        """The graph as one frozen `networkx.MultiDiGraph`, always the same object, which grows with this graph.

        The key of an edge is the name of the argument, also its attribute ``argument``. Nodes carry ``name``, ``op``,
        ``kind``, ``shape``, ``dtype``, ``scope`` and ``origin`` as strings, empty where absent.

        >>> import graphcore as gc, networkx as nx, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> y = ops.exp(x * 2.0, name="y")
        >>> nx.has_path(g.nx, x, y), nx.is_directed_acyclic_graph(g.nx)
        (True, True)
        """
        structure = self.structure
        if self._filled is None:
            with self._lock:
                if self._filled is None:
                    replace_views(structure)
                    self._filled = 0
            self._fill()
        return structure

    @property
    def structure(self) -> Any:
        """The same object as `nx`, which reads the nodes and has no attributes until a program uses ``nx``."""
        if self._structure is None:
            self._structure = make_structure(self)
        return self._structure

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in order of making, in which arguments come before results."""
        return tuple(self._nodes)

    @property
    def inputs(self) -> MappingProxyType[str, Node]:
        """The inputs by name."""
        return MappingProxyType(self._leaves["input"])

    @property
    def parameters(self) -> MappingProxyType[str, Node]:
        """The parameters by name."""
        return MappingProxyType(self._leaves["parameter"])

    def at(self, index: int) -> Node:
        """Return the node of an index."""
        return self._nodes[index]

    def ancestors(self, nodes: Iterable[Node]) -> set[Node]:
        """All nodes that some nodes depend on, and these themselves.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x, y = g.input("x"), g.input("y")
        >>> g.ancestors([x * x]) == {x, g.nodes[-1]}
        True
        """
        seen = set(nodes)
        waiting = list(seen)
        while waiting:
            for source in waiting.pop().inputs:
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return seen

    def successors(self, node: Node) -> dict[Node, list[str]]:
        """Return the nodes that use a node, in order of making, and as which arguments.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> y = (x * x).named("y")
        >>> g.successors(x)
        {<y = multiply: float64 ()>: ['x1', 'x2']}
        """
        found: dict[Node, list[str]] = {}
        for target, argument in self.out_edges(node):
            found.setdefault(target, []).append(argument)
        return found

    @staticmethod
    def out_edges(node: Node) -> Iterable[tuple[Node, str]]:
        """Yield the edges that leave a node, in order of making: its users, and as which argument. New ones may be made
        meanwhile.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x = g.input("x")
        >>> y = (x * x).named("y")
        >>> list(g.out_edges(x))
        [(<y = multiply: float64 ()>, 'x1'), (<y = multiply: float64 ()>, 'x2')]
        """
        users = node.users.copy()  # other threads may add to it
        return zip(users[::2], users[1::2], strict=True)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Graph {shorten(self.name)!r}: {len(self)} nodes, {sum(len(n.inputs) for n in self._nodes)} edges>"

    # -- the values that parameters and constants hold

    def value_of(self, node: Node) -> Array:
        """Return the array of a parameter itself; that of a constant is read-only."""
        return node.data if node.kind == "parameter" else read_only_view(node.data)

    def set_value(self, node: Node, value: Any) -> None:
        """Set a parameter; programs say ``w.value = value``. Shape and dtype stay what they are."""
        if value is node.data:  # from an operator in place, which has changed it already
            return
        array = to_parameter(value, None if is_array(value) else node.dtype, f"parameter {shorten(node.label)!r}")
        type_ = type_of(array)
        if not is_compatible(type_.shape, node.shape):
            raise ShapeError(
                f"parameter {shorten(node.label)!r} has the shape {show_shape(node.shape)} and cannot take a value of "
                f"shape {show_shape(type_.shape)} (made at {node.origin})"
            )
        if type_.dtype != node.dtype:
            raise DtypeError(
                f"parameter {shorten(node.label)!r} is {node.dtype} and cannot take a value of {type_.dtype}: "
                f"convert it with .astype('{node.dtype}') (made at {node.origin})"
            )
        node.data = array

    # -- copying and saving, as flat lists: nothing here recurses, however deep the network

    def __getstate__(self) -> dict[str, Any]:
        rows = [
            (n.kind, n.name, n.scope, n.type, n.origin, n.op, [s.index for s in n.inputs], n.arguments,
             n.settings, None if n.op else n.data, n.region)
            for n in self._nodes
        ]  # fmt: skip
        derivatives = [(cost.index, wrt.index, node.index) for (cost, wrt), node in self.derivatives.items()]
        return {"name": self.name, "rows": rows, "derivatives": derivatives}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["name"])  # type: ignore[misc]
        nodes: list[Node] = []
        for kind, name, scope, type_, origin, op, inputs, arguments, settings, value, region in state["rows"]:
            with self._contexts.enter(Metadata(scope, origin, region)):
                if op is None:
                    node = self._leaf(kind, name, type_, value)
                else:
                    known = registry[op] if isinstance(op, str) else op  # a name in graphs of the first version
                    node = self.apply(known, tuple(nodes[i] for i in inputs), arguments, settings, type_, name)
            nodes.append(node)
            self._regions = max(self._regions, -1 if region is None else region + 1)
        for cost, wrt, node in state["derivatives"]:
            self.derivatives[nodes[cost], nodes[wrt]] = nodes[node]

    def __deepcopy__(self, memo: dict[int, Any]) -> Graph:
        state = self.__getstate__()
        state["rows"] = [
            (*row, None if data is None else copy_array(data), region) for *row, data, region in state["rows"]
        ]
        twin = Graph.__new__(Graph)
        twin.__setstate__(state)
        memo[id(self)] = twin
        return twin


def _check_text(name: object, what: str) -> None:
    if not isinstance(name, str):
        raise NameTakenError(f"{what} is a string, not {type(name).__name__}")
    if not name.strip():
        raise NameTakenError(f"{what} cannot be empty or blank: it could not be found in a picture")
    if len(name) > _LONGEST_NAME:
        raise NameTakenError(f"{what} has at most {_LONGEST_NAME} characters; this one has {len(name)}")
