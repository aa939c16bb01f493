"""Formulas for people: a node, or a local derivative, written in the names of the nodes it is made of.

They are written from the graph and from the registered rules, so they cannot say anything else than what is computed.
What is tidied up here (no ``1 ·``, no double transpose) is tidied for the reader only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..autodiff.dependence import everywhere
from ..autodiff.executor import contribution
from ..autodiff.interpreters import Depends, Symbols
from ..graph.graph import Graph
from ..graph.node import GraphOfNodes, Node
from ..operations.operation import op_of
from ..operations.rules import Rule
from ..support.bounded_cache import BoundedCache, bounded_cache
from .expression import Formula
from .latex import LatexWriter
from .simplify import REWRITES

#: so many formulas of a graph are remembered as they are written
_KEPT = 16384


def formula_of(node: Node) -> Formula:
    """Return the formula of a node in terms of the named nodes before it.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> a, y = g.input("a"), g.input("y")
    >>> print(formula_of(ops.squared_error(a, y)))
    (a − y)²
    """
    written = _remembered(node.graph)
    formula: Formula | None = written.get(node)
    if formula is None:
        writer = LatexWriter(REWRITES)
        expression = writer.write(node)
        formula = written[node] = Formula(expression.written.text, tuple(writer.names))
    return formula


def _remembered(graph: GraphOfNodes) -> BoundedCache[Any, Any]:
    """Return the formulas that were written of a graph under the names it has now."""
    written = bounded_cache(graph.cache, "formulas", _KEPT)
    if written.get("renamings") != graph.renamings:
        written.clear()
        written["renamings"] = graph.renamings
    return written


def local_formula(target: Node, argument: str) -> Formula | None:
    """Return the local derivative of a node with respect to one argument, written from the registered rule.

    A pullback rule is shown as a linear map, with ``□`` for the upstream gradient, which is left out if the result is a
    single number. ``None`` where there is no rule to write.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None, 3)), g.parameter("w", [[1.0], [2.0], [3.0]])
    >>> z = ops.matmul(x, w)
    >>> print(local_formula(z, "a")), print(local_formula(z, "b"))
    □ wᵀ
    xᵀ □
    (None, None)
    >>> a = ops.sigmoid(z, name="a")
    >>> print(local_formula(a, "z"))
    a ⊙ (1 − σ(x w))
    """
    return route_formula([(target, argument)])


def route_formula(route: Sequence[tuple[Node, str]]) -> Formula | None:
    """Return the derivative of the last node of a route with respect to the argument by which it is entered first.

    A route is one edge after the other, each its target and argument; what lies between is written out.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x, b = g.parameter("w", 2.0), g.input("x"), g.parameter("b", 1.0)
    >>> z = (w * x + b).named("z")
    >>> print(route_formula([(z.inputs[0], "x1"), (z, "x1")]))
    x
    """
    rules = [op_of(target).rule_for(argument) for target, argument in route]
    written = _remembered(route[0][0].graph)
    known = written.get(tuple(route))
    if known is None or any(one is not other for one, other in zip(known[0], rules, strict=True)):
        known = written[tuple(route)] = rules, _written(route, rules)
    formula: Formula | None = known[1]
    return formula


def _written(route: Sequence[tuple[Node, str]], rules: Sequence[Rule | None]) -> Formula | None:
    last = route[-1][0]
    if any(rule is None or rule.function is None for rule in rules):
        return Formula("0") if any(rule is not None and rule.kind == "flat" for rule in rules) else None
    scratch = Graph("formula")
    around = dict.fromkeys(node for target, _ in route for node in (*target.inputs, target))
    stand_in = {node: scratch.input(f"{i}", node.shape, node.dtype) for i, node in enumerate(around)}
    names = {inner: outer for outer, inner in stand_in.items()}
    whole = last.shape != () and any(rule.kind == "pullback" for rule in rules if rule is not None)
    dout: Any = scratch.input("dout", last.shape, last.dtype) if whole else scratch.constant(1.0, dtype=last.dtype)
    symbols = {dout: r"\square"} if whole else {}
    try:
        for target, argument in reversed(route):
            dout = contribution(target, argument, stand_in, dout, READABLE)
    except Exception:  # noqa: BLE001  a rule that works on arrays only has no formula
        return None
    writer = LatexWriter(REWRITES, names, symbols, collect_terms=True)
    expression = writer.write(dout) if isinstance(dout, Node) else writer.number(dout)
    return Formula(expression.written.text, tuple(writer.names))


class ReadableSymbols(Symbols):
    """Write products as ordinary multiplications, and leave out a factor of 1 on either side."""

    def product(self, dout: Any, local: Any, target: Node, depends: Depends = everywhere) -> Any:  # noqa: ARG002
        """Return dout × local derivative as it is read."""
        if not isinstance(local, Node):
            return dout if local == 1 else dout * local
        if isinstance(dout, Node):
            is_one = dout.kind == "constant" and dout.size == 1 and dout.data.item() == 1
        else:
            is_one = dout == 1
        return local if is_one else dout * local

    switch = product


READABLE = ReadableSymbols()


def derivative_symbol(target: Node) -> Formula | None:
    """``σ′(z)`` for an operation of one value that is written as a function; ``None`` for others.

    >>> import graphcore as gc, ops
    >>> z = gc.Graph().input("z")
    >>> print(derivative_symbol(ops.sigmoid(z)), derivative_symbol(ops.sigmoid(2 * z)))
    σ′(z) σ′(2 · z)
    """
    written = _remembered(target.graph)
    key = "symbol", target
    if key not in written:
        written[key] = _derivative_symbol(target)
    symbol: Formula | None = written.get(key)
    return symbol


def _derivative_symbol(target: Node) -> Formula | None:
    op = op_of(target)
    function = re.fullmatch(r"(.*?\w\}*)\(\{(\w+):bare\}\)", op.notation.template)
    if function is None or len(op.values) != 1 or op.settings:
        return None
    writer, source = LatexWriter(REWRITES), target.inputs[0]
    inner = writer.write(source) if source.name is None and source.op is not None else writer.leaf(source)
    symbol = function[1].replace("{{", "{").replace("}}", "}")
    return Formula(f"{symbol}′({inner.written.text})", tuple(writer.names))
