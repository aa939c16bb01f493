"""Checkpointed parts of a compiled step: their nodes are written again, to be computed in the backward pass.

>>> import graphcore as gc, ops
>>> g = gc.Graph()
>>> x = g.parameter("x", 0.5)
>>> inside = gc.checkpoint(lambda x: ops.tanh(ops.tanh(x)))
>>> step = gc.compile(ops.square(inside(x)), backend="numpy")
>>> step.source.count(" tanh(")  # the inner one is computed twice
3
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ...arrays.registry import registry
from ...autodiff.executor import forward
from ...graph.node import GraphOfNodes, Node
from ...operations.operation import op_of
from ...operations.purity import can_merge


class RecomputedNodes(dict[Node, Node]):
    """The nodes that rules read in the backward pass: new nodes inside a checkpointed part, elsewhere the node itself.

    ``gradients`` is the dict that the backward pass is filling. A part is computed after the gradient that was added
    last; ``after`` maps each new node to that gradient.
    """

    def __init__(self, graph: GraphOfNodes, part_of: Mapping[Node, int], gradients: dict[Node, Node]) -> None:
        super().__init__()
        self.after: dict[Node, Node] = {}
        part_of = {node: part for node, part in part_of.items() if can_merge(op_of(node), node.settings)}
        self._part_of, self._gradients = part_of, gradients
        self._nodes: dict[int, list[Node]] = defaultdict(list)
        #: nodes of parts that are read outside of them, and therefore kept
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
        due = next(reversed(self._gradients.values()))
        values = {source: source for one in nodes for source in one.inputs if source not in inside}
        forward(nodes, values, registry)
        self.after.update((values[one], due) for one in nodes)
        self.update((one, one if one in self._results else values[one]) for one in nodes)
        return self[node]
