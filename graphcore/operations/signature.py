"""The parameters of an operation: values, which are differentiated, and settings, which are not."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.namespace import asarray, is_array, make_read_only, namespace_of
from ..errors import OperationError, UnknownNameError, did_you_mean
from ..graph.node import Node
from ..support.source_location import definition_location

_RESERVED = ("xp", "out", "dout", "index", "name")


class Signature:
    """The parameters of a forward: positional ones are values, keyword-only ones settings, ``xp`` the namespace.

    A value may be optional (``bias=None``), and the last may be any number of values (``*arrays``).

    >>> def forward(x, gain=None, *, axis=-1, xp): ...
    >>> signature = Signature("scale", forward)
    >>> signature.values, sorted(signature.optional), signature.settings, signature.needs_xp
    (('x', 'gain'), ['gain'], {'axis': -1}, True)
    """

    def __init__(self, op: str, forward: Callable[..., Any]) -> None:
        self.op = op
        self.source = definition_location(forward)
        self.values: tuple[str, ...] = ()
        self.optional: frozenset[str] = frozenset()
        self.variadic: str | None = None
        self.settings: dict[str, Any] = {}
        self.needs_xp = False
        self._required: frozenset[str]
        #: whether a call with as many arguments as values needs no sorting
        self.is_plain: bool
        for parameter in inspect.signature(forward).parameters.values():
            self._take(parameter)
        if not self.values:
            raise OperationError(f"{op}: an operation has at least one value, a parameter before the *")
        self._required = frozenset(n for n, default in self.settings.items() if default is inspect.Parameter.empty)
        self.is_plain = not (self.settings or self.variadic or self.optional)

    def _take(self, p: inspect.Parameter) -> None:
        if p.kind is p.VAR_KEYWORD:
            raise OperationError(f"{self.op}: settings are listed by name, not as **{p.name}")
        if p.name == "xp":
            self.needs_xp = True
        elif p.name in _RESERVED:
            raise OperationError(f"{self.op}: {p.name!r} has a meaning of its own; call the argument otherwise")
        elif p.kind is p.KEYWORD_ONLY:
            self.settings[p.name] = self._freeze(p.name, p.default)
        else:
            self.values += (p.name,)
            if p.kind is p.VAR_POSITIONAL:
                self.variadic = p.name
            elif p.default is None:
                self.optional |= {p.name}
            elif p.default is not p.empty:
                raise OperationError(
                    f"{self.op}: a value's default can only be None; move {p.name!r} behind the * to make it a setting"
                )

    def bind(
        self, args: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], tuple[str, ...], dict[str, Any]]:
        """Sort what was passed into values, the arguments they are for, and settings.

        Positional arguments after the values fill the settings, in order.

        >>> import ops
        >>> ops.reshape.signature.bind(([1.0, 2.0], (2, 1)), {})
        (([1.0, 2.0],), ('x',), {'shape': (2, 1)})
        """
        in_place = not self.variadic and len(args) == len(self.values) and named.keys() <= self.settings.keys()
        if in_place and all(value is not None for value in args):
            return args, self.values, self._complete(named)
        unknown = [n for n in named if n not in self.settings and (n not in self.values or n == self.variadic)]
        if unknown:
            offered = [*self.values, *self.settings, "name"]
            raise UnknownNameError(
                f"{self.op} has no argument {unknown[0]!r}; it takes {', '.join(offered)}"
                f"{did_you_mean(unknown[0], offered)}"
            )
        return self._bind_any_number(args, named) if self.variadic else self._bind_fixed(args, named)

    def _bind_any_number(self, args: tuple[Any, ...], settings: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        fixed = self.values[:-1]
        if not fixed and len(args) == 1 and isinstance(args[0], (list, tuple)):
            args = tuple(args[0])  # concat([a, b]), as the standard has it
        if len(args) < max(1, len(fixed)):  # an operation has one value at least
            raise OperationError(f"{self.op} needs {', '.join(fixed) or f'at least one of {self.variadic}'}")
        counted = (f"{self.variadic}[{i}]" for i in range(len(args) - len(fixed)))
        return args, (*fixed, *counted), self._complete(settings)

    def _bind_fixed(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        if len(args) == len(self.values) and named.keys() <= self.settings.keys() and not any(a is None for a in args):
            return args, self.values, self._complete(named)
        spare = args[len(self.values) :]
        if len(spare) > len(self.settings):
            raise OperationError(
                f"{self.op} takes {len(self.values)} value{'s' * (len(self.values) > 1)} ({', '.join(self.values)})"
                + (f" and the settings {', '.join(self.settings)}" if self.settings else "")
                + f"; got {len(args)} arguments"
            )
        settings = dict(zip(self.settings, spare, strict=False))
        values = dict(zip(self.values, args, strict=False))
        for key, value in named.items():
            place = settings if key in self.settings else values
            if key in place:
                raise OperationError(f"{self.op}: {key!r} is given twice")
            place[key] = value
        absent = [v for v in self.values if values.get(v) is None and v not in self.optional]
        if absent:
            raise OperationError(f"{self.op} needs a value for {', '.join(map(repr, absent))}")
        arguments = tuple(v for v in self.values if values.get(v) is not None)
        if arguments == self.values:
            arguments = self.values
        return tuple(values[a] for a in arguments), arguments, self._complete(settings)

    def _complete(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the settings with their defaults, frozen so that they cannot change after the node is made."""
        absent = self._required - settings.keys()
        if absent:
            raise OperationError(f"{self.op} needs the setting {', '.join(map(repr, sorted(absent)))}")
        return {**self.settings, **{key: self._freeze(key, value) for key, value in settings.items()}}

    def _freeze(self, key: str, value: Any) -> Any:
        """Return a setting as it is now: arrays and containers are copied, and a node is refused wherever it is."""
        if isinstance(value, _IMMUTABLE):
            return value
        if isinstance(value, (list, tuple)):
            return tuple([self._freeze(key, one) for one in value])
        if isinstance(value, Node):
            raise OperationError(f"{self.op}: {key!r} is a setting and cannot be a node ({value.describe()})")
        if isinstance(value, dict):
            return {name: self._freeze(key, one) for name, one in value.items()}
        if isinstance(value, set):
            return frozenset(value)
        if isinstance(value, np.ndarray):
            return make_read_only(value.copy())
        if type(value).__module__.startswith("scipy.sparse"):
            return value.copy()
        return asarray(value, namespace_of(value), copy=True) if is_array(value) else value


#: settings that nothing can change, most of all
_IMMUTABLE = (type(None), bool, int, float, str, slice, np.generic, np.dtype, type)
