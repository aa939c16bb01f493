"""The special cases that the Array API standard (2024.12) lists for elementwise functions: infinities, NaN, −0.

Each is computed on arrays and through nodes. What the derivative is there is written in a table of its own: the limit,
where there is one. array-api-strict, the standard's own implementation, is the referee of shapes and dtypes.
"""

import math

import array_api_strict as strict
import numpy as np
import pytest

import graphcore as gc
import ops

INF, NAN, PI = math.inf, math.nan, math.pi

#: function: [(argument, result), ...]; besides, NaN gives NaN unless the table says otherwise
ONE = {
    "abs": [(-0.0, 0.0), (-INF, INF), (-2.0, 2.0)],
    "acos": [(1.5, NAN), (-1.5, NAN), (1.0, 0.0)],
    "acosh": [(0.5, NAN), (1.0, 0.0), (INF, INF)],
    "asin": [(1.5, NAN), (-1.5, NAN), (0.0, 0.0), (-0.0, -0.0)],
    "asinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, PI / 2), (-INF, -PI / 2)],
    "atanh": [(1.5, NAN), (-1.5, NAN), (1.0, INF), (-1.0, -INF), (0.0, 0.0), (-0.0, -0.0)],
    "ceil": [(3.0, 3.0), (INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0), (-0.5, -0.0)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)],
    "cosh": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF)],
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0)],
    "floor": [(3.0, 3.0), (INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0)],
    "isfinite": [(INF, False), (-INF, False), (NAN, False), (1.0, True)],
    "isinf": [(INF, True), (-INF, True), (NAN, False), (1.0, False)],
    "isnan": [(INF, False), (NAN, True), (1.0, False)],
    "log": [(-1.0, NAN), (0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF)],
    "log10": [(-1.0, NAN), (0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF)],
    "log1p": [(-2.0, NAN), (-1.0, -INF), (-0.0, -0.0), (0.0, 0.0), (INF, INF)],
    "log2": [(-1.0, NAN), (0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF)],
    "negative": [(0.0, -0.0), (-0.0, 0.0), (INF, -INF)],
    "positive": [(-0.0, -0.0), (INF, INF)],
    "reciprocal": [(0.0, INF), (-0.0, -INF), (INF, 0.0), (-INF, -0.0)],
    "round": [(3.0, 3.0), (INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0), (0.5, 0.0), (1.5, 2.0), (-2.5, -2.0)],
    "sign": [(0.0, 0.0), (INF, 1.0), (-INF, -1.0)],
    "signbit": [(0.0, False), (-0.0, True), (INF, False), (-INF, True), (NAN, False), (math.copysign(NAN, -1.0), True)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)],
    "sqrt": [(-1.0, NAN), (0.0, 0.0), (-0.0, -0.0), (INF, INF)],
    "square": [(-0.0, 0.0), (-INF, INF)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0)],
    "trunc": [(3.0, 3.0), (INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0), (-0.5, -0.0)],
}

#: function: [((first, second), result), ...]; besides, NaN on either side gives NaN unless the table says otherwise
TWO = {
    "add": [((INF, -INF), NAN), ((INF, INF), INF), ((INF, 1.0), INF), ((1.0, -INF), -INF), ((-0.0, -0.0), -0.0),
            ((-0.0, 0.0), 0.0), ((0.0, -0.0), 0.0), ((2.0, -2.0), 0.0)],
    "atan2": [((2.0, 0.0), PI / 2), ((2.0, -0.0), PI / 2), ((0.0, 2.0), 0.0), ((0.0, 0.0), 0.0), ((0.0, -0.0), PI),
              ((0.0, -2.0), PI), ((-0.0, 2.0), -0.0), ((-0.0, 0.0), -0.0), ((-0.0, -0.0), -PI), ((-0.0, -2.0), -PI),
              ((-2.0, 0.0), -PI / 2), ((2.0, INF), 0.0), ((2.0, -INF), PI), ((-2.0, INF), -0.0), ((-2.0, -INF), -PI),
              ((INF, 2.0), PI / 2), ((-INF, 2.0), -PI / 2), ((INF, INF), PI / 4), ((INF, -INF), 3 * PI / 4),
              ((-INF, INF), -PI / 4), ((-INF, -INF), -3 * PI / 4)],
    "copysign": [((2.0, -0.0), -2.0), ((-2.0, 0.0), 2.0), ((0.0, -3.0), -0.0), ((INF, -1.0), -INF), ((2.0, NAN), 2.0)],
    "divide": [((INF, INF), NAN), ((0.0, 0.0), NAN), ((0.0, -0.0), NAN), ((0.0, 2.0), 0.0), ((0.0, -2.0), -0.0),
               ((-0.0, 2.0), -0.0), ((2.0, 0.0), INF), ((2.0, -0.0), -INF), ((-2.0, 0.0), -INF), ((INF, 2.0), INF),
               ((INF, -2.0), -INF), ((2.0, INF), 0.0), ((2.0, -INF), -0.0)],
    "equal": [((NAN, NAN), False), ((NAN, 1.0), False), ((1.0, NAN), False), ((INF, INF), True), ((-0.0, 0.0), True),
              ((INF, -INF), False)],
    "floor_divide": [((INF, INF), NAN), ((0.0, 0.0), NAN), ((0.0, 2.0), 0.0), ((0.0, -2.0), -0.0), ((2.0, INF), 0.0),
                     ((-2.0, INF), -1.0), ((2.0, -INF), -1.0), ((-2.0, -INF), 0.0)],
    "greater": [((NAN, 1.0), False), ((1.0, NAN), False), ((INF, 1.0), True), ((0.0, -0.0), False)],
    "greater_equal": [((NAN, NAN), False), ((NAN, 1.0), False), ((1.0, NAN), False), ((0.0, -0.0), True)],
    "hypot": [((INF, NAN), INF), ((NAN, -INF), INF), ((-INF, 2.0), INF), ((0.0, -0.0), 0.0), ((1e200, 0.0), 1e200)],
    "less": [((NAN, 1.0), False), ((1.0, NAN), False), ((-INF, 1.0), True), ((-0.0, 0.0), False)],
    "less_equal": [((NAN, NAN), False), ((NAN, 1.0), False), ((1.0, NAN), False), ((-0.0, 0.0), True)],
    "logaddexp": [((INF, NAN), NAN), ((INF, 2.0), INF), ((2.0, INF), INF), ((-INF, 2.0), 2.0), ((-INF, -INF), -INF)],
    "maximum": [((INF, 1.0), INF), ((-INF, 1.0), 1.0), ((-INF, -INF), -INF)],
    "minimum": [((INF, 1.0), 1.0), ((-INF, 1.0), -INF), ((INF, INF), INF)],
    "multiply": [((INF, 0.0), NAN), ((-0.0, INF), NAN), ((INF, INF), INF), ((INF, -INF), -INF), ((INF, -2.0), -INF),
                 ((0.0, -2.0), -0.0)],
    "nextafter": [((0.0, 1.0), 5e-324), ((1.0, INF), 1.0 + 2.0**-52), ((-0.0, 0.0), 0.0), ((0.0, -0.0), -0.0),
                  ((INF, 0.0), 1.7976931348623157e308)],
    "not_equal": [((NAN, NAN), True), ((NAN, 1.0), True), ((1.0, NAN), True), ((-0.0, 0.0), False),
                  ((INF, INF), False)],
    "pow": [((NAN, 0.0), 1.0), ((NAN, -0.0), 1.0), ((2.0, 0.0), 1.0), ((1.0, NAN), 1.0), ((1.0, INF), 1.0),
            ((2.0, INF), INF), ((-2.0, INF), INF), ((2.0, -INF), 0.0),
            ((-1.0, INF), 1.0), ((-1.0, -INF), 1.0), ((0.5, INF), 0.0),
            ((0.5, -INF), INF), ((INF, 2.0), INF), ((INF, -2.0), 0.0), ((-INF, 3.0), -INF), ((-INF, 2.0), INF),
            ((-INF, -3.0), -0.0), ((-INF, -2.0), 0.0), ((0.0, 2.0), 0.0), ((0.0, -2.0), INF), ((-0.0, 3.0), -0.0),
            ((-0.0, 2.0), 0.0), ((-0.0, -3.0), -INF), ((-0.0, -2.0), INF), ((-2.0, 0.5), NAN)],
    "remainder": [((INF, 2.0), NAN), ((INF, INF), NAN), ((2.0, 0.0), NAN), ((0.0, 0.0), NAN), ((0.0, 2.0), 0.0),
                  ((-0.0, 2.0), 0.0), ((0.0, -2.0), -0.0), ((-0.0, -2.0), -0.0), ((2.0, INF), 2.0), ((2.0, -INF), -INF),
                  ((-2.0, INF), INF), ((-2.0, -INF), -2.0), ((4.0, 2.0), 0.0), ((-4.0, 2.0), 0.0), ((4.0, -2.0), -0.0)],
    "subtract": [((INF, INF), NAN), ((INF, -INF), INF), ((1.0, INF), -INF), ((0.0, 0.0), 0.0), ((-0.0, 0.0), -0.0)],
}  # fmt: skip


def pairs(table):
    return [pytest.param(name, at, out, id=f"{name}-{at}") for name, cases in table.items() for at, out in cases]


def same(actual, expected):
    """Equal, with NaN equal to NaN and −0 different from 0."""
    np.testing.assert_array_equal(actual, expected)
    assert np.isnan(expected) or np.signbit(actual) == np.signbit(expected), f"{actual!r}, expected {expected!r}"


def compute(name, *arguments):
    """On arrays and through nodes; both must be the same."""
    op = gc.registry[name]
    values = [np.array([a, 0.5]) for a in arguments]
    with np.errstate(all="ignore"):
        direct = op(*values)[0]
    g = gc.Graph()
    through_nodes = gc.evaluate(op(*(g.parameter(f"x{i}", v) for i, v in enumerate(values))))[0]
    same(through_nodes, direct)
    return direct


@pytest.mark.parametrize(("name", "at", "out"), pairs(ONE))
def test_of_one_argument(name, at, out):
    if name in ("asinh", "atan", "log10", "log2"):
        np.testing.assert_allclose(compute(name, at), out, rtol=1e-15)
    else:
        same(compute(name, at), out)


@pytest.mark.parametrize(("name", "at", "out"), pairs(TWO))
def test_of_two_arguments(name, at, out):
    if name == "atan2" and out:
        np.testing.assert_allclose(compute(name, *at), out, rtol=1e-15)
    else:
        same(compute(name, *at), out)


@pytest.mark.parametrize("name", [name for name in ONE if not name.startswith(("is", "signbit"))])
def test_nan_gives_nan(name):
    assert np.isnan(compute(name, NAN))


@pytest.mark.parametrize("name", [name for name in TWO if not any(math.isnan(v) for at, _ in TWO[name] for v in at)])
def test_nan_on_either_side_gives_nan(name):
    for at in ((NAN, 1.0), (1.0, NAN), (NAN, NAN), (NAN, 0.0)):
        assert np.isnan(compute(name, *at)), at


# -- derivatives there

#: function: [(argument, slope), ...]; by continuity, the least subgradient at a kink, NaN where there is nothing to say
SLOPES = {
    "abs": [(0.0, 0.0), (-0.0, 0.0), (INF, 1.0), (-INF, -1.0)],
    "acos": [(1.0, -INF), (-1.0, -INF), (1.5, NAN)],
    "acosh": [(1.0, INF), (INF, 0.0), (0.5, NAN)],
    "asin": [(1.0, INF), (-1.0, INF), (-0.0, 1.0), (1.5, NAN)],
    "asinh": [(INF, 0.0), (-INF, 0.0), (0.0, 1.0)],
    "atan": [(INF, 0.0), (-INF, 0.0), (-0.0, 1.0)],
    "atanh": [(1.0, INF), (-1.0, INF), (0.0, 1.0)],
    "cbrt": [(0.0, INF), (INF, 0.0)],
    "cos": [(0.0, 0.0), (INF, NAN)],
    "cosh": [(0.0, 0.0), (INF, INF), (-INF, -INF)],
    "exp": [(INF, INF), (-INF, 0.0)],
    "expm1": [(INF, INF), (-INF, 0.0)],
    "log": [(0.0, INF), (INF, 0.0)],
    "log10": [(0.0, INF), (INF, 0.0)],
    "log1p": [(-1.0, INF), (INF, 0.0)],
    "log2": [(0.0, INF), (INF, 0.0)],
    "negative": [(INF, -1.0), (NAN, -1.0)],
    "positive": [(INF, 1.0), (NAN, 1.0)],
    "reciprocal": [(0.0, -INF), (-0.0, -INF), (INF, 0.0), (-INF, 0.0)],
    "sin": [(0.0, 1.0), (INF, NAN)],
    "sinc": [(0.0, 0.0), (-0.0, 0.0)],
    "sinh": [(0.0, 1.0), (INF, INF), (-INF, INF)],
    "sqrt": [(0.0, INF), (INF, 0.0)],
    "square": [(0.0, 0.0), (INF, INF), (-INF, -INF)],
    "tan": [(0.0, 1.0), (INF, NAN)],
    "tanh": [(0.0, 1.0), (INF, 0.0), (-INF, 0.0)],
}


def slope(name, at):
    """By the run and by the formula; both must be the same."""
    g = gc.Graph()
    x = g.parameter("x", [at, 0.5])
    cost = ops.sum(gc.registry[name](x) * np.array([1.0, 0.0]))
    run, formula = gc.backprop(cost).grad[x], gc.evaluate(gc.derivative(cost, x))
    np.testing.assert_array_equal(run, formula)
    assert run[1] == 0.0
    return run[0]


@pytest.mark.parametrize(("name", "at", "out"), pairs(SLOPES))
def test_the_derivative_is_the_limit(name, at, out):
    np.testing.assert_array_equal(slope(name, at), out)


@pytest.mark.parametrize("name", [name for name in SLOPES if not any(math.isnan(at) for at, _ in SLOPES[name])])
def test_the_derivative_at_nan_is_nan(name):
    assert np.isnan(slope(name, NAN))


@pytest.mark.parametrize("name", ["ceil", "floor", "round", "trunc", "sign"])
def test_steps_have_no_derivative_to_speak_of(name):
    for at in (0.0, -0.0, 1.0, INF):
        g = gc.Graph()
        x = g.parameter("x", at)
        np.testing.assert_array_equal(gc.backprop(gc.registry[name](x) * 2.0 + x).grad[x], 1.0)


@pytest.mark.parametrize("name", sorted({*SLOPES, "log", "sqrt", "pow", "divide", "atan2", "hypot", "remainder"}))
@pytest.mark.parametrize("at", [NAN, INF, -INF, 0.0])
def test_what_has_no_influence_has_a_derivative_of_zero_whatever_it_is(name, at):
    """A zero sensitivity stays zero: the gradient of 0 · f(x), and of a branch that is not taken, is 0."""
    op = gc.registry[name]
    g = gc.Graph()
    x = g.parameter("x", [at, 0.5])
    arguments = [x] + [np.array([2.0, 2.0])] * (len(op.values) - 1)
    chosen = ops.where(np.array([False, True]), op(*arguments), x * 3.0)
    gradient = gc.backprop(ops.sum(chosen)).grad[x]
    assert gradient[0] == 3.0


# -- the referee

SHAPES = [((), ()), ((3,), ()), ((2, 1), (3,)), ((0, 3), (1, 3))]
DTYPES = ["float32", "float64"]
UNARY = [name for name in ONE if hasattr(strict, name)]
BINARY = [name for name in TWO if hasattr(strict, name)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_shapes_and_dtypes_of_one_argument_are_the_standards(name, dtype):
    for shape, _ in SHAPES:
        inside = 1.5 if name == "acosh" else 0.5
        expected = getattr(strict, name)(strict.full(shape, inside, dtype=getattr(strict, dtype)))
        node = gc.registry[name](gc.Graph().input("x", shape, dtype))
        assert (node.shape, str(node.dtype)) == (expected.shape, str(np.asarray(expected).dtype))


@pytest.mark.parametrize("second", DTYPES)
@pytest.mark.parametrize("first", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_shapes_and_dtypes_of_two_arguments_are_the_standards(name, first, second):
    for shape, other in SHAPES:
        x1 = strict.full(shape, 1.0, dtype=getattr(strict, first))
        x2 = strict.full(other, 1.0, dtype=getattr(strict, second))
        expected = getattr(strict, name)(x1, x2)
        g = gc.Graph()
        node = gc.registry[name](g.input("x1", shape, first), g.input("x2", other, second))
        assert (node.shape, str(node.dtype)) == (expected.shape, str(np.asarray(expected).dtype))
