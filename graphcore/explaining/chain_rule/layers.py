"""The layers of neurons in a network: what is weighted and summed, added, and computed from the sum."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...autodiff.plan import descendants
from ...autodiff.run import Run
from ...errors import GraphError, shorten, some_of
from ...graph.node import Node
from ...operations.operation import op_of
from ...symbolic.formulas import local_formula
from ..paths.path_graph import require_run

_LOOKED_FOR = (
    "a layer is a matmul of what comes in with a parameter (a matrix, or a vector for a single neuron), or for one "
    "neuron a multiply by a parameter that is a single number; biases that are parameters may be added to it, and what "
    "follows elementwise is its activation"
)


@dataclass(eq=False)
class Layer:
    """Neurons that share an array, or a single one: ``z`` is the weighted sum, ``a`` the activation.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, W, b = g.input("x", (None, 3)), g.parameter("W", [[1.0], [2.0], [3.0]]), g.parameter("b", [0.5])
    >>> a = ops.tanh(ops.add_bias(x @ W, b, name="z"), name="a")
    >>> inputs, layer = layers_of(gc.backprop(ops.sum(a), {x: [[0.1, 0.2, 0.3]]}))
    >>> inputs, layer
    (<Layer of x at depth 0>, <Layer of a at depth 1>)
    >>> layer.z, layer.biases, layer.connections[0].weights
    (<z = add_bias: float64 (any, 1)>, [<b (parameter): float64 (1,)>], <W (parameter): float64 (3, 1)>)
    """

    #: the weighted sum with its biases; ``None`` for what is put in
    z: Node | None
    #: the activation, or the sum itself where there is no activation
    a: Node
    #: along which axis of ``z`` and ``a`` the neurons lie; ``None`` for a single neuron without an axis
    axis: int | None
    connections: list[Connection] = field(default_factory=list)
    biases: list[Node] = field(default_factory=list)
    #: 0 for what is put in, else one more than the deepest layer before
    depth: int = 0
    #: the elementwise operations on the sum, in order of computation
    chain: list[Node] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Layer of {shorten(self.a.label, 24)} at depth {self.depth}>"


@dataclass(eq=False)
class Connection:
    """The weights between two layers.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> run = gc.backprop(ops.tanh(g.parameter("w", 2.0) * g.input("x")), {"x": 1.0})
    >>> connection = layers_of(run)[1].connections[0]
    >>> connection.weights.label, connection.source, connection.is_transposed
    ('w', <Layer of x at depth 0>, False)
    """

    weights: Node
    source: Layer
    #: whether the rows of the weights are the neurons that receive, as in ``W @ a``
    is_transposed: bool


def layers_of(run: Run) -> list[Layer]:
    """Return the layers of a run, inputs first, as found from the graph and its operations.

    Raises `GraphError` where no layer is found, and where weights are applied to what is neither put in nor made by one
    layer alone, as in a network with residual connections.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> a = ops.sigmoid(g.parameter("w", 2.0) * x, name="a")
    >>> layers_of(gc.backprop(ops.square(g.parameter("v", 1.0) * a + g.parameter("b", 0.5)), {x: 1.0}))[-1].biases
    [<b (parameter): float64 ()>]
    >>> layers_of(gc.backprop(ops.square(x), {x: 1.0}))
    Traceback (most recent call last):
    graphcore.errors.GraphError: there are no layers of neurons in <Graph 'graph': ...
    """
    require_run(run, "layers_of")
    return _Finder(run).found()


class _Finder:
    """Walks the run once, from the inputs to the cost."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.learned = descendants([node for node in run.order if node.kind == "parameter"], run.order)
        #: sums that may still grow: connections, biases, axis
        self.sums: dict[Node, Layer] = {}
        #: every node that a layer is made of, from its sum on
        self.home: dict[Node, Layer] = {}
        self.layers: list[Layer] = []
        self.refused: list[tuple[Node, Node]] = []

    def found(self) -> list[Layer]:
        for node in self.run.order:
            if node.op is not None:
                grown = self._weighted(node) or self._added(node)
                if grown is None:
                    self._made_of_a_sum(node)
                else:
                    self.sums[node] = grown
        if self.run.output in self.sums:
            self._closed(self.run.output)
        if self.refused:
            raise self._cannot_be_told_apart()
        if not any(layer.connections for layer in self.layers):
            raise GraphError(f"there are no layers of neurons in {self.run.graph!r}: {_LOOKED_FOR}")
        sources = {connection.source for layer in self.layers for connection in layer.connections}
        for layer in self.layers:
            if layer.connections:
                layer.depth = 1 + max(connection.source.depth for connection in layer.connections)
                if layer not in sources:
                    layer.a = self._output_of_last(layer)
        return sorted(self.layers, key=lambda layer: (layer.depth, layer.a.index))

    def _cannot_be_told_apart(self) -> GraphError:
        weights, source = self.refused[0]
        told = [f"{w.label} to {s.label}" for w, s in self.refused]
        return GraphError(
            f"the network has no order of layers of neurons: {shorten(weights.label)!r} is applied to "
            f"{source.describe()}, which is neither put in nor made by one layer alone (all such: {some_of(told)}); "
            f"{_LOOKED_FOR}"
        )

    # -- sums

    def _weighted(self, node: Node) -> Layer | None:
        """Begin a sum: the input, weighted by a parameter."""
        for place in (1, 0) if len(node.inputs) == 2 else ():
            weights, other = node.inputs[place], node.inputs[1 - place]
            flipped = _is_flipped(weights)
            weights = weights.inputs[0] if flipped else weights
            if weights.kind != "parameter" or other.kind == "parameter" or not other.type.is_float:
                continue
            axes = _axes(op_of(node).name, weights, other, place)
            if axes is None:
                continue
            source = self._source(other, axes[0])
            if source is None:
                self.refused.append((weights, other))
                return None
            connection = Connection(weights, source, is_transposed=flipped != (place == 0 and weights.ndim == 2))
            return Layer(node, node, axes[1], [connection])
        return None

    def _added(self, node: Node) -> Layer | None:
        """Continue a sum: of sums, and of biases, all of them with the factor 1."""
        parts = [self.sums[source] for source in node.inputs if source in self.sums]
        others = [source for source in node.inputs if source not in self.sums]
        if not parts or not all(s.kind in ("parameter", "constant") for s in others) or not op_of(node).is_elementwise:
            return None
        if any(part.axis != parts[0].axis or part.a.shape != node.shape for part in parts):
            return None
        if any(str(local_formula(node, argument)) != "1" for argument in node.arguments):
            return None
        connections = [connection for part in parts for connection in part.connections]
        return Layer(
            node, node, parts[0].axis, connections, [*(bias for part in parts for bias in part.biases), *others]
        )

    def _closed(self, node: Node) -> Layer:
        """End a sum to which nothing more is added: a layer."""
        layer = self.home.get(node)
        if layer is None:
            layer = self.home[node] = self.sums[node]
            self.layers.append(layer)
        return layer

    # -- what comes before and after

    def _source(self, node: Node, axis: int | None) -> Layer | None:
        """Return the layer whose output a node is."""
        if node in self.sums:
            return self._closed(node)
        layer = self.home.get(node)
        if layer is None and node not in self.learned:
            layer = self.home[node] = Layer(None, node, axis)
            self.layers.append(layer)
        if layer is not None and layer.axis == axis:
            layer.a = node
            return layer
        return None

    def _made_of_a_sum(self, node: Node) -> None:
        """Close the sums that a node uses, and assign it to a layer if it is an elementwise function of that layer."""
        homes = [self._closed(s) if s in self.sums else self.home.get(s) for s in node.inputs]
        own = {home for home in homes if home is not None and home.z is not None}
        beside = [s for s, home in zip(node.inputs, homes, strict=True) if home not in own]
        if len(own) == 1 and not any(s in self.learned for s in beside):
            (layer,) = own
            if layer.z is not None and node.shape == layer.z.shape and node.type.is_float:
                self.home[node] = layer
                layer.chain.append(node)

    def _output_of_last(self, layer: Layer) -> Node:
        """Return the output of the last layer: the first named node computed from its sum alone, or the first one."""
        alone: list[Node] = []
        for node in layer.chain:
            made_of = [s for s in node.inputs if s.kind != "constant"]
            if node is not self.run.output and all(s is layer.z or s in alone for s in made_of):
                alone.append(node)
        return next((node for node in alone if node.name is not None), alone[0] if alone else layer.a)


def _is_flipped(node: Node) -> bool:
    """Return true for the transpose of a parameter."""
    return node.op is not None and node.op.name == "matrix_transpose" and node.inputs[0].kind == "parameter"


def _axes(op: str, weights: Node, other: Node, place: int) -> tuple[int | None, int | None] | None:
    """Return the axes of the neurons before and after; ``None`` if these are not the weights of a layer.

    The weights are the first factor of ``W @ a`` for 0, and the second of ``a @ W`` for 1.
    """
    if op == "multiply" and weights.shape == () and other.shape in ((), (None,)):
        return None, None
    if op != "matmul" or weights.ndim not in (1, 2) or other.ndim == 0:
        return None
    single = weights.ndim == 1
    if place == 1:
        return -1, None if single else -1
    if other.ndim > 2:
        return None
    axis = -other.ndim
    return axis, None if single else axis
