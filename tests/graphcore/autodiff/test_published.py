"""Worked examples that others have published, reproduced to every digit that they print."""

import numpy as np
import pytest

import graphcore as gc
import ops


def printed(value, digits):
    """A number as a text prints it, with that many decimals."""
    return f"{float(value):.{digits}f}"


# Matt Mazur, "A Step by Step Backpropagation Example" (2015),
# https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/
MAZUR = {
    "w1": 0.15,
    "w2": 0.20,
    "w3": 0.25,
    "w4": 0.30,
    "b1": 0.35,
    "w5": 0.40,
    "w6": 0.45,
    "w7": 0.50,
    "w8": 0.55,
    "b2": 0.60,
}


@pytest.fixture
def mazur():
    """The network neuron by neuron, as the article writes it; E = Σ ½ (target − out)²."""
    g = gc.Graph("Mazur")
    i1, i2 = g.input("i1"), g.input("i2")
    p = {name: g.parameter(name, value) for name, value in MAZUR.items()}
    h1 = ops.sigmoid(p["w1"] * i1 + p["w2"] * i2 + p["b1"], name="out_h1")
    h2 = ops.sigmoid(p["w3"] * i1 + p["w4"] * i2 + p["b1"], name="out_h2")
    o1 = ops.sigmoid((p["w5"] * h1 + p["w6"] * h2 + p["b2"]).named("net_o1"), name="out_o1")
    o2 = ops.sigmoid(p["w7"] * h1 + p["w8"] * h2 + p["b2"], name="out_o2")
    first = (0.5 * ops.squared_error(o1, g.input("t1"))).named("E_o1")
    second = (0.5 * ops.squared_error(o2, g.input("t2"))).named("E_o2")
    cost = (first + second).named("E")
    return g, cost, {"i1": 0.05, "i2": 0.10, "t1": 0.01, "t2": 0.99}


def test_mazur_forward(mazur):
    _, cost, feed = mazur
    run = gc.backprop(cost, feed)
    assert printed(run.value["out_h1"], 9) == "0.593269992"
    assert printed(run.value["out_h2"], 9) == "0.596884378"
    assert printed(run.value["net_o1"], 9) == "1.105905967"
    assert printed(run.value["out_o1"], 8) == "0.75136507"
    assert printed(run.value["out_o2"], 9) == "0.772928465"
    assert printed(run.value["E_o1"], 9) == "0.274811083"
    assert printed(run.value["E_o2"], 9) == "0.023560026"
    assert printed(run.cost, 9) == "0.298371109"


def test_mazur_backward_and_one_step_down_the_hill(mazur):
    g, cost, feed = mazur
    run = gc.backprop(cost, feed)
    assert printed(run.grad["out_o1"], 8) == "0.74136507"
    assert printed(run.grad["net_o1"], 9) == "0.138498562"
    assert printed(run.grad["w5"], 9) == "0.082167041"
    assert printed(run.grad["w1"], 9) == "0.000438568"
    shares = [edge.contribution for edge in run.edges if edge.source is g["out_h1"]]
    assert printed(max(shares), 9) == "0.055399425"  # ∂E_o1/∂out_h1; of the other he prints a sum of rounded numbers
    assert printed(min(shares), 8) == "-0.01904912"
    assert printed(run.grad["out_h1"], 9) == "0.036350306"

    for name, weight in g.parameters.items():
        if name.startswith("w"):
            weight.value = weight.value - 0.5 * run.grad[weight]
    after = {"w1": "0.149780716", "w2": "0.19956143", "w3": "0.24975114", "w4": "0.29950229",
             "w5": "0.35891648", "w6": "0.408666186", "w7": "0.511301270", "w8": "0.561370121"}  # fmt: skip
    for name, digits in after.items():
        assert printed(g[name].value, len(digits) - 2) == digits, name
    assert gc.evaluate(cost, feed) < run.cost


def test_mazur_in_matrices_gives_the_same_numbers(mazur):
    _, cost, feed = mazur
    single = gc.backprop(cost, feed).grad
    g = gc.Graph("the same in two layers")
    x, t = g.input("x", (None, 2)), g.input("t", (None, 2))
    w1, w2 = g.parameter("W1", [[0.15, 0.25], [0.20, 0.30]]), g.parameter("W2", [[0.40, 0.50], [0.45, 0.55]])
    hidden = ops.sigmoid(ops.add_bias(x @ w1, g.parameter("b1", [0.35, 0.35])))
    out = ops.sigmoid(ops.add_bias(hidden @ w2, g.parameter("b2", [0.60, 0.60])))
    run = gc.backprop(0.5 * ops.mean(ops.squared_error(out, t)), {x: [[0.05, 0.10]], t: [[0.01, 0.99]]})
    assert printed(run.cost, 9) == "0.298371109"
    np.testing.assert_allclose(run.grad[w1], [[single["w1"], single["w3"]], [single["w2"], single["w4"]]], rtol=1e-14)
    np.testing.assert_allclose(run.grad[w2], [[single["w5"], single["w7"]], [single["w6"], single["w8"]]], rtol=1e-14)
    np.testing.assert_allclose(np.sum(run.grad["b1"]), single["b1"], rtol=1e-14)


def test_the_sigmoid_neuron_of_cs231n():
    """Stanford CS231n, "Backpropagation, Intuitions" (Karpathy), https://cs231n.github.io/optimization-2/"""
    g = gc.Graph("neuron")
    w = [g.parameter(f"w{i}", value) for i, value in enumerate((2.0, -3.0, -3.0))]
    x = [g.parameter(f"x{i}", value) for i, value in enumerate((-1.0, -2.0))]
    products = w[0] * x[0], w[1] * x[1]
    dot = (products[0] + products[1] + w[2]).named("dot")
    f = 1 / (1 + ops.exp(-dot))  # gate by gate, as the picture there has it
    run = gc.backprop(f)
    assert [printed(run.value[p], 2) for p in products] == ["-2.00", "6.00"]
    assert printed(run.value[dot], 2) == "1.00"
    assert printed(run.cost, 2) == "0.73"
    assert printed(run.grad[dot], 2) == "0.20"
    assert [printed(run.grad[node], 2) for node in w] == ["-0.20", "-0.39", "0.20"]
    assert [printed(run.grad[node], 2) for node in x] == ["0.39", "-0.59"]
    for exact in ("w0", "x1"):
        again = gc.backprop(ops.sigmoid(dot)).grad[exact]
        assert again == pytest.approx(run.grad[exact], rel=1e-14)


def test_colah():
    """Christopher Olah, "Calculus on Computational Graphs: Backpropagation" (2015),
    https://colah.github.io/posts/2015-08-Backprop/
    """
    g = gc.Graph()
    a, b = g.parameter("a", 2.0), g.parameter("b", 1.0)
    c, d = (a + b).named("c"), (b + 1).named("d")
    e = (c * d).named("e")
    run = gc.backprop(e)
    assert (run.value["c"], run.value["d"], run.cost) == (3.0, 2.0, 6.0)
    assert (run.grad[a], run.grad[b], run.grad[c], run.grad[d]) == (2.0, 5.0, 2.0, 3.0)
    into_b = {edge.target: edge.contribution for edge in run.edges if edge.source is b}
    assert into_b == {c: 2.0, d: 3.0}


def test_micrograd():
    """The program in the README of micrograd (Karpathy), https://github.com/karpathy/micrograd"""
    graph = gc.Graph("micrograd")
    a, b = graph.parameter("a", -4.0), graph.parameter("b", 2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + ops.relu(b + a)
    d += 3 * d + ops.relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    run = gc.backprop(g)
    assert printed(run.cost, 4) == "24.7041"
    assert printed(run.grad[a], 4) == "138.8338"
    assert printed(run.grad[b], 4) == "645.5773"
