"""A program: a flat list of values to compute, without duplicates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ...operations.inference import cache_key

if TYPE_CHECKING:
    from ...arrays.protocols import Operation
    from ...arrays.shaped_array import Shape

ValueKind = Literal["input", "parameter", "constant", "op"]


class Value:
    """One value of a program. Inputs and parameters are read at every call."""

    __slots__ = ("after", "args", "arguments", "array", "dtype", "kind", "name", "number", "op", "settings", "shape")

    def __init__(self, number: int, kind: ValueKind, name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
        #: position in the program; arguments have smaller numbers than results
        self.number = number
        self.kind = kind
        #: the instruction (see `primitives`), or "call" for an operation called as it is; a leaf's generated name
        self.name = name
        self.shape, self.dtype = shape, dtype
        self.args: tuple[Value, ...] = ()
        self.settings: dict[str, Any] = {}
        #: an ordering edge: the value is computed after this one, which it does not read
        self.after: Value | None = None
        #: the operation and the names of its arguments, where they are needed to compute the value
        self.op: Operation | None = None
        self.arguments: tuple[str, ...] = ()
        #: the array of a constant
        self.array: Any = None

    @property
    def is_static(self) -> bool:
        """True if all lengths of the shape are known before the program runs."""
        return None not in self.shape

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(n for n in self.shape if n is not None)

    @property
    def nbytes(self) -> int:
        """The memory of all entries, in bytes."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return (
            f"<v{self.number} = {self.name}({', '.join(f'v{a.number}' for a in self.args)}): {self.dtype} {self.shape}>"
        )


class Program(NamedTuple):
    """Values in an order in which they can be computed, with its inputs, parameters and results."""

    values: list[Value]
    inputs: list[Value]
    parameters: list[Value]
    results: list[Value]
    #: whether small matrix products are computed by one thread; otherwise the caller has chosen a number
    limits_threads: bool = True


class ValueTable:
    """The values of a program under construction. Equal instructions on equal arguments are one value.

    >>> table = ValueTable()
    >>> x, two = table.leaf("input", "x0", (3,), np.dtype(float)), table.constant(2.0)
    >>> double = table.apply("multiply", (x, two), {}, (3,), x.dtype)
    >>> double is table.apply("multiply", (x, table.constant(2.0)), {}, (3,), x.dtype), double
    (True, <v2 = multiply(v0, v1): float64 (3,)>)
    >>> collect_live([double]) == [x, two, double]
    True
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        #: the ordering edge of the values that are made next; values with different ones are never merged
        self.after: Value | None = None
        self._known: dict[Any, Value] = {}

    def leaf(self, kind: ValueKind, name: str, shape: Shape, dtype: np.dtype[Any]) -> Value:
        """Add an input or a parameter."""
        return self._new(kind, name, shape, dtype)

    def constant(self, array: Any) -> Value:
        """Return a constant. Small equal constants are one value; NaN and −0 are compared by their bits."""
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
        """Return the result of an instruction."""
        key = (name, tuple(a.number for a in args), cache_key(settings), shape, dtype, self.after)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._new("op", name, shape, dtype)
            found.args, found.settings, found.after = args, settings, self.after
        return found

    def call(
        self,
        op: Operation,
        args: tuple[Value, ...],
        arguments: tuple[str, ...],
        settings: dict[str, Any],
        type_: Any,
        *,
        is_pure: bool,
    ) -> Value:
        """Return the result of an operation that is called as it is.

        Equal calls of a pure operation are one value.
        """
        # the text distinguishes −0 from 0, which are equal
        key = ("call", op, tuple(a.number for a in args), arguments, cache_key(settings), repr(settings), self.after)
        is_comparable = is_pure and _is_hashable(key)
        if is_comparable and key in self._known:
            return self._known[key]
        value = self._new("op", "call", *type_)
        value.op, value.args, value.arguments, value.settings, value.after = op, args, arguments, settings, self.after
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
    except TypeError:  # the settings contain arrays
        return False
    return True


def collect_live(results: Iterable[Value]) -> list[Value]:
    """Return the results and everything that they are computed from, in order, without dead code."""
    seen = {value.number: value for value in results}
    waiting = list(seen.values())
    while waiting:
        for arg in waiting.pop().args:
            if arg.number not in seen:
                seen[arg.number] = arg
                waiting.append(arg)
    return [seen[number] for number in sorted(seen)]


#: constants with more entries are not compared with each other
_MAX_SHARED = 64
