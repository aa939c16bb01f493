"""A rule: what an operation knows of its derivative with respect to one argument, one rule per edge of the graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ..arrays.namespace import Array, Namespace
from ..errors import MissingRuleError, OperationError, did_you_mean
from ..graph.node import Node
from ..support.source_location import Origin
from .signature import Signature

#: local: the rule is the local derivative ∂out/∂argument, and the engine multiplies it by dout
#: pullback: the rule hands back the contribution itself
#: flat: the derivative is zero almost everywhere
#: missing: nobody has written it yet
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
        "_by_place",
        "_readers",
        "argument",
        "function",
        "kind",
        "meaning",
        "op_name",
        "origin",
        "reads",
        "why",
    )

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
        self._readers = tuple(_reader(signature, name) for name in self.reads)
        self._by_place = function is not None and not _keyword_only(function)
        code = getattr(function, "__code__", None)
        self.origin = signature.source if code is None else Origin(code.co_filename, code.co_firstlineno)

    def evaluate(self, target: Node, argument: str, values: Mapping[Node, Array], dout: Array, xp: Namespace) -> Any:
        """What the rule says at these values, for one edge into ``target``."""
        if self.function is None:
            raise self.refuse(target)
        given = [read(target, argument, values, dout, xp) for read in self._readers]
        answer = self.function(*given) if self._by_place else self.function(**dict(zip(self.reads, given, strict=True)))
        if answer is None:
            raise OperationError(
                f"the rule {self.function.__name__} of {self.op_name} ({self.origin}) returned nothing"
            )
        return answer

    def meaning_for(self, source: Node, target: Node) -> str:
        """What the derivative says of the network, in words; empty if nobody said.

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

    def refuse(self, target: Node) -> MissingRuleError:
        """The error of a derivative that is needed and not there."""
        why = f": {self.why}" if self.why else ""
        return MissingRuleError(
            f"{self.op_name} has no derivative with respect to {self.argument!r}{why} (needed for {target.describe()})"
        )

    def __repr__(self) -> str:
        name = "" if self.function is None else f" {self.function.__name__}({', '.join(self.reads)})"
        return f"<{self.kind} rule{name} of {self.op_name} with respect to {self.argument}>"


def _reads(signature: Signature, kind: RuleKind, function: Callable[..., Any]) -> tuple[str, ...]:
    """The names a rule reads, which are those of its parameters; each must be one that the engine can provide."""
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


Reader = Callable[[Node, str, Mapping[Node, Any], Any, Any], Any]


def _reader(signature: Signature, name: str) -> Reader:
    """How to get at one of the things that a rule may name, given an edge and the values: settled once, used often."""
    first = len(signature.values) - 1  # where the values of a variadic argument begin
    if name == "dout":
        return lambda _target, _argument, _values, dout, _xp: dout
    if name == "out":
        return lambda target, _argument, values, _dout, _xp: values[target]
    if name == "xp":
        return lambda _target, _argument, _values, _dout, xp: xp
    if name in signature.settings:
        return lambda target, _argument, _values, _dout, _xp: target.settings[name]
    if name == "index":
        return lambda target, argument, _values, _dout, _xp: target.arguments.index(argument) - first
    if name == signature.variadic:
        return lambda target, _argument, values, _dout, _xp: tuple(values[source] for source in target.inputs[first:])
    place = signature.values.index(name)

    def value(target: Node, _argument: str, values: Mapping[Node, Any], _dout: Any, _xp: Any) -> Any:
        if place < len(target.arguments) and target.arguments[place] == name:
            return values[target.inputs[place]]
        given = target.arguments  # an optional argument before it, or it itself, was not given
        return values[target.inputs[given.index(name)]] if name in given else None

    return value
