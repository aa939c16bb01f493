"""Two runs beside each other: row 13 of the mission, where only the first factor changes."""

import numpy as np
import pytest

import graphcore as gc
import ops


def neuron(cost, w=1.5):
    g = gc.Graph()
    x, y, weight, b = g.input("x"), g.input("y"), g.parameter("w", w), g.parameter("b", -0.4)
    a = ops.sigmoid((weight * x + b).named("z"), name="a")
    return gc.backprop(cost(a, y, name="C"), {x: 0.62, y: 1.0})


def by_name(changes):
    return {change.what: change.is_same for change in changes}


def test_another_cost_changes_the_first_factor_alone():
    found = gc.compare(neuron(ops.squared_error), neuron(ops.log_loss))
    assert by_name(found.factors) == {
        "∂z/∂x": True, "∂z/∂w": True, "∂z/∂b": True, "∂a/∂z": True, "∂C/∂a": False, "∂C/∂y": False,
    }  # fmt: skip
    assert by_name(found.values) == {"x": True, "y": True, "w": True, "b": True, "z": True, "a": True, "C": False}
    assert not any(by_name(found.gradients).values())
    (factor,) = (change for change in found.factors if change.what == "∂C/∂a")
    assert factor.before == "2 · (a − y) = −0.741"
    assert factor.after.startswith("(1 − y) / (1 − a) − y / a = −1.589")


def test_the_same_run_is_the_same(nets):
    run = nets.layers()
    found = gc.compare(run, nets.layers())
    for part in (found.values, found.factors, found.gradients):
        assert part
        assert all(change.is_same for change in part)


def test_a_step_of_learning(nets):
    run = nets.layers()
    g = run.graph
    g["W2"].value = g["W2"].value - 0.1 * run.grad["W2"]
    after = gc.backprop(run.output, {name: run.value[name] for name in "xy"})
    found = gc.compare(run, after)
    values = by_name(found.values)
    assert [name for name in values if not values[name]] == ["W2", "z2", "a2", "C"]
    factors = by_name(found.factors)
    assert factors["∂z1/∂W1"]
    assert factors["∂z2/∂W2"]
    assert not factors["∂z2/∂a1"]
    assert not factors["∂a2/∂z2"]


def test_maps_of_whole_arrays_are_told_apart_by_what_they_do():
    def run(x):
        g = gc.Graph()
        node, w = g.input("x", (2, 2)), g.parameter("w", np.eye(2))
        return gc.backprop(ops.sum((node @ w).named("z"), name="C"), {node: x})

    found = by_name(gc.compare(run(np.eye(2)), run(2 * np.eye(2))).factors)
    assert found == {"∂z/∂x": True, "∂z/∂w": False, "∂C/∂z": True}


def test_names_that_only_one_has():
    g = gc.Graph()
    x = g.parameter("x", 2.0)
    one, other = gc.backprop(ops.square(x, name="C")), gc.backprop(ops.square(ops.exp(x, name="e"), name="D"))
    found = gc.compare(one, other)
    assert found.only_before == ["C"]
    assert found.only_after == ["e", "D"]
    assert "only in the first: C" in str(found)


def test_small_differences_are_not_called_the_same():
    found = gc.compare(neuron(ops.squared_error, 1.5), neuron(ops.squared_error, 1.5 + 1e-9))
    (w,) = (change for change in found.values if change.what == "w")
    assert not w.is_same
    assert "the same but for 1·10⁻⁹ at most" in w.after


def test_displays():
    found = gc.compare(neuron(ops.squared_error), neuron(ops.log_loss))
    assert repr(found) == "<Comparison: 1 values, 2 factors and 6 gradients changed>"
    assert "∂C/∂a" in found._repr_html_()


def test_wrong_questions(nets):
    g = gc.Graph()
    nameless = gc.backprop(ops.square(g.parameter("other", 1.0), name="D"))
    with pytest.raises(gc.errors.GraphError, match="no name in common"):
        gc.compare(nets.neuron(), nameless)
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        gc.compare(nets.neuron(), nets.neuron().output)
