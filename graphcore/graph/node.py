"""A node: one value of the network, known by name, shape and dtype long before it has a number."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, NoReturn, Protocol

import numpy as np

from ..arrays.protocols import Operation
from ..arrays.shaped_array import Shape, ShapedArray
from ..errors import NoValueError, UnknownNameError, did_you_mean, shorten
from ..support.source_location import SourceLocation
from .conversion import conversion_message, decision_advice
from .habits import missing_attribute_error
from .methods import Methods
from .operators import Operators

Kind = Literal["input", "parameter", "constant", "op"]


class GraphOfNodes(Protocol):
    """The graph of a node, as a node needs it; `Graph`, which is made of nodes, is the one there is."""

    name: str
    cache: dict[Any, Any]
    derivatives: dict[tuple[Node, Node], Node]
    renamings: int
    is_traced: bool

    @property
    def structure(self) -> Any:
        """The `networkx.MultiDiGraph` of all nodes."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in order of making."""

    @property
    def inputs(self) -> Mapping[str, Node]:
        """The inputs by name."""

    @property
    def parameters(self) -> Mapping[str, Node]:
        """The parameters by name."""

    def __getitem__(self, name: str) -> Node: ...

    def __contains__(self, item: object) -> bool: ...

    def __len__(self) -> int: ...

    def constant(self, value: Any, name: str | None = None, dtype: Any = None) -> Node:
        """Add a constant."""

    def add_constant(self, array: Any, name: str | None = None) -> Node:
        """Add a constant that holds an array of the graph's own."""

    def inherit_metadata(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which nodes get scope and origin of another."""

    def take_metadata_of(self, node: Node) -> None:
        """Let nodes have scope and origin of a node, within `inherit_metadata`."""

    def checkpoint_region(self) -> AbstractContextManager[None]:
        """Return a context in which nodes are made that the backward pass recomputes."""

    def ancestors(self, nodes: Iterable[Node]) -> set[Node]:
        """Return the nodes that some depend on, and these themselves."""

    def successors(self, node: Node) -> dict[Node, list[str]]:
        """Return the nodes that use one, and as which arguments."""

    def at(self, index: int) -> Node:
        """Return the node of an index."""

    def set_name(self, node: Node, name: str) -> None:
        """Name a node."""

    def value_of(self, node: Node) -> Any:
        """Return the array of a parameter itself; that of a constant is read-only."""

    def set_value(self, node: Node, value: Any) -> None:
        """Set the value of a parameter."""


class Node(Operators, Methods):
    """One value of a network: an input, a parameter, a constant, or the result of an operation.

    Nodes are made by a `Graph` or by calling operations, never directly. They are compared and hashed by identity.
    Operators look their operation up in the registry by its standard name: ``w * a`` is ``multiply(w, a)``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", shape=(None, 3))
    >>> z = (x * 2.0 + 1.0).named("z")
    >>> z
    <z = add: float64 (any, 3)>
    >>> z.shape, z.dtype, z.kind, z.op.name
    ((None, 3), dtype('float64'), 'op', 'add')
    """

    __slots__ = (
        *("graph", "index", "kind", "name", "scope", "region", "type", "origin"),  # of every node
        *("op", "inputs", "arguments", "settings"),  # of the result of an operation
        *("data", "__weakref__"),  # data: the array of a parameter or constant
        "users",  # who uses it and as which argument, in turn: one flat list, as a pair for every use would cost more
    )

    graph: GraphOfNodes
    index: int
    kind: Kind
    name: str | None
    scope: tuple[str, ...]
    region: int | None
    type: ShapedArray
    origin: SourceLocation
    op: Operation | None
    inputs: tuple[Node, ...]
    arguments: tuple[str, ...]
    settings: dict[str, Any]
    data: Any
    users: list[Any]

    # -- what is known before anything runs

    @property
    def shape(self) -> Shape:
        """The lengths of the axes; ``None`` where any length goes."""
        return self.type.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The numpy dtype of the value."""
        return self.type.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.type.shape)

    @property
    def size(self) -> int | None:
        """The number of entries, or ``None`` if a length is not known yet."""
        size = 1
        for length in self.type.shape:
            if length is None:
                return None
            size *= length
        return size

    @property
    def label(self) -> str:
        """The name, or for a node without one its operation and number: ``multiply#3``."""
        return self.name if self.name is not None else f"{self.op.name if self.op else self.kind}#{self.index}"

    def describe(self) -> str:
        """Return a description for error messages, with the line that made the node.

        >>> import graphcore as gc
        >>> gc.Graph().input("x").describe().partition(", made")[0]
        "input 'x' of float64 ()"
        """
        what = self.kind if self.op is None else self.op.name
        return f"{what} {shorten(self.label)!r} of {self.type}, made at {self.origin}"

    def named(self, name: str) -> Node:
        """Give this node a name, and return it.

        Raises `NameTakenError` if another node of the graph has it, or if this node has one already.
        """
        self.graph.set_name(self, name)
        return self

    # -- the value that parameters and constants hold

    @property
    def value(self) -> Any:
        """The parameter's own array, which may be written into; of a constant, a read-only array.

        ``w.value -= step``, ``w.value[0] = 1.0`` and ``w.value[...] = new`` change the parameter, and no run, which
        keeps a copy. ``w.value = new`` copies an array into the parameter; to restore a value later, keep
        ``w.value.copy()``.

        >>> import graphcore as gc
        >>> w = gc.Graph().parameter("w", [1.0, 2.0])
        >>> w.value -= 0.5
        >>> w.value[0] = 7.0
        >>> w.value
        array([7. , 1.5])
        """
        if self.kind not in ("parameter", "constant"):
            raise NoValueError(
                f"{self.describe()}, holds no value: it gets one in a run, where run.value[{shorten(self.label)!r}] "
                f"reads it"
            )
        return self.graph.value_of(self)

    @value.setter
    def value(self, value: Any) -> None:
        if self.kind != "parameter":
            raise NoValueError(f"{self.describe()}, cannot be set: only parameters can; feed inputs to a run")
        self.graph.set_value(self, value)

    # -- what a node is not: a number

    def __eq__(self, other: object) -> Any:
        if isinstance(other, (int, float, np.ndarray, np.generic)):
            raise NoValueError(
                f"== compares nodes by identity, and {shorten(self.label)!r} is not a number yet: "
                f"use equal({shorten(self.label)}, ...)"
            )
        return self is other

    def __ne__(self, other: object) -> Any:
        return not self == other

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise NoValueError(
            f"'if', 'and', 'or', 'not' and chained comparisons need a value, which {self.describe()}, will only have "
            f"in a run: {decision_advice()}"
        )

    def _no_number(self) -> NoReturn:
        raise NoValueError(conversion_message(shorten(self.label), self.describe()))

    def __float__(self) -> float:
        self._no_number()

    def __int__(self) -> int:
        self._no_number()

    def __complex__(self) -> complex:
        self._no_number()

    def __index__(self) -> int:  # noqa: PLE0305  it never returns
        self._no_number()

    def __format__(self, spec: str) -> str:
        return self._no_number() if spec else str(self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        self._no_number()

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            raise NoValueError(f"the length of {self.describe()}, is not known before it runs")
        return self.shape[0]

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, item: object) -> NoReturn:
        raise NoValueError(f"'in' needs values, and {self.describe()}, has none until it runs")

    # -- what a node is not: an array, or a tensor of another library

    def __getattr__(self, name: str) -> Any:
        if name != "data" and hasattr(type(self), name):
            return object.__getattribute__(self, name)  # raises the error of the property, or of an empty slot
        if name.startswith("_"):
            raise AttributeError(name)
        raise missing_attribute_error(self.label, self.describe(), name, [n for n in dir(self) if n[0] != "_"])

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        shown = shorten(self.label) if self.label.isidentifier() else "x"
        advice = f"make a new one, as in {shown} = np.where(mask, value, {shown})"
        if self.kind == "parameter":
            advice += f"; {shown}.value = ... sets the parameter"
        raise NoValueError(f"`{shown}[...] = ...`: a node is never changed, and this is {self.describe()}; {advice}")

    def __delitem__(self, key: Any) -> NoReturn:
        self[key] = None

    # -- showing and saving

    def __repr__(self) -> str:
        made_by = f" = {self.op.name}" if self.op is not None else f" ({self.kind})"
        return f"<{shorten(self.label)}{made_by}: {self.type}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.graph.is_traced:
            raise NoValueError(f"{self.describe()}, cannot be pickled: its function is being traced to a graph")
        return _node_at, (self.graph, self.index)

    def __copy__(self) -> Node:
        if self.graph.is_traced:
            return self
        raise NoValueError(f"a node is not copied by itself; copy its graph: copy.deepcopy({self.graph!r})")

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return self if self.graph.is_traced else copy.deepcopy(self.graph, memo).at(self.index)


def _node_at(graph: GraphOfNodes, index: int) -> Node:
    return graph.at(index)


def unknown_name_error(name: object, names: Any, where: str) -> UnknownNameError:
    """Return the error for a name that no node has."""
    shown = shorten(name) if isinstance(name, str) else name
    return UnknownNameError(f"no node named {shown!r} in {where}{did_you_mean(name, names)}")
