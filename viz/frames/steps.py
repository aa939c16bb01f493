"""Backpropagation as a list of steps: every value of the forward pass, every contribution of the backward pass.

Nothing is drawn here; the ids of a step refer to the elements of a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graphcore import Edge, Node, Run
from graphcore.extend import Formula, formula_of, parenthesize, require_run, symbol_of

from ..diagram.contributions import format_product, format_product_values
from ..diagram.roles import find_inlined
from ..format.array_summary import summarize
from ..format.element_ids import edge_id, node_id
from ..format.numbers import format_sum, number, text

Kind = Literal["given", "value", "cost", "contribution", "gradient"]
_DIGITS = 4
_MOST_LISTED = 6
#: a negative number that is already in the parentheses of a function
_TWICE = re.compile(r"\(\((−[^()]*)\)\)")


@dataclass(frozen=True)
class Step:
    """One step of backpropagation, with the numbers of the run.

    ``kind`` is one of ``"given"``, the values of inputs and parameters; ``"value"``, a node is computed; ``"cost"``,
    the backward pass begins with ∂C/∂C = 1; ``"contribution"``, an edge adds its contribution to the gradient of its
    source; ``"gradient"``, all gradients are complete.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> steps = steps_of(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [step.kind for step in steps]
    ['given', 'value', 'cost', 'contribution', 'contribution', 'gradient']
    >>> steps[3].edge_id, steps[3].node_id, float(steps[3].running), steps[3].arrived, steps[3].expected
    ('edge-0-1-0', 'node-0', 3.0, 1, 2)
    """

    kind: Kind
    #: in words, with the numbers
    caption: str
    #: the node that is computed, or receives a contribution
    node: Node | None = None
    #: the edge of a contribution
    edge: Edge | None = None
    #: the value, or the contribution
    amount: Any = field(default=None, repr=False)
    #: the sum of the contributions so far
    running: Any = field(default=None, repr=False)
    #: the number of these contributions, and of all
    arrived: int = 0
    expected: int = 0

    @property
    def node_id(self) -> str:
        """Id of the node's box; empty for a step of several nodes."""
        return "" if self.node is None else node_id(self.node)

    @property
    def edge_id(self) -> str:
        """Id of the arrow of a contribution; else empty."""
        return "" if self.edge is None else edge_id(*self.edge[:3])

    @property
    def is_complete(self) -> bool:
        """True if the sum at the node has all its terms, and so is the gradient."""
        return self.arrived == self.expected

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary of text and numbers, ready for JSON; arrays are summarized.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> entry = steps_of(gc.backprop(ops.square(x, name="C"), {x: 3.0}))[3].as_dict()
        >>> entry["edge"], entry["amount"], entry["running"], entry["caption"]
        ('edge-0-1-0', '6', '6', '1 × 2 · x = 1 × 6 = 6 arrives at x, and is ∂C/∂x')
        """
        return {
            "kind": self.kind,
            "caption": self.caption,
            "node": self.node_id,
            "edge": self.edge_id,
            "amount": _format_brief(self.amount),
            "running": _format_brief(self.running),
            "arrived": self.arrived,
            "expected": self.expected,
        }


def steps_of(run: Run) -> list[Step]:
    """List every step of a run: the forward pass value by value, then the backward pass edge by edge.

    The backward pass has the order of the executor: from the cost, node by node, and at each node the contributions of
    its outgoing edges are added one after the other. An unnamed constant is part of a formula, and has no step.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x, y = g.parameter("w", 2.0), g.input("x"), g.input("y")
    >>> a = ops.tanh(w * x, name="a")
    >>> for step in steps_of(gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.5, y: 1.0})):
    ...     print(step.caption)
    Given: x = 0.5, y = 1, w = 2
    w · x = 2 · 0.5 = 1
    a = tanh(w · x) = tanh(2 · 0.5) = 0.7616
    C = (a − y)² = (0.7616 − 1)² = 0.05684
    The backward pass begins at the cost: ∂C/∂C = 1
    1 × 2 · (a − y) = 1 × (−0.4768) = −0.4768 arrives at a, and is ∂C/∂a
    −0.4768 × tanh′(w · x) = −0.4768 × 0.42 = −0.2002 arrives at (w · x), and is ∂C/∂(w · x)
    1 × (−2 · (a − y)) = 1 × 0.4768 = 0.4768 arrives at y, and is ∂C/∂y
    −0.2002 × w = −0.2002 × 2 = −0.4005 arrives at x, and is ∂C/∂x
    −0.2002 × x = −0.2002 × 0.5 = −0.1001 arrives at w, and is ∂C/∂w
    Every gradient is computed: ∂C/∂w = −0.1001
    """
    require_run(run, "steps_of")
    return list(StepBuilder(run).steps())


class StepBuilder:
    """Creates the steps of a run, or of single nodes for a picture that shows no others.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> builder = StepBuilder(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> builder.describe_given([x]), builder.cost_step().caption
    ('Given: x = 3', 'The backward pass begins at the cost: ∂C/∂C = 1')
    >>> [step.caption for step in builder.contribution_steps(x)][0]
    '1 × x = 1 × 3 = 3 arrives at x, the first of 2 contributions'
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        hidden = find_inlined(run.order) - {run.output}
        self.order = [node for node in run.order if node not in hidden]
        self.cost = run.output, self._name(run.output)

    def steps(self) -> Iterator[Step]:
        """Yield all steps."""
        leaves = sorted((n for n in self.order if n.op is None), key=lambda n: n.kind != "input")
        yield Step("given", self.describe_given(leaves))
        for node in self.order:
            if node.op is not None:
                yield self.value_step(node)
        yield self.cost_step()
        for node in reversed(self.order):
            yield from self.contribution_steps(node)
        yield Step("gradient", self._describe_gradients())

    def describe_given(self, leaves: Sequence[Node]) -> str:
        """List the values of inputs, parameters and constants."""
        return "Given: " + self._join([(self._name(node), self.run.value[node]) for node in leaves])

    def value_step(self, node: Node) -> Step:
        """Return the step that computes a node."""
        return Step("value", self._describe_value(node), node, amount=self.run.value[node])

    def cost_step(self) -> Step:
        """Return the step that starts the backward pass."""
        cost = self.run.output
        one, caption = self.run.grad[cost], f"The backward pass begins at the cost: {self._partial(cost)} = 1"
        return Step("cost", caption, cost, amount=one, running=one)

    def contribution_steps(self, node: Node) -> Iterator[Step]:
        """Yield the contributions to a node, one after the other."""
        edges = [
            edge
            for target, arguments in node.graph.successors(node).items()
            if target in self.run.value
            for argument in arguments
            if (edge := self.run.edge(node, target, argument)).contribution is not None
        ]
        running: Any = None
        for arrived, edge in enumerate(edges, 1):
            running = edge.contribution if running is None else running + edge.contribution
            caption = self._describe_contribution(edge) + self._describe_sum(node, edges[:arrived], running, len(edges))
            yield Step("contribution", caption, node, edge, edge.contribution, running, arrived, len(edges))

    # -- in words

    def _name(self, node: Node) -> str:
        return text(str(symbol_of(node, self.run)), 24)

    def _partial(self, node: Node) -> str:
        return f"∂{self.cost[1]}/∂{self._name(node)}"

    def _describe_gradients(self) -> str:
        learned = [n for n in self.order if n.kind == "parameter" and n.type.is_float]
        nodes = learned or [n for n in self.order if n.kind == "input" and n.type.is_float]
        if not nodes:
            return "Every gradient is computed"
        listed = self._join([(self._partial(node), self.run.grad[node]) for node in nodes])
        return f"Every gradient is computed: {listed}"

    @staticmethod
    def _join(items: list[tuple[str, Any]]) -> str:
        more = [f"and {len(items) - _MOST_LISTED} more"] if len(items) > _MOST_LISTED else []
        return ", ".join([*(f"{name} {_format_equals(value)}" for name, value in items[:_MOST_LISTED]), *more])

    def _describe_value(self, node: Node) -> str:
        formula = formula_of(node)
        written, name, value = text(str(formula), 60), self._name(node), _format_equals(self.run.value[node])
        parts = [written] if name == f"({written})" else [name, written]
        numbers = self._substitute(formula)
        return " = ".join([*parts, *([numbers] if numbers and f"= {numbers}" != value else [])]) + f" {value}"

    def _substitute(self, formula: Formula) -> str:
        """Substitute numbers for the names of a formula; empty unless all are single numbers."""
        graph, values = self.run.graph, []
        for name in formula.names:
            if name not in graph or graph[name] not in self.run.value or self.run.value[name].shape != ():
                return ""
            values.append(parenthesize(_format_brief(self.run.value[name])))
        shown = str(Formula(formula.template, tuple(values)))
        return _TWICE.sub(r"(\1)", shown) if values else ""

    def _describe_contribution(self, edge: Edge) -> str:
        """Write the contribution of an edge: the gradient at its target × the local derivative."""
        where, amount = f"arrives at {self._name(edge.source)}", _format_brief(edge.contribution)
        written = format_product(self.run, edge, self.cost)
        if self.run.value[edge.target].shape == () and edge.source.shape == ():
            return f"{' = '.join([written, *format_product_values(self.run, edge, self.cost), amount])} {where}"
        return f"{text(written, 60)} {where}: {amount}"

    def _describe_sum(self, node: Node, edges: list[Edge], running: Any, expected: int) -> str:
        """Write the sum at the node so far."""
        if expected == 1:
            return f", and is {self._partial(node)}"
        if len(edges) == 1:
            return f", the first of {expected} contributions"
        value = _format_brief(running)
        if running.shape == ():
            value = f"{format_sum([float(edge.contribution) for edge in edges], _DIGITS)} = {value}"
        if len(edges) < expected:
            return f"; {len(edges)} of {expected} so far: {value}"
        return f"; all {expected} add up to {self._partial(node)}: {value}"


def _format_brief(array: Any) -> str:
    if array is None:
        return ""
    measured = summarize(array)
    if measured.single is not None and measured.shape == ():
        return number(measured.single, _DIGITS)
    return measured.alarm_text or measured.statistics(brief=True)


def _format_equals(array: Any) -> str:
    """Format a number after an equals sign, or the summary of an array in parentheses."""
    return f"= {_format_brief(array)}" if array.shape == () else f"({summarize(array).statistics()})"
