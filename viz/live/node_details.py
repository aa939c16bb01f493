"""Details of each node in one run: value, gradient, contributions, explanation, and the arrows of its paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import graphcore as gc
from graphcore import Edge, Node, Run
from graphcore.errors import GraphcoreError
from graphcore.extend import PlanEdge, Section
from graphcore.extend import symbol_of as symbol_in

from ..diagram.contributions import format_product
from ..diagram.derivatives import format_symbol
from ..diagram.diagram import Diagram
from .handle_lines import Entry
from .json_values import Json, array_to_json, contribution_to_json

#: an explanation visits every node, so the number of explanations times the number of nodes stays below this
_MAX_VISITS = 60_000
_MIN_EXPLAINED = 12


@dataclass(frozen=True)
class DiagramIndex:
    """The box of each node and the arrow of each edge in a diagram.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import build_diagram
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> index = DiagramIndex.from_diagram(build_diagram(run))
    >>> index.box, index.arrow(run.edges[0])
    ({0: 'node-0', 1: 'node-1'}, 'edge-0-1-0')
    """

    box: dict[int, str]
    arrows: frozenset[str]

    @classmethod
    def from_diagram(cls, diagram: Diagram) -> DiagramIndex:
        """Index the boxes and arrows of a diagram."""
        box = {index: drawn.key for drawn in diagram.boxes for index in drawn.members}
        return cls(box, frozenset(arrow.key for arrow in diagram.arrows))

    def arrow(self, edge: Edge | PlanEdge) -> str:
        """Return the arrow of an edge; empty for an edge inside a folded box."""
        source, target, argument = edge[:3]
        single = f"edge-{source.index}-{target.index}-{target.arguments.index(argument)}"
        if single in self.arrows:
            return single
        bundle = f"bundle-{self.box.get(source.index)}-{self.box.get(target.index)}"
        return bundle if bundle in self.arrows else ""


class NodeDetails:
    """Details of the nodes of one run, as JSON.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import build_diagram
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> x_ = NodeDetails(run, DiagramIndex.from_diagram(build_diagram(run))).describe(x)
    >>> x_["value"], x_["gradient"]
    ({'scalar': 3}, {'scalar': 6})
    >>> x_["contributions"]
    [{'from': 'C', 'arrow': 'edge-0-1-0', 'product': '1 × 2 · x', 'contribution': {'scalar': 6}}]
    """

    def __init__(self, run: Run, index: DiagramIndex) -> None:
        self.run, self.index = run, index
        self.cost = (run.output, str(symbol_in(run.output, run)))

    def describe(self, node: Node) -> Json:
        """Return a node's value, gradient, and the contribution of each of its edges."""
        details: Json = {"value": array_to_json(self.run.value[node])}
        if node in self.run.grad:
            details["gradient"] = array_to_json(self.run.grad[node])
            details["contributions"] = list(self._contributions(node))
        return details

    def _contributions(self, node: Node) -> Iterator[Json]:
        for target, arguments in node.graph.successors(node).items():
            for argument in arguments if target in self.run.value else ():
                edge = self.run.edge(node, target, argument)
                if edge.contribution is not None:
                    yield {
                        "from": format_symbol(target),
                        "arrow": self.index.arrow(edge),
                        "product": format_product(self.run, edge, self.cost),
                        "contribution": contribution_to_json(edge.contribution),
                    }

    def explain(self, node: Node, entry: Entry = ()) -> Json | None:
        """Return the chain rule for a node or one of its entries; ``None`` where there is nothing to explain."""
        try:
            found = gc.explain(self.run, node, entry or None)
        except GraphcoreError:
            return None
        paths = getattr(found, "paths", None)
        steps = [step for path in paths.shown for step in path.steps] if paths is not None else []
        arrows = dict.fromkeys(arrow for step in steps if (arrow := self.index.arrow(step)))
        return {"sections": [_section_to_json(section) for section in found.sections], "arrows": list(arrows)}


def select_explained(nodes: Sequence[Node], boxes: Iterable[str], index: DiagramIndex) -> list[Node]:
    """Return the nodes that get an explanation: all of a small graph; of a large one first those with a box.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x, w = g.input("x"), g.parameter("w", 1.0)
    >>> index = DiagramIndex({0: "node-0", 1: "fold-1-1"}, frozenset())
    >>> [n.label for n in select_explained([x, w], ["node-0"], index)]
    ['x', 'w']
    """
    most = max(_MIN_EXPLAINED, _MAX_VISITS // max(1, len(nodes)))
    if len(nodes) <= most:
        return list(nodes)
    keys = set(boxes)
    drawn = [n for n in nodes if index.box.get(n.index) in keys]
    folded_parameters = [n for n in nodes if n.kind == "parameter" and index.box.get(n.index) not in keys]
    chosen = set([*drawn, *folded_parameters][:most])
    return [n for n in nodes if n in chosen]


def _section_to_json(section: Section) -> Json:
    found: Json = {"heading": section.heading.text}
    if section.rows:
        found["rows"] = [[row.what.text, row.value.text, row.meaning] for row in section.rows]
    if section.result is not None:
        found["result"] = section.result.text
    return found
