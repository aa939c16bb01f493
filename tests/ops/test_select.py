"""Elementwise selection: ties, infinities, NaN, and the branch that is not taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum], ids=lambda op: op.name)
@given(
    a=st.lists(st.sampled_from([-np.inf, -1.0, 0.0, 1.0, np.inf]), min_size=3, max_size=3),
    b=st.lists(st.sampled_from([-np.inf, -1.0, 0.0, 1.0, np.inf]), min_size=3, max_size=3),
)
def test_the_two_slopes_add_up_to_one_and_ties_share(op, a, b):
    g = gc.Graph()
    x, y = g.parameter("x", a), g.parameter("y", b)
    run = gc.backprop(ops.sum(ops.sign(op(x, y)) * 0.0 + op(x, y)))
    np.testing.assert_array_equal(run.grad[x] + run.grad[y], np.ones(3))
    wins = np.greater(a, b) if op is ops.maximum else np.less(a, b)
    np.testing.assert_array_equal(run.grad[x], np.where(np.equal(a, b), 0.5, wins))


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum], ids=lambda op: op.name)
def test_the_larger_or_smaller_of_nan_is_nan_with_nan_slopes(op):
    g = gc.Graph()
    x, y = g.parameter("x", [np.nan, 1.0]), g.parameter("y", [1.0, np.nan])
    run = gc.backprop(ops.sum(op(x, y, name="out")))
    assert np.all(np.isnan(run.value["out"]))
    assert np.all(np.isnan(run.grad[x]))
    assert np.all(np.isnan(run.grad[y]))


def test_zero_sensitivity_meets_an_infinite_slope():
    """What is not chosen does not influence the cost by any path: √ at 0 beside a 0."""
    g = gc.Graph()
    x = g.parameter("x", [0.0, 4.0, -1.0])
    cost = ops.sum(ops.where(x > 0, ops.sqrt(x), 0.0))
    np.testing.assert_array_equal(gc.backprop(cost).grad[x], [0.0, 0.25, 0.0])
    slope = gc.derivative(cost, x)
    np.testing.assert_array_equal(gc.evaluate(slope), [0.0, 0.25, 0.0])
    curvature = gc.derivative(ops.sum(slope), x)
    np.testing.assert_array_equal(gc.evaluate(curvature), [0.0, -1 / 32, 0.0])


def test_an_infinite_slope_that_does_count_stays_infinite():
    g = gc.Graph()
    x = g.parameter("x", 0.0)
    assert gc.backprop(ops.sqrt(x)).grad[x] == np.inf


def test_nan_in_the_branch_that_is_not_taken_stays_there():
    g = gc.Graph()
    x = g.parameter("x", [-1.0, 1.0])
    run = gc.backprop(ops.sum(ops.where(x > 0, ops.log(x), ops.square(x))))
    assert run.cost == 1.0
    np.testing.assert_array_equal(run.grad[x], [-2.0, 1.0])


def test_nan_that_is_chosen_shows():
    g = gc.Graph()
    x = g.parameter("x", [np.nan, 1.0])
    run = gc.backprop(ops.sum(ops.where(np.array([True, True]), ops.square(x), 0.0)))
    assert np.isnan(run.cost)
    np.testing.assert_array_equal(run.grad[x], [np.nan, 2.0])


def test_a_condition_has_no_gradient_and_says_so():
    g = gc.Graph()
    x = g.parameter("x", [1.0, -1.0])
    condition = (x > 0).named("condition")
    run = gc.backprop(ops.sum(ops.where(condition, x, -x)))
    np.testing.assert_array_equal(run.grad[x], [1.0, -1.0])
    with pytest.raises(gc.errors.DtypeError, match=r"condition.*not a float"):
        run.grad["condition"]
    assert condition not in run.grad
    (edge,) = (edge for edge in run.edges if edge.source is condition)
    assert edge.contribution is None
