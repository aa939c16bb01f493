"""Builds the diagram of a run, a graph or a node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphcore import Edge, Graph, Node, Run
from graphcore.errors import shorten
from graphcore.extend import PlanEdge, formula_of

from ..errors import DrawError
from ..format.array_summary import ArraySummary, combine, summarize
from ..format.element_ids import edge_id, node_id
from ..format.numbers import format_count, format_sum, number, text
from ..format.tooltips import capped, format_span, format_summary, limit_nesting, shortened
from .derivatives import format_edge_label, format_symbol
from .diagram import Arrow, Box, Diagram, format_type
from .folding import FoldingPlan, Group, plan_folding
from .roles import assign_role, find_inlined, find_targets

_MOST_LISTED = 12


def build_diagram(
    subject: Run | Graph | Node,
    *,
    opened: Iterable[str | tuple[str, ...]] = (),
    fold: bool | None = None,
    digits: int = 3,
    title: str | None = None,
    highlighted: frozenset[PlanEdge] | None = None,
) -> Diagram:
    """Build the diagram of a run, a graph or a node.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("square")
    >>> x = g.input("x")
    >>> diagram = build_diagram(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [box.name for box in diagram.boxes], [arrow.lines for arrow in diagram.arrows]
    (['x', 'C'], [['x1: ∂C/∂x = x = 3'], ['x2: ∂C/∂x = x = 3']])
    >>> diagram.boxes[0].terms
    '3 + 3'
    """
    return _Builder(subject, digits, highlighted).build(opened, title, fold=fold)


class _Builder:
    """Collects boxes and arrows from a run or a graph."""

    def __init__(self, subject: Run | Graph | Node, digits: int, highlighted: frozenset[PlanEdge] | None) -> None:
        self.digits, self.highlighted = digits, highlighted
        self.highlighted_nodes = (
            None if highlighted is None else {node for step in highlighted for node in (step.source, step.target)}
        )
        self.run = subject if isinstance(subject, Run) else None
        self.graph: Any  # a Graph, which nodes and runs reference by a protocol
        self.order: list[Node]
        self.last: Node | None
        if isinstance(subject, Run):
            self.graph, self.order, self.last = subject.graph, list(subject.order), subject.output
        elif isinstance(subject, Graph):
            self.graph, self.order = subject, list(subject.nodes)
            ends = [n for n in self.order if n.op is not None and not subject.successors(n)]
            self.last = ends[0] if len(ends) == 1 else None
        elif isinstance(subject, Node):
            self.graph, self.order, self.last = subject.graph, _ancestors_of(subject), subject
        else:
            raise DrawError(f"draw expects a run, a graph or a node, got {shorten(repr(subject))}")
        if not self.order:
            raise DrawError(
                f"there is nothing to draw: {self.graph!r} has no nodes yet; make some with g.input(...), "
                f"g.parameter(...) and operations"
            )
        hidden = {node for node in find_inlined(self.order) if node is not self.last}
        self.order = [n for n in self.order if n not in hidden] or self.order
        self.shown = set(self.order)
        self.targets = find_targets(self.order)
        self.cost = (self.last, self._symbol_of_cost(self.last)) if self.last is not None else None
        self.cost_symbol = self.cost[1] if self.cost is not None else ""

    def _symbol_of_cost(self, cost: Node) -> str:
        if cost.name is None and cost.op is not None and "C" not in self.graph:
            return "C"
        return text(cost.label, 12)

    def build(self, opened: Iterable[str | tuple[str, ...]], title: str | None, *, fold: bool | None) -> Diagram:
        keep = {n for n in self.order if n.kind == "input" or n is self.last}
        folding = plan_folding(self.order, opened=opened, fold=fold, keep=keep)
        edges, inside = self._edges(folding)
        boxes = [
            self._box(b, folding) if isinstance(b, Node) else self._folded(b, inside.get(b, 0)) for b in folding.boxes
        ]
        notes = list(folding.notes)
        if folding.groups:
            names = ", ".join(repr(text("/".join(g.path), 20)) for g in folding.groups[:2])
            notes.insert(
                0,
                f"{format_count(len(self.order), 'node')} in {format_count(len(boxes), 'box')}; "
                f"open=({names}, …) shows more",
            )
        return Diagram(
            title=text(self.graph.name if title is None else title, 60),
            boxes=boxes,
            arrows=self._arrows(folding, edges),
            cost=self._heading(),
            notes=notes,
            digits=self.digits,
        )

    def _heading(self) -> str:
        if self.run is None or self.cost is None:
            return ""
        cost = summarize(self.run.cost)
        return f"{self.cost[1]} = {number(cost.top if cost.single is None else cost.single, self.digits + 1)}"

    # -- edges

    def _edges(self, folding: FoldingPlan) -> tuple[list[Edge], dict[Group, int]]:
        """Return the visible edges between boxes, and the number of edges inside each folded box."""
        seen: list[Edge] = []
        inside: dict[Group, int] = {}
        for target in self.order:
            home = folding.home[target]
            for source, argument in zip(target.inputs, target.arguments, strict=True):
                if source not in self.shown:
                    continue
                if folding.home[source] is home and isinstance(home, Group):
                    inside[home] = inside.get(home, 0) + 1
                elif self.run is None:
                    seen.append(Edge(source, target, argument, None, None))
                else:
                    seen.append(self.run.edge(source, target, argument))
        return seen, inside

    def _arrows(self, folding: FoldingPlan, edges: list[Edge]) -> list[Arrow]:
        fan_out: dict[Node, int] = {}
        bundles: dict[tuple[str, str], list[Edge]] = {}
        arrows = []
        for edge in edges:
            fan_out[edge.source] = fan_out.get(edge.source, 0) + 1
        for edge in edges:
            ends = folding.home[edge.source], folding.home[edge.target]
            if any(isinstance(end, Group) for end in ends):
                bundles.setdefault((self._key(ends[0]), self._key(ends[1])), []).append(edge)
            else:
                arrows.append(self._arrow(edge, several=fan_out[edge.source] > 1))
        return arrows + [self._bundle(*ends, members) for ends, members in bundles.items()]

    def _arrow(self, edge: Edge, *, several: bool) -> Arrow:
        contribution = None if edge.contribution is None else summarize(edge.contribution)
        label = format_edge_label(self.run, edge, self.cost or (edge.target, ""), self.digits)
        tooltip = [f"{edge.source.label} → {edge.target.label}, argument {edge.argument}", *label]
        if self.run is not None:
            tooltip.append(
                format_summary(contribution, f"contribution to ∂{self.cost_symbol}/∂{format_symbol(edge.source)}")
            )
        return Arrow(
            key=edge_id(*edge[:3]),
            source=self._key(edge.source),
            target=self._key(edge.target),
            lines=label,
            term=contribution.brief(self.digits) if contribution is not None and several else "",
            contribution=contribution,
            has_gradient=None if self.run is None else contribution is not None,
            source_is_leaf=edge.source.kind in ("parameter", "constant") or edge.source in self.targets,
            is_dimmed=self._is_dimmed([edge]),
            tooltip=capped(tooltip),
        )

    def _bundle(self, source: str, target: str, edges: list[Edge]) -> Arrow:
        summaries = [summarize(e.contribution) for e in edges if e.contribution is not None]
        whole = combine(summaries) if summaries else None
        listed = [f"{text(e.source.label)} → {text(e.target.label)}" for e in edges[:_MOST_LISTED]]
        more = [f"and {len(edges) - _MOST_LISTED} more"] if len(edges) > _MOST_LISTED else []
        lines = [format_summary(whole, "contributions")] if self.run is not None else []
        return Arrow(
            key=f"bundle-{source}-{target}",
            source=source,
            target=target,
            lines=[format_count(len(edges), "edge")] if len(edges) > 1 else [],
            term=f"norm {number(whole.norm, 2)}" if whole is not None else "",
            contribution=whole,
            has_gradient=None if self.run is None else bool(summaries),
            is_dimmed=self._is_dimmed(edges),
            tooltip=capped([*listed, *more, *lines]),
        )

    def _is_dimmed(self, edges: list[Edge]) -> bool:
        """Return True if paths are highlighted and none of them contains one of the edges."""
        return self.highlighted is not None and not any(PlanEdge(*edge[:3]) in self.highlighted for edge in edges)

    # -- boxes

    def _key(self, box: Node | Group) -> str:
        return node_id(box) if isinstance(box, Node) else f"fold-{box.members[0].index}-{len(box.members)}"

    def _box(self, node: Node, folding: FoldingPlan) -> Box:
        role = assign_role(node, self.last, self.targets, has_run=self.run is not None)
        formula = str(formula_of(node)) if node.op is not None else ""
        name = self.cost[1] if self.cost and node is self.last and node.op is not None else text(node.name or "")
        if node.name is None and node.op is None:
            name = node.kind
        value = gradient = None
        terms, symbol = "", ""
        if self.run is not None:
            value = summarize(self.run.value[node], grid=True)
            if node in self.run.grad:
                gradient = summarize(self.run.grad[node], grid=True)
                symbol = f"∂{self.cost_symbol}/∂{self.cost_symbol if node is self.last else format_symbol(node)}"
                terms = self._terms(self.run, node)
        about = format_type(node)
        return Box(
            key=self._key(node),
            role=role,
            tag=self._tag(node, role),
            name=name,
            formula=shortened(formula),
            about=about,
            value=value,
            gradient=gradient,
            gradient_symbol=symbol,
            terms=terms,
            path=limit_nesting(folding.path[node]),
            is_dimmed=self.highlighted_nodes is not None and node not in self.highlighted_nodes,
            tooltip=capped(self._tooltip_lines(node, role, formula, about, value, gradient, symbol)),
            members=(node.index,),
        )

    def _tag(self, node: Node, role: str) -> str:
        if node.op is None:
            return role
        # a node that formulas refer to by its number shows that number
        made_by = node.label if node.name is None and format_symbol(node) == node.label else node.op.name
        return f"{role} · {node.op.name}" if role in ("cost", "output") else made_by

    def _tooltip_lines(
        self,
        node: Node,
        role: str,
        formula: str,
        about: str,
        value: ArraySummary | None,
        gradient: ArraySummary | None,
        symbol: str,
    ) -> list[str]:
        lines = [f"{node.label} = {formula}" if node.op is not None else node.label, f"{role}, {about}"]
        if value is not None:
            lines.append(format_summary(value, "value"))
            lines.append(
                format_summary(gradient, symbol) if gradient is not None else "no gradient, because it is not a float"
            )
        return lines

    def _terms(self, run: Run, node: Node) -> str:
        """Write out the sum over outgoing edges, if there are several."""
        terms = [m for e in self._out_edges(run, node) if (m := self._summarize_contribution(e)) is not None]
        if len(terms) < 2:
            return ""
        singles = [q.single for q in terms if q.single is not None]
        if len(singles) == len(terms):
            return format_sum(singles, self.digits)
        sizes = ", ".join(number(q.rms, 2) for q in terms[:6]) + (", …" if len(terms) > 6 else "")
        return f"sum of {len(terms)} contributions, rms {sizes}"

    def _out_edges(self, run: Run, node: Node) -> list[Edge]:
        return [
            run.edge(node, target, argument)
            for target, arguments in self.graph.successors(node).items()
            if target in self.shown
            for argument in arguments
        ]

    @staticmethod
    def _summarize_contribution(edge: Edge) -> ArraySummary | None:
        return None if edge.contribution is None else summarize(edge.contribution)

    def _folded(self, group: Group, inside: int) -> Box:
        nodes = group.members
        parameters = [n for n in nodes if n.kind == "parameter"]
        gradient, symbol = None, ""
        about = format_count(len(nodes), "node") + (
            f", {format_count(len(parameters), 'parameter')}" if parameters else ""
        )
        lines = [" / ".join(group.path), about, f"{format_count(inside, 'edge')} inside"]
        lines.append(
            ", ".join(text(n.label) for n in nodes[:_MOST_LISTED]) + (", …" if len(nodes) > _MOST_LISTED else "")
        )
        if self.run is not None:
            over = [n for n in parameters or nodes if n in self.run.grad]
            gradient = combine([summarize(self.run.grad[n]) for n in over])
            symbol = f"∂{self.cost_symbol}/∂{'parameters' if parameters else 'nodes'}"
            lines.append(f"{symbol}: {format_summary(gradient, 'norm ' + number(gradient.norm, 3))}")
        return Box(
            key=self._key(group),
            role="fold",
            tag="part" if group.is_part else "layer",
            name=text(group.title),
            formula=format_span(nodes) if group.is_part else "",
            about=about,
            gradient=gradient,
            gradient_symbol=symbol,
            path=limit_nesting(group.path[:-1]),
            is_dimmed=self.highlighted_nodes is not None and self.highlighted_nodes.isdisjoint(nodes),
            tooltip=capped(lines),
            members=tuple(node.index for node in nodes),
        )


def _ancestors_of(node: Node) -> list[Node]:
    """Return the node and everything it depends on, arguments first."""
    found, waiting = {node}, [node]
    while waiting:
        for source in waiting.pop().inputs:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return sorted(found, key=lambda n: n.index)
