"""A program: what is to be computed, as a flat list of values in which nothing stands twice."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ...operations.inference import cache_key
from .primitives import is_ours

if TYPE_CHECKING:
    from ...arrays.protocols import Operation
    from ...arrays.shaped_array import Shape

ValueKind = Literal["input", "parameter", "constant", "op"]


class Value:
    """One value of a program. ``inputs`` and ``parameters`` are inputs and parameters, which are read at every call."""

    __slots__ = ("args", "arguments", "array", "dtype", "kind", "name", "number", "op", "settings", "shape")

    def __init__(self, number: int, kind: ValueKind, name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
        #: arguments have smaller numbers than results
        self.number = number
        self.kind = kind
        #: the name of the operation, in the words of the Array API standard; of a leaf, a generated name
        self.name = name
        self.shape, self.dtype = shape, dtype
        self.args: tuple[Value, ...] = ()
        self.settings: dict[str, Any] = {}
        #: the operation itself and its arguments' names, where it is called as it is
        self.op: Operation | None = None
        self.arguments: tuple[str, ...] = ()
        #: what a constant holds
        self.array: Any = None

    @property
    def is_static(self) -> bool:
        """Whether all lengths are known before it is computed."""
        return None not in self.shape

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(n for n in self.shape if n is not None)

    @property
    def nbytes(self) -> int:
        """The memory it takes when it is written down."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return (
            f"<v{self.number} = {self.name}({', '.join(f'v{a.number}' for a in self.args)}): {self.dtype} {self.shape}>"
        )


class Program(NamedTuple):
    """Values in an order in which they can be computed, and which of them are the results."""

    values: list[Value]
    inputs: list[Value]
    parameters: list[Value]
    results: list[Value]


class ValueTable:
    """The values made so far. What is asked for twice is made once.

    >>> values = ValueTable()
    >>> x, two = values.leaf("input", "x0", (3,), np.dtype(float)), values.constant(2.0)
    >>> double = values.apply("multiply", (x, two), {}, (3,), x.dtype)
    >>> double is values.apply("multiply", (x, values.constant(2.0)), {}, (3,), x.dtype), double
    (True, <v2 = multiply(v0, v1): float64 (3,)>)
    >>> collect_live([double]) == [x, two, double]
    True
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._known: dict[Any, Value] = {}

    def leaf(self, kind: ValueKind, name: str, shape: Shape, dtype: np.dtype[Any]) -> Value:
        """An input or a parameter."""
        return self._new(kind, name, shape, dtype)

    def constant(self, array: Any) -> Value:
        """A value that is known now. A single number is the same constant wherever it stands, NaN and −0 included."""
        array = np.asarray(array)
        key = ("constant", array.dtype.str, array.shape, array.tobytes()) if array.size <= _MAX_SHARED else None
        if key is not None and key in self._known:
            return self._known[key]
        value = self._new("constant", "constant", array.shape, array.dtype)
        value.array = array
        if key is not None:
            self._known[key] = value
        return value

    def apply(
        self, name: str, args: tuple[Value, ...], settings: dict[str, Any], shape: Shape, dtype: np.dtype[Any]
    ) -> Value:
        """The result of an elementary operation."""
        key = (name, tuple(a.number for a in args), cache_key(settings), shape, dtype)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._new("op", name, shape, dtype)
            found.args, found.settings = args, settings
        return found

    def call(
        self, op: Operation, args: tuple[Value, ...], arguments: tuple[str, ...], settings: dict[str, Any], type_: Any
    ) -> Value:
        """The result of an operation that is called as it is. One of ours is called once with the same arguments;
        any other may do anything, so that two calls stay two."""
        # −0 equals 0 and is another setting, which its text tells
        key = ("call", op, tuple(a.number for a in args), arguments, cache_key(settings), repr(settings))
        is_comparable = is_ours(op) and _is_hashable(key)
        if is_comparable and key in self._known:
            return self._known[key]
        value = self._new("op", "call", *type_)
        value.op, value.args, value.arguments, value.settings = op, args, arguments, settings
        if is_comparable:
            self._known[key] = value
        return value

    def _new(self, kind: ValueKind, name: str, shape: Shape, dtype: np.dtype[Any]) -> Value:
        value = Value(len(self.values), kind, name, shape, dtype)
        self.values.append(value)
        return value


def _is_hashable(key: Any) -> bool:
    try:
        hash(key)
    except TypeError:  # arrays have none
        return False
    return True


def collect_live(results: Iterable[Value]) -> list[Value]:
    """What the results are computed from, and they themselves, in order: dead work is left out here."""
    seen = {value.number: value for value in results}
    waiting = list(seen.values())
    while waiting:
        for arg in waiting.pop().args:
            if arg.number not in seen:
                seen[arg.number] = arg
                waiting.append(arg)
    return [seen[number] for number in sorted(seen)]


#: constants larger than this are not compared with each other
_MAX_SHARED = 64
