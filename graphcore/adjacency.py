"""The graph as networkx reads it: who is connected with whom, looked up at the nodes, so that no edge is kept twice.

networkx finds everything in three mappings: the nodes, and for each of them its successors and its predecessors, with
the keys of the edges between. Dictionaries of them would take longer to fill, and more memory, than all that a run
needs; these are views, as networkx's own views of a part of a graph are.

>>> import graphcore as gc
>>> g = gc.Graph()
>>> w = g.parameter("w", 2.0)
>>> C = (w * w + w).named("C")
>>> {node.label: list(keys) for node, keys in as_networkx(g).succ[w].items()}
{'multiply#1': ['x1', 'x2'], 'C': ['x2']}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .node import Node

if TYPE_CHECKING:
    import networkx as nx

    from .graph import Graph


def as_networkx(graph: Graph) -> nx.MultiDiGraph:
    """A `networkx.MultiDiGraph` that reads a graph, grows with it, and cannot be changed.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> seen = as_networkx(g)
    >>> y = x * x
    >>> [key for _, _, key in seen.edges(keys=True)], seen.in_degree(y)
    (['x1', 'x2'], 2)
    """
    import networkx as nx  # noqa: PLC0415  who asks nothing of it need not wait for it

    seen = nx.freeze(nx.MultiDiGraph(name=graph.name))
    seen._node, seen._succ, seen._pred = _Nodes(graph), _Successors(graph), _Predecessors(graph)  # noqa: SLF001
    return seen


class _Nothing(Mapping[str, Any]):
    """What nodes and edges bear in networkx besides themselves. A copy is open to whatever its owner wants to add."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def copy(self) -> dict[str, Any]:
        """An empty dictionary."""
        return {}

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {}


_NOTHING = _Nothing()


class _Nodes(Mapping[Node, Any]):
    """All nodes, and what they bear in networkx: nothing."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __getitem__(self, node: Node) -> Any:
        if node not in self._graph:
            raise KeyError(node)
        return self._of(node)

    def _of(self, _node: Node) -> Any:
        return _NOTHING

    def __contains__(self, node: object) -> bool:
        return isinstance(node, Node) and node in self._graph

    def __iter__(self) -> Iterator[Node]:
        return iter(self._graph.nodes)

    def __len__(self) -> int:
        return len(self._graph)


class _Successors(_Nodes):
    """For each node the nodes that use it, and as which arguments."""

    def _of(self, node: Node) -> Any:
        uses = self._graph.successors_of(node)
        return {target: dict.fromkeys(arguments, _NOTHING) for target, arguments in uses.items()}


class _Predecessors(_Nodes):
    """For each node the nodes that it uses, and as which arguments."""

    def _of(self, node: Node) -> Any:
        found: dict[Node, dict[str, Any]] = {}
        for source, argument in zip(node.inputs, node.arguments, strict=True):
            found.setdefault(source, {})[argument] = _NOTHING
        return found
