"""The registry of operations, seen as an array namespace: ``registry.exp(node)`` is what ``numpy.exp(array)`` is."""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import NameTakenError, UnknownNameError, did_you_mean, shorten
from ..support.source_location import definition_location
from .protocols import Operation

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


class Registry(Mapping[str, Operation]):
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
        self._ops: dict[str, Operation] = {}
        #: the package that first registered each operation, and exports it
        self._exporters: dict[str, str] = {}
        #: present names of operations by their names in the last version
        self.renamed: dict[str, str] = {}
        #: plain functions made of operations: available as attributes, but not operations themselves
        self.functions: dict[str, Callable[..., Any]] = {}
        #: registrations to undo if a package fails to load: (table, name, new, replaced)
        self._journal: list[tuple[dict[str, Any], str, Any, Any]] | None = None

    @property
    def linalg(self) -> Registry:
        """The standard's extension for linear algebra, whose operations are like any other."""
        return self

    def register(self, op: Operation, *, replace: bool = False) -> None:
        """Register an operation under its own name.

        Raises `NameTakenError` if another operation has that name, unless ``replace=True``; then the package that
        exports the old one, as ``ops`` does, exports the new one instead. Running the same definition again in a
        notebook cell is allowed.
        """
        if not replace:
            self._refuse_taken(op.name, op.forward)
        old = self._ops.get(op.name)
        self._put(self._ops, op.name, op)
        exporter = self._exporters.setdefault(op.name, _package(op))
        if old is not None:
            _replace_exports(old, op, exporter)

    def register_function(self, made_of_operations: Callable[..., Any]) -> None:
        """Register a plain function under its own name. Raises `NameTakenError` if the name is taken."""
        name = made_of_operations.__name__
        self._refuse_taken(name, made_of_operations)
        self._put(self.functions, name, made_of_operations)

    @contextlib.contextmanager
    def all_or_none(self, package: str) -> Iterator[None]:
        """On an error, undo the registrations that modules of a package made in this block."""
        outer, self._journal = self._journal, []
        try:
            yield
        except BaseException:
            for table, name, new, replaced in reversed(self._journal):
                if table.get(name) is not new or _package(new) != package:
                    continue
                if replaced is None:
                    del table[name]
                else:
                    table[name] = replaced
                    _replace_exports(new, replaced, self._exporters.get(name, package))
            raise
        finally:
            self._journal = outer

    def sources(self) -> dict[str, str]:
        """Return where each operation was defined: name to ``file:line``, in order of name.

        >>> import graphcore as gc, ops
        >>> gc.registry.sources()["sigmoid"].rpartition("/")[2].partition(":")[0]
        'activation.py'
        """
        return {name: str(self._ops[name].source) for name in sorted(self._ops)}

    def __getitem__(self, name: str) -> Operation:
        op = self._find(name)
        if op is None:
            raise UnknownNameError(self._unknown(name))
        return op

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        op = self._find(name)
        if op is not None:
            return op
        if name in self.functions:
            return self.functions[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        raise UnknownNameError(self._unknown(name))

    def _find(self, name: str) -> Operation | None:
        op = self._ops.get(name)
        if op is None and name in self.renamed and name not in self.functions:
            warnings.warn(f"the operation {name} is now {self.renamed[name]}", DeprecationWarning, stacklevel=3)
            op = self._ops.get(self.renamed[name])
        return op

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

    def _refuse_taken(self, name: str, definition: Callable[..., Any]) -> None:
        op, function = self._ops.get(name), self.functions.get(name)
        present = op.forward if op is not None else function
        if present is not None and not _same_definition(present, definition):
            raise NameTakenError(
                f"{'an operation' if op is not None else 'a function'} named {name!r} is registered already "
                f"({definition_location(present)}); choose another name, or use op(..., replace=True) to replace an "
                f"operation"
            )

    def _put(self, table: dict[str, Any], name: str, new: Any) -> None:
        if self._journal is not None:
            self._journal.append((table, name, new, table.get(name)))
        table[name] = new

    def _unknown(self, name: object) -> str:
        if name in self.functions:
            return f"{name} is a plain function made of operations, not an operation; use registry.functions[{name!r}]"
        hint = "" if "add" in self._ops else "; the standard operations come with 'import ops'"
        shown = shorten(name) if isinstance(name, str) else name
        return f"no operation named {shown!r} is registered{hint}{did_you_mean(name, [*self._ops, *self.functions])}"


def _same_definition(old: Callable[..., Any], new: Callable[..., Any]) -> bool:
    """Return whether both come from one definition that was executed again, in a notebook cell or a reloaded module."""
    if (old.__module__, old.__qualname__) != (new.__module__, new.__qualname__):
        return False
    interactive = new.__module__ == "__main__" or not hasattr(sys.modules.get(new.__module__), "__file__")
    return interactive or definition_location(old) == definition_location(new)


def _replace_exports(old: Any, new: Any, package: str) -> None:
    """Let the modules of a package that export an object export another, unless the package defines both itself."""
    if _package(old) == _package(new) == package:
        return
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package and module is not None:
            for attribute in [key for key, value in vars(module).items() if value is old]:
                setattr(module, attribute, new)


def _package(op: Any) -> str:
    return str(op.__module__).partition(".")[0]


registry = Registry()
