"""The symbols of derivatives: ``∂z/∂w``."""

from __future__ import annotations

from dataclasses import dataclass

from ...autodiff.run import Run
from ...graph.node import Node
from ...symbolic.expression import Formula, placeholder
from ...symbolic.formulas import formula_of

_LONGEST = 16


@dataclass(frozen=True)
class Partial:
    """The derivative of one thing with respect to another, as a symbol.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> partial = Partial(symbol_of((x * x).named("z1")), symbol_of(x))
    >>> print(partial), partial.latex
    ∂z1/∂x
    (None, '\\\\frac{\\\\partial z_{1}}{\\\\partial x}')
    """

    upper: Formula
    lower: Formula

    def __str__(self) -> str:
        return f"∂{self.upper}/∂{self.lower}"

    @property
    def latex(self) -> str:
        """The symbol for a paper or a notebook."""
        return rf"\frac{{\partial {self.upper.latex}}}{{\partial {self.lower.latex}}}"


def symbol_of(node: Node, run: Run | None = None) -> Formula:
    """Return the symbol of a node after a ∂: its name, or its formula if that is short. A cost without a name is C.

    >>> import graphcore as gc, ops
    >>> w, x = (g := gc.Graph()).input("w"), g.input("x")
    >>> print(symbol_of(w), symbol_of(w * x), symbol_of((w * x).named("z")), symbol_of(ops.exp(ops.exp(w * x + x))))
    w (w · x) z exp#7
    """
    if node.name is None and node.op is not None:
        if run is not None and node is run.output and "C" not in node.graph:
            return named("C")
        formula = formula_of(node)
        if len(str(formula)) <= _LONGEST and "…" not in str(formula):
            return Formula(rf"\\left({formula.template}\\right)".replace("\\\\", "\\"), formula.names)
    return named(node.label)


def named(name: str) -> Formula:
    """Return a name as a formula.

    >>> print(named("z1"), named("z1").latex)
    z1 z_{1}
    """
    return Formula(placeholder(0), (name,))


def gradient_symbol(run: Run, node: Node) -> Partial:
    """``∂C/∂z``, with the cost of the run.

    >>> import graphcore as gc
    >>> x = gc.Graph().input("x")
    >>> print(gradient_symbol(gc.backprop(x * x, {x: 3.0}), x))
    ∂C/∂x
    """
    return Partial(symbol_of(run.output, run), symbol_of(node, run))
