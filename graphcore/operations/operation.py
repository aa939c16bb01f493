"""Operations: a forward function and one derivative rule for each argument."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, Unpack, cast

import numpy as np

from ..arrays.namespace import Array, Namespace, asarray, is_array, namespace_of
from ..arrays.registry import registry
from ..arrays.shaped_array import ShapedArray, as_dtype
from ..errors import GraphError, NoValueError, OperationError, did_you_mean
from ..graph.constants import literal_dtype, promote_literals
from ..graph.graph import Graph
from ..graph.node import Node
from . import inference
from .fingerprint import Fingerprint, fingerprint
from .notation import ATOM, Notation, default_notation
from .options import Meaning, Options, refuse_unknown
from .purity import draws, is_pure
from .rules import Rule, RuleKind, Zeros
from .signature import Signature

F = TypeVar("F", bound=Callable[..., Any])


class Op:
    """An operation, made by the decorator `op` from a forward function.

    Called with arrays it computes; called with a node among its arguments it adds a node to the graph. The forward's
    positional parameters are values, its keyword-only parameters settings, and ``xp`` is the array namespace.
    """

    def __init__(
        self,
        forward: Callable[..., Array],
        notation: str | None = None,
        **options: Unpack[Options],
    ) -> None:
        self.forward = forward
        #: whether equal arguments give equal results, as declared; ``None`` if only the forward shows it
        self.pure = options.get("pure")
        self.name = options.get("name") or forward.__name__
        refuse_unknown(self.name, options)
        primitive = options.get("primitive")
        #: the instruction of a compiled program that computes the same, if there is one
        self.primitive = self.name if primitive is True else primitive or None
        #: integers and booleans among the arguments are converted to floats first
        self.promotes_integers = options.get("promote_integers", False)
        self.__doc__ = forward.__doc__
        self.__name__, self.__qualname__ = self.name, forward.__qualname__
        self.__module__, self.__wrapped__ = forward.__module__, forward
        self.signature = Signature(self.name, forward)
        self.source = self.signature.source
        self._numpy_forward = functools.partial(forward, xp=np) if self.signature.needs_xp else forward
        self.values, self.settings, self.variadic = (
            self.signature.values,
            self.signature.settings,
            self.signature.variadic,
        )
        template = default_notation(self.name, list(self.values)) if notation is None else notation
        level, fields = options.get("level", ATOM), [*self.values, *self.settings]
        scalar = options.get("scalar")
        self.notation = Notation(self.name, template, level, fields)
        self.scalar_notation = Notation(self.name, scalar, level, fields) if scalar else self.notation
        #: one rule per argument
        self.rules: dict[str, Rule] = {}
        #: arguments on which `graphcore.check` verifies the operation
        self.examples: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.shape_rule: Callable[..., Any] | None = None
        dtype = options.get("dtype")
        self.dtype_rule = dtype if callable(dtype) or dtype is None else as_dtype(dtype)
        self._elementwise = options.get("elementwise")
        #: cache of inferred shapes and dtypes
        self.inferred: dict[Any, ShapedArray] = {}
        shape = options.get("shape")
        if shape is not None:
            self.shape(_shape_of(shape))
        _alive.setdefault(self.name, weakref.WeakSet()).add(self)

    # -- rules

    def local(self, *arguments: str, meaning: Meaning = "", zeros: Zeros | None = None) -> Callable[[F], F]:
        """Register the local derivative ∂out/∂argument of an elementwise operation.

        The contribution is dout × rule. Several arguments may share a rule. ``meaning`` describes the derivative
        in explanations of a network (see `Rule.meaning_for`). ``zeros="made"`` declares that where the rule is 0 the
        cost does not depend on the entry, as where relu is switched off, ``zeros="factor"`` that the rule is another
        argument, and a zero of it, if independent, means the same (see ``Zeros`` in `graphcore.operations.rules`).

        >>> import graphcore as gc, numpy as np
        >>> @gc.op(r"{x:strict}^3", name="cube_in_local")
        ... def cube(x):
        ...     return x * x * x
        >>> @cube.local("x")
        ... def dcube_dx(x):
        ...     return 3 * x * x
        >>> cube.rules["x"]
        <local rule dcube_dx(x) of cube_in_local with respect to x>
        """
        return self._register("local", arguments, meaning, zeros)

    def pullback(self, *arguments: str, meaning: Meaning = "", zeros: Zeros | None = None) -> Callable[[F], F]:
        """Register a rule that returns the contribution itself, given ``dout``, the gradient at the result.

        The contribution has the shape of the argument, or of what it was broadcast to; the engine sums that back.
        ``zeros="moved"`` declares that the rule only moves, repeats and adds up entries of ``dout``, and
        ``zeros="made"`` that it also leaves some out, as an index does: the cost does not depend on those.

        >>> import ops
        >>> ops.matmul.rules["a"]
        <pullback rule dmatmul_da(dout, a, b, xp) of matmul with respect to a>
        """
        return self._register("pullback", arguments, meaning, zeros)

    def flat(self, *arguments: str) -> None:
        """Declare that the derivative with respect to these arguments is zero almost everywhere.

        >>> import ops
        >>> ops.sign.rules["x"]
        <flat rule of sign with respect to x>
        """
        for argument in arguments:
            self._set_rule(Rule(self.signature, self._argument(argument), "flat", None))

    def missing(self, argument: str, why: str) -> None:
        """Declare that the derivative with respect to this argument is not implemented, and why."""
        self._set_rule(Rule(self.signature, self._argument(argument), "missing", None, why))

    def shape(self, function: F) -> F:
        """Register the function that returns the result's shape; ``None`` stands for any length.

        It is optional: without it the forward is tried on arrays without data. Its parameters are the arguments whose
        shapes it reads and the settings; it raises `ShapeError` when they do not fit.
        """
        names = list(inspect.signature(function).parameters)
        offered = [*self.values, *self.settings]
        for name in names:
            if name not in offered:
                raise OperationError(
                    f"{self.name}: the shape rule reads {name!r}; it may read {', '.join(offered)}"
                    f"{did_you_mean(name, offered)}"
                )
        self.shape_rule = function
        self.inferred.clear()
        return function

    def example(self, *arrays: Any, **settings: Any) -> None:
        """Add arguments on which `graphcore.check` and ``graphcore check`` verify the operation.

        >>> import ops
        >>> len(ops.sigmoid.examples) > 0
        True
        """
        self.examples.append((arrays, settings))

    def rule_for(self, argument: str) -> Rule | None:
        """Return the rule of an edge; ``None`` if the operation has no rules, or none for this argument.

        >>> import ops
        >>> ops.concat.rule_for("arrays[1]")
        <pullback rule dconcat_darrays(dout, arrays, index, axis) of concat with respect to arrays>
        """
        return self.rules.get(argument) or self.rules.get(argument.partition("[")[0])

    @property
    def is_elementwise(self) -> bool:
        """``True`` if each entry of the result depends on the same entry of the (broadcast) arguments alone."""
        if self._elementwise is not None:
            return self._elementwise
        kinds = {rule.kind for rule in self.rules.values()}
        return "local" in kinds and "pullback" not in kinds

    @property
    def is_composite(self) -> bool:
        """``True`` if it has no rules and is differentiated through the operations in its forward.

        Not if a second call of the forward may give another result, whose derivative would be that of another function.
        """
        return not self.rules and (self.pure if self.pure is not None else not draws(self.forward))

    @property
    def is_pure(self) -> bool:
        """``True`` if equal arguments give equal results: as declared by ``pure``, or else as its forward looks.

        An operation that is not pure is called at every run, and a compiled step never merges or precomputes it.

        >>> import ops
        >>> ops.exp.is_pure
        True
        """
        return is_pure(self.forward) if self.pure is None else self.pure

    @property
    def fingerprint(self) -> Fingerprint:
        """The fingerprint of the definition: of the forward and of the rules."""
        return fingerprint(self.forward, *(self.rules[argument].function for argument in sorted(self.rules)))

    def _register(
        self, kind: RuleKind, arguments: tuple[str, ...], meaning: Meaning, zeros: Zeros | None
    ) -> Callable[[F], F]:
        if not arguments or not all(isinstance(argument, str) for argument in arguments):
            raise OperationError(f'{self.name}: name the argument, as in @{self.name}.{kind}("{self.values[0]}")')

        def register(function: F) -> F:
            for argument in arguments:
                argument = self._argument(argument)  # noqa: PLW2901
                self._set_rule(Rule(self.signature, argument, kind, function, meaning=meaning, zeros=zeros))
            return function

        return register

    def _set_rule(self, rule: Rule) -> None:
        if rule.argument in self.rules:
            raise OperationError(
                f"{self.name} has a rule for {rule.argument!r} already: {self.rules[rule.argument]}; "
                f"an argument has one rule"
            )
        self.rules[rule.argument] = rule
        self.inferred.clear()

    def _argument(self, name: str) -> str:
        if name not in self.values:
            raise OperationError(
                f"{self.name} has no argument {name!r} to differentiate by; "
                f"its values are {', '.join(self.values)}{did_you_mean(name, self.values)}"
            )
        return name

    # -- calling

    def __call__(self, *args: Any, name: str | None = None, **settings: Any) -> Any:
        """Compute with arrays, or add a node named ``name`` to the graph of the nodes among the arguments."""
        if self.signature.is_plain and len(args) == len(self.values) and not settings:
            if name is None and _NUMPY.issuperset(map(type, args)) and self._takes_dtypes_of(args):
                return self.check_single(self._numpy_forward(*args))  # arrays from a rule need no conversion
            given, arguments = args, self.values
        else:
            given, arguments, settings = self.signature.bind(args, settings)
        if self.promotes_integers:
            given = tuple([_as_float(value) for value in given])
        if name is None and _NUMPY.issuperset(map(type, given)):
            return self.check_single(self.compute(given, arguments, settings, np))
        for value in given:
            if isinstance(value, Node):
                return self._make_node(cast("Graph", value.graph), given, arguments, settings, name)
        if name is not None:
            raise OperationError(f"{self.name}: name={name!r} names a node, and none of the arguments is one")
        return self.check_single(self._compute(given, arguments, settings))

    def check_single(self, result: Any) -> Any:
        """Return the result of a forward. Raises `OperationError` for a tuple, list or dict: a result is one array."""
        if isinstance(result, (tuple, list, dict)) or result is None:
            raise OperationError(
                f"{self.name}: its forward ({self.source}) returned a {type(result).__name__}; expected one array: "
                f"define one operation for each result, or stack them with xp.stack"
            )
        return result

    def _takes_dtypes_of(self, arrays: tuple[Any, ...]) -> bool:
        return not self.promotes_integers or all(array.dtype.kind == "f" for array in arrays)

    def compute(
        self, values: Iterable[Array], arguments: tuple[str, ...], settings: dict[str, Any], xp: Namespace
    ) -> Array:
        """Run the forward on arrays of the namespace ``xp``."""
        extra = {**settings, "xp": xp} if self.signature.needs_xp else settings
        if len(arguments) == len(self.values) or self.variadic:
            return self.forward(*values, **extra)
        present = dict(zip(arguments, values, strict=True))
        return self.forward(*(present.get(value) for value in self.values), **extra)

    def bind(self, arguments: tuple[str, ...], settings: dict[str, Any], xp: Namespace) -> Callable[..., Array]:
        """Return the forward as a function of the values alone."""
        extra = {**settings, "xp": xp} if self.signature.needs_xp else settings
        if self.variadic or len(arguments) == len(self.values):
            return functools.partial(self.forward, **extra) if extra else self.forward
        return lambda *values: self.compute(values, arguments, settings, xp)

    def _compute(self, given: tuple[Any, ...], arguments: tuple[str, ...], settings: dict[str, Any]) -> Array:
        xp = namespace_of(*given)
        if not any(is_array(value) for value in given):
            given = tuple(asarray(value, xp) for value in given)
        elif not all(is_array(value) for value in given):
            dtypes = frozenset(as_dtype(v.dtype) for v in given if is_array(v))
            given = tuple(v if is_array(v) else asarray(v, xp, literal_dtype(v, dtypes)) for v in given)
        return self.compute(given, arguments, settings, xp)

    def _make_node(
        self,
        graph: Graph,
        given: tuple[Any, ...],
        arguments: tuple[str, ...],
        settings: dict[str, Any],
        name: str | None,
    ) -> Node:
        """Add a node, and a constant for every number among the arguments: all of them or, on an error, none."""
        others = False
        for value in given:
            if not isinstance(value, Node):
                others = True
            elif value.graph is not graph:
                raise GraphError(
                    f"{self.name}: its arguments belong to different graphs, {graph!r} and {value.graph!r} "
                    f"({value.describe()}); build both in the same Graph"
                )
        if others:
            given = promote_literals(given)
        type_ = inference.infer(self, given, arguments, settings)
        if name is not None:
            name = graph.check_name(name)
        if others:
            given = tuple([v if isinstance(v, Node) else graph.add_constant(v) for v in given])
        return graph.apply(self, given, arguments, settings, type_, name)

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join([*self.values, *self.settings])})>"

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Op:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return op_named, (self.name, self.fingerprint if self.pure is not False else None)


#: types of values that need no conversion before they are computed with
_NUMPY = frozenset({np.ndarray, np.float64, np.float32})


def _as_float(value: Any) -> Any:
    """Return integers and booleans as float64, for an operation in which integers would wrap around."""
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return value
    if isinstance(value, (list, tuple)):
        value = np.asarray(value)
    if isinstance(value, Node):
        return value if value.type.is_float else registry["astype"](value, dtype="float64")
    if is_array(value) and (getattr(value.dtype, "kind", "") or as_dtype(value.dtype).kind) in "biu":
        return asarray(value, namespace_of(value), np.dtype("float64"))
    return value


def op_named(name: str, made_as: Fingerprint | None = None) -> Op:
    """Return the registered operation of a name; with a fingerprint, the one that was saved.

    Raises `OperationError` if the operation of this name is another one now, whose results would be others.

    >>> import ops
    >>> op_named("exp") is op_named("exp", ops.exp.fingerprint) is ops.exp
    True
    """
    found = cast("Op", registry[name])
    if made_as is None or made_as.matches(found.fingerprint):
        return found
    for other in list(_alive.get(name, ())):
        if made_as.matches(other.fingerprint):
            return other
    raise OperationError(
        f"the operation {name!r} was saved with another definition than that of {found.source}: its code or a value "
        f"that it captured differs; define it as it was before loading"
    )


#: the operations of each name that something still refers to, replaced ones included
_alive: dict[str, weakref.WeakSet[Op]] = {}


def op_of(node: Node) -> Op:
    """Return the operation whose result a node is. Raises `NoValueError` for a node without one."""
    if node.op is None:
        raise NoValueError(f"{node.describe()}, is not the result of an operation")
    return cast("Op", node.op)


def _shape_of(argument: str) -> Callable[..., Any]:
    """Return the shape rule of a result that has the shape of one argument."""

    def shape_of_argument(**shapes: Any) -> Any:
        return shapes[argument]

    parameter = inspect.Parameter(argument, inspect.Parameter.KEYWORD_ONLY)
    shape_of_argument.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    return shape_of_argument
