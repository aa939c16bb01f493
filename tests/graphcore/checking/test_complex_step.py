"""Complex steps through what compares, rounds and chooses: against differences, and against what mpmath knows."""

import mpmath
import numpy as np
import pytest

from graphcore.checking.complex_step import to_complex_step
from graphcore.checking.finite_differences import complex_step, richardson

X = np.array([[0.7, -1.3, 2.2], [-0.4, 1.9, 0.25], [3.1, -2.6, 0.9]])
POSITIVE = X @ X.T + 3 * np.eye(3)

FUNCTIONS = {
    "abs": np.abs,
    "fabs": np.fabs,
    "maximum": lambda x: np.maximum(x, x.T * 0.9 + 0.1),
    "minimum": lambda x: np.minimum(x, 0.8),
    "remainder": lambda x: np.remainder(x, 0.77),
    "fmod": lambda x: np.fmod(x, 0.77),
    "copysign": lambda x: np.copysign(x, -x.T),
    "hypot": lambda x: np.hypot(x, 2 * x.T),
    "arctan2": lambda x: np.arctan2(x, x.T + 0.3),
    "cbrt": np.cbrt,
    "logaddexp": lambda x: np.logaddexp(x, x.T),
    "where": lambda x: np.where(x > 0.5, x * x, -x),
    "sort": lambda x: np.sort(x, axis=0),
    "max": lambda x: np.max(x, axis=1),
    "min": np.min,
    "clip": lambda x: np.clip(x, -0.5, 1.0),
    "var": lambda x: np.var(x, axis=1),
    "std": lambda x: np.std(x, axis=0),
    "cumulative product": lambda x: np.cumprod(x, axis=1),
    "take": lambda x: np.take(x, [2, 0, 2], axis=1),
    "slogdet": lambda x: np.linalg.slogdet(x + 5 * np.eye(3))[1],
    "det": np.linalg.det,
    "inv": np.linalg.inv,
    "vector norm": lambda x: np.linalg.vector_norm(x, axis=1),
    "matrix norm": np.linalg.matrix_norm,
    "norm of order 3": lambda x: np.linalg.vector_norm(x, ord=3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_step_is_what_differences_say(name):
    f = FUNCTIONS[name]
    entries = list(np.ndindex(X.shape))
    steps = np.array([complex_step(f, X, entry) for entry in entries])
    differences = np.array([richardson(f, X, entry).value for entry in entries])
    np.testing.assert_allclose(steps, differences, rtol=1e-7, atol=1e-8)
    assert np.any(steps)


def test_a_cholesky_factor():
    found = complex_step(np.linalg.cholesky, POSITIVE, (0, 0))
    with mpmath.workdps(40):
        A = mpmath.matrix(POSITIVE.tolist())
        moved = A.copy()
        h = mpmath.mpf(10) ** -15  # a difference so small that only its 40 digits make it exact
        moved[0, 0] += h
        exact = (mpmath.cholesky(moved) - mpmath.cholesky(A)) / h
    np.testing.assert_allclose(found, np.array(exact.tolist(), dtype=float), rtol=1e-12, atol=1e-13)


def test_comparisons_look_at_the_real_part_alone():
    x = to_complex_step(np.array([-2.0, 0.0, 3.0]), np.array([1.0, 1.0, 1.0]))
    assert (x > 0).tolist() == [False, False, True]
    assert np.sign(x).real.tolist() == [-1.0, 0.0, 1.0]
    assert not np.any(np.imag(np.floor(x)))


def test_what_would_lose_the_infinitesimal_part_is_refused():
    x = to_complex_step(np.array(2.0), np.array(1.0))
    with pytest.raises(TypeError, match="lost"):
        float(x)
