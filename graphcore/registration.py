"""The registry of operations, seen as an array namespace: ``registry.exp(node)`` is what ``numpy.exp(array)`` is."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .errors import NameTakenError, UnknownNameError, did_you_mean, shorten
from .origin import pass_over

if TYPE_CHECKING:
    from .operation import Op

F = TypeVar("F", bound=Callable[..., Any])

_CONSTANTS: dict[str, Any] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "newaxis": None,
} | {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}


class Registry(Mapping[str, "Op"]):
    """All registered operations by name; a read-only mapping whose attributes form the array namespace of nodes.

    Names are those of the Python Array API standard where it has the operation, so a function written against a
    namespace ``xp`` computes when ``xp`` is numpy and writes a graph when ``xp`` is this registry.

    >>> import graphcore as gc, ops
    >>> gc.registry["sigmoid"] is ops.sigmoid, gc.registry.sigmoid is ops.sigmoid
    (True, True)
    >>> gc.registry["sigmod"]
    Traceback (most recent call last):
    graphcore.errors.UnknownNameError: no operation named 'sigmod' is registered. Did you mean 'sigmoid'?
    """

    def __init__(self) -> None:
        self._ops: dict[str, Op] = {}
        #: plain functions made of operations: found as attributes, and no operations themselves
        self.functions: dict[str, Callable[..., Any]] = {}

    @property
    def linalg(self) -> Registry:
        """The standard's extension for linear algebra, whose operations are like any other."""
        return self

    def register(self, op: Op, *, replace: bool = False) -> None:
        """Register an operation under its own name.

        Raises `NameTakenError` if another one bears it, unless ``replace=True``. Running the same definition again
        in a notebook cell is no replacement by accident and is allowed.
        """
        present = self._ops.get(op.name)
        if present is not None and not replace and not _same_definition(present, op):
            raise NameTakenError(
                f"an operation named {op.name!r} is registered already ({present.source}); "
                f"choose another name, or say op(..., replace=True) if it is meant to take its place"
            )
        self._ops[op.name] = op

    def sources(self) -> dict[str, str]:
        """Where each operation was defined: name to ``file:line``, in order of name.

        >>> import graphcore as gc, ops
        >>> gc.registry.sources()["sigmoid"].rpartition("/")[2].partition(":")[0]
        'activation.py'
        """
        return {name: str(self._ops[name].source) for name in sorted(self._ops)}

    def __getitem__(self, name: str) -> Op:
        op = self._ops.get(name)
        if op is None:
            raise UnknownNameError(self._unknown(name))
        return op

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        op = self._ops.get(name)
        if op is not None:
            return op
        if name in self.functions:
            return self.functions[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        raise UnknownNameError(self._unknown(name))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._ops))

    def __len__(self) -> int:
        return len(self._ops)

    def __contains__(self, name: object) -> bool:
        return name in self._ops

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<registry of {len(self)} operations>"

    def __reduce__(self) -> str:
        return "registry"

    def _unknown(self, name: object) -> str:
        hint = "" if "add" in self._ops else "; the standard operations come with 'import ops'"
        shown = shorten(name) if isinstance(name, str) else name
        return f"no operation named {shown!r} is registered{hint}{did_you_mean(name, [*self._ops, *self.functions])}"


def _same_definition(present: Op, new: Op) -> bool:
    """Whether both come from one definition that was executed again: a notebook cell, or a reloaded module."""
    old, fresh = present.forward, new.forward
    if (old.__module__, old.__qualname__) != (fresh.__module__, fresh.__qualname__):
        return False
    interactive = not hasattr(sys.modules.get(fresh.__module__), "__file__")
    return interactive or present.source == new.source


registry = Registry()


def function(made_of_operations: F) -> F:
    """Let the namespace of nodes have a plain function that is made of operations, under the function's own name.

    The nodes it makes are said to be made where it was called.

    >>> import graphcore as gc, ops
    >>> gc.registry.stack is ops.stack, "stack" in gc.registry
    (True, False)
    """
    pass_over(made_of_operations)
    registry.functions[made_of_operations.__name__] = made_of_operations
    return made_of_operations
