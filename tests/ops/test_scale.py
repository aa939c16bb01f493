"""Numbers whose squares overflow or vanish: what does not depend on the unit must not depend on it."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops

X = np.array([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
UNITS = [2.0**531, 2.0**-560, 2.0**1000]  # exact, so that nothing but overflow can make a difference
SINGLE = [2.0**66, 2.0**-80, 2.0**120]
ORDERS = [2, 1, 3.0, 1.5, 0.5, 8.0, 40.0, 2000.0, -1.0, math.inf, -math.inf]


@pytest.mark.parametrize(("dtype", "unit"), [("float64", u) for u in UNITS] + [("float32", u) for u in SINGLE])
@pytest.mark.parametrize("order", ORDERS)
def test_a_norm_in_another_unit(dtype, unit, order):
    def f(x):
        return ops.vector_norm(x, axis=1, ord=order)

    _, small, large = check_units(f, dtype, unit)
    for ours, by_hand in zip(small, large, strict=True):
        np.testing.assert_allclose(ours, by_hand, rtol=1e-5 if dtype == "float32" else 1e-13)


@pytest.mark.parametrize(("dtype", "unit"), [("float64", u) for u in UNITS] + [("float32", u) for u in SINGLE])
@pytest.mark.parametrize("correction", [0, 1])
def test_a_standard_deviation_in_another_unit(dtype, unit, correction):
    check_units(lambda x: ops.std(x, axis=0, correction=correction), dtype, unit)
    assert ops.std(np.full(3, unit, dtype)) == 0.0


def check_units(f, dtype, unit):
    """Value and gradient of something that is as large as its unit."""
    x = X.astype(dtype)
    dout = np.cos(np.arange(f(x).size)).astype(dtype)
    value, pullback = gc.vjp(f, x)
    in_unit, pullback_in_unit = gc.vjp(f, x * np.asarray(unit, dtype))
    near = {"rtol": 1e-5 if dtype == "float32" else 1e-13}
    np.testing.assert_allclose(in_unit / unit, value, **near)
    np.testing.assert_allclose(pullback_in_unit(dout)[0], pullback(dout)[0], **near)
    assert np.all(np.isfinite(in_unit))
    return value, pullback(dout), pullback_in_unit(dout)


@pytest.mark.parametrize(("dtype", "unit"), [("float64", 2.0**531), ("float64", 2.0**1000), ("float32", 2.0**66)])
@pytest.mark.parametrize("norm", [ops.layer_norm, ops.batch_norm], ids=["layer", "batch"])
def test_what_is_standardized_has_no_unit(norm, dtype, unit):
    x = X.astype(dtype)
    dout = np.cos(np.arange(6.0)).reshape(2, 3).astype(dtype)
    value, pullback = gc.vjp(lambda x: norm(x, epsilon=0.0), x)
    in_unit, pullback_in_unit = gc.vjp(lambda x: norm(x, epsilon=1e-5), x * np.asarray(unit, dtype))
    near = {"rtol": 1e-4, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(in_unit, value, **near)
    np.testing.assert_allclose(pullback_in_unit(dout)[0] * unit, pullback(dout)[0], **near)


def test_what_is_tiny_beside_epsilon():
    x = np.array([1e-200, 3e-200])
    np.testing.assert_allclose(ops.layer_norm(x), np.array([-1e-200, 1e-200]) / math.sqrt(1e-5), rtol=1e-14)
    np.testing.assert_allclose(ops.layer_norm(x, epsilon=0.0), [-1.0, 1.0], rtol=1e-14)


def test_entries_of_very_different_sizes(differences):
    x = np.array([3e200, 4e200, 1e-200, 0.0])
    value, gradient = gc.value_and_grad(np.linalg.norm)(x)
    assert value == pytest.approx(5e200, rel=1e-15)
    np.testing.assert_allclose(gradient, [0.6, 0.8, 0.0, 0.0], rtol=1e-15)
    tiny = np.array([3e-310, 4e-310])
    assert np.linalg.norm(gc.grad(np.linalg.norm)(tiny)) == pytest.approx(1.0, rel=1e-10)


def test_far_points_have_an_angle():
    by_height, by_width = gc.grad(np.arctan2, (0, 1))(3e200, 4e200)
    assert (by_height, by_width) == pytest.approx((4 / 25 * 1e-200, -3 / 25 * 1e-200), rel=1e-14)
