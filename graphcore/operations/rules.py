"""A rule: the derivative of an operation with respect to one argument, one rule per edge of the graph."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn

from ..arrays.namespace import Array, Namespace
from ..errors import MissingRuleError, OperationError, did_you_mean
from ..graph.node import Node
from ..support.source_location import SourceLocation
from .signature import Signature

#: local: the rule is the local derivative ∂out/∂argument, and the engine multiplies it by dout
#: pullback: the rule returns the contribution itself
#: flat: the derivative is zero almost everywhere
#: missing: not written yet
RuleKind = Literal["local", "pullback", "flat", "missing"]


class Rule:
    """One rule: its kind, its function, and the names it reads.

    >>> import graphcore as gc, ops
    >>> gc.registry["sigmoid"].rules["z"]
    <local rule dsigmoid_dz(z, out) of sigmoid with respect to z>
    >>> gc.registry["matmul"].rules["a"].kind
    'pullback'
    """

    __slots__ = (
        *("argument", "function", "kind", "meaning", "op_name", "origin", "reads", "why"),
        *("_fixed", "_live", "_signature"),
    )

    #: how many rules were made: what was bound before may be out of date
    made: ClassVar[int] = 0

    def __init__(
        self,
        signature: Signature,
        argument: str,
        kind: RuleKind,
        function: Callable[..., Any] | None,
        why: str = "",
        meaning: str | Mapping[str, str] = "",
    ) -> None:
        #: what the derivative says of the network, in words: for every source, or by the kind of source (`means`)
        self.meaning = meaning
        self.op_name, self.argument, self.kind, self.function, self.why = signature.op, argument, kind, function, why
        self.reads = () if function is None else _reads(signature, kind, function)
        self._signature = signature
        self._fixed = tuple(name for name in self.reads if name == "xp" or name in signature.settings)
        #: the arguments whose values the rule reads, ``None`` for the result, if that is the same for every edge
        self._live = _live_reads(signature, self.reads, self._fixed, function)
        Rule.made += 1
        code = getattr(function, "__code__", None)
        self.origin = signature.source if code is None else SourceLocation(code.co_filename, code.co_firstlineno)

    def evaluate(self, target: Node, argument: str, values: Mapping[Node, Array], dout: Array, xp: Namespace) -> Any:
        """Return what the rule gives at these values, for one edge into ``target``."""
        return self.bind(target, argument, xp)(values, dout)

    def bind(self, target: Node, argument: str, xp: Namespace) -> BoundRule:
        """Return the rule for one edge as a function of the values and of ``dout``: bound once, called often.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> rule, out = ops.exp.rules["x"], ops.exp(x)
        >>> rule.bind(out, "x", None)({x: 0.0, out: 1.0}, None)
        1.0
        """
        if self.function is None:
            return functools.partial(self._refuse, target)
        if self._live is None:
            return self._bind_by_name(target, argument, xp)
        nodes = [target if index is None else target.inputs[index] for index in self._live]
        fixed = {name: xp if name == "xp" else target.settings[name] for name in self._fixed}
        function = functools.partial(self.function, **fixed) if fixed else self.function
        return _positional(function, nodes, starts_with_dout=self.reads[:1] == ("dout",))

    def _bind_by_name(self, target: Node, argument: str, xp: Namespace) -> BoundRule:
        """Bind a rule of an operation of any number of values, or of optional ones."""
        function: Any = self.function
        reads = {name: _source_of(self._signature, name, target, argument, xp) for name in self.reads}
        return lambda values, dout: function(**{name: _look_up(read, values, dout) for name, read in reads.items()})

    def meaning_for(self, source: Node, target: Node) -> str:
        """Return the meaning of the derivative in words; empty if none was given.

        Where that depends on what is nudged, the words are given for a ``"parameter"``, for what stands ``"beside a
        parameter"``, and for anything ``"else"``.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> w, x = g.parameter("w", 2.0), g.input("x")
        >>> z = w * x
        >>> [z.op.rule_for(argument).meaning_for(source, z) for source, argument in ((w, "x1"), (x, "x2"))]
        ['how active the input was', 'how strong the connection is']
        """
        if isinstance(self.meaning, str):
            return self.meaning
        beside = any(other.kind == "parameter" for other in target.inputs if other is not source)
        role = "parameter" if source.kind == "parameter" else "beside a parameter" if beside else "else"
        return self.meaning.get(role, self.meaning.get("else", ""))

    def _refuse(self, target: Node, _values: Any, _dout: Any) -> NoReturn:
        why = f": {self.why}" if self.why else ""
        raise MissingRuleError(
            f"{self.op_name} has no derivative with respect to {self.argument!r}{why} (needed for {target.describe()})"
        )

    def __repr__(self) -> str:
        name = "" if self.function is None else f" {self.function.__name__}({', '.join(self.reads)})"
        return f"<{self.kind} rule{name} of {self.op_name} with respect to {self.argument}>"


def _reads(signature: Signature, kind: RuleKind, function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names a rule reads, which are those of its parameters; each must be one that the engine provides."""
    offered = [*signature.values, *signature.settings, "out", "xp"]
    offered += ["dout"] if kind == "pullback" else []
    offered += ["index"] if signature.variadic else []
    reads = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise OperationError(f"{signature.op}: the rule {function.__name__} must list by name what it reads")
        if parameter.name == "dout" and kind == "local":
            raise OperationError(
                f"{signature.op}: the rule {function.__name__} reads 'dout', but a local derivative does not depend on "
                f"what comes after; register it with @{signature.op}.pullback to return the contribution itself"
            )
        if parameter.name not in offered:
            raise OperationError(
                f"{signature.op}: the rule {function.__name__} reads {parameter.name!r}, and there is no such thing; "
                f"it may read {', '.join(offered)}{did_you_mean(parameter.name, offered)}"
            )
        reads.append(parameter.name)
    return tuple(reads)


def _keyword_only(function: Callable[..., Any]) -> bool:
    return any(p.kind is p.KEYWORD_ONLY for p in inspect.signature(function).parameters.values())


#: a rule for one edge, of the values of nodes and of ``dout``; ``None`` instead of a result is an error
BoundRule = Callable[[Mapping[Node, Any], Any], Any]


class _Fixed(NamedTuple):
    """Something that a rule reads and that no run changes: a setting, the namespace, an argument that is absent."""

    value: Any


def _live_reads(
    signature: Signature, reads: tuple[str, ...], fixed: tuple[str, ...], function: Callable[..., Any] | None
) -> list[int | None] | None:
    """Return the positions of the values that a rule reads; ``None`` if they differ between edges or come by name."""
    live = [name for name in reads if name not in fixed]
    if function is None or signature.variadic or signature.optional or live != list(reads[: len(live)]):
        return None
    values = live[1:] if live[:1] == ["dout"] else live
    if "dout" in values or _keyword_only(function):
        return None
    return [None if name == "out" else signature.values.index(name) for name in values]


def _source_of(signature: Signature, name: str, target: Node, argument: str, xp: Namespace) -> Any:
    """Return what a name that a rule reads stands for at an edge: a node, nodes, ``"dout"`` or something fixed."""
    first = len(signature.values) - 1  # where the values of a variadic argument begin
    if name == "dout":
        return name
    if name == "out":
        return target
    if name == "xp":
        return _Fixed(xp)
    if name in signature.settings:
        return _Fixed(target.settings[name])
    if name == "index":
        return _Fixed(target.arguments.index(argument) - first)
    if name == signature.variadic:
        return target.inputs[first:]
    return target.inputs[target.arguments.index(name)] if name in target.arguments else _Fixed(None)


def _look_up(source: Any, values: Mapping[Node, Any], dout: Any) -> Any:
    if isinstance(source, _Fixed):
        return source.value
    if isinstance(source, tuple):
        return tuple(values[node] for node in source)
    return values[source] if isinstance(source, Node) else dout


def _positional(function: Callable[..., Any], nodes: list[Node], *, starts_with_dout: bool) -> BoundRule:
    """Return a rule whose first arguments are ``dout``, if it reads it, and the values of nodes."""
    if not nodes:
        return (lambda _, dout: function(dout)) if starts_with_dout else (lambda _values, _dout: function())
    get = operator.itemgetter(*nodes)
    if len(nodes) == 1:
        if starts_with_dout:
            return lambda values, dout: function(dout, get(values))
        return lambda values, _: function(get(values))
    if starts_with_dout:
        return lambda values, dout: function(dout, *get(values))
    return lambda values, _: function(*get(values))
