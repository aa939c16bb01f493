"""What is so of a network in every scene: its nodes, its size, and what the page cannot show whole."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore import Node, Run
from graphcore.extend import formula_of

from ..diagram.derivatives import symbol_of
from ..diagram.diagram import shape_and_type
from ..diagram.roles import role_of, targets_of
from ..format.numbers import count, text
from .handle_lines import Handle
from .json_values import Json, exact
from .run_views import LARGE, Scene


def roles(scene: Scene) -> list[tuple[Node, str]]:
    """The nodes of the table, each with the part that it plays."""
    targets = targets_of(scene.run.order)
    return [(n, role_of(n, scene.run.output, targets, has_run=True)) for n in scene.nodes]


def described(node: Node, scene: Scene, role: str) -> Json:
    """What is so in every scene."""
    symbol = symbol_of(node)
    cost = scene.teller.cost[1]
    named = cost if node is scene.run.output and node.op is not None else text(node.label, 40)
    formula = str(formula_of(node)) if node.op is not None else ""
    return {
        "index": node.index,
        "box": scene.where.box[node.index],
        "name": named,
        "search": " ".join((node.label, formula if node.name is None else "")),
        "symbol": f"∂{cost}/∂{cost if node is scene.run.output else symbol}",
        "formula": text(formula, 120),
        "kind": role if node.op is None else f"{'cost, ' if role == 'cost' else ''}{node.op.name}",
        "about": shape_and_type(node),
        "scope": " / ".join(text(part, 40) for part in node.scope),
    }


def each_example(run: Run, alone: Sequence[Run], handles: Sequence[Handle]) -> Json:
    """What each example costs, and says of every number that can be moved."""
    gradients = {
        f"{h.node.index}:{','.join(map(str, h.entry))}": [exact(float(one.grad[h.node][h.entry])) for one in alone]
        for h in handles
        if h.node.kind == "parameter"
    }
    lengths = [run.value[n].shape[0] for n in run.order if n.kind == "input" and n.shape and n.shape[0] is None]
    every = lengths or [run.value[n].shape[0] for n in run.order if n.kind == "input" and n.shape]
    return {"all": int(every[0]), "costs": [exact(float(one.cost)) for one in alone], "gradients": gradients}


def about(run: Run) -> str:
    """How large the network is.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [1.0, 2.0])
    >>> about(gc.backprop(ops.sum(w * w, name="C")))
    '3 nodes, 1 parameter of 2 numbers'
    """
    parameters = [n for n in run.order if n.kind == "parameter"]
    numbers = sum(int(n.size or 0) for n in parameters)
    told = [count(len(run.order), "node"), count(len(parameters), "parameter")]
    return ", ".join(told) + (f" of {count(numbers, 'number')}" if numbers > len(parameters) else "")


def notes(scene: Scene) -> list[str]:
    """What is not shown whole."""
    told = []
    if any(box.role == "fold" for box in scene.diagram.boxes):
        boxes = count(len(scene.diagram.boxes), "box")
        told.append(
            f"Layers are folded: {count(len(scene.where.box), 'node')} are drawn in {boxes}. Choose one to see inside."
        )
    if len(scene.nodes) < len(scene.where.box):
        told.append(
            f"The table lists {count(len(scene.nodes), 'node')} of {len(scene.where.box)}: inputs, parameters, what "
            f"has a name, and the first of the others."
        )
    if len(scene.run.order) > LARGE:
        told.append(f"Beyond {count(LARGE, 'node')} no number can be moved here; gc.nudge(run, node, by) moves any.")
    return told
