"""From a run, a graph or a node to a diagram."""

from __future__ import annotations

from collections.abc import Iterable

from graphcore import Edge, Graph, Node, Run
from graphcore.errors import shorten
from graphcore.extend import PlanEdge, formula_of

from ..errors import DrawError
from ..format.array_summary import Quantity, measure, together
from ..format.element_ids import edge_key, node_key
from ..format.numbers import count, number, text, total
from ..format.tooltips import capped, nested, says, shortened, span
from .derivatives import lines, symbol_of
from .diagram import Arrow, Box, Diagram, shape_and_type
from .folding import Group, Plan, plan
from .roles import inlined, role_of, targets_of

_MOST_LISTED = 12


def diagram_of(
    subject: Run | Graph | Node,
    *,
    opened: Iterable[str | tuple[str, ...]] = (),
    fold: bool | None = None,
    digits: int = 3,
    title: str | None = None,
    lit: frozenset[PlanEdge] | None = None,
) -> Diagram:
    """What there is to show.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph("square")
    >>> x = g.input("x")
    >>> diagram = diagram_of(gc.backprop((x * x).named("C"), {x: 3.0}))
    >>> [box.name for box in diagram.boxes], [arrow.lines for arrow in diagram.arrows]
    (['x', 'C'], [['x1: ∂C/∂x = x = 3'], ['x2: ∂C/∂x = x = 3']])
    >>> diagram.boxes[0].terms
    '3 + 3'
    """
    return _Builder(subject, digits, lit).build(opened, title, fold=fold)


class _Builder:
    """Knows the run, if there is one, and where everything stands."""

    def __init__(self, subject: Run | Graph | Node, digits: int, lit: frozenset[PlanEdge] | None) -> None:
        self.digits, self.lit = digits, lit
        self.on_the_way = None if lit is None else {node for step in lit for node in (step.source, step.target)}
        self.run = subject if isinstance(subject, Run) else None
        if isinstance(subject, Run):
            self.graph, self.order, self.last = subject.graph, subject.order, subject.output
        elif isinstance(subject, Graph):
            self.graph, self.order = subject, list(subject.nodes)
            ends = [n for n in self.order if n.op is not None and not subject.successors(n)]
            self.last = ends[0] if len(ends) == 1 else None
        elif isinstance(subject, Node):
            self.graph, self.order, self.last = subject.graph, _what_leads_to(subject), subject
        else:
            raise DrawError(f"a run, a graph or a node can be drawn, not {shorten(repr(subject))}")
        if not self.order:
            raise DrawError(
                f"there is nothing to draw: {self.graph!r} has no nodes yet; make some with g.input(...), "
                f"g.parameter(...) and operations"
            )
        hidden = inlined(self.order) - {self.last}
        self.order = [n for n in self.order if n not in hidden] or self.order
        self.shown = set(self.order)
        self.targets = targets_of(self.order)
        self.cost = (self.last, self._symbol_of_cost(self.last)) if self.last is not None else None

    def _symbol_of_cost(self, cost: Node) -> str:
        if cost.name is None and cost.op is not None and "C" not in self.graph:
            return "C"
        return text(cost.label, 12)

    def build(self, opened: Iterable[str | tuple[str, ...]], title: str | None, *, fold: bool | None) -> Diagram:
        keep = {n for n in self.order if n.kind == "input" or n is self.last}
        placed = plan(self.order, opened=opened, fold=fold, keep=keep)
        edges, inside = self._edges(placed)
        boxes = [
            self._box(b, placed) if isinstance(b, Node) else self._folded(b, inside.get(b, 0)) for b in placed.boxes
        ]
        notes = list(placed.notes)
        if placed.groups:
            names = ", ".join(repr(text("/".join(g.path), 20)) for g in placed.groups[:2])
            notes.insert(
                0, f"{count(len(self.order), 'node')} in {count(len(boxes), 'box')}; open=({names}, …) shows more"
            )
        return Diagram(
            title=text(self.graph.name if title is None else title, 60),
            boxes=boxes,
            arrows=self._arrows(placed, edges),
            cost=self._heading(),
            notes=notes,
            digits=self.digits,
        )

    def _heading(self) -> str:
        if self.run is None or self.cost is None:
            return ""
        cost = measure(self.run.cost)
        return f"{self.cost[1]} = {number(cost.top if cost.single is None else cost.single, self.digits + 1)}"

    # -- edges

    def _edges(self, placed: Plan) -> tuple[list[Edge], dict[Group, int]]:
        """The edges between boxes, measured only where they are seen; and how many run inside each folded box."""
        seen, inside = [], {}
        for target in self.order:
            home = placed.home[target]
            for source, argument in zip(target.inputs, target.arguments, strict=True):
                if source not in self.shown:
                    continue
                if placed.home[source] is home and isinstance(home, Group):
                    inside[home] = inside.get(home, 0) + 1
                elif self.run is None:
                    seen.append(Edge(source, target, argument, None, None))
                else:
                    seen.append(self.run.edge(source, target, argument))
        return seen, inside

    def _arrows(self, placed: Plan, edges: list[Edge]) -> list[Arrow]:
        fan_out: dict[Node, int] = {}
        bundles: dict[tuple[str, str], list[Edge]] = {}
        arrows = []
        for edge in edges:
            fan_out[edge.source] = fan_out.get(edge.source, 0) + 1
        for edge in edges:
            ends = placed.home[edge.source], placed.home[edge.target]
            if any(isinstance(end, Group) for end in ends):
                bundles.setdefault((self._key(ends[0]), self._key(ends[1])), []).append(edge)
            else:
                arrows.append(self._arrow(edge, several=fan_out[edge.source] > 1))
        return arrows + [self._bundle(*ends, members) for ends, members in bundles.items()]

    def _arrow(self, edge: Edge, *, several: bool) -> Arrow:
        contribution = None if edge.contribution is None else measure(edge.contribution)
        label = lines(self.run, edge, self.cost or (edge.target, ""), self.digits)
        tooltip = [f"{edge.source.label} → {edge.target.label}, argument {edge.argument}", *label]
        if self.run is not None:
            tooltip.append(says(contribution, f"contribution to ∂{self.cost[1]}/∂{symbol_of(edge.source)}"))
        return Arrow(
            key=edge_key(*edge[:3]),
            source=self._key(edge.source),
            target=self._key(edge.target),
            lines=label,
            term=contribution.brief(self.digits) if contribution is not None and several else "",
            contribution=contribution,
            has_gradient=None if self.run is None else contribution is not None,
            source_is_leaf=edge.source.kind in ("parameter", "constant") or edge.source in self.targets,
            is_muted=self._is_muted([edge]),
            tooltip=capped(tooltip),
        )

    def _bundle(self, source: str, target: str, edges: list[Edge]) -> Arrow:
        measured = [measure(e.contribution) for e in edges if e.contribution is not None]
        whole = together(measured) if measured else None
        listed = [f"{text(e.source.label)} → {text(e.target.label)}" for e in edges[:_MOST_LISTED]]
        more = [f"and {len(edges) - _MOST_LISTED} more"] if len(edges) > _MOST_LISTED else []
        told = [says(whole, "contributions")] if self.run is not None else []
        return Arrow(
            key=f"bundle-{source}-{target}",
            source=source,
            target=target,
            lines=[count(len(edges), "edge")] if len(edges) > 1 else [],
            term=f"‖·‖ {number(whole.norm, 2)}" if whole is not None else "",
            contribution=whole,
            has_gradient=None if self.run is None else bool(measured),
            is_muted=self._is_muted(edges),
            tooltip=capped([*listed, *more, *told]),
        )

    def _is_muted(self, edges: list[Edge]) -> bool:
        """Whether paths are lit, and none of them passes here."""
        return self.lit is not None and not any(PlanEdge(*edge[:3]) in self.lit for edge in edges)

    # -- boxes

    def _key(self, box: Node | Group) -> str:
        return node_key(box) if isinstance(box, Node) else f"fold-{box.members[0].index}-{len(box.members)}"

    def _box(self, node: Node, placed: Plan) -> Box:
        role = role_of(node, self.last, self.targets, has_run=self.run is not None)
        formula = str(formula_of(node)) if node.op is not None else ""
        name = self.cost[1] if self.cost and node is self.last and node.op is not None else text(node.name or "")
        if node.name is None and node.op is None:
            name = node.kind
        value = gradient = None
        terms, symbol = "", ""
        if self.run is not None:
            value = measure(self.run.value[node], grid=True)
            if node in self.run.grad:
                gradient = measure(self.run.grad[node], grid=True)
                symbol = f"∂{self.cost[1]}/∂{self.cost[1] if node is self.last else symbol_of(node)}"
                terms = self._terms(node)
        about = shape_and_type(node)
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
            path=nested(placed.path[node]),
            is_muted=self.on_the_way is not None and node not in self.on_the_way,
            tooltip=capped(self._told(node, role, formula, about, value, gradient, symbol)),
            members=(node.index,),
        )

    def _tag(self, node: Node, role: str) -> str:
        if node.op is None:
            return role
        # a node that others can only call by its number bears it
        made_by = node.label if node.name is None and symbol_of(node) == node.label else node.op.name
        return f"{role} · {node.op.name}" if role in ("cost", "output") else made_by

    def _told(
        self,
        node: Node,
        role: str,
        formula: str,
        about: str,
        value: Quantity | None,
        gradient: Quantity | None,
        symbol: str,
    ) -> list[str]:
        told = [f"{node.label} = {formula}" if node.op is not None else node.label, f"{role}, {about}"]
        if value is not None:
            told.append(says(value, "value"))
            told.append(says(gradient, symbol) if gradient is not None else "no gradient: not a float")
        return told

    def _terms(self, node: Node) -> str:
        """The sum over outgoing edges, where there are several."""
        shares = [m for e in self._leaving(node) if (m := self._measured(e)) is not None]
        if len(shares) < 2:
            return ""
        singles = [q.single for q in shares if q.single is not None]
        if len(singles) == len(shares):
            return total(singles, self.digits)
        sizes = ", ".join(number(q.rms, 2) for q in shares[:6]) + (", …" if len(shares) > 6 else "")
        return f"sum of {len(shares)} shares, rms {sizes}"

    def _leaving(self, node: Node) -> list[Edge]:
        return [
            self.run.edge(node, target, argument)
            for target, arguments in self.graph.successors(node).items()
            if target in self.shown
            for argument in arguments
        ]

    @staticmethod
    def _measured(edge: Edge) -> Quantity | None:
        return None if edge.contribution is None else measure(edge.contribution)

    def _folded(self, group: Group, inside: int) -> Box:
        nodes = group.members
        parameters = [n for n in nodes if n.kind == "parameter"]
        gradient, symbol = None, ""
        about = count(len(nodes), "node") + (f", {count(len(parameters), 'parameter')}" if parameters else "")
        told = [" / ".join(group.path), about, f"{count(inside, 'edge')} inside"]
        told.append(
            ", ".join(text(n.label) for n in nodes[:_MOST_LISTED]) + (", …" if len(nodes) > _MOST_LISTED else "")
        )
        if self.run is not None:
            over = [n for n in parameters or nodes if n in self.run.grad]
            gradient = together([measure(self.run.grad[n]) for n in over])
            symbol = f"∂{self.cost[1]}/∂{'parameters' if parameters else 'nodes'}"
            told.append(f"{symbol}: {says(gradient, '‖·‖ ' + number(gradient.norm, 3))}")
        return Box(
            key=self._key(group),
            role="fold",
            tag="part" if group.is_part else "layer",
            name=text(group.title),
            formula=span(nodes) if group.is_part else "",
            about=about,
            gradient=gradient,
            gradient_symbol=symbol,
            path=nested(group.path[:-1]),
            is_muted=self.on_the_way is not None and self.on_the_way.isdisjoint(nodes),
            tooltip=capped(told),
            members=tuple(node.index for node in nodes),
        )


def _what_leads_to(node: Node) -> list[Node]:
    """The node and everything it depends on, arguments first."""
    found, waiting = {node}, [node]
    while waiting:
        for source in waiting.pop().inputs:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return sorted(found, key=lambda n: n.index)
