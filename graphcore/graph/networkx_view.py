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
from typing import TYPE_CHECKING, Any, Protocol

from .node import Node

if TYPE_CHECKING:
    import networkx as nx


class Container(Protocol):
    """A graph, as this view reads it."""

    name: str

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in order of making."""

    def __contains__(self, item: object) -> bool: ...

    def __len__(self) -> int: ...


def as_networkx(graph: Container) -> nx.MultiDiGraph:
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

    seen = nx.freeze(nx.MultiDiGraph())
    seen.graph = _Closed(name=graph.name)
    seen._node, seen._succ, seen._pred = _Nodes(graph), _Successors(graph), _Predecessors(graph)  # noqa: SLF001
    return seen


class _Closed(dict[str, Any]):
    """A dictionary that cannot be changed. A copy of it can."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("g.nx reads a graph and keeps nothing besides; a copy of it, g.nx.copy(), takes attributes")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse

    def copy(self) -> dict[str, Any]:
        """A dictionary that is open."""
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return dict(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


#: what nodes and edges bear in networkx besides themselves
_NOTHING = _Closed()


class _Nodes(Mapping[Node, Any]):
    """All nodes, and what they bear in networkx: nothing."""

    def __init__(self, graph: Container) -> None:
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
        return _Users(node)


class _Users(Mapping[Node, Any]):
    """The nodes that use one, in order of making: found at each of them, as there may be very many."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __getitem__(self, user: Node) -> Any:
        if user not in self:
            raise KeyError(user)
        return {a: _NOTHING for s, a in zip(user.inputs, user.arguments, strict=True) if s is self._node}

    def __contains__(self, user: object) -> bool:
        return isinstance(user, Node) and any(source is self._node for source in user.inputs)

    def __iter__(self) -> Iterator[Node]:
        return iter(dict.fromkeys(self._node.users[::2]))

    def __len__(self) -> int:
        return len(dict.fromkeys(self._node.users[::2]))

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict[Node, Any]:
        """As a dictionary, of those there are now."""
        return dict(self)


class _Predecessors(_Nodes):
    """For each node the nodes that it uses, and as which arguments."""

    def _of(self, node: Node) -> Any:
        found: dict[Node, dict[str, Any]] = {}
        for source, argument in zip(node.inputs, node.arguments, strict=True):
            found.setdefault(source, {})[argument] = _NOTHING
        return found
