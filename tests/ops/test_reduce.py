"""Reductions over random axes of random shapes, and what happens at ties, empty arrays and NaN."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops


@st.composite
def reductions(draw):
    """A shape, some of its axes counted from either end, and keepdims."""
    shape = tuple(draw(st.lists(st.integers(1, 3), max_size=3)))
    axes = draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True, max_size=len(shape)))
    axes = tuple(axis - len(shape) if draw(st.booleans()) else axis for axis in axes)
    axis = draw(st.sampled_from([None, axes, axes[0] if axes else None]))
    return shape, axis, draw(st.booleans())


@pytest.mark.parametrize(
    ("op", "reference"), [(ops.sum, np.sum), (ops.mean, np.mean), (ops.max, np.max)], ids=["sum", "mean", "max"]
)
@given(case=reductions(), seed=st.integers(0, 2**32 - 1), unknown=st.booleans())
def test_any_axes(op, reference, case, seed, unknown, around, differences, agree):
    shape, axis, keepdims = case
    count = int(np.prod(shape, dtype=int))
    array = np.random.default_rng(seed).permutation(np.linspace(-2.0, 2.0, count) + 0.1).reshape(shape)
    net = around(op, [array], {"axis": axis, "keepdims": keepdims}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    expected = reference(array, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(run.value[net.out], expected, rtol=1e-14, atol=1e-15)
    assert len(net.out.shape) == np.ndim(expected)
    agree(
        run.grad["x0"], differences(lambda x: np.sum(reference(x, axis=axis, keepdims=keepdims) * net.weights), array)
    )
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    seed=st.integers(0, 2**32 - 1),
    axis=st.sampled_from([None, 0, -1]),
)
def test_ties_share_the_derivative_of_max_and_it_adds_up_to_one(shape, seed, axis):
    array = np.random.default_rng(seed).integers(0, 2, shape).astype(float)
    g = gc.Graph()
    x = g.parameter("x", array)
    run = gc.backprop(ops.sum(ops.max(x, axis=axis)))
    np.testing.assert_allclose(np.sum(run.grad[x], axis=axis), np.ones(np.max(array, axis=axis).shape), rtol=1e-15)
    is_largest = array == np.max(array, axis=axis, keepdims=True)
    assert np.all((run.grad[x] > 0) == is_largest)
    shares = run.grad[x][is_largest]
    assert np.all(shares <= 1)


def test_max_of_nan_is_nan_and_so_is_its_gradient():
    g = gc.Graph()
    x = g.parameter("x", [1.0, np.nan, 3.0])
    run = gc.backprop(ops.max(x))
    assert np.isnan(run.cost)
    assert np.all(np.isnan(run.grad[x]))


def test_the_mean_does_not_bake_in_a_length_that_is_not_known_yet():
    g = gc.Graph()
    x = g.input("x", shape=(None,))
    slope = gc.derivative(ops.mean(ops.square(x)), x)
    for length in (1, 2, 7):
        values = np.arange(1.0, length + 1)
        np.testing.assert_allclose(gc.evaluate(slope, {x: values}), 2 * values / length, rtol=1e-15)


def test_the_sum_of_nothing_is_zero_with_an_empty_gradient():
    g = gc.Graph()
    x = g.input("x", shape=(None, 3))
    run = gc.backprop(ops.sum(ops.square(x)), {x: np.zeros((0, 3))})
    assert run.cost == 0.0
    assert run.grad[x].shape == (0, 3)


@pytest.mark.parametrize("op", [ops.sum, ops.mean, ops.max], ids=lambda op: op.name)
@pytest.mark.parametrize(("axis", "said"), [(2, "there is no axis 2 among 2"), ((0, -2), "names an axis twice")])
def test_an_axis_that_is_not_there_or_twice_there(op, axis, said):
    x = gc.Graph().input("x", (2, 3))
    with pytest.raises(gc.errors.ShapeError) as caught:
        op(x, axis=axis)
    for piece in (op.name, said, "'x'", "(2, 3)", __file__):
        assert piece in str(caught.value)


@pytest.mark.parametrize("dtype", ["bool", "int32", "uint8", "int64", "float32"])
@pytest.mark.parametrize("op", [ops.sum, ops.max, ops.mean], ids=lambda op: op.name)
def test_what_becomes_of_whole_numbers_is_foretold(op, dtype):
    g = gc.Graph()
    x = g.input("x", (None,), dtype)
    out = op(x)
    assert gc.evaluate(out, {x: np.array([1, 0, 1], dtype)}).dtype == out.dtype


@pytest.mark.parametrize("op", [ops.max, ops.min], ids=lambda op: op.name)
def test_seventy_thousand_ties_in_float16_share_one_derivative(op):
    g = gc.Graph()
    x = g.parameter("x", np.full(70_000, 3.0, "float16"))
    gradient = gc.backprop(op(x)).grad[x]
    assert gradient.dtype == "float16"
    assert np.all(gradient == gradient[0])
    assert np.sum(gradient, dtype="float64") == pytest.approx(1.0, abs=2e-3)  # to the digits that float16 has


@pytest.mark.parametrize("name", ["all", "any", "count_nonzero"])
@given(case=reductions(), seed=st.integers(0, 2**32 - 1), unknown=st.booleans())
@pytest.mark.parametrize("dtype", ["bool", "float64", "int64"])
def test_counting_truths_along_any_axes(name, dtype, case, seed, unknown):
    shape, axis, keepdims = case
    array = np.random.default_rng(seed).integers(0, 2, shape).astype(dtype)
    x = gc.Graph().input("x", (None,) * len(shape) if unknown else shape, dtype)
    node = gc.registry[name](x, axis=axis, keepdims=keepdims)
    expected = getattr(np, name)(array, axis=axis, keepdims=keepdims)
    value = gc.evaluate(node, {x: array})
    np.testing.assert_array_equal(value, expected)
    assert node.dtype == value.dtype == np.asarray(expected).dtype
    assert len(node.shape) == np.ndim(expected)


def test_nan_counts_as_other_than_zero():
    assert ops.count_nonzero(np.array([0.0, np.nan, -0.0, 2.0])) == 2


def test_the_deviation_of_one_number_is_zero_with_all_its_derivatives():
    for x in (3.0, np.array([3.0]), np.array([[3.0]])):
        np.testing.assert_array_equal(gc.grad(np.std)(x), np.zeros_like(x))
        np.testing.assert_array_equal(gc.hessian(np.std)(x), np.zeros(np.shape(x) * 2))
    rows = gc.hessian(lambda x: np.sum(np.std(x, axis=1)))(np.array([[3.0], [4.0]]))
    np.testing.assert_array_equal(rows, np.zeros((2, 1, 2, 1)))
