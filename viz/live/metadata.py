"""The parts of the page that are the same for the batch and for each example: node metadata, size, and notes."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore import Node, Run
from graphcore.extend import formula_of

from ..diagram.derivatives import format_symbol
from ..diagram.diagram import format_type
from ..diagram.roles import assign_role, find_targets
from ..format.numbers import format_count, text
from .handle_lines import Handle
from .json_values import Json, to_json_number
from .run_views import MAX_MOVABLE_NODES, RunView


def describe_nodes(view: RunView) -> list[Json]:
    """Return the metadata of every node in the table."""
    targets = find_targets(view.run.order)
    return [_describe(n, view, assign_role(n, view.run.output, targets, has_run=True)) for n in view.nodes]


def _describe(node: Node, view: RunView, role: str) -> Json:
    symbol = format_symbol(node)
    cost = view.details.cost[1]
    is_cost = node is view.run.output
    formula = str(formula_of(node)) if node.op is not None else ""
    return {
        "index": node.index,
        "box": view.index.box[node.index],
        "name": cost if is_cost and node.op is not None else text(node.label, 40),
        "search": " ".join((node.label, formula if node.name is None else "")),
        "symbol": f"∂{cost}/∂{cost if is_cost else symbol}",
        "formula": text(formula, 120),
        "kind": role if node.op is None else f"{'cost, ' if role == 'cost' else ''}{node.op.name}",
        "type": format_type(node),
        "scope": " / ".join(text(part, 40) for part in node.scope),
    }


def describe_examples(run: Run, examples: Sequence[Run], handles: Sequence[Handle]) -> Json:
    """Return each example's cost, and its gradient of every parameter entry that has a handle."""
    gradients = {
        f"{h.node.index}:{','.join(map(str, h.entry))}": [
            to_json_number(float(one.grad[h.node][h.entry])) for one in examples
        ]
        for h in handles
        if h.node.kind == "parameter"
    }
    inputs = [n for n in run.order if n.kind == "input" and n.shape]
    batched = [n for n in inputs if n.shape[0] is None] or inputs
    total = int(run.value[batched[0]].shape[0])
    return {"total": total, "costs": [to_json_number(float(one.cost)) for one in examples], "gradients": gradients}


def summarize_network(run: Run) -> str:
    """Return the size of a network in words.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", [1.0, 2.0])
    >>> summarize_network(gc.backprop(ops.sum(w * w, name="C")))
    '3 nodes, 1 parameter of 2 numbers'
    """
    parameters = [n for n in run.order if n.kind == "parameter"]
    numbers = sum(int(n.size or 0) for n in parameters)
    summary = f"{format_count(len(run.order), 'node')}, {format_count(len(parameters), 'parameter')}"
    return summary + (f" of {format_count(numbers, 'number')}" if numbers > len(parameters) else "")


def list_limits(view: RunView) -> list[str]:
    """Return a sentence for everything that the page leaves out of a large network."""
    drawn = len(view.index.box)
    limits = []
    if any(box.role == "fold" for box in view.diagram.boxes):
        boxes = format_count(len(view.diagram.boxes), "box")
        limits.append(
            f"Layers are folded: {format_count(drawn, 'node')} are drawn in {boxes}. Click one to see inside."
        )
    if len(view.nodes) < drawn:
        limits.append(
            f"The table lists {format_count(len(view.nodes), 'node')} of {drawn}: inputs, parameters, named nodes, and "
            f"the first of the others."
        )
    if len(view.run.order) > MAX_MOVABLE_NODES:
        limits.append(
            f"Numbers can be moved in networks of up to {format_count(MAX_MOVABLE_NODES, 'node')}; in this one use "
            f"gc.nudge(run, node, by)."
        )
    return limits
