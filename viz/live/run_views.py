"""One run as the page shows it: the average over the batch, or one of its examples."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.errors import GraphcoreError, GraphError
from graphcore.extend import batch_of

from ..diagram.builder import build_diagram
from ..diagram.diagram import Diagram
from ..format.array_summary import as_numpy
from .handle_lines import Handle, HandleLine
from .html_bundle import dump_json
from .json_values import Json, to_json_number
from .node_details import DiagramIndex, NodeDetails, select_explained
from .player_steps import list_steps

#: the most examples that can be shown one by one, and the most with more than `MANY_WEIGHTS` weights: each example has
#: pictures and numbers of its own, and the page should be small enough for mail
MAX_EXAMPLES, MAX_EXAMPLES_MANY_WEIGHTS, MANY_WEIGHTS = 24, 12, 300
#: every entry of an array of up to this size has a number line; of a larger one the entries of largest gradient
SMALL_ARRAY = 32
_ENTRIES_OF_LARGE_ARRAY = 6
#: the most handles on the page for the batch, and for one example
MAX_HANDLES, MAX_HANDLES_PER_EXAMPLE = 48, 20
#: level 9 takes three times as long, and is 3 % smaller
_COMPRESSION = 6
#: in a larger graph a run for every grid point takes too long
MAX_MOVABLE_NODES = 3000


def split_examples(run: Run) -> list[Run]:
    """Return a run for each example of the batch; empty if there is no batch, or only one example in it.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(ops.square(w * x), name="C"), {x: [1.0, 3.0]})
    >>> [float(example.cost) for example in split_examples(run)]
    [4.0, 36.0]
    """
    try:
        batch = batch_of(run)
        _ = batch.costs  # raises where the cost is not an average over examples
    except GraphError:
        return []
    weights = sum(_size(run, node) for node in run.order if node.kind == "parameter")
    most = MAX_EXAMPLES if weights <= MANY_WEIGHTS else MAX_EXAMPLES_MANY_WEIGHTS
    return [batch.only(i) for i in range(min(batch.number, most))] if batch.number > 1 else []


def select_handles(run: Run, most: int) -> list[Handle]:
    """Return the numbers that the reader can move: scalars, then entries of arrays, parameters before inputs.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (2,)), g.parameter("w", [0.0, 1.0])
    >>> [h.name for h in select_handles(gc.backprop(ops.sum(w * x, name="C"), {x: [3.0, 4.0]}), 3)]
    ['w[0]', 'w[1]', 'x[0]']
    """
    if len(run.order) > MAX_MOVABLE_NODES:
        return []
    leaves = [n for n in run.order if n.kind in ("input", "parameter") and n in run.grad and _size(run, n)]
    handles = [Handle(n) for n in leaves if run.value[n].shape == ()]
    for node in sorted((n for n in leaves if run.value[n].shape != ()), key=lambda n: n.kind == "input"):
        sizes = np.nan_to_num(np.abs(as_numpy(run.grad[node]))).reshape(-1)
        largest = np.argsort(-sizes, kind="stable")
        largest = largest[: SMALL_ARRAY if sizes.size <= SMALL_ARRAY else _ENTRIES_OF_LARGE_ARRAY]
        shape = run.value[node].shape
        handles += [Handle(node, tuple(int(i) for i in np.unravel_index(p, shape))) for p in sorted(largest)]
    return handles[:most]


def _size(run: Run, node: Node) -> int:
    return int(as_numpy(run.value[node]).size)


class RunView:
    """The diagram, numbers and explanations of one run.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> view = RunView(gc.backprop(ops.square(x, name="C"), {x: 3.0}))
    >>> sorted(view.as_json()), [node.label for node in view.nodes]
    (['cost', 'lines', 'nodes', 'steps'], ['x', 'C'])
    """

    def __init__(self, run: Run, handles: Sequence[Handle] = (), *, rows: int = 2000) -> None:
        self.run = run
        self.diagram: Diagram = build_diagram(run, digits=4)
        self.index = DiagramIndex.from_diagram(self.diagram)
        self.details = NodeDetails(run, self.index)
        drawn = [node for node in run.order if node.index in self.index.box]
        #: the nodes in the table, in order of computation
        self.nodes = drawn if len(drawn) <= rows else _select_rows(drawn, run, rows)
        self.handles = list(handles)

    def as_json(self) -> Json:
        """Return all numbers and sentences."""
        explained = set(select_explained(self.nodes, (b.key for b in self.diagram.boxes), self.index))
        nodes = []
        for node in self.nodes:
            details = self.details.describe(node)
            if node in explained:
                if (explanation := self.details.explain(node)) is not None:
                    details["explanation"] = explanation
                entries = [h.entry for h in self.handles if h.node is node and h.entry]
                found = {",".join(map(str, e)): self.details.explain(node, e) for e in entries}
                if entries:
                    details["entries"] = {key: entry for key, entry in found.items() if entry is not None}
            nodes.append(details)
        return {
            "cost": to_json_number(float(self.run.cost)),
            "nodes": nodes,
            "steps": list_steps(self.diagram, self.run, self.index),
            "lines": [line for handle in self.handles if (line := self._line(handle)) is not None],
        }

    def _line(self, handle: Handle) -> Json | None:
        try:
            return HandleLine(self.run, handle).as_json()
        except GraphcoreError:
            return None  # what cannot be nudged has no line


def _select_rows(nodes: Sequence[Node], run: Run, most: int) -> list[Node]:
    """Return the cost, leaves and named nodes, then others from the start, up to a number of rows."""
    ranked = sorted(nodes, key=lambda n: (n is not run.output, n.kind == "op", n.name is None, n.index))
    return sorted(ranked[:most], key=lambda n: n.index)


def compress(data: Any) -> str:
    """Return JSON, deflated, in base64; the page decompresses an example when it is opened.

    >>> zlib.decompress(base64.b64decode(compress([1, 2])), wbits=-15)
    b'[1,2]'
    """
    deflate = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, -15)
    made = deflate.compress(dump_json(data).encode("utf-8", "surrogatepass")) + deflate.flush()
    return base64.b64encode(made).decode("ascii")
