"""Operations without rules of their own: differentiated through the operations their forward is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import MissingRuleError
from .graph import Graph
from .namespace import Array, Namespace
from .node import Node
from .registration import registry
from .shapes import hashable

if TYPE_CHECKING:
    from .operation import Op


def composite_contribution(
    target: Node, argument: str, values: Mapping[Node, Any], dout: Any, xp: Namespace
) -> Array | Node | None:
    """What an edge into a composite operation hands back; ``None`` if the forward does not depend on that argument.

    The forward is written out once as a graph of its own, and its gradient with it. Running that graph on arrays gives
    the number; running it on nodes writes the formula where they are.
    """
    from .executor import forward, order_of

    op = target.op
    assert op is not None
    if not op.is_composite:
        raise MissingRuleError(
            f"{op.name} has no rule for {argument!r}: register @{op.name}.local or @{op.name}.pullback, or say "
            f"{op.name}.flat({argument!r}) if the derivative is zero"
        )
    inputs, seed, gradients = _written_out(op, target)
    formula = gradients[argument]
    if formula is None:
        return None
    inner: dict[Node, Any] = {seed: dout}
    for inside, outside in zip(inputs, target.inputs, strict=True):
        inner[inside] = values[outside]
    order = order_of(formula.graph, (formula,))
    if xp is registry:
        with target.graph.on_behalf_of(target):
            forward(order, inner, xp)
    else:
        forward(order, inner, xp)
    return inner[formula]


def _written_out(op: Op, target: Node) -> tuple[list[Node], Node, dict[str, Node | None]]:
    """Inputs, sensitivity and one gradient per argument of a composite operation, as a graph of its own."""
    from .executor import Itself, order_of, reached_from, reverse

    types = tuple(node.type for node in target.inputs)
    key = ("composite", target.arguments, types, hashable(target.settings))
    known = op.written_out.get(key)
    if known is None:
        scratch = Graph(op.name)
        inputs = [scratch.input(a, t.shape, t.dtype) for a, t in zip(target.arguments, types, strict=True)]
        try:
            out = op.compute(inputs, target.arguments, target.settings, registry)
            if not isinstance(out, Node):
                raise TypeError(f"on nodes it returned {type(out).__name__}")  # noqa: TRY301
        except Exception as error:
            raise MissingRuleError(
                f"{op.name} has no rules, and its forward cannot be followed on nodes to find them "
                f"({type(error).__name__}: {error}); register @{op.name}.local or @{op.name}.pullback"
            ) from error
        seed = scratch.input("dout", out.shape, out.dtype)
        order = order_of(scratch, (out,))
        gradients = reverse(out, order, Itself(), seed, registry, reached_from(inputs, order).__contains__)
        per_argument = {a: gradients.get(i) for a, i in zip(target.arguments, inputs, strict=True)}
        known = op.written_out[key] = (inputs, seed, per_argument)
    return known
