"""One run as a page shows it: the average over the batch, or one of its examples."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore import Node, Run
from graphcore.errors import GraphcoreError, GraphError
from graphcore.extend import Batch, batch_of

from ..diagram.builder import diagram_of
from ..diagram.diagram import Diagram
from ..format.array_summary import as_numpy
from .handle_lines import Handle, Lines
from .json_values import Json, exact
from .node_details import Map, Teller, worth_explaining
from .player_steps import steps_on

#: no more examples than this can be looked at one by one, and of a network of many weights no more than so many: the
#: page is to be mailed, and each example has pictures and numbers of its own
EXAMPLES, EXAMPLES_OF_MANY, MANY = 24, 12, 300
#: arrays of no more entries than this have a number line for each; of others the entries of largest gradient do
FEW = 32
_SOME = 6
#: so many numbers can be moved in all, and so many where one example is looked at
LINES, LINES_EACH = 48, 20
#: how hard it is packed: 9 would take three times as long, for 3 % less
_PACKED = 6
#: beyond so many nodes a run of the graph is too slow to be made for every point of a line
LARGE = 3000


def examples_of(run: Run) -> list[Run]:
    """The examples of the batch, each as a run of its own; none if there is no batch, or only one example in it.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> run = gc.backprop(ops.mean(ops.square(w * x), name="C"), {x: [1.0, 3.0]})
    >>> [float(alone.cost) for alone in examples_of(run)]
    [4.0, 36.0]
    """
    try:
        batch: Batch = batch_of(run)
        _ = batch.costs  # raises where the cost is no average
    except GraphError:
        return []
    weights = sum(_size(run, node) for node in run.order if node.kind == "parameter")
    most = EXAMPLES if weights <= MANY else EXAMPLES_OF_MANY
    return [batch.only(i) for i in range(min(batch.number, most))] if batch.number > 1 else []


def handles_of(run: Run, most: int) -> list[Handle]:
    """The numbers that the reader can move: leaves that are numbers, then entries of arrays, largest gradients first.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (2,)), g.parameter("w", [0.0, 1.0])
    >>> [h.name for h in handles_of(gc.backprop(ops.sum(w * x, name="C"), {x: [3.0, 4.0]}), 3)]
    ['w[0]', 'w[1]', 'x[0]']
    """
    if len(run.order) > LARGE:
        return []
    leaves = [n for n in run.order if n.kind in ("input", "parameter") and n in run.grad and _size(run, n)]
    singles = [Handle(n) for n in leaves if run.value[n].shape == ()]
    entries: list[Handle] = []
    for node in sorted((n for n in leaves if run.value[n].shape != ()), key=lambda n: n.kind == "input"):
        sizes = np.nan_to_num(np.abs(as_numpy(run.grad[node]))).reshape(-1)
        places = np.argsort(-sizes, kind="stable")[: FEW if sizes.size <= FEW else _SOME]
        shape = run.value[node].shape
        entries += [Handle(node, tuple(int(i) for i in np.unravel_index(p, shape))) for p in sorted(places)]
    return [*singles, *entries][:most]


def _size(run: Run, node: Node) -> int:
    return int(as_numpy(run.value[node]).size)


class Scene:
    """What there is to say of one run, and its diagram.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> scene = Scene(gc.backprop(ops.square(x, name="C"), {x: 3.0}))
    >>> sorted(scene.told), [node.label for node in scene.nodes]
    (['cost', 'lines', 'nodes', 'steps'], ['x', 'C'])
    """

    def __init__(self, run: Run, handles: Sequence[Handle] = (), *, rows: int = 2000) -> None:
        self.run = run
        self.diagram: Diagram = diagram_of(run, digits=4)
        self.where = Map.of(self.diagram)
        self.teller = Teller(run, self.where)
        drawn = [node for node in run.order if node.index in self.where.box]
        #: the nodes in the table, in order of computation
        self.nodes = drawn if len(drawn) <= rows else _most_telling(drawn, run, rows)
        self.handles = list(handles)

    @property
    def told(self) -> Json:
        """All numbers and sentences."""
        explained = set(worth_explaining(self.nodes, (b.key for b in self.diagram.boxes), self.where))
        nodes = []
        for node in self.nodes:
            told = self.teller.node(node)
            if node in explained and (why := self.teller.why(node)) is not None:
                told["why"] = why
            entries = [h.entry for h in self.handles if h.node is node and h.entry]
            if entries and node in explained:
                found = {",".join(map(str, e)): self.teller.why(node, e) for e in entries}
                told["entries"] = {key: why for key, why in found.items() if why is not None}
            nodes.append(told)
        return {
            "cost": exact(float(self.run.cost)),
            "nodes": nodes,
            "steps": steps_on(self.diagram, self.run, self.where),
            "lines": [line for handle in self.handles if (line := self._line(handle)) is not None],
        }

    def _line(self, handle: Handle) -> Json | None:
        try:
            return Lines(self.run, handle).as_json() | {"node": handle.node.index, "entry": list(handle.entry)}
        except GraphcoreError:
            return None  # what cannot be nudged has no line


def _most_telling(nodes: Sequence[Node], run: Run, most: int) -> list[Node]:
    """The leaves, what has a name, and the cost; then others from the start, as many as there is room for."""
    ranked = sorted(nodes, key=lambda n: (n is not run.output, n.kind == "op", n.name is None, n.index))
    return sorted(ranked[:most], key=lambda n: n.index)


def packed(told: Any) -> str:
    """JSON, deflated, in base64: for what only some readers open.

    >>> zlib.decompress(base64.b64decode(packed([1, 2])), wbits=-15)
    b'[1,2]'
    """
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    deflating = zlib.compressobj(_PACKED, zlib.DEFLATED, -15)
    made = deflating.compress(text.encode("utf-8", "surrogatepass")) + deflating.flush()
    return base64.b64encode(made).decode("ascii")
