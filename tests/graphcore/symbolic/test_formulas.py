"""Formulas say what is computed: by known answers, and by reading some of them back with Python itself."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.symbolic.formulas import derivative_symbol, formula_of, local_formula


@pytest.fixture
def letters():
    """Four numbers with names."""
    g = gc.Graph()
    return [g.input(name) for name in ("a", "b", "c", "d")]


def read(text, values):
    """A formula in Unicode as Python reads it; only for +, −, ·, /, ( ) and small exponents."""
    python = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("³", "**3")
    return eval(python, {"__builtins__": {}, "σ": lambda z: 1 / (1 + math.exp(-z))}, values)


EXPRESSIONS = [
    lambda a, b, c, d: a - (b - c),
    lambda a, b, c, d: a - (b + c) - d,
    lambda a, b, c, d: (a + b) * (c - d),
    lambda a, b, c, d: a / (b * c),
    lambda a, b, c, d: a / b * c,
    lambda a, b, c, d: a / (b / c),
    lambda a, b, c, d: (a / b) / c,
    lambda a, b, c, d: -(a + b),
    lambda a, b, c, d: -a + b,
    lambda a, b, c, d: a * -b,
    lambda a, b, c, d: (-a) ** 2.0,
    lambda a, b, c, d: -(a**2.0),
    lambda a, b, c, d: (a * b) ** 2.0,
    lambda a, b, c, d: a * b**2.0,
    lambda a, b, c, d: (a - b) ** 3.0 / (c + d),
    lambda a, b, c, d: 2 * a - 3 * b,
    lambda a, b, c, d: a * (b + 1) - (1 - c) * 0.5,
    lambda a, b, c, d: 1 - (1 - (1 - a)),
    lambda a, b, c, d: a - -b,
    lambda a, b, c, d: (a + b) - (c + d),
    lambda a, b, c, d: ops.square(a - b) - ops.square(c) * d,
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_parentheses_are_where_they_are_needed(expression, letters):
    values = {"a": 1.7, "b": -0.6, "c": 2.3, "d": 0.4}
    node = expression(*letters)
    g = node.graph
    feed = {name: v for name, v in values.items() if g[name] in set(leaves(node))}
    assert read(str(formula_of(node)), values) == pytest.approx(gc.evaluate(node, feed), rel=1e-12), str(
        formula_of(node)
    )


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_and_those_of_derivatives(expression, letters):
    values = {"a": 1.7, "b": -0.6, "c": 2.3, "d": 0.4}
    node = gc.derivative(expression(*letters), letters[0])
    feed = {name: v for name, v in values.items() if node.graph[name] in set(leaves(node))}
    text = str(formula_of(node))
    assert read(text, values) == pytest.approx(gc.evaluate(node, feed), rel=1e-3), text  # numbers show four digits


def leaves(node):
    import networkx as nx

    return nx.ancestors(node.graph.nx, node) | {node}


@pytest.fixture
def neuron():
    """One neuron in the subject's letters."""
    g = gc.Graph()
    x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.0), g.parameter("b", 0.0)
    z = (w * x + b).named("z")
    a = ops.sigmoid(z, name="a")
    ops.squared_error(a, y, name="C")
    return g


def test_a_neuron_as_it_is_written_on_a_blackboard(neuron):
    assert [str(formula_of(neuron[name])) for name in ("z", "a", "C")] == ["w · x + b", "σ(z)", "(a − y)²"]
    assert str(local_formula(neuron["a"], "z")) == "a · (1 − σ(z))"
    assert str(derivative_symbol(neuron["a"])) == "σ′(z)"
    assert str(local_formula(neuron["C"], "a")) == "2 · (a − y)"
    assert str(local_formula(neuron["z"], "x1")) == "1"
    product = neuron["z"].inputs[0]
    assert (str(local_formula(product, "x1")), str(local_formula(product, "x2"))) == ("x", "w")
    assert formula_of(neuron["a"]).latex == r"\sigma(z)"


def test_local_formulas_are_the_local_derivatives(neuron):
    """Read back with Python: 2 (a − y) and a (1 − σ(z)) at the numbers of a run are what its edges hold."""
    run = gc.backprop(neuron["C"], {"x": 0.62, "y": 1.0})
    values = {name: float(run.value[name]) for name in ("x", "y", "w", "b", "z", "a")}
    for edge in run.edges:
        text = str(local_formula(edge.target, edge.argument))
        expected = edge.contribution / run.grad[edge.target]
        assert read(text, values) == pytest.approx(expected, rel=1e-12), text


def test_a_flat_edge_is_zero_and_a_missing_one_nothing():
    @gc.op
    def odd(x, y):
        return x + y

    odd.flat("x")
    odd.missing("y", "not yet")
    g = gc.Graph()
    node = odd(g.input("x"), g.input("y"))
    assert str(local_formula(node, "x")) == "0"
    assert local_formula(node, "y") is None


@pytest.mark.parametrize("name", [r"\input{x}", "$x$", "a_b", "100%", "x^2", "{", "}", "&", "#1", "~", "\\"])
def test_a_name_is_never_read_as_latex(name):
    g = gc.Graph()
    latex = formula_of(ops.exp(g.input(name))).latex
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    inside = latex.removeprefix(r"e^{\text{").removesuffix("}}")
    for character in "$%&#":
        assert inside.count(character) == inside.count("\\" + character)
    assert r"\input" not in latex


def test_long_and_deep_formulas_end():
    g = gc.Graph()
    node = g.input("x")
    for _ in range(5000):
        node = ops.tanh(node) + 1.0
    assert len(str(formula_of(node))) < 2000
    wide = sum((g.input(f"input number {i}") * float(i) for i in range(300)), g.constant(0.0))
    assert len(formula_of(wide).latex) < 20_000


def test_letters_with_an_index_are_such_in_latex():
    g = gc.Graph()
    shown = [formula_of(ops.exp(g.input(name))).latex for name in ("w1", "w_12", "a'", "b2''")]
    assert shown == ["e^{w_{1}}", "e^{w_{12}}", "e^{a'}", "e^{b_{2}''}"]


def test_every_operation_has_a_formula_for_every_rule(around):
    """None fails, and none leaves a placeholder or a brace without its partner."""
    for op in gc.registry.values():
        for example in op.examples[:1]:
            values, _, settings = op.signature.bind(*example)
            node = around(op, [np.asarray(v) for v in values], settings).out
            formulas = [formula_of(node)]
            for argument in node.arguments:
                rule, formula = op.rule_for(argument), local_formula(node, argument)
                assert (formula is None) == (rule is None or rule.kind == "missing"), f"{op.name} by {argument}"
                formulas += [] if formula is None else [formula]
            for text in (text for formula in formulas for text in (formula.latex, str(formula))):
                assert text.strip(), op.name
                assert text.replace(r"\{", "").count("{") == text.replace(r"\}", "").count("}"), op.name
                assert "\U000f0000" not in text, op.name


def test_a_name_that_is_given_later_is_in_the_formulas():
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", 2.0)
    inner = w * x
    a = ops.square(inner, name="a")
    assert str(local_formula(a, "x")) == "2 · w · x"
    inner.named("z")
    assert str(local_formula(a, "x")) == "2 · z"


def test_a_rule_that_is_given_later_is_in_the_formulas():
    @gc.op("f({x:bare})", name="late_rule")
    def late_rule(x):
        return x * x

    y = late_rule(gc.Graph().input("x"))
    assert local_formula(y, "x") is None
    late_rule.local("x")(lambda x: 2 * x)
    assert str(local_formula(y, "x")) == "2 · x"


def test_a_name_that_is_given_later_stands_in_every_formula():
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", 2.0)
    z = w * x
    a = ops.tanh(z)
    assert [str(formula_of(a)), str(derivative_symbol(a))] == ["tanh(w · x)", "tanh′(w · x)"]
    z.named("z")
    assert [str(formula_of(a)), str(derivative_symbol(a))] == ["tanh(z)", "tanh′(z)"]


@pytest.mark.parametrize(
    ("shapes", "first", "second"),
    [
        (((4, 3), (3,)), "□ xᵀ", "Wᵀ □"),
        (((3,), (3, 4)), "□ xᵀ", "Wᵀ □"),
        (((1, 3), (3,)), "□ xᵀ", "Wᵀ □"),
        (((3,), (3, 1)), "□ xᵀ", "Wᵀ □"),
        (((2, 3), (3, 4)), "□ xᵀ", "Wᵀ □"),
        (((3,), (3,)), "x", "W"),
    ],
)
def test_products_with_vectors_are_written_as_those_of_matrices(shapes, first, second):
    g = gc.Graph()
    z = g.input("W", shapes[0]) @ g.input("x", shapes[1])
    assert [str(local_formula(z, argument)) for argument in ("a", "b")] == [first, second]
    in_latex = str(local_formula(z, "a").latex).replace(r"\square", "□").replace(r"^\top", "ᵀ")
    assert in_latex == first


def test_the_written_products_of_vectors_are_the_gradients():
    generator = np.random.default_rng(0)
    for shapes in (((4, 3), (3,)), ((3,), (3, 4))):
        g = gc.Graph()
        left, right = (
            g.parameter(name, generator.normal(size=shape)) for name, shape in zip("lr", shapes, strict=True)
        )
        z = (left @ right).named("z")
        run = gc.backprop(ops.sum(z**3.0, name="C"))
        # a vector on the left is a row and one on the right a column
        a, b = np.atleast_2d(left.value), right.value[:, None] if right.ndim == 1 else right.value
        delta = run.grad[z][:, None] if right.ndim == 1 else run.grad[z][None, :]
        np.testing.assert_allclose(run.grad[left].reshape(a.shape), delta @ b.T, rtol=1e-13)
        np.testing.assert_allclose(run.grad[right].reshape(b.shape), a.T @ delta, rtol=1e-13)
        assert str(gc.formula(run.output, left)).startswith("∂C/∂l = δ rᵀ")
        assert str(gc.formula(run.output, right)).startswith("∂C/∂r = lᵀ δ")


def test_outer_products_of_vectors_are_written_as_such():
    g = gc.Graph()
    a, b, m = g.input("a", (3,)), g.input("b", (4,)), g.input("M", (3, 3))
    assert str(formula_of(ops.outer(a, b))) == "a bᵀ"
    assert str(local_formula(ops.solve(m, a), "x1")) == "−Mᵀ⁻¹ □ (M⁻¹ a)ᵀ"
    u, v = g.input("u", (3, 1)), g.input("v", (1, 4))
    assert str(formula_of(u * v)) == "u ⊙ v"  # as the user wrote it
