"""The nudge experiment: against runs that were made by hand, and the second-order theorem."""

import numpy as np
import pytest

import graphcore as gc
import ops


def test_what_moved_is_what_a_run_with_the_other_value_gives(nets):
    run = nets.in_a_row()
    moved = gc.nudge(run, "w1", 0.05)
    w = run.graph["w1"]
    before = w.value
    w.value = before + 0.05
    again = gc.backprop(run.output, {"x": run.value["x"], "y": run.value["y"]})
    w.value = before
    assert [node.name for node in moved.nodes if node.name] == ["w1", "z1", "a1", "z2", "a2", "z3", "a3", "C"]
    for name in ("w1", "z1", "a1", "z2", "a2", "z3", "a3", "C"):
        assert moved.actual[name] == pytest.approx(again.value[name] - run.value[name], rel=1e-12)


@pytest.mark.parametrize("name", ["W1", "b1", "x", "z1", "a1", "W2", "a2", "y"])
def test_the_prediction_is_the_jacobian_times_the_nudge(nets, name):
    run = nets.layers()
    entry = (0,) * run.value[name].ndim
    moved = gc.nudge(run, name, 0.01, entry)
    for node in moved.nodes:
        expected = gc.jacobian_at(run, node, name)[(..., *entry)] * 0.01
        np.testing.assert_allclose(moved.predicted[node], expected, rtol=1e-12, atol=1e-18)
    assert moved.predicted["C"] == pytest.approx(run.grad[name][entry] * 0.01, rel=1e-12)


def test_a_nudge_without_an_entry_moves_all_of_them(nets):
    run = nets.layers()
    moved = gc.nudge(run, "b1", 0.01)
    assert moved.predicted["C"] == pytest.approx(0.01 * run.grad["b1"].sum(), rel=1e-12)
    np.testing.assert_allclose(moved.actual["b1"], 0.01, rtol=1e-9)


def test_the_gap_shrinks_with_the_square_of_the_nudge_and_is_half_the_second_derivative(nets):
    run = nets.in_a_row()
    moved = gc.nudge(run, "w2", [0.02, 0.01, 0.005])
    gaps = moved.gap["C"]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.02)
    assert gaps[1] / gaps[2] == pytest.approx(4, rel=0.01)
    assert gaps[2] == pytest.approx(0.5 * gc.hessian_at(run, "w2") * 0.005**2, rel=0.01)


def test_a_range_of_nudges_for_a_plot(nets):
    run = nets.layers()
    moved = gc.nudge(run, "W1", np.linspace(-1, 1, 8), (1, 2))
    assert moved.actual["C"].shape == (8,)
    assert moved.actual["z1"].shape == (8, 6, 5)
    for at, by in enumerate(np.linspace(-1, 1, 8)):
        assert moved.actual["C"][at] == gc.nudge(run, "W1", by, (1, 2)).actual["C"]
    assert "changes of C" in str(moved)


def test_nothing_is_changed_not_even_by_an_error(nets):
    run = nets.layers()
    values = {node: np.array(run.value[node]) for node in run.value}
    held = {node: np.array(node.value) for node in run.graph.parameters.values()}
    gc.nudge(run, "W1", 0.5)
    with pytest.raises(gc.errors.ShapeError):
        gc.nudge(run, "W1", 0.5, (9, 9))
    for node, value in values.items():
        np.testing.assert_array_equal(run.value[node], value)
    for node, value in held.items():
        np.testing.assert_array_equal(node.value, value)


def test_two_ways_are_both_counted(nets):
    run = nets.residual()
    moved = gc.nudge(run, "x", 1e-3)
    assert moved.predicted["C"] == pytest.approx(run.grad["x"] * 1e-3, rel=1e-12)
    assert moved.actual["h"] == pytest.approx(moved.actual["x"] + moved.actual["a"], rel=1e-9)


def test_in_another_array_library(library):
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", [1.0, 2.0, 3.0])
    run = gc.backprop(ops.sum(ops.tanh(x * w), name="C"), {x: library.array([0.1, 0.2, 0.3])})
    moved = gc.nudge(run, "w", 0.01, 1)
    assert library.owns(moved.actual["C"])
    assert float(library.numpy(moved.actual["C"])) == pytest.approx(np.tanh(0.2 * 2.01) - np.tanh(0.4), rel=1e-9)


def test_the_text(nets):
    assert str(gc.nudge(nets.neuron(), "w", 0.01)).splitlines() == [
        "w is nudged by 0.01, from 1.5 to 1.51",
        "",
        "    moves          by   predicted           gap",
        "    w            0.01        0.01             0",
        "    z          0.0062      0.0062             0",
        "    a        0.001445    0.001446   −1.165·10⁻⁶",
        "    C       −0.001069   −0.001072    2.951·10⁻⁶",
        "",
        "ΔC/Δw = −0.1069, and ∂C/∂w = −0.1072",
    ]
    assert repr(gc.nudge(nets.layers(), "W1", 0.1, (0, 1))) == "<Nudge of W1[0,1] by 0.1>"


@pytest.mark.parametrize(
    ("by", "match"),
    [
        (0.0, "moves nothing"),
        ([0.1, 0.0], "moves nothing"),
        (float("nan"), "moves nothing"),
        ("far", "is a number"),
        ([], "not an array of shape"),
        (1e-30, "lost in the rounding.*nudge by"),
    ],
)
def test_nudges_that_say_nothing(nets, by, match):
    with pytest.raises(gc.errors.ShapeError, match=match):
        gc.nudge(nets.layers(), "b1", by)


def test_wrong_questions(nets):
    run = nets.layers()
    other = run.graph.input("other")
    with pytest.raises(gc.errors.GraphError, match="does not reach 'C'"):
        gc.nudge(run, other, 0.1)
    with pytest.raises(gc.errors.ShapeError, match=r"no entry \(7,\): say \(0,\) to \(4,\)"):
        gc.nudge(run, "b1", 0.1, 7)
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        gc.nudge(run.output, "b1", 0.1)


@pytest.mark.usefixtures("shallow")
def test_deep_graphs():
    g = gc.Graph()
    a = g.parameter("x", 0.5)
    for _ in range(3000):
        a = ops.sin(a)
    moved = gc.nudge(gc.backprop(a.named("C")), "x", 0.01)
    assert moved.predicted["C"] == pytest.approx(moved.run.grad["x"] * 0.01, rel=1e-12)
    assert len(str(moved)) < 1000
