"""Backpropagation step by step: forward box by box, then back from the cost edge by edge, each step in a sentence."""

from __future__ import annotations

from graphcore import Node
from graphcore.run import Run

from ..derivatives import symbol_of
from ..diagram import Arrow, Box, Diagram
from ..numbers import number, total
from ..quantity import as_numpy
from .numbers import Json, brief
from .telling import Teller

_LONGEST_SUM = 4


def steps_of(run: Run, diagram: Diagram, teller: Teller) -> list[Json]:
    """All steps, each with the box or arrow that it is about.

    >>> import graphcore as gc, ops
    >>> from viz.building import diagram_of
    >>> from viz.live.telling import Map
    >>> x = gc.Graph().input("x")
    >>> run = gc.backprop(ops.square(x, name="C"), {x: 3.0})
    >>> diagram = diagram_of(run)
    >>> [step["say"] for step in steps_of(run, diagram, Teller(run, Map.of(diagram)))]
    ['x is fed: 3', 'C = x² = 9', '∂C/∂C = 1: the way back begins at the cost', '1 × 2 · x = 1 × 6 = 6 arrives at x']
    """
    return _Stepper(run, diagram, teller).steps()


class _Stepper:
    def __init__(self, run: Run, diagram: Diagram, teller: Teller) -> None:
        self.run, self.diagram, self.teller = run, diagram, teller
        self.nodes = {node.index: node for node in run.order}
        self.cost = teller.cost[1]
        self.leaving: dict[str, list[Arrow]] = {}
        for arrow in diagram.arrows:
            if arrow.has_gradient:
                self.leaving.setdefault(arrow.source, []).append(arrow)

    def steps(self) -> list[Json]:
        forward = [{"phase": "forward", "box": box.key, "say": self._forward(box)} for box in self.diagram.boxes]
        back: list[Json] = []
        for box in reversed(self.diagram.boxes):
            if self._holds_the_cost(box):
                say = f"∂{self.cost}/∂{self.cost} = 1: the way back begins at the cost"
                back.append({"phase": "back", "box": box.key, "say": say})
            back += self._arrivals(box)
        return [*forward, *back]

    def _holds_the_cost(self, box: Box) -> bool:
        return self.run.output.index in box.members

    # -- forward

    def _forward(self, box: Box) -> str:
        if box.role == "fold":
            return f"{box.name}: {box.about} computed"
        node = self.nodes[box.members[0]]
        value = brief(self.run.value[node])
        equals = ":" if "×" in value or "rms" in value else " ="
        if node.op is None:
            how = {"input": "is fed", "parameter": "holds", "constant": "is"}[node.kind]
            return f"{node.label} {how}{'' if node.kind != 'input' else ':'} {value}"
        name = f"{box.name} = " if box.name else ""
        return f"{name}{box.formula}{equals} {value}"

    # -- back

    def _arrivals(self, box: Box) -> list[Json]:
        arrows = self.leaving.get(box.key, [])
        order = {key: place for place, key in enumerate(b.key for b in self.diagram.boxes)}
        arrows = sorted(arrows, key=lambda arrow: -order[arrow.target])
        steps: list[Json] = []
        shares: list[object] = []
        for place, arrow in enumerate(arrows, 1):
            step: Json = {"phase": "back", "box": box.key, "arrow": arrow.key}
            if arrow.key.startswith("edge-") and box.role != "fold":
                node = self.nodes[box.members[0]]
                share, step["say"] = self._arrival(node, arrow)
                shares.append(share)
                step |= self._sum(node, shares, len(arrows))
            else:
                step["say"] = self._bundle(arrow, box)
            step["full"] = place == len(arrows)
            steps.append(step)
        return steps

    def _arrival(self, node: Node, arrow: Arrow) -> tuple[object, str]:
        _, _, target, place = arrow.key.split("-")
        answering = self.nodes[int(target)]
        edge = self.run.edge(node, answering, answering.arguments[int(place)])
        share = edge.contribution
        what = " = ".join(filter(None, (self.teller.handed_back(edge), self.teller.in_numbers(edge))))
        value = brief(share)
        says = f"{what} = {value}" if as_numpy(share).shape == () else f"{what} ({value})"
        if arrow.is_dead:
            says = f"nothing: {says}"
        return share, f"{says} arrives at {symbol_of(node)}"

    def _sum(self, node: Node, shares: list[object], many: int) -> Json:
        """How full the sum at a fan-out is."""
        if many < 2:
            return {}
        symbol = f"∂{self.cost}/∂{symbol_of(node)}"
        singles = [float(as_numpy(s)) for s in shares if as_numpy(s).shape == ()]
        if len(singles) < len(shares):
            return {"sum": f"{symbol}: {len(shares)} of {many} shares"}
        so_far = f" = {number(sum(singles), 4)}" if len(singles) > 1 else ""
        open_ = " + …" if len(shares) < many else ""
        return {"sum": f"{symbol} = {total(singles, 4, most=_LONGEST_SUM)}{open_}{so_far if not open_ else ''}"}

    def _bundle(self, arrow: Arrow, box: Box) -> str:
        size = "nothing" if arrow.is_dead else f"‖·‖ {number(arrow.size, 3)}"
        many = arrow.lines[0] if arrow.lines else "one edge"
        return f"{size} arrives at {box.name or box.formula}, along {many}"
