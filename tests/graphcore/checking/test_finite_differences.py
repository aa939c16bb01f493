"""Derivatives by trying, against functions whose derivatives everybody knows."""

import mpmath
import numpy as np
import pytest

from graphcore.checking.finite_differences import complex_step, richardson

KNOWN = [
    (np.exp, mpmath.exp), (np.sin, mpmath.sin), (np.tanh, mpmath.tanh), (lambda x: x**3, lambda x: x**3),
    (lambda x: 1 / (1 + x * x), lambda x: 1 / (1 + x * x)), (lambda x: np.log(2 + x), lambda x: mpmath.log(2 + x)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "exact"), KNOWN)
@pytest.mark.parametrize("x", [-1.3, -1e-3, 0.0, 0.4, 1.0, 5.0])
def test_known_derivatives(f, exact, x):
    expected = float(mpmath.diff(exact, x))
    assert complex_step(f, np.array(x), ()) == pytest.approx(expected, rel=1e-14, abs=1e-15)
    estimate = richardson(f, np.array(x), ())
    assert abs(estimate.value - expected) <= max(10 * estimate.error, 1e-9 * max(1, abs(expected)))
    assert estimate.error < 1e-7 * max(1.0, abs(expected))


def test_the_two_sides_of_a_kink():
    for side, expected in ((1, 1.0), (-1, -1.0)):
        assert richardson(np.abs, np.array(0.0), (), side).value == pytest.approx(expected, abs=1e-9)


def test_what_drops_the_imaginary_part_has_no_complex_step():
    for f in (lambda x: np.asarray(x, dtype=float), float, int, lambda x: x.tolist().real and np.float64(x)):
        assert complex_step(f, np.array(1.5), ()) is None


def test_one_entry_at_a_time():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    step = complex_step(lambda a: a @ a, x, (0, 1))
    np.testing.assert_allclose(step, [[3.0, 1.0 + 4.0], [0.0, 3.0]], rtol=1e-15)
    np.testing.assert_array_equal(x, [[1.0, 2.0], [3.0, 4.0]])
