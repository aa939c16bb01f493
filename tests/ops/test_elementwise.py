"""The functions of a calculator against thirty digits of mpmath, and at their special points."""

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops

POINTS = [-30.0, -3.7, -1.0, -0.3, -1e-5, 1e-5, 0.2, 1.0, 2.5, 40.0]
SIGMOID = lambda z: 1 / (1 + mpmath.exp(-z))  # noqa: E731
FUNCTIONS = [
    (ops.sqrt, mpmath.sqrt, "positive"),
    (ops.exp, mpmath.exp, "all"),
    (ops.log, mpmath.log, "positive"),
    (ops.tanh, mpmath.tanh, "all"),
    (ops.abs, abs, "all"),
    (ops.square, lambda x: x * x, "all"),
    (ops.negative, lambda x: -x, "all"),
    (ops.sigmoid, SIGMOID, "all"),
    (ops.softplus, lambda z: mpmath.log(1 + mpmath.exp(z)), "all"),
]


def table(f, points, order):
    """The derivative of that order, to more digits than a float has."""
    with mpmath.workdps(60):
        return [float(mpmath.diff(f, mpmath.mpf(x), order)) for x in points]


@pytest.mark.parametrize(("op", "f", "domain"), FUNCTIONS, ids=[op.name for op, _, _ in FUNCTIONS])
def test_value_and_three_derivatives(op, f, domain):
    points = [x for x in POINTS if domain == "all" or x > 0]
    g = gc.Graph()
    x = g.input("x", (len(points),))
    node = op(x)
    for order in range(4):
        expected = table(f, points, order)
        np.testing.assert_allclose(
            gc.evaluate(node, {x: np.array(points)}),
            expected,
            rtol=2e-12,
            atol=1e-15,
            err_msg=f"{op.name}, derivative {order}",
        )
        node = gc.derivative(ops.sum(node + 0.0 * x), x)


def test_log_and_sqrt_at_and_below_zero_say_so():
    g = gc.Graph()
    x = g.parameter("x", [0.0, -1.0, 4.0])
    run = gc.backprop(ops.sum(ops.sqrt(x, name="roots")))
    np.testing.assert_array_equal(run.value["roots"], [0.0, np.nan, 2.0])
    np.testing.assert_array_equal(run.grad[x], [np.inf, np.nan, 0.25])
    run = gc.backprop(ops.sum(ops.log(x, name="logarithms")))
    np.testing.assert_array_equal(run.value["logarithms"], [-np.inf, np.nan, np.log(4.0)])
    np.testing.assert_array_equal(run.grad[x], [np.inf, np.nan, 0.25])


def test_at_the_kink_the_slope_is_the_one_of_least_norm():
    g = gc.Graph()
    x = g.parameter("x", [0.0, -0.0])
    np.testing.assert_array_equal(gc.backprop(ops.sum(ops.abs(x))).grad[x], [0.0, 0.0])
    np.testing.assert_array_equal(gc.backprop(ops.sum(ops.relu(x))).grad[x], [0.0, 0.0])


NAN_PASSES = ["sqrt", "exp", "log", "tanh", "abs", "square", "negative", "sigmoid", "softplus", "relu"]


@pytest.mark.parametrize("name", NAN_PASSES)
def test_nan_never_becomes_a_number(name):
    g = gc.Graph()
    x = g.parameter("x", [np.nan, 1.0])
    run = gc.backprop(ops.sum(gc.registry[name](x, name="out")))
    assert np.isnan(run.value["out"][0])
    assert np.isfinite(run.value["out"][1])
    assert np.isnan(run.grad[x][0]) == (name != "negative")  # whose slope is −1 wherever it is
    assert np.isfinite(run.grad[x][1])


def test_sign_is_flat():
    g = gc.Graph()
    x = g.parameter("x", [-2.0, 0.0, 3.0])
    run = gc.backprop(ops.sum(ops.sign(x, name="signs") * x))
    np.testing.assert_array_equal(run.value["signs"], [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(run.grad[x], [-1.0, 0.0, 1.0])


@pytest.mark.parametrize(("name", "arity"), [("round", 1), ("logaddexp", 2)])
def test_a_compiled_program_computes_equal_nodes_of_the_short_form_once(name, arity):
    """Only a forward without variables of another scope is merged."""
    x = gc.Graph().input("x", (3,))
    args = [x, 2.0 * x][:arity]
    step = gc.compile([gc.registry[name](*args), gc.registry[name](*args)], wrt=[], backend="numpy")
    assert sum(row.what == name for row in step.profile().rows) == 1


def test_the_short_form_refuses_an_argument_without_a_derivative():
    from graphcore.extend import elementwise

    with pytest.raises(gc.errors.OperationError, match="x2 has no derivative; give `local`, or name it in `flat`"):

        @elementwise(local={"x1": lambda x1, out: x1 / out})
        def arctan2(x1, x2):
            """Return an angle."""

    assert "arctan2" not in gc.registry
