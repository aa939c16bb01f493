"""The graph as networkx has it: one `networkx.MultiDiGraph`, the same object for as long as the graph lives.

Who uses whom is stored at the nodes. networkx finds everything in three mappings, the nodes, the successors and the
predecessors of each. Until a program uses ``g.nx`` these are views that read the nodes, which is what the
executor's plan needs, at no cost in memory; from then on they are networkx's own dictionaries, filled once and kept up
to date, so that every query is as fast as on any other graph. Programs cannot change it: it is frozen.

>>> import graphcore as gc
>>> g = gc.Graph()
>>> w = g.parameter("w", 2.0)
>>> C = (w * w + w).named("C")
>>> {node.label: list(keys) for node, keys in g.nx.succ[w].items()}
{'multiply#1': ['x1', 'x2'], 'C': ['x2']}
>>> g.nx.nodes[C]["op"], g.nx.edges[w, C, "x2"]["argument"], g.nx is g.nx
('add', 'x2', True)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..arrays.shaped_array import show_shape
from .node import GraphOfNodes, Node

if TYPE_CHECKING:
    import networkx as nx

#: what networkx derives from the three mappings and keeps
_DERIVED = ("adj", "succ", "pred", "nodes", "edges", "out_edges", "in_edges", "degree", "in_degree", "out_degree")


def make_structure(graph: GraphOfNodes) -> nx.MultiDiGraph:
    """Return a frozen `networkx.MultiDiGraph` that reads the nodes of a graph, without attributes.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> structure = make_structure(g)
    >>> y = x * x
    >>> [key for _, _, key in structure.edges(keys=True)], structure.in_degree(y)
    (['x1', 'x2'], 2)
    """
    import networkx as nx  # noqa: PLC0415  importing graphcore need not wait for it

    structure = nx.freeze(nx.MultiDiGraph())
    structure.graph = ReadOnlyDict(name=graph.name)
    _set_mappings(structure, _Nodes(graph), _Successors(graph), _Predecessors(graph))
    return structure


def ancestors_with_edges(structure: nx.MultiDiGraph, nodes: Iterable[Node]) -> dict[Node, Mapping[Node, Iterable[str]]]:
    """Return some nodes and all their ancestors, each with its sources and the keys of the edges from them.

    The nodes are those of ``nx.ancestors``, the edges those of ``structure.in_edges``, found in one pass, without the
    objects that networkx makes for each node.

    >>> import graphcore as gc
    >>> x = gc.Graph().input("x")
    >>> C = (x + 1.0) * x
    >>> found = ancestors_with_edges(x.graph.structure, [C])
    >>> import networkx as nx
    >>> set(found) == nx.ancestors(x.graph.nx, C) | {C}, [list(keys) for keys in found[C].values()]
    (True, [['x1'], ['x2']])
    """
    predecessors = structure._pred  # noqa: SLF001
    found: dict[Node, Mapping[Node, Iterable[str]]] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found:
            sources = found[node] = predecessors[node]
            waiting.extend(sources)
    return found


def replace_views(structure: nx.MultiDiGraph) -> None:
    """Replace the views by empty dictionaries, to be filled by `add_node`."""
    _set_mappings(structure, {}, {}, {})


def add_node(structure: nx.MultiDiGraph, node: Node) -> None:
    """Add a node, with its attributes and the edges into it, to a graph whose views were replaced."""
    structure._node[node] = ReadOnlyDict(attributes_of(node))  # noqa: SLF001  frozen against programs, not against us
    successors, predecessors = structure._succ, structure._pred  # noqa: SLF001
    successors[node], predecessors[node] = {}, _edges_into(node)
    for source, keys in predecessors[node].items():
        successors[source][node] = keys


def rename_node(structure: nx.MultiDiGraph, node: Node) -> None:
    """Write the attributes of a node anew, after it got a name."""
    structure._node[node] = ReadOnlyDict(attributes_of(node))  # noqa: SLF001


def attributes_of(node: Node) -> dict[str, str]:
    """Return the attributes of a node as plain strings: what is absent is an empty string.

    >>> import graphcore as gc
    >>> x = gc.Graph().input("x", (None, 4))
    >>> {key: text for key, text in attributes_of(x).items() if key != "origin"}
    {'name': 'x', 'op': '', 'kind': 'input', 'shape': '(any, 4)', 'dtype': 'float64', 'scope': ''}
    """
    return {
        "name": node.name or "",
        "op": "" if node.op is None else node.op.name,
        "kind": node.kind,
        "shape": show_shape(node.shape),
        "dtype": node.dtype.name,
        "scope": "/".join(node.scope),
        "origin": str(node.origin),
    }


class ReadOnlyDict(dict[str, Any]):
    """A dictionary that cannot be changed. A copy of it can."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("g.nx is read-only and keeps no attributes besides its own; g.nx.copy() takes them")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse

    def copy(self) -> dict[str, Any]:
        """Return a dictionary that can be changed."""
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return dict(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


_NO_ATTRIBUTES = ReadOnlyDict()
#: the attributes of edges: one dictionary per argument name, shared, since none can be changed
_edge_attributes: dict[str, ReadOnlyDict] = {}


def _edges_into(node: Node) -> dict[Node, dict[str, ReadOnlyDict]]:
    """Return the sources of a node, and for each the keys of its edges with their attributes."""
    found: dict[Node, dict[str, ReadOnlyDict]] = {}
    for source, argument in zip(node.inputs, node.arguments, strict=True):
        attributes = _edge_attributes.get(argument)
        if attributes is None:
            attributes = _edge_attributes[argument] = ReadOnlyDict(argument=argument)
        keys = found.get(source)
        if keys is None:
            found[source] = {argument: attributes}
        else:
            keys[argument] = attributes
    return found


def _set_mappings(structure: nx.MultiDiGraph, node: Any, successors: Any, predecessors: Any) -> None:
    structure._node, structure._succ, structure._pred = node, successors, predecessors  # noqa: SLF001
    structure._adj = successors  # noqa: SLF001
    for name in _DERIVED:
        structure.__dict__.pop(name, None)


class _Nodes(Mapping[Node, Any]):
    """All nodes, without attributes."""

    def __init__(self, graph: GraphOfNodes) -> None:
        self._graph = graph

    def __getitem__(self, node: Node) -> Any:
        if node not in self._graph:
            raise KeyError(node)
        return self._of(node)

    def _of(self, _node: Node) -> Any:
        return _NO_ATTRIBUTES

    def __contains__(self, node: object) -> bool:
        return isinstance(node, Node) and node in self._graph

    def __iter__(self) -> Iterator[Node]:
        return iter(self._graph.nodes)

    def __len__(self) -> int:
        return len(self._graph)


class _Successors(_Nodes):
    """For each node the nodes that use it, and as which arguments."""

    def _of(self, node: Node) -> Any:
        return {user: _edges_into(user)[node] for user in dict.fromkeys(node.users[::2])}


class _Predecessors(_Nodes):
    """For each node the nodes that it uses, and as which arguments."""

    def _of(self, node: Node) -> Any:
        return _edges_into(node)
