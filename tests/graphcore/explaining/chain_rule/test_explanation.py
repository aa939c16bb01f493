"""Explanations: as texts that were read, and their numbers against differences and products of their own."""

import html.parser
import itertools
import math

import numpy as np
import pytest

import graphcore as gc
import ops

TEXTS = {
    "neuron-w": lambda nets: gc.explain(nets.neuron(), "w"),
    "neuron-b": lambda nets: gc.explain(nets.neuron(), "b"),
    "neuron-y": lambda nets: gc.explain(nets.neuron(), "y"),
    "in-a-row-w1": lambda nets: gc.explain(nets.in_a_row(), "w1"),
    "square-x": lambda nets: gc.explain(nets.square(), "x"),
    "residual-x": lambda nets: gc.explain(nets.residual(), "x"),
    "layers-W1": lambda nets: gc.explain(nets.layers(), "W1"),
    "layers-W1-entry": lambda nets: gc.explain(nets.layers(), "W1", (2, 3)),
    "layers-W2-entry-of-one-example": lambda nets: gc.explain(nets.layers(batch=1), "W2", (4, 1)),
    "layers-b2-entry": lambda nets: gc.explain(nets.layers(batch=9), "b2", 0),
    "layers-a1-entry": lambda nets: gc.explain(nets.layers(batch=1), "a1", (0, 2)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_what_it_was(nets, golden, name):
    golden(name, str(TEXTS[name](nets)))


def test_latex_and_html(nets):
    why = gc.explain(nets.neuron(), "w")
    assert why.latex.startswith("\\begin{aligned}")
    assert r"\frac{\partial C}{\partial w} = \frac{\partial z}{\partial w} \cdot" in why.latex
    assert r"\sigma'(z) = a \cdot \left(1 - \sigma(z)\right) = 0.2332" in why.latex
    assert r"0.62 \cdot 0.2332 \cdot (-0.741) = -0.1072" in why.latex
    assert why._repr_latex_() == f"$$\n{why.latex}\n$$"
    assert why._repr_html_() == why.html
    assert "how wrong the output is" in why.html
    entry = gc.explain(nets.layers(), "W1", (2, 3))
    assert r"\sum_{i} x[i,2] \cdot \sigma'(z_{1}[i,3]) \cdot \frac{\partial C}{\partial a_{1}}[i,3]" in entry.latex


class Balanced(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_hostile_names_stay_text():
    g = gc.Graph()
    x = g.input("<script>alert(1)</script>\\end{aligned}")
    why = gc.explain(gc.backprop(ops.exp(x, name="$C$&"), {x: 1.0}), x)
    reader = Balanced()
    reader.feed(why.html)
    assert reader.open == []
    assert "<script" not in why.html
    assert why.latex.count(r"\end{aligned}") == 1
    assert r"\$C\$\&" in why.latex
    x = g.input(r"}\end{aligned}$")
    why = gc.explain(gc.backprop(ops.sin(x, name="S") + x, {x: 1.0}), x)
    assert why.latex.count(r"\end{aligned}") == 1
    assert "$" not in why.latex.replace(r"\$", "")


@pytest.mark.parametrize("node", ["x", "w1", "b1", "z1", "a1", "w2", "z2", "w3", "b3", "a3", "y"])
def test_the_factors_multiply_to_what_differences_say(nets, differences, node):
    run = nets.in_a_row()
    feed = {"x": 0.8, "y": 1.0}
    factors = gc.explain(run, node).factors
    found = math.prod(float(factor.value) for factor in factors)
    assert found == pytest.approx(float(run.grad[node]), rel=1e-12)
    if node in feed:
        expected = differences(lambda v: gc.evaluate(run.output, {**feed, node: v}), feed[node])
        assert found == pytest.approx(float(expected), rel=1e-9)
    assert factors[0].source is run.graph[node]
    assert factors[-1].target is run.output
    assert all(one.target is other.source for one, other in itertools.pairwise(factors))


def test_every_factor_is_the_number_of_its_rule(nets):
    run = nets.in_a_row()
    a3, y, z3 = (float(run.value[name]) for name in ("a3", "y", "z3"))
    dz_dw, da_dz, dC_da = gc.explain(run, "w3").factors
    assert float(dC_da.value) == pytest.approx(2 * (a3 - y), rel=1e-15)
    s = 1 / (1 + math.exp(-z3))
    assert float(da_dz.value) == pytest.approx(s * (1 - s), rel=1e-14)
    assert dz_dw.value == run.value["a2"]
    assert (str(dz_dw.symbol), str(dz_dw.formula), dz_dw.meaning) == ("∂z3/∂w3", "a2", "how active the input was")
    assert str(da_dz.short) == "σ′(z3)"
    rule = ops.sigmoid.rules["z"].function
    assert da_dz.value == rule(z=run.value["z3"], out=run.value["a3"])


@pytest.mark.parametrize("batch", [1, 6])
@pytest.mark.parametrize("squash", [ops.sigmoid, ops.relu, ops.tanh])
@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2", "x", "a1", "z2", "y"])
def test_the_factors_of_every_entry_come_to_its_gradient(nets, batch, squash, name):
    run = nets.layers(batch, squash)
    for entry in np.ndindex(np.shape(run.value[name])):
        why = gc.explain(run, name, entry)
        assert float(sum(part.contribution for part in why.parts)) == pytest.approx(
            float(run.grad[name][entry]), rel=1e-12, abs=1e-15
        )


def test_the_numbers_of_that_very_weight(nets):
    run = nets.layers()
    x, z, W2, z2, a2, y = (run.value[n] for n in ("x", "z1", "W2", "z2", "a2", "y"))

    def slope(s):
        return np.exp(-s) / (1 + np.exp(-s)) ** 2

    delta2 = 2 * (a2 - y) / 6 * slope(z2)
    active, responsive, sensitive = gc.explain(run, "W1", (2, 3)).factors
    np.testing.assert_allclose(active.values, x[:, 2], rtol=1e-12)
    np.testing.assert_allclose(responsive.values, slope(z[:, 3]), rtol=1e-12)
    np.testing.assert_allclose(sensitive.values, (delta2 @ W2.T)[:, 3], rtol=1e-12)
    assert [str(f.symbol) for f in (active, responsive, sensitive)] == ["x[i,2]", "σ′(z1[i,3])", "∂C/∂a1[i,3]"]


@pytest.mark.parametrize(
    ("settings", "entry", "index"),
    [
        ({}, (0, 0, 1, 1), "i,0,j+1,k+1"),
        ({}, (2, 1, 0, 2), "i,1,j,k+2"),
        ({"stride": 2}, (0, 1, 1, 0), "i,1,2j+1,2k"),
        ({"padding": 1}, (1, 0, 0, 2), "i,0,j−1,k+1"),
        ({"dilation": 2}, (1, 0, 2, 1), "i,0,j+4,k+2"),
    ],
)
def test_an_entry_of_a_kernel_has_a_letter_for_each_axis(settings, entry, index):
    rng = np.random.default_rng(0)
    g = gc.Graph()
    x, w = g.input("x", (None, 2, 7, 7)), g.parameter("w", rng.normal(size=(3, 2, 3, 3)))
    z = ops.conv2d(x, w, **settings).named("z")
    run = gc.backprop(ops.sum(z * z, name="C"), {x: rng.normal(size=(2, 2, 7, 7))})
    why = gc.explain(run, w, entry)
    assert str(why.factors[0].symbol) == f"x[{index}]"
    # read as Python, the index gives the numbers of the terms
    python = index.replace("−", "-").replace("2j", "2*j").replace("2k", "2*k")
    (use,) = why.parts
    for (i, _, j, k), number in zip(use.places, why.factors[0].values, strict=True):
        assert run.value[x][eval(python, {"i": i, "j": j, "k": k})] == number


def test_an_entry_of_the_input_of_a_convolution_reads_the_kernel_backward():
    g = gc.Graph()
    x, w = (
        g.parameter("x", np.arange(16.0).reshape(1, 1, 4, 4)),
        g.parameter("w", np.arange(1.0, 5).reshape(1, 1, 2, 2)),
    )
    run = gc.backprop(ops.sum(ops.conv2d(x, w).named("z") ** 2.0, name="C"))
    assert str(gc.explain(run, x, (0, 0, 1, 2)).factors[0].symbol) == "w[0,0,1−i,2−j]"


def test_an_entry_that_is_used_twice():
    rng = np.random.default_rng(0)
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("W", rng.normal(size=(3, 3)))
    run = gc.backprop(ops.sum(ops.tanh(ops.tanh(x @ w, name="h") @ w), name="C"), {x: rng.normal(size=3)})
    why = gc.explain(run, "W", (-1, 1))
    assert "W[2,1] is used 2 times" in str(why)
    assert sum(float(part.contribution) for part in why.parts) == pytest.approx(float(run.grad["W"][2, 1]), rel=1e-12)


def test_an_entry_whose_input_was_silent():
    g = gc.Graph()
    x, w = g.input("x", (2,)), g.parameter("w", [[1.0], [2.0]])
    run = gc.backprop(ops.sum(ops.matmul(x, w, name="z"), name="C"), {x: [0.0, 1.0]})
    assert str(gc.explain(run, "w", (0, 0))) == ("It affects no entry of z at these values\n\n∂C/∂w[0,0] = 0")


def test_operations_without_rules_of_their_own():
    @gc.op(name="twice_squared")
    def twice_squared(x):
        return x * x * 2.0

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0, 3.0])
    run = gc.backprop(ops.sum(twice_squared(x, name="h"), name="C"))
    why = gc.explain(run, "x", 2)
    assert float(sum(part.contribution for part in why.parts)) == pytest.approx(12.0, rel=1e-12)
    assert str(gc.explain(run, "x"))


def test_the_cost_itself_and_what_is_flat(nets):
    assert str(gc.explain(nets.neuron(), "C")) == "∂C/∂C = 1\n\nIt is the cost itself."
    g = gc.Graph()
    x = g.parameter("x", 0.5)
    run = gc.backprop(ops.sign(x, name="C"))
    assert str(gc.explain(run, "x")).endswith("∂C/∂x = 0")
    assert gc.explain(run, "x").factors == ()


@pytest.mark.usefixtures("shallow")
def test_a_chain_of_100_000_shows_its_ends():
    g = gc.Graph()
    a = g.parameter("x", 0.5)
    for i in range(100_000):
        a = ops.sin(a, name=f"s{i}")
    why = gc.explain(gc.backprop(a), "x")
    text = str(why)
    assert len(text) < 2500
    assert "99 992 more factors" in text
    assert len(why.factors) == 100_000
    assert len(why.latex) + len(why.html) < 10_000
    shown = text.rpartition("\n")[2].split(" = ")[1].split(" · ")
    assert len(shown) == 9


def test_wrong_questions_are_told_what_to_do(nets):
    run = nets.layers()
    with pytest.raises(gc.errors.ShapeError, match=r"'W1' has the shape \(4, 5\) and no entry \(4, 0\): say \(0, 0\)"):
        gc.explain(run, "W1", (4, 0))
    with pytest.raises(gc.errors.ShapeError, match="no entry"):
        gc.explain(run, "W1", (1,))
    with pytest.raises(gc.errors.ShapeError, match="a tuple of integers"):
        gc.explain(run, "W1", (0.5, 1))
    with pytest.raises(gc.errors.ShapeError, match="leave the entry out"):
        gc.explain(nets.neuron(), "w", 0)
    with pytest.raises(gc.errors.UnknownNameError, match="Did you mean 'W1'"):
        gc.explain(run, "W11")
    with pytest.raises(gc.errors.GraphError, match="another graph"):
        gc.explain(run, nets.layers().graph["W1"])
    with pytest.raises(gc.errors.GraphError, match="explain needs the numbers of a run"):
        gc.explain(run.graph, "W1")


@pytest.mark.usefixtures("shallow")
def test_many_steps_without_a_name_between_are_one_factor():
    g = gc.Graph()
    a = g.parameter("x", 0.5)
    for _ in range(30_000):
        a = ops.sin(a)
    run = gc.backprop(a)
    heading, row, _ = str(gc.explain(run, "x")).split("\n\n")
    assert heading == "30 000 steps lead from x to the cost, and nothing in between has a name"
    assert row.endswith("30 000 local derivatives, multiplied")
    assert math.prod(math.cos(float(run.value[node])) for node in run.order[:-1]) == pytest.approx(
        float(gc.explain(run, "x").factors[0].value), rel=1e-9
    )


@pytest.mark.usefixtures("shallow")
def test_a_ladder_of_many_ways_is_told_in_a_few_lines():
    g = gc.Graph()
    a = g.parameter("x", 0.5)
    for _ in range(3_000):
        a = a + a
    text = str(gc.explain(gc.backprop(a), "x"))
    assert text.startswith("x affects the cost along about 10^903 paths; their contributions add up")
    assert text.count("part of ∂C/∂x") == 4
    assert len(text) < 1200


def test_a_plain_number_is_shown_as_that():
    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    text = str(gc.explain(gc.backprop(ops.sum(3.0 * x, name="C")), x, 1))
    assert text.splitlines()[0] == "∂C/∂x[1] = 3 · ∂C/∂(3 · x)[1]"
    assert "constant#" not in text
