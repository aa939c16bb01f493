"""Running totals and products, and products of everything: at zeros, to every order, along any axis."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

RUNNING = [(ops.cumulative_sum, np.cumulative_sum), (ops.cumulative_prod, np.cumulative_prod)]


@pytest.mark.parametrize(("op", "reference"), RUNNING, ids=["sum", "prod"])
@given(
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple), seed=st.integers(0, 2**32 - 1),
    data=st.data(), unknown=st.booleans(), initial=st.booleans(),
)  # fmt: skip
def test_along_any_axis(op, reference, shape, seed, data, unknown, initial, around, differences, agree):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    array = np.random.default_rng(seed).choice([-1.5, -0.5, 0.0, 0.75, 2.0], shape)
    settings = {"axis": axis, "include_initial": initial}
    net = around(op, [array], settings, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_allclose(run.value[net.out], reference(array, **settings), rtol=1e-14)
    agree(run.grad["x0"], differences(lambda x: np.sum(reference(x, **settings) * net.weights), array))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


@given(shape=st.lists(st.integers(1, 3), max_size=3).map(tuple), seed=st.integers(0, 2**32 - 1), data=st.data(),
       unknown=st.booleans(), keepdims=st.booleans())  # fmt: skip
def test_the_product_over_any_axes(shape, seed, data, unknown, keepdims, around, differences, agree):
    axes = data.draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True, max_size=len(shape)))
    axis = data.draw(st.sampled_from([None, tuple(axes), axes[0] if axes else None]))
    array = np.random.default_rng(seed).choice([-1.5, -0.5, 0.0, 0.75, 2.0], shape)
    settings = {"axis": axis, "keepdims": keepdims}
    net = around(ops.prod, [array], settings, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_allclose(run.value[net.out], np.prod(array, **settings), rtol=1e-14)
    agree(run.grad["x0"], differences(lambda x: np.sum(np.prod(x, **settings) * net.weights), array))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


PRODUCTS = {
    "prod": ops.prod,
    "last of cumulative_prod": lambda x: ops.cumulative_prod(x)[-1],
    "two axes": lambda x: ops.prod(ops.reshape(x, (2, 2)), axis=(0, 1)),
    "one axis after the other": lambda x: ops.prod(ops.prod(ops.reshape(x, (2, 2)), axis=0)),
}


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("zeros", [(), (1,), (0, 3), (0, 1, 2), (0, 1, 2, 3)])
def test_every_derivative_of_a_product_is_the_product_of_the_others(name, zeros):
    """A product is linear in each factor: by different entries the rest is left, by one entry twice nothing."""
    values = np.array([1.5, -2.0, 0.5, 3.0])
    values[list(zeros)] = 0.0
    g = gc.Graph()
    x = g.parameter("x", values)
    for entries in itertools.chain.from_iterable(itertools.product(range(4), repeat=n) for n in (1, 2, 3)):
        node = PRODUCTS[name](x)
        for entry in entries:
            node = gc.derivative(node, x)[entry]
        rest = [values[i] for i in range(4) if i not in entries]
        expected = np.prod(rest) if len(set(entries)) == len(entries) else 0.0
        assert gc.evaluate(node) == pytest.approx(expected, rel=1e-15, abs=0), entries


def test_pytorch_agrees_on_a_long_product_with_zeros(torch):
    values = np.random.default_rng(3).standard_normal(40)
    for zeros in ([], [7], [0, 39], [3, 4, 5]):
        array = values.copy()
        array[zeros] = 0.0
        tensor = torch.tensor(array, requires_grad=True)
        weights = torch.arange(1.0, 41.0, dtype=torch.float64)
        (torch.cumprod(tensor, 0) * weights).sum().backward()
        g = gc.Graph()
        x = g.parameter("x", array)
        gradient = gc.backprop(ops.sum(ops.cumulative_prod(x) * weights.numpy())).grad[x]
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-10, atol=1e-18)


@given(length=st.integers(0, 5), seed=st.integers(0, 2**32 - 1), reverse=st.booleans(), unknown=st.booleans())
def test_a_recurrence_is_its_matrix(length, seed, reverse, unknown, around, differences, agree):
    """``out = b + A out`` with the factors beside the diagonal, solved as a system of equations."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(length), rng.standard_normal(length)
    net = around(ops.linear_recurrence, [a, b], {"axis": 0, "reverse": reverse}, unknown=unknown)

    def reference(a, b):
        beside = np.diag(a[:-1], 1) if reverse else np.diag(a[1:], -1)
        return np.linalg.solve(np.eye(length) - beside, b) if length else b

    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_allclose(run.value[net.out], reference(a, b), rtol=1e-12, atol=1e-14)
    for place, arrays in ((0, lambda x: (x, b)), (1, lambda x: (a, x))):
        expected = differences(lambda x, arrays=arrays: np.sum(reference(*arrays(x)) * net.weights), (a, b)[place])
        agree(run.grad[f"x{place}"], expected)


def test_a_zero_sensitivity_stays_zero_beside_an_infinite_product():
    g = gc.Graph()
    x = g.parameter("x", [1e200, 1e200, 1.0])
    run = gc.backprop(ops.cumulative_prod(x)[0])
    np.testing.assert_array_equal(run.grad[x], [1.0, 0.0, 0.0])


def test_nan_spreads_as_far_as_it_counts():
    g = gc.Graph()
    x = g.parameter("x", [2.0, np.nan, 3.0])
    run = gc.backprop(ops.prod(x))
    assert np.isnan(run.cost)
    np.testing.assert_array_equal(np.isnan(run.grad[x]), [True, False, True])


@pytest.mark.parametrize("op", [ops.sum, ops.prod, ops.cumulative_sum, ops.cumulative_prod], ids=lambda op: op.name)
@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int32"])
@pytest.mark.parametrize("given_as", ["float32", "uint8", "int64"])
def test_the_dtype_that_is_asked_for(op, dtype, given_as):
    x = gc.Graph().constant(np.array([1, 2, 3], given_as))
    node = op(x, dtype=dtype)
    expected = getattr(np, op.name)(x.value, dtype=dtype)
    assert node.dtype == expected.dtype
    value = gc.evaluate(node)
    assert value.dtype == expected.dtype
    np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("op", [ops.cumulative_sum, ops.cumulative_prod], ids=lambda op: op.name)
def test_of_several_axes_one_is_named(op):
    x = gc.Graph().input("x", (2, 3))
    with pytest.raises(gc.errors.ShapeError, match="axis is required for an array of 2 axes"):
        op(x)
    with pytest.raises(gc.errors.ShapeError, match="no axis 2 among 2"):
        op(x, axis=2)
    with pytest.raises(gc.errors.ShapeError, match="the same shape"):
        ops.linear_recurrence(x, x[:, :2])
