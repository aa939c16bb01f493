"""Comparisons: infinities, NaN and the operators of nodes."""

import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.mark.parametrize(
    ("op", "reference"),
    [
        (ops.equal, np.equal),
        (ops.not_equal, np.not_equal),
        (ops.greater, np.greater),
        (ops.greater_equal, np.greater_equal),
        (ops.less, np.less),
        (ops.less_equal, np.less_equal),
    ],
    ids=lambda f: getattr(f, "name", None),
)
def test_comparisons_say_what_numpy_says(op, reference):
    a, b = np.array([-np.inf, 0.0, 1.0, np.nan, 2.0]), np.array([0.0, -0.0, np.inf, np.nan, 2.0])
    g = gc.Graph()
    x, y = g.parameter("a", a), g.parameter("b", b)
    out = op(x, y)
    assert out.dtype == bool
    np.testing.assert_array_equal(gc.evaluate(out), reference(a, b))


def test_comparison_operators_make_nodes():
    g = gc.Graph()
    x = g.input("x")
    made = [(x > 1).op.name, (x >= 1).op.name, (x < 1).op.name, (x <= 1).op.name, (np.float64(1) > x).op.name]
    assert made == ["greater", "greater_equal", "less", "less_equal", "greater"]
