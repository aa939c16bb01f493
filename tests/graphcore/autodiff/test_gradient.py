"""Derivatives as nodes: any order, against closed forms and mpmath; zero where nothing depends; kept once written."""

import math

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops


def test_derivatives_to_the_fifth_order_against_mpmath():
    def f(x, xp):
        return xp.exp(0.5 * x) * xp.tanh(x) / (1 + x * x) + xp.log(2 + x**2.0)

    with mpmath.workdps(50):
        expected = [float(mpmath.diff(lambda x: f(x, mpmath.mp), mpmath.mpf(0.7), n)) for n in range(6)]
    with_math = f(0.7, math)
    assert with_math == pytest.approx(expected[0], rel=1e-15)
    g = gc.Graph()
    x = g.parameter("x", 0.7)
    node = f(x, gc.registry)
    found = []
    for _ in range(6):
        found.append(gc.evaluate(node))
        node = gc.derivative(node, x)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_mixed_third_derivatives_against_the_closed_form():
    g = gc.Graph()
    x, y = g.parameter("x", 1.5), g.parameter("y", 0.4)
    f = ops.exp(x * y) * x
    order = {"xxy": (x, x, y), "xyx": (x, y, x), "yxx": (y, x, x)}
    # ∂³/∂x²∂y of x e^{xy}: differentiate (1 + xy) e^{xy} by x, which is (2y + x y²) e^{xy}, by y
    expected = math.exp(0.6) * (2 + 2 * 0.6 + 1.5 * (2 * 0.4 + 1.5 * 0.16))
    for path in order.values():
        node = f
        for wrt in path:
            node = gc.derivative(node, wrt)
        assert gc.evaluate(node) == pytest.approx(expected, rel=1e-14)


def test_the_hessian_of_a_network_is_symmetric_and_that_of_differences(differences, agree):
    rng = np.random.default_rng(4)
    g = gc.Graph()
    x = g.input("x", (None, 3))
    w = g.parameter("w", rng.standard_normal((3, 2)))
    cost = ops.mean(ops.cross_entropy(ops.tanh(x @ w), np.array([0, 1, 1])))
    feed = {x: rng.standard_normal((3, 3))}
    slope = gc.derivative(cost, w)
    rows = [gc.evaluate(gc.derivative(slope[i, j], w), feed).ravel() for i in range(3) for j in range(2)]
    hessian = np.array(rows)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-15)
    start = w.value

    def entry(value, i, j):
        w.value = value
        return gc.backprop(cost, feed).grad[w][i, j]

    for k, (i, j) in enumerate(np.ndindex(3, 2)):
        agree(rows[k].reshape(3, 2), differences(lambda v, i=i, j=j: entry(v, i, j), start))


def test_what_does_not_depend_has_a_derivative_of_zero():
    g = gc.Graph()
    x, w = g.input("x", (None, 2), "float32"), g.parameter("w", 2.0)
    cost = w * w
    zero = gc.derivative(cost, x)
    assert (zero.shape, zero.dtype) == ((None, 2), "float32")
    np.testing.assert_array_equal(gc.evaluate(zero, {x: np.ones((3, 2), "float32")}), np.zeros((3, 2)))
    later = w * 3.0
    assert gc.evaluate(gc.derivative(cost, later)) == 0.0
    assert gc.evaluate(gc.derivative(gc.derivative(gc.derivative(cost, w), w), w)) == 0.0
    assert gc.evaluate(gc.derivative(w * 1.0, g.parameter("other", [1.0, 2.0]))).tolist() == [0.0, 0.0]


def test_the_derivative_by_itself_is_one():
    g = gc.Graph()
    w = g.parameter("w", 2.0)
    assert gc.evaluate(gc.derivative(w, w)) == 1.0
    cost = w * w
    assert gc.evaluate(gc.derivative(cost, cost)) == 1.0


def test_by_a_node_on_the_way():
    g = gc.Graph()
    x = g.parameter("x", 3.0)
    z = (x * x).named("z")
    cost = ops.exp(z) + 2.0 * z
    assert gc.evaluate(gc.derivative(cost, z)) == pytest.approx(math.exp(9.0) + 2)


def test_a_list_of_nodes_gives_a_list_and_what_is_written_is_kept():
    g = gc.Graph()
    x, y = g.parameter("x", 3.0), g.parameter("y", 5.0)
    cost = x * x * y
    first, second = gc.derivative(cost, [x, y])
    assert gc.evaluate([first, second]) == [30.0, 9.0]
    size = len(g)
    assert gc.derivative(cost, x) is first
    assert gc.derivative(cost, (y, x)) == [second, first]
    assert gc.derivative(cost, []) == []
    assert len(g) == size


def test_what_has_no_derivative():
    g = gc.Graph()
    x, n = g.parameter("x", 3.0), g.input("n", (), "int64")
    cost = x * x + ops.astype(n, dtype="float64")
    with pytest.raises(gc.errors.DtypeError) as caught:
        gc.derivative(cost, n)
    for piece in ("'n'", "int64", "only floats", __file__):
        assert piece in str(caught.value)
    with pytest.raises(gc.errors.GraphError, match="different graphs"):
        gc.derivative(cost, gc.Graph("other").input("z"))
    with pytest.raises(gc.errors.GraphError, match="str"):
        gc.derivative(cost, ["x"])


def test_a_derivative_runs_on_new_parameters_and_feeds():
    g = gc.Graph()
    x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    slope = gc.derivative(ops.mean(ops.square(x * w)), w)
    for weight in (2.0, -1.0):
        w.value = weight
        for data in ([1.0, 2.0], [3.0, 0.0, 1.0]):
            assert gc.evaluate(slope, {x: data}) == pytest.approx(2 * weight * np.mean(np.square(data)), rel=1e-15)


def test_descending_a_gradient_finds_the_least_squares_solution():
    """The end of all this: learning, against numpy's own solver."""
    rng = np.random.default_rng(8)
    data, truth = rng.standard_normal((20, 3)), np.array([0.5, -1.0, 2.0])
    targets = data @ truth + 0.1 * rng.standard_normal(20)
    g = gc.Graph()
    x, y, w = g.input("x", (None, 3)), g.input("y", (None,)), g.parameter("w", np.zeros(3))
    cost = ops.mean(ops.squared_error(ops.expand_dims(x @ w, axis=-1), ops.expand_dims(y, axis=-1)))
    for _ in range(300):
        w.value = w.value - 0.2 * gc.backprop(cost, {x: data, y: targets}).grad[w]
    np.testing.assert_allclose(w.value, np.linalg.lstsq(data, targets)[0], rtol=1e-10)
