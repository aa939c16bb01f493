"""What an edge hands back, as a product: the sensitivity that its target has, times the local derivative."""

from __future__ import annotations

from graphcore import Edge, Node, Run
from graphcore.extend import parenthesize, symbol_of

from ..format.array_summary import as_numpy
from ..format.numbers import number, text
from .derivatives import in_numbers, words

_DIGITS = 4


def product(run: Run, edge: Edge, cost: tuple[Node, str]) -> str:
    """In symbols, but for the sensitivity where it is a single number; ``cost`` is the cost and its symbol.

    Of arrays a linear map stands on the side on which it is applied.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, W = g.input("x", (2,)), g.parameter("W", [[1.0], [2.0]])
    >>> run = gc.backprop(ops.sum(ops.tanh(x @ W, name="a"), name="C"), {x: [0.0, 0.5]})
    >>> [product(run, edge, (run.output, "C")) for edge in run.edges]
    ['W · ∂C/∂(x W)', 'x ⊙ ∂C/∂(x W)', '∂C/∂a ⊙ tanh′(x W)', 'Σ ∂C/∂C']
    """
    factor = _factor(edge, cost)
    if _is_single(run, edge):
        return f"{_brief(run.grad[edge.target])} × {parenthesize(factor)}"
    target = edge.target
    sensitivity = f"∂{cost[1]}/∂{text(str(symbol_of(target, run)), 24)}"
    if factor == "1":
        is_repeated = run.value[target].shape != run.value[edge.source].shape
        return f"Σ {sensitivity}" if is_repeated else sensitivity
    if factor.endswith(("·", "⊙")):
        return f"{factor} {sensitivity}"
    if factor.startswith(("·", "⊙")):
        return f"{sensitivity} {factor}"
    return f"{sensitivity} {'·' if target.shape == () else '⊙'} {factor}"


def product_in_numbers(run: Run, edge: Edge, cost: tuple[Node, str]) -> list[str]:
    """The same in numbers alone; nothing where a number is not single, or the formula was a number already.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> product(run, run.edges[0], (run.output, "C")), product_in_numbers(run, run.edges[0], (run.output, "C"))
    ('1 × 2 · x', ['1 × 6'])
    """
    if not _is_single(run, edge):
        return []
    local = in_numbers(run, edge, _DIGITS)
    if local.lstrip("−") == _factor(edge, cost).lstrip("−"):
        return []
    return [f"{_brief(run.grad[edge.target])} × {parenthesize(local)}"]


def _factor(edge: Edge, cost: tuple[Node, str]) -> str:
    """The local derivative in symbols: σ′(z) by its name, what has none by its formula."""
    symbol, formula = words(edge.target, edge.argument, cost)
    return symbol if "′" in symbol or not formula else formula


def _is_single(run: Run, edge: Edge) -> bool:
    return run.value[edge.target].shape == () and edge.source.shape == ()


def _brief(number_of: object) -> str:
    return number(float(as_numpy(number_of)), _DIGITS)
