"""What the page says of each node in one run: value, gradient, what arrived there, why, and along which arrows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import graphcore as gc
from graphcore import Edge, Node, Run
from graphcore.errors import GraphcoreError
from graphcore.extend import Section, Step
from graphcore.extend import symbol_of as symbol_in

from ..diagram.contributions import product
from ..diagram.derivatives import symbol_of
from ..diagram.diagram import Diagram
from ..format.array_summary import as_numpy
from .handle_lines import Entry
from .json_values import Json, brief, quantity, rounded

#: explaining looks at every node, so as many explanations are made as keep this product small
_EFFORT = 60_000
_AT_LEAST = 12


@dataclass(frozen=True)
class Map:
    """Where the nodes and edges of a run stand in its diagram.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import diagram_of
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> where = Map.of(diagram_of(run))
    >>> where.box, where.arrow(run.edges[0])
    ({0: 'node-0', 1: 'node-1'}, 'edge-0-1-0')
    """

    box: dict[int, str]
    arrows: frozenset[str]

    @classmethod
    def of(cls, diagram: Diagram) -> Map:
        """The map of a diagram."""
        box = {index: drawn.key for drawn in diagram.boxes for index in drawn.members}
        return cls(box, frozenset(arrow.key for arrow in diagram.arrows))

    def arrow(self, edge: Edge | Step) -> str:
        """The arrow on which an edge is drawn; empty if it lies inside a folded box."""
        source, target, argument = edge[:3]
        single = f"edge-{source.index}-{target.index}-{target.arguments.index(argument)}"
        if single in self.arrows:
            return single
        bundle = f"bundle-{self.box.get(source.index)}-{self.box.get(target.index)}"
        return bundle if bundle in self.arrows else ""


class Teller:
    """Tells of the nodes of one run.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import diagram_of
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> told = Teller(run, Map.of(diagram_of(run))).node(x)
    >>> told["value"], told["gradient"], told["arrived"]
    ({'one': 3}, {'one': 6}, [{'from': 'C', 'arrow': 'edge-0-1-0', 'what': '1 × 2 · x', 'share': {'one': 6}}])
    """

    def __init__(self, run: Run, where: Map) -> None:
        self.run, self.where = run, where
        self.cost = (run.output, str(symbol_in(run.output, run)))

    def node(self, node: Node) -> Json:
        """Value, gradient, and what each edge handed back."""
        told: Json = {"value": quantity(self.run.value[node])}
        if node in self.run.grad:
            told["gradient"] = quantity(self.run.grad[node])
            told["arrived"] = self._arrived(node)
        return told

    def _arrived(self, node: Node) -> list[Json]:
        shares = []
        for target, arguments in node.graph.successors(node).items():
            if target not in self.run.value:
                continue
            for argument in arguments:
                edge = self.run.edge(node, target, argument)
                if edge.contribution is None:
                    continue
                shares.append(
                    {
                        "from": symbol_of(target),
                        "arrow": self.where.arrow(edge),
                        "what": product(self.run, edge, self.cost),
                        "share": _single(edge.contribution),
                    }
                )
        return shares

    def why(self, node: Node, entry: Entry = ()) -> Json | None:
        """The chain rule for a node or one of its entries; ``None`` where there is nothing to explain."""
        try:
            found = gc.explain(self.run, node, entry or None)
        except GraphcoreError:
            return None
        told: Json = {"sections": [_section(section) for section in found.sections]}
        ways = getattr(found, "ways", None)
        steps = [step for path in ways.shown for step in path.steps] if ways is not None else []
        told["lit"] = list(dict.fromkeys(arrow for step in steps if (arrow := self.where.arrow(step))))
        return told


def worth_explaining(nodes: Sequence[Node], boxes: Iterable[str], where: Map) -> list[Node]:
    """The nodes that get an explanation: all of them in what people draw, the leaves first in what is larger.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 1.0)
    >>> [n.label for n in worth_explaining([x, w], ["node-0"], Map({0: "node-0", 1: "fold-1-1"}, frozenset()))]
    ['x', 'w']
    """
    most = max(_AT_LEAST, _EFFORT // max(1, len(nodes)))
    seen = set(boxes)
    drawn = [n for n in nodes if where.box.get(n.index) in seen]
    leaves = [n for n in nodes if n.kind == "parameter" and where.box.get(n.index) not in seen]
    chosen = set([*drawn, *leaves][:most]) if len(nodes) > most else set(nodes)
    return [n for n in nodes if n in chosen]


def _single(array: object) -> Json:
    """A share: the number, or how large an array is."""
    host = as_numpy(array)
    return {"one": rounded(float(host), 17)} if host.shape == () else {"about": brief(host)}


def _section(section: Section) -> Json:
    told: Json = {"heading": section.heading.text}
    if section.rows:
        told["rows"] = [[row.what.text, row.value.text, row.meaning] for row in section.rows]
        told["product"] = section.is_product
    if section.result is not None:
        told["result"] = section.result.text
    return told
