"""Contributions of edges as products: the gradient at the target times the local derivative."""

from __future__ import annotations

from graphcore import Edge, Node, Run
from graphcore.extend import parenthesize, symbol_of

from ..format.array_summary import as_numpy
from ..format.numbers import number, text
from .derivatives import format_derivative, format_local_value

_DIGITS = 4


def format_product(run: Run, edge: Edge, cost: tuple[Node, str]) -> str:
    """Write a contribution in symbols; a gradient that is a single number is written as a number.

    ``cost`` is the cost and its symbol. A linear map of arrays is written on the side on which it is applied.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, W = g.input("x", (2,)), g.parameter("W", [[1.0], [2.0]])
    >>> run = gc.backprop(ops.sum(ops.tanh(x @ W, name="a"), name="C"), {x: [0.0, 0.5]})
    >>> [format_product(run, edge, (run.output, "C")) for edge in run.edges]
    ['∂C/∂(x W) · Wᵀ', 'xᵀ · ∂C/∂(x W)', '∂C/∂a ⊙ tanh′(x W)', '∂C/∂C']
    """
    factor = _factor(edge, cost)
    if _is_single(run, edge):
        return f"{_format_number(run.grad[edge.target])} × {parenthesize(factor)}"
    target = edge.target
    dout = f"∂{cost[1]}/∂{text(str(symbol_of(target, run)), 24)}"
    if factor == "1":
        is_summed = run.value[target].size > run.value[edge.source].size  # each entry went into several
        return f"Σ {dout}" if is_summed else dout
    if factor.endswith(("·", "⊙")):
        return f"{factor} {dout}"
    if factor.startswith(("·", "⊙")):
        return f"{dout} {factor}"
    return f"{dout} {'·' if target.shape == () else '⊙'} {factor}"


def format_product_values(run: Run, edge: Edge, cost: tuple[Node, str]) -> list[str]:
    """Write a contribution in numbers; empty for arrays, and where the symbolic form was a number already.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> edge, cost = run.edges[0], (run.output, "C")
    >>> format_product(run, edge, cost), format_product_values(run, edge, cost)
    ('1 × 2 · x', ['1 × 6'])
    """
    if not _is_single(run, edge):
        return []
    local = format_local_value(run, edge, _DIGITS)
    if local.lstrip("−") == _factor(edge, cost).lstrip("−"):
        return []
    return [f"{_format_number(run.grad[edge.target])} × {parenthesize(local)}"]


def _factor(edge: Edge, cost: tuple[Node, str]) -> str:
    """Return the local derivative in symbols: σ′(z) by its name, others by their formula."""
    symbol, formula = format_derivative(edge.target, edge.argument, cost)
    return symbol if "′" in symbol or not formula else formula


def _is_single(run: Run, edge: Edge) -> bool:
    return run.value[edge.target].shape == () and edge.source.shape == ()


def _format_number(number_of: object) -> str:
    return number(float(as_numpy(number_of)), _DIGITS)
