"""Two runs compared: what changed is what was changed, and nothing else."""

import numpy as np
import pytest

import graphcore as gc
import ops


def neuron(cost=ops.squared_error, squash=ops.sigmoid, w=1.5, x=0.62):
    """One neuron, and what is put in its places."""
    g = gc.Graph("one neuron")
    xs, y, ws, b = g.input("x"), g.input("y"), g.parameter("w", w), g.parameter("b", -0.4)
    a = squash((ws * xs + b).named("z"), name="a")
    return gc.backprop(cost(a, y, name="C"), {xs: x, y: 1.0})


def from_the_scores():
    """The neuron with a cost that squashes by itself."""
    g = gc.Graph("one neuron")
    x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
    return gc.backprop(ops.binary_cross_entropy((w * x + b).named("z"), y, name="C"), {x: 0.62, y: 1.0})


def retrained(run, name, by=1.1):
    """The same network after one of its parameters was changed."""
    parameter = run.graph[name]
    parameter.value = by * parameter.value
    return gc.backprop(run.output, {node: run.value[node] for node in run.graph.inputs.values()})


def after_a_step(nets):
    run = nets.layers()
    return gc.compare(run, retrained(run, "W2"))


TEXTS = {
    "compare-costs": lambda nets: gc.compare(neuron(), neuron(cost=ops.log_loss)),
    "compare-scores": lambda nets: gc.compare(neuron(), from_the_scores()),
    "compare-layers": lambda nets: gc.compare(nets.layers(squash=ops.tanh), nets.layers()),
    "compare-after-a-step": after_a_step,
    "compare-batches": lambda nets: gc.compare(nets.layers(batch=3), nets.layers()),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_what_it_was(nets, golden, name):
    golden(name, str(TEXTS[name](nets)))


def changed(changes):
    return {str(change.symbol) for change in changes if change.changed}


def test_another_cost_changes_the_first_factor_and_no_other():
    """The chapter's question: which part of the formulas changes if squared error is replaced by cross-entropy?"""
    found = gc.compare(neuron(), neuron(cost=ops.log_loss))
    assert changed(found.factors) == {"∂C/∂a", "∂C/∂y"}
    assert changed(found.values) == {"C"}
    assert changed(found.gradients) == {f"∂C/∂{name}" for name in "xywbza"}
    factor = next(f for f in found.factors if str(f.symbol) == "∂C/∂a")
    a = 1 / (1 + np.exp(-(1.5 * 0.62 - 0.4)))
    assert factor.first.value == pytest.approx(2 * (a - 1), rel=1e-14)
    assert factor.second.value == pytest.approx(-1 / a, rel=1e-14)


@pytest.mark.parametrize(
    ("other", "factors", "values"),
    [
        ({"squash": ops.tanh}, {"∂a/∂z", "∂C/∂a", "∂C/∂y"}, {"a", "C"}),
        ({"w": 1.6}, {"∂z/∂x", "∂a/∂z", "∂C/∂a", "∂C/∂y"}, {"w", "z", "a", "C"}),
        ({"x": 0.62001}, {"∂z/∂w", "∂a/∂z", "∂C/∂a", "∂C/∂y"}, {"x", "z", "a", "C"}),
    ],
)
def test_what_changed_is_what_depends_on_the_change(other, factors, values):
    found = gc.compare(neuron(), neuron(**other))
    assert changed(found.factors) == factors
    assert changed(found.values) == values


def test_a_matrix_is_another_factor_only_for_what_is_before_it(nets):
    run = nets.layers()
    found = gc.compare(run, retrained(run, "W2"))
    assert changed(found.factors) == {"∂z2/∂a1", "∂a2/∂z2", "∂C/∂a2", "∂C/∂y"}
    assert changed(found.values) == {"W2", "z2", "a2", "C"}
    same = {str(factor.symbol) for factor in found.factors} - changed(found.factors)
    assert same == {"∂z1/∂x", "∂z1/∂W1", "∂z1/∂b1", "∂a1/∂z1", "∂z2/∂W2", "∂z2/∂b2"}


def test_a_map_that_cannot_be_written_is_compared_by_what_it_hands_back():
    def run(values):
        g = gc.Graph()
        x, w = g.input("x", (3,)), g.parameter("w", values)
        moved = ops.matmul(x, ops.reshape(w, shape=(3, 2)), name="z")
        return gc.backprop(ops.sum(ops.square(moved), name="C"), {x: [1.0, 2.0, 3.0]})

    first, second, third = run(np.arange(6.0)), run(np.arange(6.0)), run(np.arange(6.0)[::-1])
    assert not changed(gc.compare(first, second).factors)
    assert "∂z/∂x" in changed(gc.compare(first, third).factors)
    assert "∂z/∂w" not in changed(gc.compare(first, third).factors)


def test_nothing_changed(nets):
    text = "Nothing changed: every value, every gradient and every factor is the same"
    assert str(gc.compare(nets.layers(), nets.layers())) == text
    run = nets.in_a_row()
    assert str(gc.compare(run, run)) == text


def test_what_only_one_run_has():
    found = gc.compare(neuron(), from_the_scores())
    assert (found.only_in_first, found.only_in_second) == (["a"], [])
    assert [str(factor.symbol) for factor in found.factors_only_in_first] == ["∂a/∂z", "∂C/∂a"]
    assert [str(factor.symbol) for factor in found.factors_only_in_second] == ["∂C/∂z"]
    assert len(found.factors) == 4


def test_costs_are_the_same_whatever_they_are_called():
    g = gc.Graph()
    x = g.input("x")
    first, second = (gc.backprop(ops.square(x, name=name), {x: 3.0}) for name in ("C1", "C2"))
    assert str(gc.compare(first, second)).startswith("Nothing changed")


def test_two_ways_between_two_names_are_two_factors():
    g = gc.Graph()
    x = g.input("x")
    cost = (ops.exp(x) + 3.0 * x).named("C")
    found = gc.compare(gc.backprop(cost, {x: 0.0}), gc.backprop(cost, {x: 1.0}))
    assert [(float(f.first.value), f.changed) for f in found.factors] == [(1.0, True), (3.0, False)]


def test_another_precision_is_no_change_beyond_its_rounding():
    def run(dtype):
        g = gc.Graph()
        x, w = g.input("x", dtype=dtype), g.parameter("w", np.array(1.5, dtype))
        return gc.backprop(ops.tanh(w * x, name="C"), {x: np.array(0.7, dtype)})

    assert str(gc.compare(run("float64"), run("float32"))).startswith("Nothing changed")


def test_infinity_and_nan_are_compared_too():
    def run(value):
        g = gc.Graph()
        x = g.input("x")
        return gc.backprop(ops.log(x, name="C"), {x: value})

    assert str(gc.compare(run(0.0), run(0.0))).startswith("Nothing changed")
    assert "∂C/∂x  =  ∞ → 0.5" in str(gc.compare(run(0.0), run(2.0)))


def test_in_torch(torch):
    def run(w):
        g = gc.Graph()
        x, weights = g.input("x", (2,)), g.parameter("w", w)
        z = ops.matmul(x, weights, name="z")
        return gc.backprop(ops.sum(z, name="C"), {x: torch.tensor([1.0, 2.0], dtype=torch.float64)})

    found = gc.compare(run([[1.0], [2.0]]), run([[1.0], [3.0]]))
    assert changed(found.factors) == {"∂z/∂x"}


def test_on_a_page():
    g = gc.Graph()
    x = g.input("<x>")
    cost = ops.square(x, name="C")
    found = gc.compare(*(gc.backprop(cost, {x: value}) for value in (1.0, 2.0)))
    assert found._repr_html_() == found.html
    assert "<x>" not in found.html
    assert "&lt;x&gt;" in found.html
    assert "2 → 4" in found.html


@pytest.mark.usefixtures("shallow")
def test_many_nodes_are_told_in_a_few_lines():
    def run(x):
        g = gc.Graph()
        a = g.parameter("x", x)
        for i in range(3000):
            a = ops.sin(a, name=f"s{i}") if i % 2 else ops.sin(a)
        return gc.backprop(a)

    text = str(gc.compare(run(0.5), run(0.6)))
    assert len(text.splitlines()) < 60
    assert "… 1488 more" in text


@pytest.mark.usefixtures("shallow")
def test_more_ways_than_anybody_would_read_are_no_factors():
    def run(x):
        g = gc.Graph()
        a = g.parameter("x", x)
        for _ in range(1000):
            a = 0.5 * a + 0.5 * a
        return gc.backprop(a.named("C"))

    found = gc.compare(run(0.5), run(0.6))
    assert found.factors == []
    assert changed(found.values) == {"x", "C"}


def test_wrong_questions_are_told_what_to_do(nets):
    g = gc.Graph()
    stranger = gc.backprop(ops.square(g.parameter("q", 1.0), name="C"))
    with pytest.raises(gc.errors.GraphError, match=r"no name in common.*has x, y, w, b, z, a, the second q; give"):
        gc.compare(nets.neuron(), stranger)
    with pytest.raises(gc.errors.GraphError, match=r"compare needs the numbers of a run.*run = gc\.backprop"):
        gc.compare(nets.neuron(), g)
    with pytest.raises(gc.errors.GraphError, match="got NoneType"):
        gc.compare(None, nets.neuron())
