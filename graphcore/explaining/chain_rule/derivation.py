"""A gradient as the textbooks write it: the recursion of the δ, from the cost backward."""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import Any

from ...arrays.namespace import Array, read_only_view
from ...arrays.registry import registry
from ...autodiff.executor import contribution, forward
from ...autodiff.gradient import check_cost, derivative
from ...autodiff.interpreters import PlanEdge
from ...autodiff.plan import plan_for
from ...autodiff.run import Run
from ...errors import DtypeError, GraphError, shorten
from ...graph.graph import Graph
from ...graph.node import Node
from ...operations.operation import op_of
from ...symbolic.expression import Formula, placeholder
from ...symbolic.formulas import READABLE, derivative_symbol
from ...symbolic.latex import LatexWriter
from ...symbolic.simplify import REWRITES
from ..paths.path_graph import PathGraph, require_run
from ..text.document import MathText, join_equal, math_text
from ..text.symbols import Partial, named, symbol_of

#: a longer recursion is shown by this many lines at each end
_END = 6
#: of more numbers between the node and the cost also those get a δ that have no name
_LONGEST = 60


def formula(cost: Node, wrt: Node | str) -> Derivation:
    """Return ∂cost/∂wrt as a formula simplified for people: ``str()`` in Unicode, ``.latex`` in LaTeX.

    The gradient at a neuron's weighted sum is called δ, and every δ is written with the next one. ``□`` never
    stands in it; where a rule cannot be written the derivative keeps its symbol. ``.evaluate(run)`` is the number, and
    is computed by the derivative itself: simplifying the formula touches nothing that is computed.

    Raises `GraphError` if ``wrt`` does not reach the cost, and `CostError` if the cost is not one number.

    >>> import graphcore as gc
    >>> from ops import matmul, mean, sigmoid, squared_error
    >>> g = gc.Graph()
    >>> x, y = g.input("x", (None, 2)), g.input("y", (None, 1))
    >>> W1, W2 = g.parameter("W1", [[0.5, -1.0], [2.0, 0.25]]), g.parameter("W2", [[1.0], [-1.5]])
    >>> a1 = sigmoid(matmul(x, W1, name="z1"), name="a1")
    >>> a2 = sigmoid(matmul(a1, W2, name="z2"), name="a2")
    >>> C = mean(squared_error(a2, y), name="C")
    >>> print(gc.formula(C, W1))
    ∂C/∂W1 = xᵀ δ₁
        δ₁ = ∂C/∂z1 = (δ₂ W2ᵀ) ⊙ σ′(z1)
        δ₂ = ∂C/∂z2 = (2 · (a2 − y)) / n ⊙ σ′(z2)
    >>> run = gc.backprop(C, {x: [[1.0, 2.0]], y: [[1.0]]})
    >>> bool((gc.formula(C, W1).evaluate(run) == run.grad[W1]).all())
    True
    """
    check_cost(cost)
    node = cost.graph[wrt] if isinstance(wrt, str) else wrt
    if not isinstance(node, Node) or node.graph is not cost.graph:
        raise GraphError(f"formula takes a node of {cost.graph!r} or its name, and got {shorten(repr(node))}")
    order = plan_for(cost.graph, (cost,))
    if node not in order:
        raise GraphError(f"{shorten(node.label)!r} does not reach {shorten(cost.label)!r}: its derivative is zero")
    if not node.type.is_float:
        raise DtypeError(f"{node.describe()}, is not a float, and only floats have a derivative")
    return Derivation(cost, node)


class Line:
    """One equation: a symbol, what it stands for if it is a δ, and its formula, written on first access."""

    def __init__(self, backward: _Backward, node: Node) -> None:
        self._backward, self._node = backward, node

    @property
    def symbol(self) -> MathText:
        """The left-hand side: the requested derivative, or a δ."""
        delta = self._backward.deltas.get(self._node)
        return self._partial if delta is None else math_text(delta)

    @cached_property
    def formula(self) -> Formula:
        """The right-hand side."""
        return self._backward.written(self._node)

    @property
    def equation(self) -> MathText:
        """``δ₁ = ∂C/∂z1 = …``."""
        return join_equal(self.symbol, self._partial, self.formula)

    @property
    def _partial(self) -> MathText:
        return math_text(self._backward.partial(self._node))


class Derivation:
    """The formula of a derivative: ``str()``, ``.latex``, and ``.evaluate(run)``.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> formula = gc.formula((x * x * x).named("C"), "x")
    >>> print(formula), formula.latex
    ∂C/∂x = 3 · x²
    (None, '\\\\frac{\\\\partial C}{\\\\partial x} = 3 \\\\cdot x^2')
    """

    def __init__(self, cost: Node, wrt: Node) -> None:
        self.cost, self.wrt = cost, wrt
        #: the derivative itself, and after it every δ that it is written with, from the node to the cost
        self.lines: list[Line] = _Backward(cost, wrt).lines()

    def evaluate(self, run: Run) -> Array:
        """Return `graphcore.derivative` at the values of a run."""
        require_run(run, "evaluate")
        if run.graph is not self.cost.graph or self.cost not in run.value:
            raise GraphError(
                f"the run has no value of {shorten(self.cost.label)!r}, to which this formula belongs; "
                f"evaluate it at gc.backprop({shorten(self.cost.label)}, feed)"
            )
        node = derivative(self.cost, self.wrt)
        order = plan_for(node.graph, (node,))
        values: dict[Node, Any] = {n: run.value[n] for n in order if n in run.value}
        forward(order, values, run.xp)
        return read_only_view(values[node])

    def __str__(self) -> str:
        first, *rest = self._shown
        return "\n".join([str(first), *(f"    {line}" for line in rest)])

    @property
    def latex(self) -> str:
        """The formula in LaTeX: one equation, or several aligned."""
        lines = [line.latex for line in self._shown]
        if len(lines) == 1:
            return lines[0]
        aligned = [line.replace(" = ", " &= ", 1) for line in lines]
        return "\\begin{aligned}\n" + " \\\\\n".join(aligned) + "\n\\end{aligned}"

    @cached_property
    def _shown(self) -> list[MathText]:
        left = len(self.lines) - 2 * _END
        if left <= 1:
            return [line.equation for line in self.lines]
        between = MathText(f"… {left} more, in the same way", rf"\vdots \quad \text{{{left} more}}")
        first, last = self.lines[:_END], self.lines[-_END:]
        return [*(line.equation for line in first), between, *(line.equation for line in last)]

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"

    def __repr__(self) -> str:
        return f"<Formula of {self.lines[0].symbol}>"


class _StandIns(dict[Node, Node]):
    """An input of a scratch graph for every node, made on first access."""

    def __init__(self) -> None:
        self.graph = Graph("formula")
        #: the node that each input represents
        self.outer: dict[Node, Node] = {}

    def __missing__(self, node: Node) -> Node:
        inner = self[node] = self.graph.input(f"{len(self.graph)}", node.shape, node.dtype)
        self.outer[inner] = node
        return inner


class _Backward:
    """The backward pass in symbols: the gradient at a node is written out, or named as a δ."""

    def __init__(self, cost: Node, wrt: Node) -> None:
        self.cost, self.wrt = cost, wrt
        self.upper = named(cost.label if cost.name is not None or "C" in cost.graph else "C")
        self.path_graph = PathGraph(plan_for(cost.graph, (cost,)), wrt, cost)
        #: true if it is too long to be written out
        self.is_long = len(self.path_graph.out_edges) > _LONGEST
        self.values = _StandIns()
        self.symbols: dict[Node, str | Formula] = {}
        self.deltas = self._named_deltas()
        #: the gradients that have been written so far
        self.back: dict[Node, Any] = {cost: self.values.graph.constant(1.0, dtype=cost.dtype)}

    def lines(self) -> list[Line]:
        """Return the derivative and every δ that it is written with, from the node to the cost."""
        rest = [node for node in self.path_graph.out_edges if node in self.deltas]
        return [Line(self, node) for node in (self.wrt, *rest)]

    def written(self, node: Node) -> Formula:
        """Return the gradient at a node as a formula of the gradients at the nodes after it."""
        back = self._back_to(node)
        writer = LatexWriter(REWRITES, self.values.outer, self.symbols, collect_terms=True)
        whole = writer.write(back) if isinstance(back, Node) else writer.number(back)
        return Formula(whole.written.text, tuple(writer.names))

    def partial(self, node: Node) -> Partial:
        """``∂C/∂z``."""
        return Partial(self.upper, symbol_of(node))

    def _back_to(self, node: Node) -> Any:
        """Return the sum over the edges that leave a node; gradients with a name are not written out."""
        waiting = [node]
        while waiting:
            here = waiting[-1]
            steps = self.path_graph.out_edges.get(here, [])
            behind = [s.target for s in steps if s.target not in self.back and s.target not in self.deltas]
            if here in self.back:
                waiting.pop()
            elif behind:
                waiting += behind
            else:
                contributions = [self._share(step, self._dout(step.target)) for step in steps]
                self.back[waiting.pop()] = sum(contributions[1:], contributions[0]) if contributions else 0.0
        return self.back[node]

    def _dout(self, node: Node) -> Any:
        return self.symbol(node, self.deltas[node]) if node in self.deltas else self.back[node]

    # -- the contribution of an edge, in symbols

    def _share(self, step: PlanEdge, dout: Any) -> Any:
        source, target, argument = step
        rule = op_of(target).rule_for(argument)
        name = derivative_symbol(target) if rule is not None and rule.kind == "local" else None
        if name is not None:  # a local derivative that has a name, such as σ′(z), is written by its name
            return READABLE.product(dout, self.symbol(target, name), target)
        try:
            share = contribution(target, argument, self.values, dout, READABLE)
        except Exception:  # noqa: BLE001  a rule that works on arrays only has no formula
            return self.symbol(source, _written(self.partial(source)))
        if isinstance(share, Node) and share.ndim > source.ndim:  # it was repeated
            return registry["sum"](share, axis=tuple(range(share.ndim - source.ndim)))
        return share

    def symbol(self, node: Node, symbol: Formula) -> Node:
        """Return a new node of the scratch graph that is written as a symbol."""
        scratch = self.values.graph
        made = scratch.input(f"{len(scratch)}", node.shape, node.dtype)
        self.symbols[made] = symbol
        return made

    # -- choice of the named gradients

    def _named_deltas(self) -> dict[Node, Formula]:
        chosen = [node for node in self.path_graph.out_edges if node is not self.wrt and self._deserves_a_name(node)]
        suffixes = [re.fullmatch(r"\D{0,2}?(\d*)", node.name or "?") for node in chosen]
        numbers = [
            None if found is None or node.name is None else found[1]
            for found, node in zip(suffixes, chosen, strict=True)
        ]
        if None in numbers or len(set(numbers)) < len(numbers):
            return {node: _delta(node.name, str(place)) for place, node in enumerate(chosen, 1)}
        return {node: _delta(None, number or "") for node, number in zip(chosen, numbers, strict=True)}

    def _deserves_a_name(self, node: Node) -> bool:
        """Return true for a weighted sum before an activation, and where several paths meet."""
        steps = self.path_graph.out_edges[node]
        if node.op is None or (node.name is None and node.ndim == 0 and not self.is_long):
            return False
        if len(steps) > 1:
            return True
        (step,) = steps
        rule = op_of(step.target).rule_for(step.argument)
        curved = rule is not None and rule.kind == "local" and not {"out", rule.argument}.isdisjoint(rule.reads)
        return curved and step.target is not self.cost


def _delta(name: str | None, number: str) -> Formula:
    if name is not None:
        return Formula(rf"\delta_{{{placeholder(0)}}}", (name,))
    return Formula(rf"\delta_{{{number}}}" if number else r"\delta")


def _written(partial: Partial) -> Formula:
    """Return the symbol of a derivative as one name."""
    return Formula(placeholder(0), (str(partial),))
