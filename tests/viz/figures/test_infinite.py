"""Pictures and explanations of runs with infinities and NaN, and of what is no size of a nudge."""

import warnings

import numpy as np
import pytest

import graphcore as gc
import ops
import viz


@pytest.mark.parametrize("value", [1e308, np.inf, -np.inf, np.nan])
def test_pictures_and_explanations_at_infinities_and_nan(value):
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", 2.0)
    cost = ops.square((w * x).named("z"), name="C")
    run, other = gc.backprop(cost, {x: value}), gc.backprop(cost, {x: 1.0})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "<html" in viz.page(run).html
        assert "ΔC" in viz.number_lines(run, "w").source
        assert viz.curve(run, "w").figure
        for shown in (gc.explain(run, "w"), gc.paths(run, "w"), gc.nudge(run, "w", 0.1), gc.compare(run, other)):
            assert str(shown)
        assert "not finite" in str(gc.diagnose(run))
    if np.isinf(value):
        with pytest.raises(gc.errors.ShapeError, match=r"which no nudge moves; see gc\.diagnose\(run\)"):
            gc.nudge(run, "x", 0.1)


def test_the_size_of_a_nudge_is_no_entry():
    g = gc.Graph()
    W = g.parameter("W", np.ones((2, 2)))
    run = gc.backprop(ops.sum(W * W))
    with pytest.raises(gc.errors.ShapeError, match=r"`by`: expected a number.* write entry=\(0, 1\)"):
        viz.number_lines(run, "W", (0, 1))
    assert viz.number_lines(run, "W", entry=(0, 1))
