"""Labels of edges: the local derivative in symbols and in numbers."""

from __future__ import annotations

import re

from graphcore import Edge, Node, Run
from graphcore.extend import derivative_symbol, formula_of, local_formula, local_value

from ..format.array_summary import as_numpy, summarize
from ..format.numbers import format_percent, number, text

_HOLE = "□"
_LONG = 26


def format_symbol(node: Node, limit: int = 16) -> str:
    """Return the symbol of a node behind a ∂: its name, or its formula if that is short.

    >>> import graphcore as gc, ops
    >>> w, x = (g := gc.Graph()).input("w"), g.input("x")
    >>> format_symbol(w), format_symbol(w * x), format_symbol((w * x).named("z"))
    ('w', '(w · x)', 'z')
    """
    if node.name is not None or node.op is None:
        return text(node.label, limit)
    formula = str(formula_of(node))
    return f"({formula})" if len(formula) <= limit else text(node.label, limit)


def format_partial(target: Node, source: Node, cost: tuple[Node, str] | None = None) -> str:
    """Return ``∂z/∂w``; ``cost`` is the cost and its symbol, for a cost without a name.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> format_partial((x * x).named("C"), x)
    '∂C/∂x'
    """
    upper, lower = (cost[1] if cost and node is cost[0] else format_symbol(node) for node in (target, source))
    return f"∂{upper}/∂{lower}"


def format_derivative(target: Node, argument: str, cost: tuple[Node, str] | None = None) -> tuple[str, str]:
    """Return the derivative's symbol and formula: ``σ′(z)`` and ``a · (1 − σ(z))``; for a linear map ``· Wᵀ``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None, 3)), g.parameter("w", [[1.0], [2.0], [3.0]])
    >>> z = ops.matmul(x, w, name="z")
    >>> format_derivative(z, "a"), format_derivative(ops.sigmoid(z, name="a"), "z")
    (('∂z/∂x', '· wᵀ'), ('σ′(z)', 'a ⊙ (1 − σ(z))'))
    """
    source = target.inputs[target.arguments.index(argument)]
    symbol = str(derivative_symbol(target) or format_partial(target, source, cost))
    formula = str(local_formula(target, argument) or "")
    if _HOLE in formula:
        behind = cost[1] if cost and target is cost[0] else format_symbol(target)
        formula = _format_linear_map(formula, f"∂{cost[1] if cost else 'C'}/∂{behind}")
    return symbol, formula


def _format_linear_map(formula: str, dout: str) -> str:
    """Format a linear map: the factor of the gradient, and the side on which it is multiplied."""
    if formula == _HOLE:
        return "1"
    after = re.fullmatch(rf"{_HOLE}( [·⊙])? ([^{_HOLE}]+)", formula)
    if after:
        return f"{(after[1] or ' ·').strip()} {after[2]}"
    before = re.fullmatch(rf"([^{_HOLE}]+?)( [·⊙])? {_HOLE}", formula)
    if before and not before[1].endswith(("+", "−", "/")):
        return f"{before[1]} {(before[2] or ' ·').strip()}"
    return formula.replace(_HOLE, f"({dout})")


def format_edge_label(run: Run | None, edge: Edge, cost: tuple[Node, str], digits: int) -> list[str]:
    """Return the label of an edge: ``∂z/∂w = a = 0.62``, in two lines if it is long.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, a = g.parameter("w", 2.0), g.input("a")
    >>> run = gc.backprop((w * a).named("z"), {a: 0.62})
    >>> format_edge_label(run, run.edges[0], (g["z"], "z"), 3)
    ['∂z/∂w = a = 0.62']
    """
    target, argument = edge.target, edge.argument
    twice = sum(source is edge.source for source in target.inputs) > 1
    symbol, formula = format_derivative(target, argument, cost)
    value = "" if run is None else format_local_value(run, edge, digits)
    if formula and value.lstrip("−") == formula.lstrip("−"):
        formula = ""  # 1 = 1 is redundant
    if len(formula) > 2 * _LONG:
        formula = ""
    start = f"{argument}: {symbol}" if twice else symbol
    parts = [start] + [part if part.startswith("rms") else f"= {part}" for part in (formula, value) if part]
    if formula.startswith(("·", "⊙")) or formula.endswith(("·", "⊙")):
        parts[1] = f": {formula}"
    whole = " ".join(parts).replace(" :", ":")
    if len(whole) <= _LONG or len(parts) < 2:
        return [whole]
    if len(parts) == 3 and len(parts[0]) + len(parts[1]) < _LONG + 6:
        return [" ".join(parts[:2]).replace(" :", ":"), parts[2]]
    return [parts[0], *(part.lstrip(": ") if part.startswith(":") else part for part in parts[1:])]


def format_local_value(run: Run, edge: Edge, digits: int) -> str:
    """Format the local derivative as a number, or the size of an array of them; empty for a map of whole arrays.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, a = g.parameter("w", 2.0), g.input("a")
    >>> run = gc.backprop((w * a).named("z"), {a: 0.62})
    >>> [format_local_value(run, edge, 3) for edge in run.edges]
    ['0.62', '2']
    """
    local = local_value(run, edge)
    if local is None:
        return ""
    summary = summarize(local)
    if summary.single is not None:
        return number(summary.single, digits)
    if summary.alarm_text or 0 in summary.shape:
        return summary.alarm_text
    if summary.zero == 0 and summary.rms and summary.norm == abs(summary.top) * as_numpy(local).size ** 0.5:
        return number(summary.top, digits) if summary.positive in (0.0, 1.0) else f"±{number(abs(summary.top), digits)}"
    return f"rms {number(summary.rms, 2)}" + (f", zero {format_percent(summary.zero)}" if summary.zero else "")
