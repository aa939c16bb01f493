"""Costs: one per example, against PyTorch, at certain and impossible classes, and targets of the wrong kind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops


@given(
    shape=st.lists(st.integers(1, 3), max_size=3).map(tuple),
    drop=st.integers(0, 3),
    seed=st.integers(0, 2**32 - 1),
    unknown=st.booleans(),
)
def test_squared_error_with_targets_that_broadcast(shape, drop, seed, unknown, around, differences, agree):
    rng = np.random.default_rng(seed)
    net = around(
        ops.squared_error, [rng.standard_normal(shape), rng.standard_normal(shape[drop:])], {}, unknown=unknown
    )
    run = gc.backprop(net.cost, net.feed)
    difference = net.feed[net.inputs[0]] - net.feed[net.inputs[1]]
    np.testing.assert_allclose(run.value[net.out], (difference**2).sum(-1) if shape else difference**2, rtol=1e-14)
    for place, node in enumerate(net.inputs):
        agree(run.grad[node], differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node]))
        agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)


@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), seed=st.integers(0, 2**32 - 1))
def test_cross_entropy_by_scores_and_by_targets(shape, seed, around, differences, agree):
    rng = np.random.default_rng(seed)
    net = around(ops.cross_entropy, [rng.standard_normal(shape) * 2, rng.random(shape)], {}, unknown=seed % 2 == 1)
    run = gc.backprop(net.cost, net.feed)
    assert run.value[net.out].shape == shape[:-1]
    for place, node in enumerate(net.inputs):
        agree(run.grad[node], differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node]))
        agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
@pytest.mark.parametrize("rows", [4, None])
def test_cross_entropy_of_class_numbers_is_that_of_pytorch(dtype, rows, torch):
    scores = np.random.default_rng(1).standard_normal((4, 3)) * 4
    labels = np.array([2, 0, 1, 1], dtype)
    tensor = torch.tensor(scores, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(tensor, torch.tensor(labels.astype("int64")))
    theirs.backward()
    g = gc.Graph()
    z, y = g.input("z", (rows, 3)), g.input("y", (rows,), dtype)
    run = gc.backprop(ops.mean(ops.cross_entropy(z, y)), {z: scores, y: labels})
    np.testing.assert_allclose(run.cost, theirs.item(), rtol=1e-14)
    np.testing.assert_allclose(run.grad[z], tensor.grad.numpy(), rtol=1e-9, atol=1e-16)


def test_cross_entropy_of_a_distribution_is_that_of_pytorch(torch):
    rng = np.random.default_rng(2)
    scores, targets = rng.standard_normal((4, 3)) * 4, rng.dirichlet(np.ones(3), 4)
    tensor = torch.tensor(scores, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(tensor, torch.tensor(targets), reduction="sum")
    theirs.backward()
    g = gc.Graph()
    z = g.parameter("z", scores)
    run = gc.backprop(ops.sum(ops.cross_entropy(z, targets)))
    np.testing.assert_allclose(run.cost, theirs.item(), rtol=1e-14)
    np.testing.assert_allclose(run.grad[z], tensor.grad.numpy(), rtol=1e-9, atol=1e-15)


def test_a_class_of_probability_zero_counts_nothing_even_at_minus_infinity():
    g = gc.Graph()
    z = g.parameter("z", [[0.0, 0.0, -np.inf], [1e5, 0.0, -1e5]])
    run = gc.backprop(ops.sum(ops.cross_entropy(z, np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]), name="costs")))
    np.testing.assert_allclose(run.value["costs"], [np.log(2), 0.0], atol=1e-15)
    np.testing.assert_allclose(run.grad[z], np.zeros((2, 3)), atol=1e-15)


def test_a_class_that_was_thought_impossible_costs_without_end():
    assert ops.cross_entropy([[0.0, -np.inf]], [[0.0, 1.0]]) == np.inf


@pytest.mark.parametrize(
    ("z", "y", "dtype"),
    [
        ((), (), "float64"),
        ((2, 3), (3,), "float64"),
        ((1, 3), (3,), "float64"),
        ((2, 3), (2, 3), "int64"),
        ((2, 3), (), "int64"),
        ((2, 3), (3,), "int64"),
        ((2, 3), (2, 4), "float64"),
    ],
)
def test_targets_of_the_wrong_shape_are_refused_when_the_node_is_made(z, y, dtype):
    g = gc.Graph()
    scores, targets = g.input("scores", z), g.input("targets", y, dtype)
    with pytest.raises(gc.errors.ShapeError) as caught:
        ops.cross_entropy(scores, targets)
    for piece in ("cross_entropy", "scores", "targets", __file__):
        assert piece in str(caught.value)


def test_whole_number_targets_of_a_squared_error_are_foretold_in_dtype():
    g = gc.Graph()
    a, y = g.input("a", (2, 3), "float32"), g.input("y", (2, 3), "int64")
    out = ops.squared_error(a, y)
    assert gc.evaluate(out, {a: np.ones((2, 3), "float32"), y: np.ones((2, 3), "int64")}).dtype == out.dtype
