"""A rule: the derivative of an operation with respect to one argument, one rule per edge of the graph."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, NoReturn

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

#: What a rule says of structural zeros: the entries of a gradient that are 0 because the cost does not depend on them.
#: carried: where dout has one, the contribution has one; so it is with every local derivative
#: mixed: a pullback that mixes entries, in which they end, as in a matrix product
#: moved: a pullback that only moves, repeats and adds up entries of dout
#: made: the same, or a local derivative, and wherever it is 0 by itself the cost does not depend on the entry
#: factor: a local derivative that is another argument: where that is 0, if it does not depend on the same leaves
#: or a function that returns where the cost may depend on an entry; ``None`` for everywhere
Zeros = Literal["carried", "mixed", "moved", "made", "factor"] | Callable[..., Any]
_ZEROS = {"local": ("carried", "made", "factor"), "pullback": ("mixed", "moved", "made")}


class Rule:
    """One rule: its kind, its function, and the names it reads.

    >>> import graphcore as gc, ops
    >>> gc.registry["sigmoid"].rules["z"]
    <local rule dsigmoid_dz(z, out) of sigmoid with respect to z>
    >>> gc.registry["matmul"].rules["a"].kind
    'pullback'
    """

    __slots__ = (
        *("argument", "bound", "function", "kind", "meaning", "op_name", "origin", "reads", "why", "zeros"),
        *("_evaluators", "_live", "_settings", "_signature"),
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
        zeros: Zeros | None = None,
    ) -> None:
        #: what the derivative says of the network, in words: for every source, or by the kind of source (`means`)
        self.meaning = meaning
        self.op_name, self.argument, self.kind, self.function, self.why = signature.op, argument, kind, function, why
        self.reads = () if function is None else _reads(signature, kind, function)
        self._signature = signature
        self._settings = tuple(name for name in self.reads if name in signature.settings)
        self._evaluators: dict[Any, Evaluator] = {}
        self.zeros: Zeros | Rule = _zeros_of(signature, argument, kind, zeros)
        #: what interpreters made of the rule
        self.bound: dict[Any, Any] = {}
        #: the arguments whose values the rule reads, ``None`` for the result, if that is the same for every edge
        self._live = _live_reads(signature, self.reads, function)
        Rule.made += 1
        code = getattr(function, "__code__", None)
        self.origin = signature.source if code is None else SourceLocation(code.co_filename, code.co_firstlineno)

    def evaluate(self, target: Node, argument: str, values: Mapping[Node, Array], dout: Array, xp: Namespace) -> Any:
        """Return what the rule gives at these values, for one edge into ``target``."""
        return self.evaluator(xp)(target, argument, values, dout)

    def evaluator(self, xp: Namespace) -> Evaluator:
        """Return the rule as one function for all edges that it belongs to: made once for a namespace, called often.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> rule, out = ops.exp.rules["x"], ops.exp(x)
        >>> rule.evaluator(None)(out, "x", {x: 0.0, out: 1.0}, None)
        1.0
        """
        made = self._evaluators.get(xp)
        if made is None:
            made = self._evaluators[xp] = self._make_evaluator(xp)
        return made

    def _make_evaluator(self, xp: Namespace) -> Evaluator:
        if self.function is None:
            return self._refuse
        if self._live is None:
            return functools.partial(self._evaluate_by_name, xp)
        function = functools.partial(self.function, xp=xp) if "xp" in self.reads else self.function
        return _positional(function, self._live, self._settings, starts_with_dout=self.reads[:1] == ("dout",))

    def _evaluate_by_name(
        self, xp: Namespace, target: Node, argument: str, values: Mapping[Node, Any], dout: Any
    ) -> Any:
        """Evaluate a rule of an operation of any number of values, or of optional ones."""
        read = functools.partial(_read, self._signature, target, argument, values, dout, xp)
        return self.function(**{name: read(name) for name in self.reads})  # type: ignore[misc]

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

    def _refuse(self, target: Node, _argument: str, _values: Any, _dout: Any) -> NoReturn:
        why = f": {self.why}" if self.why else ""
        raise MissingRuleError(
            f"{self.op_name} has no derivative with respect to {self.argument!r}{why} (needed for {target.describe()})"
        )

    def __repr__(self) -> str:
        name = "" if self.function is None else f" {self.function.__name__}({', '.join(self.reads)})"
        return f"<{self.kind} rule{name} of {self.op_name} with respect to {self.argument}>"


def _zeros_of(signature: Signature, argument: str, kind: RuleKind, zeros: Zeros | None) -> Any:
    """Return what a rule says of structural zeros; a function becomes a rule, which reads by name."""
    if zeros is None:
        return "carried" if kind == "local" else "mixed"
    if callable(zeros):
        return Rule(signature, argument, "local", zeros)
    if zeros not in _ZEROS.get(kind, ()):
        raise OperationError(
            f"{signature.op}: `zeros`: expected {', '.join(map(repr, _ZEROS[kind]))} or a function for a {kind} rule, "
            f"got {zeros!r}"
        )
    return zeros


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


#: a rule as a function of the target of an edge, its argument, the values of nodes, and ``dout``
Evaluator = Callable[[Node, str, Mapping[Node, Any], Any], Any]


def _live_reads(
    signature: Signature, reads: tuple[str, ...], function: Callable[..., Any] | None
) -> list[int | None] | None:
    """Return the positions of the values that a rule reads; ``None`` if they differ between edges or come by name."""
    live = [name for name in reads if name != "xp" and name not in signature.settings]
    if function is None or signature.variadic or signature.optional or live != list(reads[: len(live)]):
        return None
    values = live[1:] if live[:1] == ["dout"] else live
    if "dout" in values or _keyword_only(function):
        return None
    return [None if name == "out" else signature.values.index(name) for name in values]


def _read(
    signature: Signature, target: Node, argument: str, values: Mapping[Node, Any], dout: Any, xp: Namespace, name: str
) -> Any:
    """Return what a name that a rule reads stands for at an edge; ``None`` for an optional argument that is absent."""
    if name == "dout":
        return dout
    if name == "xp":
        return xp
    if name in signature.settings:
        return target.settings[name]
    first = len(signature.values) - 1  # where the values of a variadic argument begin
    if name == "index":
        return target.arguments.index(argument) - first
    if name == signature.variadic:
        return tuple(values[node] for node in target.inputs[first:])
    if name == "out":
        return values[target]
    return values[target.inputs[target.arguments.index(name)]] if name in target.arguments else None


def _positional(
    function: Callable[..., Any], live: list[int | None], settings: tuple[str, ...], *, starts_with_dout: bool
) -> Evaluator:
    """Return the evaluator of a rule whose values come first; the most frequent kinds of rules need no loop."""
    inputs = [index for index in live if index is not None]
    if not settings and len(inputs) == len(live) and len(live) in (1, 2):
        first, last = inputs[0], inputs[-1]
        if len(live) == 1:
            if starts_with_dout:
                return lambda target, _, values, dout: function(dout, values[target.inputs[first]])
            return lambda target, _a, values, _d: function(values[target.inputs[first]])
        if starts_with_dout:
            return lambda target, _, values, dout: function(
                dout, values[target.inputs[first]], values[target.inputs[last]]
            )
        return lambda target, _a, values, _d: function(values[target.inputs[first]], values[target.inputs[last]])
    if live == [None] and not settings and not starts_with_dout:
        return lambda target, _a, values, _d: function(values[target])

    def evaluate(target: Node, _: str, values: Mapping[Node, Any], dout: Any) -> Any:
        arguments = [values[target if index is None else target.inputs[index]] for index in live]
        if starts_with_dout:
            arguments.insert(0, dout)
        return function(*arguments, **{name: target.settings[name] for name in settings})

    return evaluate
