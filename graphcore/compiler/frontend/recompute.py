"""Checkpointed parts in a compiled step: on the way back a part is written once more, to be computed when it is due.

>>> import graphcore as gc, ops
>>> g = gc.Graph()
>>> x = g.parameter("x", 0.5)
>>> inside = gc.checkpoint(lambda x: ops.tanh(ops.tanh(x)))
>>> step = gc.compile(ops.square(inside(x)), backend="numpy")
>>> step.source.count(" tanh(")  # the inner one is evaluate twice
3
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ...arrays.registry import registry
from ...autodiff.executor import forward
from ...graph.node import GraphOfNodes, Node


class RecomputedNodes(dict[Node, Node]):
    """The nodes that rules read on the way back: inside a part they are new ones, elsewhere every node is itself.

    A part is computed again from what was kept, which `later` holds back until the gradient that was found last is
    known. ``gradients`` is the dict that the walk back is filling.
    """

    def __init__(self, graph: GraphOfNodes, part_of: Mapping[Node, int], gradients: dict[Node, Node]) -> None:
        super().__init__()
        self._part_of, self._gradients = part_of, gradients
        self._nodes: dict[int, list[Node]] = defaultdict(list)
        #: the nodes of parts that are read outside, and therefore known in any case
        self._results: set[Node] = set()
        for node in graph.nodes:
            if node in part_of:
                self._nodes[part_of[node]].append(node)
                if any(part_of.get(user) != part_of[node] for user in graph.successors(node)):
                    self._results.add(node)

    def __missing__(self, node: Node) -> Node:
        part = self._part_of.get(node)
        if part is None:
            return node
        nodes = self._nodes[part]
        inside = set(nodes)
        last = next(reversed(self._gradients.values()))
        due = registry["getitem"](last, key=(0,) * last.ndim) if last.ndim else last
        values = {
            source: source if source.kind == "constant" else registry["later"](source, due)
            for one in nodes
            for source in one.inputs
            if source not in inside
        }
        forward(nodes, values, registry)
        self.update((one, one if one in self._results else values[one]) for one in nodes)
        return self[node]
