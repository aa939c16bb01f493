"""Powers and quotients where they are hard: at zero, below zero, with exponents that are nodes."""

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.mark.parametrize(
    ("base", "exponent"),
    [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (-2.0, 3.0), (-2.0, 0.0), (0.0, 0.0), (2.0, -3.0), (1.5, 0.5), (-0.5, -2.0)],
)
def test_a_power_by_its_base_to_the_third_derivative(base, exponent):
    g = gc.Graph()
    x = g.parameter("x", base)
    node = x**exponent
    for order in range(4):
        factor = float(mpmath.ff(exponent, order))  # e (e − 1) … : the falling factorial
        expected = 0.0 if factor == 0 else factor * base ** (exponent - order)
        np.testing.assert_allclose(gc.evaluate(node), expected, rtol=1e-14, err_msg=f"derivative {order}")
        node = gc.derivative(node, x)


def test_a_power_by_its_exponent():
    g = gc.Graph()
    x, e = g.parameter("x", [2.0, 0.5, 1.0, 0.0]), g.parameter("e", [3.0, -1.0, 7.0, 2.0])
    run = gc.backprop(ops.sum(x**e))
    np.testing.assert_allclose(run.grad[e], [8 * np.log(2), 2 * np.log(0.5), 0.0, 0.0], rtol=1e-15)


def test_a_negative_base_has_no_derivative_by_the_exponent():
    g = gc.Graph()
    x, e = g.parameter("x", -2.0), g.parameter("e", 2.0)
    run = gc.backprop(x**e)
    assert run.grad[x] == -4.0
    assert np.isnan(run.grad[e])


def test_powers_of_numbers_with_nodes_on_either_side():
    g = gc.Graph()
    x = g.parameter("x", 3.0)
    assert gc.evaluate(2**x) == 8.0
    assert gc.backprop(2.0**x).grad[x] == pytest.approx(8 * np.log(2), rel=1e-15)
    assert gc.backprop(x**2).grad[x] == 6.0


def test_division_by_zero_is_infinite_and_zero_by_zero_nan():
    g = gc.Graph()
    a, b = g.parameter("a", [1.0, 0.0, -1.0]), g.parameter("b", [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(gc.evaluate(a / b), [np.inf, np.nan, -np.inf])


def test_x_times_x_and_x_plus_x_are_two_edges_each():
    g = gc.Graph()
    x = g.parameter("x", 3.0)
    for node, expected, shares in ((x * x, 6.0, [3.0, 3.0]), (x + x, 2.0, [1.0, 1.0]), (x - x, 0.0, [1.0, -1.0]),
                                   (x / x, 0.0, [1 / 3, -1 / 3])):  # fmt: skip
        run = gc.backprop(node)
        assert run.grad[x] == expected
        assert [edge.argument for edge in run.edges] == ["x1", "x2"]
        np.testing.assert_allclose([edge.contribution for edge in run.edges], shares, rtol=1e-15)
        assert g.nx.number_of_edges(x, node) == 2


def test_numbers_take_the_dtype_they_meet():
    g = gc.Graph()
    x = g.input("x", (2,), "float32")
    for node in (x + 1, 1 + x, 2.5 * x, x / 3, 3 / x, x - 0.1, x**2, -x, 0.5 - x, x**0.5):
        assert node.dtype == "float32"
        assert gc.evaluate(node, {x: np.ones(2, "float32")}).dtype == "float32"


def test_pytorch_agrees_on_an_expression_of_all_of_them(torch):
    start = {"a": [0.7, -1.2, 2.0], "b": [1.5, 0.4, -0.3]}
    tensors = {name: torch.tensor(v, dtype=torch.float64, requires_grad=True) for name, v in start.items()}

    def expression(a, b):
        return ((a + 2.0 * b) * (a - b) / (b * b + 1.0) - (-a) ** 3 + 0.5 ** (b * a)) / 3.0

    expression(**tensors).sum().backward()
    g = gc.Graph()
    nodes = {name: g.parameter(name, v) for name, v in start.items()}
    run = gc.backprop(ops.sum(expression(**nodes)))
    for name, tensor in tensors.items():
        np.testing.assert_allclose(run.grad[name], tensor.grad.numpy(), rtol=1e-12)
