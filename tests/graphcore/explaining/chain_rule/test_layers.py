"""Which layers are found, in whatever way a network is written; and what is no layer is refused."""

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.explaining.chain_rule.layers import layers_of

rng = np.random.default_rng(5)


def told(run):
    """Of each layer its depth, what it says, its sum, weights and biases, by name."""
    return [
        (
            layer.depth,
            layer.a.label,
            None if layer.z is None else layer.z.label,
            [connection.weights.label for connection in layer.connections],
            [bias.label for bias in layer.biases],
        )
        for layer in layers_of(run)
    ]


def matrices(write):
    """A 3-4-2 network whose layers are written by a function of a, W and b."""
    g = gc.Graph()
    x, y = g.input("x", (None, 3)), g.input("y", (None, 2))
    a = x
    for layer, (n, m) in enumerate(((3, 4), (4, 2)), 1):
        W, b = g.parameter(f"W{layer}", rng.normal(size=(n, m))), g.parameter(f"b{layer}", rng.normal(size=m))
        a = ops.tanh(write(a, W, b).named(f"z{layer}"), name=f"a{layer}")
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return gc.backprop(cost, {x: rng.normal(size=(5, 3)), y: rng.normal(size=(5, 2))})


WRITTEN = {
    "operators": lambda a, W, b: a @ W + b,
    "bias first": lambda a, W, b: b + a @ W,
    "add_bias": lambda a, W, b: ops.add_bias(ops.matmul(a, W), b),
    "numpy": lambda a, W, b: np.add(np.dot(a, W), b),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_layers_of_matrices_are_found_however_they_are_written(write):
    assert told(matrices(write)) == [
        (0, "x", None, [], []),
        (1, "a1", "z1", ["W1"], ["b1"]),
        (2, "a2", "z2", ["W2"], ["b2"]),
    ]


def test_one_neuron_per_layer_is_found():
    g = gc.Graph()
    a = g.input("a0")
    for layer in (1, 2):
        a = ops.sigmoid(
            (g.parameter(f"w{layer}", 0.5) * a + g.parameter(f"b{layer}", 0.1)).named(f"z{layer}"), name=f"a{layer}"
        )
    assert told(gc.backprop(ops.squared_error(a, g.input("y"), name="C"), {"a0": 0.3, "y": 1.0})) == [
        (0, "a0", None, [], []),
        (1, "a1", "z1", ["w1"], ["b1"]),
        (2, "a2", "z2", ["w2"], ["b2"]),
    ]


def test_a_neuron_with_several_inputs_written_out_is_one_neuron():
    g = gc.Graph()
    p, q = g.input("p"), g.input("q")
    z = (g.parameter("u", 1.0) * p + g.parameter("v", -2.0) * q + g.parameter("b", 0.5)).named("z")
    run = gc.backprop(ops.square(ops.relu(z, name="a") - 1.0, name="C"), {p: 1.0, q: 0.2})
    assert told(run) == [(0, "p", None, [], []), (0, "q", None, [], []), (1, "a", "z", ["u", "v"], ["b"])]


def test_a_neuron_that_feeds_two_is_one_layer_before_both():
    g = gc.Graph()
    a = ops.tanh(g.parameter("w", 0.8) * g.input("x"), name="a")
    outs = [ops.tanh(g.parameter(f"w{j}", 0.5) * a, name=f"a{j}") for j in (1, 2)]
    found = told(gc.backprop((outs[0] + outs[1]).named("C"), {"x": 1.0}))
    assert [(depth, name, weights) for depth, name, _, weights, _ in found] == [
        (0, "x", []), (1, "a", ["w"]), (2, "a1", ["w1"]), (2, "a2", ["w2"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("write", "is_transposed", "axis"),
    [
        (lambda x, W, V: (W @ x, "W"), True, -1),
        (lambda x, W, V: (x @ V, "V"), False, -1),
        (lambda x, W, V: (x @ W.T, "W"), True, -1),
        (lambda x, W, V: (V.T @ x, "V"), False, -1),
    ],
    ids=["W @ x", "x @ V", "x @ W.T", "V.T @ x"],
)
def test_rows_or_columns_may_be_the_neurons_that_receive(write, is_transposed, axis):
    g = gc.Graph()
    x, W, V = g.input("x", (3,)), g.parameter("W", np.ones((2, 3))), g.parameter("V", np.ones((3, 2)))
    z, name = write(x, W, V)
    layer = layers_of(gc.backprop(ops.sum(ops.tanh(z), name="C"), {x: [1.0, 2.0, 3.0]}))[-1]
    assert layer.connections[0].weights.label == name
    assert (layer.connections[0].is_transposed, layer.axis) == (is_transposed, axis)


def test_examples_may_lie_along_the_last_axis():
    g = gc.Graph()
    x, W = g.input("x", (3, None)), g.parameter("W", np.ones((2, 3)))
    run = gc.backprop(ops.mean(ops.tanh(W @ x), name="C"), {x: np.ones((3, 5))})
    assert [layer.axis for layer in layers_of(run)] == [-2, -2]


def test_a_vector_of_weights_is_a_single_neuron():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("w", [1.0, 2.0, 3.0])
    run = gc.backprop(ops.mean(ops.sigmoid((x @ w).named("z"), name="a"), name="C"), {x: np.ones((2, 3))})
    layer = layers_of(run)[1]
    assert (layer.a.label, layer.axis, layer.connections[0].source.axis) == ("a", None, -1)


def test_what_is_made_of_inputs_alone_is_put_in():
    g = gc.Graph()
    x, W = g.input("x", (None, 4)), g.parameter("W", np.ones((4, 2)))
    scaled = ((x - 1.0) / 255.0).named("scaled")
    run = gc.backprop(ops.mean(scaled @ W, name="C"), {x: np.ones((2, 4))})
    assert layers_of(run)[0].a.label == "scaled"


def test_an_activation_may_be_written_by_hand_or_be_a_softmax():
    g = gc.Graph()
    x, W, V = g.input("x", (None, 3)), g.parameter("W", np.ones((3, 4))), g.parameter("V", np.ones((4, 2)))
    z = (x @ W).named("z")
    swish = (z * ops.sigmoid(z)).named("swish")
    p = ops.softmax((swish @ V).named("logits"), name="p")
    found = layers_of(gc.backprop(ops.mean(-ops.log(p), name="C"), {x: np.ones((2, 3))}))
    assert [layer.a.label for layer in found] == ["x", "swish", "p"]


def test_a_linear_last_layer_says_its_sum():
    g = gc.Graph()
    x, y, W = g.input("x", (None, 3)), g.input("y", (None, 2)), g.parameter("W", np.ones((3, 2)))
    z = (x @ W).named("z")
    for cost in (ops.mean(ops.squared_error(z, y)), ops.mean(ops.square(z - y))):
        layer = layers_of(gc.backprop(cost, {x: np.ones((2, 3)), y: np.zeros((2, 2))}))[-1]
        assert layer.a is layer.z is z


@pytest.mark.parametrize("cost", [lambda x: x * x, lambda x: ops.exp(-x)])
def test_without_layers_the_error_says_what_was_looked_for(cost):
    x = gc.Graph("plain").input("x")
    with pytest.raises(gc.errors.GraphError, match=r"no layers of neurons in <Graph 'plain'.*a layer is a matmul"):
        layers_of(gc.backprop(cost(x), {x: 0.5}))


def test_a_residual_connection_is_refused_and_never_left_out():
    g = gc.Graph()
    x, W, V = g.input("x", (None, 3)), g.parameter("W", np.ones((3, 3))), g.parameter("V", np.ones((3, 2)))
    h = (x @ W).named("h")
    around = (ops.tanh(h) + x @ g.parameter("U", np.ones((3, 3)))).named("around")
    run = gc.backprop(ops.mean(around @ V, name="C"), {x: np.ones((2, 3))})
    with pytest.raises(gc.errors.GraphError, match=r"'V' is applied to add 'around' .*neither put in nor made by one"):
        layers_of(run)


def test_multiplying_by_one_is_not_taken_for_adding():
    """At w = x = 1 the derivatives of a product are those of a sum; the rule tells them apart."""
    g = gc.Graph()
    x = g.input("x")
    z = (g.parameter("w", 1.0) * x).named("z")
    run = gc.backprop((z * g.parameter("v", 1.0)).named("C"), {x: 1.0})
    found = told(run)
    assert [weights for *_, weights, _ in found] == [[], ["w"], ["v"]]
    assert all(biases == [] for *_, biases in found)


def test_a_deep_network_needs_no_recursion():
    g = gc.Graph()
    a = g.input("x")
    for i in range(3000):
        a = ops.tanh(g.parameter(f"w{i}", 1.0) * a)
    found = layers_of(gc.backprop(ops.square(a), {"x": 0.5}))
    assert found[-1].depth == 3000
