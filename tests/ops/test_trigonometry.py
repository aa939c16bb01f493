"""The wave that dies away, with its derivatives of every order, on both sides of where its two formulas meet."""

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.mark.parametrize("at", [0.0, -0.0, 1e-9, -0.3, 0.99, 1.0, 1.01, 2.5, -7.3])
def test_sinc_to_the_fifth_derivative(at):
    g = gc.Graph()
    x = g.parameter("x", at)
    node = ops.sinc(x)
    for order in range(6):
        with mpmath.workdps(40):
            expected = float(mpmath.diff(mpmath.sincpi, mpmath.mpf(at), order))
        np.testing.assert_allclose(gc.evaluate(node), expected, rtol=1e-12, atol=1e-13 * np.pi**order)
        node = gc.derivative(node, x)


def test_sinc_is_that_of_numpy():
    points = np.linspace(-4.0, 4.0, 101)
    np.testing.assert_allclose(ops.sinc(points), np.sinc(points), rtol=1e-12, atol=1e-15)
