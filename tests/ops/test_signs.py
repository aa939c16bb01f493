"""Signs, steps, bounds and neighbours: at zero, at minus zero, at the bounds and beyond."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

VALUES = st.sampled_from([-np.inf, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, np.inf])


@given(x=VALUES, low=VALUES, high=VALUES)
def test_clip_has_three_slopes_that_add_up_to_one(x, low, high):
    g = gc.Graph()
    nodes = g.parameter("x", x), g.parameter("low", low), g.parameter("high", high)
    out = ops.clip(*nodes)
    run = gc.backprop(out)
    assert run.value[out] == np.clip(x, low, high)
    slopes = [run.grad[node] for node in nodes]
    assert sorted(slopes) == [0.0, 0.0, 1.0]
    assert slopes[0] == (low < x < high)
    assert run.value[out] == (x, low, high)[slopes.index(1.0)]


def test_clip_with_one_bound_is_relu_and_its_kink_that_of_relu():
    g = gc.Graph()
    x = g.parameter("x", [-1.0, 0.0, 2.0])
    one, other = gc.backprop(ops.sum(ops.clip(x, 0.0))), gc.backprop(ops.sum(ops.relu(x)))
    np.testing.assert_array_equal(one.grad[x], other.grad[x])
    np.testing.assert_array_equal(gc.backprop(ops.sum(ops.clip(x, max=0.0))).grad[x], [1.0, 0.0, 0.0])


@pytest.mark.parametrize("which", [0, 1, 2])
def test_clip_of_nan_or_to_nan_is_nan_and_so_are_slopes(which):
    g = gc.Graph()
    values = [0.5, 0.0, 1.0]
    values[which] = np.nan
    nodes = [g.parameter(name, value) for name, value in zip(("x", "low", "high"), values, strict=True)]
    run = gc.backprop(ops.clip(*nodes))
    assert np.isnan(run.cost)
    assert np.isnan(run.grad[nodes[which]])


def test_copysign_and_its_kink():
    g = gc.Graph()
    x = g.parameter("x", [3.0, -3.0, 3.0, -3.0, 0.0])
    run = gc.backprop(ops.sum(ops.copysign(x, np.array([1.0, 1.0, -0.0, -2.0, -1.0]), name="out")))
    np.testing.assert_array_equal(run.value["out"], [3.0, 3.0, -3.0, -3.0, -0.0])
    np.testing.assert_array_equal(run.grad[x], [1.0, -1.0, -1.0, 1.0, 0.0])


def test_the_step_at_zero_is_what_is_said():
    g = gc.Graph()
    x, at_zero = g.parameter("x", [-1.0, 0.0, -0.0, 2.0, np.nan]), g.parameter("h", 0.25)
    run = gc.backprop(ops.sum(ops.heaviside(x, at_zero, name="out")))
    np.testing.assert_array_equal(run.value["out"], np.heaviside(x.value, 0.25))
    assert run.grad[at_zero] == 2.0
    np.testing.assert_array_equal(run.grad[x], np.zeros(5))


@given(a=st.floats(-50, 50), b=st.floats(0.1, 5), sign=st.sampled_from([-1, 1]))
def test_fmod_is_that_of_c(a, b, sign):
    assert ops.fmod(np.float64(a), np.float64(sign * b)) == np.fmod(a, sign * b)


@pytest.mark.parametrize("op", [ops.positive, ops.nextafter], ids=["positive", "nextafter"])
def test_what_moves_along_has_the_slope_one(op):
    g = gc.Graph()
    x = g.parameter("x", [-1.0, 0.0, 2.0])
    others = [np.ones(3)] * (len(op.values) - 1)
    np.testing.assert_array_equal(gc.backprop(ops.sum(op(x, *others))).grad[x], np.ones(3))


def test_the_cube_root_of_negative_numbers_in_every_library(library):
    array = np.array([-8.0, 0.001, 27.0])
    np.testing.assert_allclose(library.numpy(ops.cbrt(library.array(array))), [-2.0, 0.1, 3.0], rtol=1e-15)
