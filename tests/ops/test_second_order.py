"""Second derivatives at kinks and at the edge of where a function is defined, as docs/kinks.md has them."""

import math

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops


def power(a):
    return a[0] ** a[1]


@pytest.mark.parametrize("exponent", [0.0, 1.0, 1.5, 2.0, 2.5, 3.0, -0.5, -1.0])
def test_second_derivatives_of_a_power_at_zero_are_the_limits_from_the_right(exponent):
    """What mpmath finds ever nearer to 0, at the fixed exponent: to a number, or beyond all bounds."""

    def limit(n, m):
        with mpmath.workdps(60):
            at = [mpmath.diff(lambda x, y: x**y, (mpmath.mpf(10) ** -k, exponent), (n, m)) for k in (10, 14)]
        near, nearer = (0.0 if abs(a) < 1e-3 else a for a in at)
        if abs(nearer) > 1.1 * abs(near) and abs(nearer) > 5:
            return math.inf if nearer > 0 else -math.inf
        return float(nearer)

    found = gc.hessian(power)(np.array([0.0, exponent]))
    expected = [[limit(2, 0), limit(1, 1)], [limit(1, 1), limit(0, 2)]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_small_exponent_at_zero_has_no_finite_second_derivative():
    found = gc.hessian(power)(np.array([0.0, 0.5]))
    assert found[0, 0] == -math.inf
    assert not np.any(np.isfinite([found[0, 1], found[1, 0]]))


def test_a_negative_base_has_no_slope_by_its_exponent():
    assert np.isnan(gc.grad(np.power, 1)(-2.0, -2000.0))  # not even where the power is too small for a float
    for whole in (3.0, 2.0):
        found = gc.hessian(power)(np.array([-2.0, whole]))
        assert np.all(np.isnan([found[0, 1], found[1, 0], found[1, 1]]))
        assert found[0, 0] == whole * (whole - 1) * (-2.0) ** (whole - 2)


@pytest.mark.parametrize("order", [2, 3.0, 1.5, 4.0, -1.0])
def test_a_norm_has_no_second_derivative_at_the_origin(order):
    found = gc.hessian(lambda x: np.linalg.norm(x, order))(np.zeros(3))
    assert not np.any(np.isfinite(np.diagonal(found)))
    assert gc.grad(lambda x: np.linalg.norm(x, order))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("order", [3.0, 1.5, 4.0, 2])
def test_a_norm_beside_a_zero(order):
    """|x|^p / p on top of a length of 2: flat for p > 2, round for 2, a spike below."""
    found = gc.hessian(lambda x: np.linalg.norm(x, order))(np.array([0.0, 2.0]))
    bend = {2: 0.5, 1.5: math.inf}.get(order, 0.0)
    np.testing.assert_array_equal(found, [[bend, 0.0], [0.0, 0.0]])


def test_the_spread_of_a_constant_has_no_second_derivative():
    assert not np.any(np.isfinite(gc.hessian(np.std)(np.full(2, 0.1))))
    assert not np.any(np.isfinite(gc.hessian(ops.std)(np.full(3, 0.1))))


def test_second_derivatives_at_the_edge():
    for f, expected in ((np.arcsin, math.inf), (np.arccos, -math.inf), (np.arctanh, math.inf), (np.sqrt, None)):
        assert gc.hessian(f)(1.0) == (-0.25 if expected is None else expected)
    assert gc.hessian(np.arccosh)(1.0) == -math.inf
    assert gc.hessian(np.arcsin)(-1.0) == -math.inf
