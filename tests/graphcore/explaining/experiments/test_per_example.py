"""A batch taken apart: against runs of one example at a time."""

import numpy as np
import pytest

import graphcore as gc
import ops


def alone(run, example):
    """The same network run on one example."""
    feed = {node: run.value[node][example : example + 1] for node in run.graph.inputs.values() if node in run.value}
    return gc.backprop(run.output, feed)


def agrees_with_runs_of_one(run, rtol=1e-12):
    each = gc.per_example(run)
    number = len(each)
    for i in range(number):
        one = alone(run, i)
        np.testing.assert_allclose(each.cost[i], one.cost, rtol=rtol)
        for node in each.grad:
            np.testing.assert_allclose(each.grad[node][i], one.grad[node], rtol=1e3 * rtol, atol=rtol)
    np.testing.assert_allclose(each.cost.mean(), run.cost, rtol=rtol)
    for node in each.grad:
        np.testing.assert_allclose(each.grad[node].mean(axis=0), run.grad[node], rtol=1e3 * rtol, atol=rtol)
    return each


def data(shape):
    return np.random.default_rng(3).normal(size=shape)


def regression():
    g = gc.Graph()
    x, y, w = g.input("x", (None,)), g.input("y", (None,)), g.parameter("w", 0.7)
    return gc.backprop(ops.mean(ops.square(w * x - y), name="C"), {x: data(5), y: data((2, 5))[1]})


def convolutional():
    g = gc.Graph()
    x, labels = g.input("x", (None, 1, 6, 6)), g.input("labels", (None,), "int64")
    k, w = g.parameter("k", data((3, 1, 3, 3))), g.parameter("w", data((12, 4)))
    h = ops.max_pool2d(ops.relu(ops.conv2d(x, k)), 2)
    z = ops.reshape(h, shape=(-1, 12)) @ w
    return gc.backprop(ops.mean(ops.cross_entropy(z, labels)), {x: data((5, 1, 6, 6)), labels: [0, 1, 2, 3, 1]})


def with_decay_and_shared_weights():
    g = gc.Graph()
    x, w, s = g.input("x", (None, 3)), g.parameter("w", data((3, 3))), g.parameter("s", 1.3)
    h = ops.tanh(x @ (w * s)) @ w.mT
    return gc.backprop(ops.mean(ops.sum(ops.square(h), axis=-1)) + 0.1 * ops.sum(w * w), {x: data((4, 3))})


def attention():
    g = gc.Graph()
    x, w = g.input("x", (None, 3, 4)), g.parameter("w", data((4, 4)))
    seen = ops.scaled_dot_product_attention(x @ w, x, x)
    return gc.backprop(ops.mean(ops.sum(ops.square(seen), axis=(1, 2))), {x: data((4, 3, 4))})


@pytest.mark.parametrize(
    "make", [regression, convolutional, with_decay_and_shared_weights, attention], ids=lambda make: make.__name__
)
def test_each_example_gets_what_a_run_of_it_alone_gives(make):
    agrees_with_runs_of_one(make())


def test_layers_and_the_order_of_pulls(nets):
    run = nets.layers()
    each = agrees_with_runs_of_one(run)
    pulls = each.pulls("W1", (0, 1))
    slopes = [alone(run, i).grad["W1"][0, 1] for i in range(6)]
    assert pulls.up == sorted((i for i in range(6) if slopes[i] < 0), key=lambda i: slopes[i])
    assert pulls.down == sorted((i for i in range(6) if slopes[i] > 0), key=lambda i: -slopes[i])
    assert f"is the mean over 6 examples: {run.grad['W1'][0, 1]:.4g}".replace("-", "−") in str(pulls)
    assert "votes to increase" in str(pulls)


def test_of_a_sum_the_mean_over_examples_is_the_gradient_too(nets):
    run = nets.layers()
    whole = gc.backprop(ops.sum(ops.squared_error(run.graph["a2"], run.graph["y"])), {n: run.value[n] for n in "xy"})
    each, of_mean = gc.per_example(whole), gc.per_example(run)
    np.testing.assert_allclose(each.cost, 6 * of_mean.cost, rtol=1e-13)
    np.testing.assert_allclose(each.grad["W1"].mean(axis=0), whole.grad["W1"], rtol=1e-12)


def test_a_parameter_that_is_not_used_by_examples_alone_is_told_the_same():
    run = with_decay_and_shared_weights()
    each = gc.per_example(run)
    assert each.grad["s"].shape == (4,)


def test_float32_and_another_array_library(library):
    g = gc.Graph()
    x, w = g.input("x", (None, 2), "float32"), g.parameter("w", np.array([[0.5], [1.0]], "float32"))
    run = gc.backprop(ops.mean(ops.tanh(x @ w)), {x: library.array([[1.0, 2.0], [0.1, 0.2]], "float32")})
    each = gc.per_example(run)
    assert library.owns(each.grad["w"])
    grad = library.numpy(each.grad["w"])
    assert grad.dtype == "float32"
    np.testing.assert_allclose(grad.mean(axis=0), library.numpy(run.grad["w"]), rtol=1e-5)
    expected = np.array([1.0, 2.0]) * (1 - np.tanh(2.5) ** 2)
    np.testing.assert_allclose(grad[0, :, 0], expected, rtol=1e-4)


def mixing():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("w", data((3,)))
    centred = x - ops.mean(x, axis=0, keepdims=True)
    return gc.backprop(ops.mean(ops.square(centred @ w)), {x: data((5, 3))})


def no_average():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("w", data((3,)))
    return gc.backprop(ops.square(ops.sum(x @ w)), {x: data((5, 3))})


def turned():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("w", data((2, 3)))
    return gc.backprop(ops.sum(w @ ops.matrix_transpose(x)), {x: data((5, 3))})


def no_batch():
    g = gc.Graph()
    x = g.input("x")
    return gc.backprop(x * g.parameter("w", 2.0), {x: 1.0})


def two_lengths():
    g = gc.Graph()
    x, y, w = g.input("x", (None,)), g.input("y", (None,)), g.parameter("w", 2.0)
    return gc.backprop(w * (ops.sum(x) + ops.sum(y)), {x: [1.0], y: [1.0, 2.0]})


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (mixing, "mixes the examples"),
        (no_average, "is no average or sum of what each example costs"),
        (turned, "cannot be split by example"),
        (no_batch, "no batch to take apart"),
        (two_lengths, "the same number of examples"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_taken_apart_says_why(make, match):
    with pytest.raises(gc.errors.GraphError, match=match):
        gc.per_example(make()).grad["w"]


def test_wrong_questions(nets):
    each = gc.per_example(nets.layers())
    with pytest.raises(gc.errors.ShapeError, match=r"say which weight, as in pulls\('W1', \(0, 0\)\)"):
        each.pulls("W1")
    with pytest.raises(gc.errors.GraphError, match="is no parameter"):
        each.grad["z1"]
    with pytest.raises(gc.errors.UnknownNameError):
        each.grad["W9"]


def test_the_text(nets):
    text = str(gc.per_example(nets.layers()))
    assert text.splitlines()[0] == "C = 0.1751 is the mean over 6 examples"
    assert "% of what it would be if all examples agreed" in text
