"""Derivatives as formulas: read back with Python itself, evaluated, and as texts that were read."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops


def every_formula(run):
    """The formula for every parameter, one after the other."""
    return "\n\n".join(str(gc.formula(run.output, node)) for node in run.graph.parameters.values())


TEXTS = {
    "formula-in-a-row": lambda nets: every_formula(nets.in_a_row()),
    "formula-layers": lambda nets: every_formula(nets.layers()),
    "formula-residual": lambda nets: str(gc.formula(nets.residual().output, "x")),
    "formula-layers.tex": lambda nets: gc.formula(nets.layers().output, "W1").latex,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_what_it_was(nets, golden, name):
    golden(name, str(TEXTS[name](nets)))


def read(text, values):
    """A formula in Unicode as Python reads it; ``sin′`` and its like are what the table says."""
    python = text.rpartition(" = ")[2].translate(str.maketrans("−·", "-*")).replace("²", "**2").replace("³", "**3")
    python = python.replace("e^(", "exp(").replace("√x", "sqrt(x)").replace("√(", "sqrt(").replace("′", "_slope")
    names = {"exp": math.exp, "sin": math.sin, "sqrt": math.sqrt, "sin_slope": math.cos, "tanh": math.tanh}
    names |= {"tanh_slope": lambda z: 1 / math.cosh(z) ** 2, "ln": math.log, "ln_slope": lambda x: 1 / x}
    return eval(python, {"__builtins__": {}}, {**names, **values})


#: cost, and its derivative with respect to x by school calculus
SCHOOL = {
    "square": (lambda x, y: x * x, lambda x, y: 2 * x),
    "cube": (lambda x, y: x * x * x, lambda x, y: 3 * x**2),
    "fourth power": (lambda x, y: x * x * x * x, lambda x, y: 4 * x**3),
    "twice used": (lambda x, y: x * y * x, lambda x, y: 2 * x * y),
    "quotients": (lambda x, y: x / y / x / x, lambda x, y: -1 / (y * x**2)),
    "sum of products": (lambda x, y: (x + y) * (x + y), lambda x, y: 2 * (x + y)),
    "by hand": (lambda x, y: 1 / (1 + ops.exp(-x)), lambda x, y: math.exp(-x) / (1 + math.exp(-x)) ** 2),
    "root": (lambda x, y: ops.sqrt(x * x + y * y), lambda x, y: x / math.hypot(x, y)),
    "sine squared": (lambda x, y: ops.sin(x) * ops.sin(x), lambda x, y: math.sin(2 * x)),
    "power": (lambda x, y: ops.tanh(x) ** 3.0, lambda x, y: 3 * math.tanh(x) ** 2 / math.cosh(x) ** 2),
    "differences": (lambda x, y: y - (x - y * x), lambda x, y: y - 1),
    "logarithm": (lambda x, y: ops.log(x) * x - x, lambda x, y: math.log(x)),
    "signs": (lambda x, y: -x * -y + x * x - 3 * x - x, lambda x, y: y + 2 * x - 4),
    "quotient of sums": (lambda x, y: (x - y) / (x + y), lambda x, y: 2 * y / (x + y) ** 2),
}


@pytest.mark.parametrize("name", SCHOOL)
def test_the_formula_read_by_python_is_school_calculus(name):
    cost, slope = SCHOOL[name]
    g = gc.Graph()
    x, y = g.parameter("x", 0.7), g.parameter("y", -1.3)
    formula = gc.formula(cost(x, y), x)
    assert read(str(formula), {"x": 0.7, "y": -1.3}) == pytest.approx(slope(0.7, -1.3), rel=1e-12), str(formula)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("square", "2 · x"), ("cube", "3 · x²"), ("twice used", "2 · x · y"), ("differences", "y − 1")],
)
def test_what_is_simple_is_written_simply(name, expected):
    g = gc.Graph()
    x = g.parameter("x", 0.7)
    assert str(gc.formula(SCHOOL[name][0](x, g.parameter("y", -1.3)).named("C"), x)) == f"∂C/∂x = {expected}"


@pytest.mark.parametrize("net", ["neuron", "in_a_row", "square", "residual", "layers"])
def test_evaluated_at_the_values_of_a_run_it_is_the_gradient(nets, net):
    run = getattr(nets, net)()
    for node in run.grad:
        np.testing.assert_allclose(gc.formula(run.output, node).evaluate(run), run.grad[node], rtol=1e-13, atol=0)


def test_the_delta_of_the_matrix_form_is_the_gradient_of_the_weighted_sum(nets):
    """δ^L = ∇_a C ⊙ σ′(z^L) and δ^l = δ^(l+1) Wᵀ ⊙ σ′(z^l), computed here from the values alone."""
    run = nets.layers()
    z1, z2, a1, a2, W2, x, y = (run.value[name] for name in ("z1", "z2", "a1", "a2", "W2", "x", "y"))

    def slope(z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2

    delta2 = 2 * (a2 - y) / len(x) * slope(z2)
    delta1 = delta2 @ W2.T * slope(z1)
    for name, expected in (("z2", delta2), ("z1", delta1), ("W2", a1.T @ delta2), ("W1", x.T @ delta1)):
        np.testing.assert_allclose(gc.formula(run.output, name).evaluate(run), expected, rtol=1e-12, atol=1e-16)
    first, second, third = str(gc.formula(run.output, "W1")).splitlines()
    assert first == "∂C/∂W1 = xᵀ δ₁"
    assert second.strip() == "δ₁ = ∂C/∂z1 = (δ₂ W2ᵀ) ⊙ σ′(z1)"
    assert third.strip() == "δ₂ = ∂C/∂z2 = (2 · (a2 − y)) / n ⊙ σ′(z2)"


def test_simplifying_touches_nothing_that_is_computed(nets):
    run = nets.layers()
    written = len(run.graph)
    formula = gc.formula(run.output, "W1")
    assert (str(formula), len(run.graph)) == (str(formula), written)
    np.testing.assert_array_equal(
        formula.evaluate(run), gc.evaluate(gc.derivative(run.output, run.graph["W1"]), feed(run))
    )


def feed(run):
    """What was fed."""
    return {node: run.value[node] for node in run.graph.inputs.values()}


def test_in_another_array_library(torch):
    g = gc.Graph()
    x, w = g.input("x", (None, 2)), g.parameter("w", [[0.5], [1.0]])
    run = gc.backprop(ops.mean(ops.tanh(x @ w)), {x: torch.tensor([[1.0, 2.0]], dtype=torch.float64)})
    found = gc.formula(run.output, w).evaluate(run)
    assert isinstance(found, torch.Tensor)
    assert torch.equal(found, torch.as_tensor(run.grad[w]))


def test_displays(nets):
    formula = gc.formula(nets.layers().output, "W1")
    assert formula._repr_latex_() == f"$$\n{formula.latex}\n$$"
    assert formula._repr_html_() == f"<pre>{formula}</pre>"
    assert repr(formula) == "<Formula of ∂C/∂W1>"
    assert formula.latex.count("&=") == 3
    assert formula.latex.isascii()


def test_hostile_names_stay_text():
    g = gc.Graph()
    x = g.input("<script>&\\end{aligned}")
    formula = gc.formula(ops.exp(x * x, name="C"), x)
    assert "<script" not in formula._repr_html_()
    assert r"\end{aligned}" not in formula.latex


@pytest.mark.usefixtures("shallow")
def test_a_deep_graph_shows_the_ends_of_its_recursion():
    g = gc.Graph()
    a = g.parameter("x", 0.5)
    for i in range(3000):
        a = ops.sin(a, name=f"s{i}")
    formula = gc.formula(a, "x")
    assert len(str(formula)) < 1000
    assert "2987 more, in the same way" in str(formula)
    assert formula.latex.count(r"\\") == 12
    run = gc.backprop(a)
    assert formula.evaluate(run) == run.grad["x"]


def test_many_ways_are_one_formula():
    g = gc.Graph()
    x = a = g.parameter("x", 0.5)
    for _ in range(20):
        a = a + a
    assert str(gc.formula(a.named("C"), x)) == "∂C/∂x = 1.049 · 10⁶"


def test_a_rule_that_only_knows_arrays_keeps_its_symbol():
    @gc.op(name="only_arrays_formula")
    def only_arrays_formula(x):
        return x * 2.0

    @only_arrays_formula.pullback("x")
    def donly_dx(dout):
        return np.asarray([float(v) for v in np.ravel(dout)]).reshape(np.shape(dout)) * 2.0

    g = gc.Graph()
    x = g.parameter("x", 0.5)
    assert str(gc.formula(only_arrays_formula(ops.exp(x, name="h"), name="C"), x)) == "∂C/∂x = ∂C/∂h · h"


def test_wrong_questions_are_told_what_to_do(nets):
    run = nets.layers()
    other = run.graph.input("other")
    with pytest.raises(gc.errors.GraphError, match="'other' does not reach 'C': its derivative is zero"):
        gc.formula(run.output, other)
    with pytest.raises(gc.errors.UnknownNameError, match="Did you mean 'W1'"):
        gc.formula(run.output, "W11")
    with pytest.raises(gc.errors.CostError, match="take its mean or sum"):
        gc.formula(run.graph["a2"], "W1")
    with pytest.raises(gc.errors.CostError, match="the cost is a node"):
        gc.formula(run, "W1")
    with pytest.raises(gc.errors.GraphError, match="formula takes a node"):
        gc.formula(run.output, nets.layers().graph["W1"])
    with pytest.raises(gc.errors.GraphError, match=r"evaluate it at gc\.backprop\(C, feed\)"):
        gc.formula(run.output, "W1").evaluate(nets.neuron())
    with pytest.raises(gc.errors.GraphError, match="evaluate needs the numbers of a run"):
        gc.formula(run.output, "W1").evaluate({"x": 1.0})
    count = run.graph.input("n", dtype="int64")
    with pytest.raises(gc.errors.DtypeError, match="only floats have a derivative"):
        gc.formula((ops.astype(count, dtype="float64") * run.output).named("D"), count)
