"""Backpropagation step by step, as a list: every value on the way forward, every share on the way back.

Nothing is drawn here. A picture or a page that shows the steps finds its parts by the ids that a step tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graphcore import Edge, Node, Run
from graphcore.extend import Formula, formula_of, parenthesize, require_run, symbol_of

from ..diagram.contributions import product, product_in_numbers
from ..diagram.roles import inlined
from ..format.array_summary import measure
from ..format.element_ids import edge_key, node_key
from ..format.numbers import number, text, total

Kind = Literal["given", "value", "cost", "share", "gradient"]
_DIGITS = 4
_MOST_LISTED = 6
#: a negative number in the parentheses of a function needs none of its own
_TWICE = re.compile(r"\(\((−[^()]*)\)\)")


@dataclass(frozen=True)
class Step:
    """One thing that happens, with the numbers of the run.

    ``kind`` says what: ``"given"``, inputs and parameters are there; ``"value"``, a node is computed; ``"cost"``, the
    way back begins with ∂C/∂C = 1; ``"share"``, an edge hands its contribution back to its source; ``"gradient"``, all
    is done.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> steps = steps_of(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [step.kind for step in steps]
    ['given', 'value', 'cost', 'share', 'share', 'gradient']
    >>> steps[3].edge_id, steps[3].node_id, float(steps[3].running), steps[3].arrived, steps[3].expected
    ('edge-0-1-0', 'node-0', 3.0, 1, 2)
    """

    kind: Kind
    #: in words, with the numbers
    caption: str
    #: the node that gets its value, or at which a share arrives
    node: Node | None = None
    #: the edge that hands back, for a share
    edge: Edge | None = None
    #: the value, or the share
    amount: Any = field(default=None, repr=False)
    #: what has arrived at the node so far, added up
    running: Any = field(default=None, repr=False)
    #: how many shares those are, and how many there will be
    arrived: int = 0
    expected: int = 0

    @property
    def node_id(self) -> str:
        """The id of the node's box; empty where the step is about no single node."""
        return "" if self.node is None else node_key(self.node)

    @property
    def edge_id(self) -> str:
        """The id of the edge's arrow, for a share; else empty."""
        return "" if self.edge is None else edge_key(*self.edge[:3])

    @property
    def is_complete(self) -> bool:
        """Whether the sum at the node has all its terms, and so is the gradient."""
        return self.arrived == self.expected

    def as_dict(self) -> dict[str, Any]:
        """The step in plain words and numbers, ready for JSON; of an array its measure in words.

        >>> import graphcore as gc, ops
        >>> x = gc.Graph().input("x")
        >>> told = steps_of(gc.backprop(ops.square(x, name="C"), {x: 3.0}))[3].as_dict()
        >>> told["edge"], told["amount"], told["running"], told["caption"]
        ('edge-0-1-0', '6', '6', '1 × 2 · x = 1 × 6 = 6 arrives at x, and is ∂C/∂x')
        """
        return {
            "kind": self.kind,
            "caption": self.caption,
            "node": self.node_id,
            "edge": self.edge_id,
            "amount": _brief(self.amount),
            "running": _brief(self.running),
            "arrived": self.arrived,
            "expected": self.expected,
        }


def steps_of(run: Run) -> list[Step]:
    """Every step of a run: forward value by value, then back from the cost, edge by edge.

    The way back goes as the executor goes it: from the cost, node by node, and at each node the shares of the edges
    that leave it are added up one after the other. A constant without a name stands in a formula, and has no step.

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
    The way back begins at the cost: ∂C/∂C = 1
    1 × 2 · (a − y) = 1 × (−0.4768) = −0.4768 arrives at a, and is ∂C/∂a
    −0.4768 × tanh′(w · x) = −0.4768 × 0.42 = −0.2002 arrives at (w · x), and is ∂C/∂(w · x)
    1 × (−2 · (a − y)) = 1 × 0.4768 = 0.4768 arrives at y, and is ∂C/∂y
    −0.2002 × w = −0.2002 × 2 = −0.4005 arrives at x, and is ∂C/∂x
    −0.2002 × x = −0.2002 × 0.5 = −0.1001 arrives at w, and is ∂C/∂w
    Every gradient is there: ∂C/∂w = −0.1001
    """
    require_run(run, "steps_of")
    return list(Walk(run).steps())


class Walk:
    """Tells every step of a run, or those of single nodes for a picture that shows no others.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> walk = Walk(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> walk.given([x]), walk.begins().caption
    ('Given: x = 3', 'The way back begins at the cost: ∂C/∂C = 1')
    >>> [step.caption for step in walk.arriving(x)][0]
    '1 × x = 1 × 3 = 3 arrives at x, the first of 2 shares'
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        hidden = inlined(run.order) - {run.output}
        self.order = [node for node in run.order if node not in hidden]
        self.cost = run.output, self._name(run.output)

    def steps(self) -> Iterator[Step]:
        """All of them."""
        leaves = sorted((n for n in self.order if n.op is None), key=lambda n: n.kind != "input")
        yield Step("given", self.given(leaves))
        for node in self.order:
            if node.op is not None:
                yield self.computed(node)
        yield self.begins()
        for node in reversed(self.order):
            yield from self.arriving(node)
        yield Step("gradient", self._done())

    def given(self, leaves: Sequence[Node]) -> str:
        """What inputs, parameters and constants hold."""
        return "Given: " + self._listed([(self._name(node), self.run.value[node]) for node in leaves])

    def computed(self, node: Node) -> Step:
        """A node gets its value."""
        return Step("value", self._computed(node), node, amount=self.run.value[node])

    def begins(self) -> Step:
        """The way back begins."""
        cost = self.run.output
        one, said = self.run.grad[cost], f"The way back begins at the cost: {self._partial(cost)} = 1"
        return Step("cost", said, cost, amount=one, running=one)

    def arriving(self, node: Node) -> Iterator[Step]:
        """The shares that arrive at a node, one after the other."""
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
            caption = self._handed_back(edge) + self._sum(node, edges[:arrived], running, len(edges))
            yield Step("share", caption, node, edge, edge.contribution, running, arrived, len(edges))

    # -- in words

    def _name(self, node: Node) -> str:
        return text(str(symbol_of(node, self.run)), 24)

    def _partial(self, node: Node) -> str:
        return f"∂{self.cost[1]}/∂{self._name(node)}"

    def _done(self) -> str:
        learned = [n for n in self.order if n.kind == "parameter" and n.type.is_float]
        asked = learned or [n for n in self.order if n.kind == "input" and n.type.is_float]
        if not asked:
            return "Every gradient is there"
        listed = self._listed([(self._partial(node), self.run.grad[node]) for node in asked])
        return f"Every gradient is there: {listed}"

    @staticmethod
    def _listed(told: list[tuple[str, Any]]) -> str:
        more = [f"and {len(told) - _MOST_LISTED} more"] if len(told) > _MOST_LISTED else []
        return ", ".join([*(f"{name} {_equals(value)}" for name, value in told[:_MOST_LISTED]), *more])

    def _computed(self, node: Node) -> str:
        formula = formula_of(node)
        written, name, value = text(str(formula), 60), self._name(node), _equals(self.run.value[node])
        parts = [written] if name == f"({written})" else [name, written]
        numbers = self._put_in(formula)
        return " = ".join([*parts, *([numbers] if numbers and f"= {numbers}" != value else [])]) + f" {value}"

    def _put_in(self, formula: Formula) -> str:
        """The formula with the numbers in the place of the names; empty for what has no single numbers."""
        graph, values = self.run.graph, []
        for name in formula.names:
            if name not in graph or graph[name] not in self.run.value or self.run.value[name].shape != ():
                return ""
            values.append(parenthesize(_brief(self.run.value[name])))
        shown = str(Formula(formula.template, tuple(values)))
        return _TWICE.sub(r"(\1)", shown) if values else ""

    def _handed_back(self, edge: Edge) -> str:
        """What the edge hands back: sensitivity × local derivative."""
        where, share = f"arrives at {self._name(edge.source)}", _brief(edge.contribution)
        written = product(self.run, edge, self.cost)
        if self.run.value[edge.target].shape == () and edge.source.shape == ():
            return f"{' = '.join([written, *product_in_numbers(self.run, edge, self.cost), share])} {where}"
        return f"{text(written, 60)} {where}: {share}"

    def _sum(self, node: Node, shares: list[Edge], running: Any, expected: int) -> str:
        """What the sum at the node has come to."""
        if expected == 1:
            return f", and is {self._partial(node)}"
        if len(shares) == 1:
            return f", the first of {expected} shares"
        come_to = _brief(running)
        if running.shape == ():
            come_to = f"{total([float(edge.contribution) for edge in shares], _DIGITS)} = {come_to}"
        if len(shares) < expected:
            return f"; {len(shares)} of {expected} so far: {come_to}"
        return f"; all {expected} added up are {self._partial(node)}: {come_to}"


def _brief(array: Any) -> str:
    if array is None:
        return ""
    measured = measure(array)
    if measured.single is not None and measured.shape == ():
        return number(measured.single, _DIGITS)
    return measured.loud or measured.statistics(brief=True)


def _equals(array: Any) -> str:
    """A number behind its equals sign, or the size of an array in parentheses."""
    return f"= {_brief(array)}" if array.shape == () else f"({measure(array).statistics()})"
