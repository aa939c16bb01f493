"""Deliberately wrong rules: real operations, each with one rule that is wrong in one way."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import graphcore as gc
import ops
from graphcore.arrays.namespace import namespace_of
from graphcore.graph.node import Node
from graphcore.operations.core_ops import chain
from graphcore.operations.rules import Rule

MANY = 200


@dataclass(frozen=True)
class Mutant:
    """An operation with one wrong rule, and the arguments to check it at, if not at its own examples."""

    kind: str
    what: str
    op: gc.Op
    origin: gc.Op
    arrays: tuple[Any, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def cases(self) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        """The arguments to check it at."""
        return [(self.arrays, self.settings)] if self.arrays else self.op.examples

    def __str__(self) -> str:
        return f"{self.origin.name}: {self.what}"


def with_rule(op: gc.Op, argument: str, function: Callable[..., Any], reads: list[str], kind: str) -> gc.Op:
    """A copy of an operation in which one rule is another function of the things named in ``reads``."""
    mutant = gc.Op.__new__(gc.Op)
    mutant.__dict__.update(op.__dict__, inferred={}, rules=dict(op.rules))

    def wrong(**given: Any) -> Any:
        return function(given)

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in reads]
    wrong.__signature__ = inspect.Signature(parameters)
    mutant.rules[argument] = Rule(mutant.signature, argument, kind, wrong)
    return mutant


def after(op: gc.Op, argument: str, change: Callable[[Any, dict[str, Any]], Any], *also: str) -> gc.Op:
    """The right rule, and then something wrong done to what it says."""
    rule = op.rules[argument]
    reads = [*rule.reads, *(name for name in also if name not in rule.reads)]
    return with_rule(
        op, argument, lambda given: change(rule.function(**{n: given[n] for n in rule.reads}), given), reads, rule.kind
    )


def before(op: gc.Op, argument: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> gc.Op:
    """The right rule, of something that it should not have been asked."""
    rule = op.rules[argument]
    return with_rule(
        op, argument, lambda given: rule.function(**{**given, **change(given)}), list(rule.reads), rule.kind
    )


# -- what is done to them


@gc.op("{x:bare}", name="detached_in_mutants", elementwise=True)
def detached(x):
    """The same number, cut off from what it was made of."""
    if hasattr(x, "detach"):
        return x.detach()
    if type(x).__module__.startswith("jax"):
        import jax

        return jax.lax.stop_gradient(x)
    return getattr(x, "_value", x) if type(x).__name__ == "ArrayBox" else x


detached.flat("x")


def xp_of(value: Any) -> Any:
    """The namespace of a value: operations for nodes, the array library for arrays."""
    return gc.registry if isinstance(value, Node) else namespace_of(value)


def entry_changed(result: Any, factor: float) -> Any:
    """One entry of many multiplied by a factor."""
    size = int(np.prod(result.shape, dtype=int))
    if size < MANY:
        return result
    mask = np.ones(size)
    mask[137] = factor
    mask = mask.reshape(tuple(result.shape))
    return result * (mask if isinstance(result, Node) else xp_of(result).asarray(mask))


def in_single_precision(result: Any) -> Any:
    """Round to 24 bits in between."""
    xp = xp_of(result)
    return xp.astype(xp.astype(result, xp.float32), xp.float64)


def wrong_beyond(result: Any, x: Any, bound: float) -> Any:
    """One percent too much where ``|x|`` is larger than a bound."""
    xp = xp_of(x)
    return result * (1.0 + 0.005 * (1.0 + xp.sign(abs(x) - bound)))


def first_of_the_repeated(share: Any, like: Any) -> Any:
    """One of the contributions to an entry that was broadcast, where all should be added up."""
    extra = len(share.shape) - len(like.shape)
    key = (0,) * extra + tuple(slice(0, 1) if want == 1 else slice(None) for want in like.shape)
    return share[key]


# -- the mutants

SCALED = {
    "sigmoid": "z", "exp": "x", "log": "x", "tanh": "x", "multiply": "x1", "divide": "x2", "pow": "x1", "abs": "x",
    "maximum": "x1", "where": "x1", "matmul": "a", "sum": "x", "max": "x", "softmax": "z", "logsumexp": "x",
    "cumulative_prod": "x", "sort": "x", "squared_error": "a", "relu": "z", "hypot": "x1",
}  # fmt: skip


def scaled() -> Iterator[Mutant]:
    for power in range(2, 10):
        for sign in (1, -1):
            factor = 1 + sign * 10.0**-power
            for name, argument in SCALED.items():
                op = gc.registry[name]
                mutant = after(op, argument, lambda result, _, factor=factor: result * factor)
                kind = f"scaled by 1 {'+' if sign > 0 else '−'} 1e-{power}"
                yield Mutant(kind, f"∂/∂{argument} × {factor}", mutant, op)


def one_entry() -> Iterator[Mutant]:
    for what, factor in (("dropped", 0.0), ("off by 1 %", 0.99)):
        for name in ("sigmoid", "exp", "tanh", "multiply", "abs", "softmax", "sum", "logsumexp", "max", "sort"):
            op, argument = gc.registry[name], SCALED[name]
            mutant = after(op, argument, lambda result, _, factor=factor: entry_changed(result, factor))
            yield Mutant(f"one entry of {MANY} {what}", f"∂/∂{argument}", mutant, op)


def not_summed() -> Iterator[Mutant]:
    for name, argument in (
        ("multiply", "x1"), ("multiply", "x2"), ("add", "x2"), ("divide", "x2"), ("pow", "x2"), ("maximum", "x2"),
        ("hypot", "x2"), ("atan2", "x1"), ("logaddexp", "x2"),
    ):  # fmt: skip
        op = gc.registry[name]
        rule = op.rules[argument]

        def wrong(given: dict[str, Any], rule: Rule = rule, argument: str = argument) -> Any:
            local = rule.function(**{n: given[n] for n in rule.reads})
            share = given["dout"] * local if isinstance(local, int) else chain(given["dout"], local)
            return first_of_the_repeated(share, given[argument])

        reads = list(dict.fromkeys([*rule.reads, "dout", argument]))
        yield Mutant("broadcast sum missing", f"∂/∂{argument}", with_rule(op, argument, wrong, reads, "pullback"), op)


def wrong_axis() -> Iterator[Mutant]:
    square = np.array([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5], [1.25, 0.75, -2.0]])
    for name in (
        "softmax",
        "log_softmax",
        "logsumexp",
        "sum",
        "mean",
        "max",
        "sort",
        "cumulative_sum",
        "cumulative_prod",
    ):
        op, argument = gc.registry[name], op_argument(name)
        if name == "sum":
            mutant = before(
                op, argument, lambda given: {"axis": 1 - given["axis"] if given["axis"] in {0, 1} else None}
            )
        else:
            mutant = before(op, argument, lambda given: {"axis": 1 if given["axis"] == 0 else given["axis"]})
        yield Mutant("wrong axis", f"∂/∂{argument} along axis 1 instead of 0", mutant, op, (square,), {"axis": 0})


def op_argument(name: str) -> str:
    """The first value of an operation."""
    return gc.registry[name].values[0]


def transposed() -> Iterator[Mutant]:
    a, b = np.array([[0.5, -1.5], [2.0, 1.25]]), np.array([[1.5, 0.75], [-0.25, 1.0]])
    for what, argument, wrong in (
        ("dout b", "a", lambda given: given["dout"] @ given["b"]),
        ("(dout bᵀ)ᵀ", "a", lambda given: (given["dout"] @ given["b"].mT).mT),
        ("a dout", "b", lambda given: given["a"] @ given["dout"]),
        ("dout aᵀ", "b", lambda given: given["dout"] @ given["a"].mT),
    ):
        mutant = with_rule(ops.matmul, argument, wrong, ["dout", "a", "b"], "pullback")
        yield Mutant("transposed", f"∂/∂{argument} = {what}", mutant, ops.matmul, (a, b))
    mutant = with_rule(ops.matrix_transpose, "x", lambda given: given["dout"] * 1.0, ["dout"], "pullback")
    yield Mutant("transposed", "∂/∂x = dout", mutant, ops.matrix_transpose, (a,))
    mutant = after(ops.permute_dims, "x", lambda result, _: result.mT)
    yield Mutant("transposed", "∂/∂x is turned", mutant, ops.permute_dims, (a,), {"axes": (1, 0)})


def wrong_side() -> Iterator[Mutant]:
    def negated(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda given: {name: -given[name]}

    def shifted(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda given: {name: given[name] - 0.03}

    def swapped(given: dict[str, Any]) -> dict[str, Any]:
        return {"x1": given["x2"], "x2": given["x1"]}

    kind = "wrong side of a kink"
    for op, argument, what, change in (
        (ops.abs, "x", "sign(−x)", negated("x")),
        (ops.abs, "x", "the kink at 0.03", shifted("x")),
        (ops.relu, "z", "sign(−out)", negated("out")),
        (ops.relu, "z", "the kink at 0.03", shifted("out")),
        (ops.leaky_relu, "z", "slopes exchanged", negated("z")),
        (ops.leaky_relu, "z", "the kink at 0.03", shifted("z")),
        (ops.elu, "z", "sides exchanged", negated("z")),
        (ops.maximum, "x1", "the smaller", swapped),
        (ops.minimum, "x2", "the larger", swapped),
        (ops.clip, "x", "below instead of above", negated("x")),
        (ops.absolute_error, "a", "sign(y − a)", lambda given: {"a": given["y"], "y": given["a"]}),
        (ops.where, "x1", "where not", lambda given: {"condition": gc.registry["logical_not"](given["condition"])}),
    ):
        yield Mutant(kind, f"∂/∂{argument}: {what}", before(op, argument, change), op)


def at_ties() -> Iterator[Mutant]:
    def to_each(given: dict[str, Any]) -> Any:
        x, xp = given["x"], given["xp"]
        return given["dout"] * xp.astype(xp.equal(x, given["out"]), x.dtype)

    kind = "wrong at ties"
    for op in (ops.max, ops.min):
        mutant = with_rule(op, "x", to_each, ["dout", "x", "out", "xp"], "pullback")
        yield Mutant(kind, "1 to each of the tied", mutant, op, (np.array([0.5, 2.0, -1.0]),))
        mutant = with_rule(op, "x", to_each, ["dout", "x", "out", "xp"], "pullback")
        yield Mutant(kind, "1 to each of the tied, shown", mutant, op, (np.array([0.5, 0.5, 0.5]),))

    def both(sign: int) -> Callable[[dict[str, Any]], Any]:
        def slope(given: dict[str, Any]) -> Any:
            step = given["xp"].sign(sign * (given["x1"] - given["x2"]))
            return 1.0 - 0.5 * step * (step - 1.0)

        return slope

    def neither(sign: int) -> Callable[[dict[str, Any]], Any]:
        def slope(given: dict[str, Any]) -> Any:
            step = given["xp"].sign(sign * (given["x1"] - given["x2"]))
            return 0.5 * step * (step + 1.0)

        return slope

    for op, sign in ((ops.maximum, 1), (ops.minimum, -1)):
        for what, slope in (("1 to both", both), ("0 to both", neither)):
            mutant = with_rule(op, "x1", slope(sign), ["x1", "x2", "xp"], "local")
            mutant = with_rule(mutant, "x2", slope(-sign), ["x1", "x2", "xp"], "local")
            yield Mutant(kind, what, mutant, op)
    for op, name in ((ops.abs, "x"), (ops.relu, "z"), (ops.leaky_relu, "z")):
        mutant = after(
            op,
            name,
            lambda result, given, name=name: result + 2.0 * (1.0 - abs(xp_of(given[name]).sign(given[name]))),
            name,
        )
        yield Mutant(kind, "2 more at the kink", mutant, op)


def second_order() -> Iterator[Mutant]:
    for name in ("sigmoid", "exp", "log", "tanh", "multiply", "divide", "pow", "softmax", "logsumexp", "squared_error"):
        op, argument = gc.registry[name], SCALED[name]
        mutant = after(op, argument, lambda result, _: detached(result))
        yield Mutant("wrong second order", f"∂/∂{argument} is cut off", mutant, op)
    wrong = lambda given: given["dout"] @ detached(given["b"].mT)  # noqa: E731
    mutant = with_rule(ops.matmul, "a", wrong, ["dout", "b"], "pullback")
    square = np.array([[0.5, -1.5], [2.0, 1.25]])
    yield Mutant("wrong second order", "∂/∂a: b is cut off", mutant, ops.matmul, (square, square + 0.3))
    mutant = before(ops.sin, "x", lambda given: {"x": detached(given["x"])})
    yield Mutant("wrong second order", "∂/∂x: x is cut off", mutant, ops.sin)


def for_large() -> Iterator[Mutant]:
    for name, argument, bound in (
        ("sin", "x", 50.0), ("square", "x", 50.0), ("multiply", "x2", 50.0), ("log", "x", 50.0), ("asinh", "x", 50.0),
        ("softplus", "z", 50.0), ("sqrt", "x", 50.0), ("hypot", "x1", 50.0), ("sigmoid", "z", 10.0), ("tanh", "x", 8.0),
        ("abs", "x", 50.0), ("squared_error", "a", 50.0),
    ):  # fmt: skip
        op = gc.registry[name]
        mutant = after(
            op, argument, lambda result, given, a=argument, bound=bound: wrong_beyond(result, given[a], bound), argument
        )
        yield Mutant("wrong only for large |x|", f"∂/∂{argument} beyond {bound:g}", mutant, op)


def downcast() -> Iterator[Mutant]:
    for name, argument in SCALED.items():
        if name in {"abs", "maximum", "where", "sum", "max", "sort", "relu"}:
            continue  # their slopes are 0 and 1, exact in every precision
        op = gc.registry[name]
        mutant = after(op, argument, lambda result, _: in_single_precision(result))
        yield Mutant("float32 inside a rule", f"∂/∂{argument}", mutant, op)


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for family in (
        scaled, one_entry, not_summed, wrong_axis, transposed, wrong_side, at_ties, second_order, for_large, downcast
    ):  # fmt: skip
        yield from family()
