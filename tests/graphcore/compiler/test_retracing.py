"""A function that changes from call to call is not compiled: the program would keep what the first call gave."""

import functools
import itertools

import numpy as np
import pytest

import graphcore as gc
import ops

GENERATOR = np.random.default_rng(0)


def numbered(f):
    """A function of x that also depends on how often it was called."""
    count = itertools.count(1)
    return functools.wraps(f)(lambda x: f(x, next(count)))


CHANGING = [
    (lambda x, n: x * n, "the constant 1.0 was 2.0 the second time"),
    (lambda x, _: x * GENERATOR.normal(), "the constant .* was .* the second time"),
    (lambda x, _: x + GENERATOR.normal(size=3), "the constant array.* was array.* the second time"),
    (lambda x, n: [np.sin, np.cos][n % 2](x), "<cos#1.*> was <sin#1.*> the second time"),
    (lambda x, n: np.sum(x, axis=n % 2), "<sum#1.*> was <sum#1.*> the second time"),
    (lambda x, n: x * x if n == 2 else x, "multiply 'multiply#1' .* is in one of two calls alone"),
    (lambda x, n: x[:n], "<getitem#1.*> was <getitem#1.*> the second time"),
    (lambda x, n: (x, n), "it returned other numbers"),
    (lambda x, n: (x, x * 2)[:: 1 if n == 1 else -1], "it returned other numbers"),
]


@pytest.mark.parametrize(("f", "said"), CHANGING)
def test_what_changes_is_refused_with_its_line(f, said):
    line = "" if "returned" in said else rf" at .*test_retracing.py:{f.__code__.co_firstlineno}"
    with pytest.raises(gc.errors.GraphError, match=rf"<lambda> changes from call to call{line}: {said}"):
        gc.compile(numbered(f), backend="numpy")(np.ones((2, 3)))


def test_a_draw_inside_a_derivative_is_refused_too():
    with pytest.raises(gc.errors.GraphError, match="changes from call to call"):
        gc.compile(gc.grad(lambda x: np.sum(x * GENERATOR.normal(size=3))), backend="numpy")(np.ones(3))


def test_what_is_made_anew_but_alike_is_compiled():
    @numbered
    def f(x, n):
        made = gc.op(lambda z: z * 2.0, name="made_in_a_trace", replace=True)
        return ops.sum(made(x).named(f"z{n}") * np.array([1.0, np.nan]) * -0.0), {"two": np.arange(2)}

    cost, more = gc.compile(f, backend="numpy")(np.ones(2))
    assert np.isnan(cost)
    np.testing.assert_array_equal(more["two"], [0, 1])


def test_a_draw_in_an_impure_operation_is_made_at_every_call():
    draw = gc.op(lambda x: x + GENERATOR.normal(), name="draws_at_every_call", pure=False, shape="x", dtype="float64")
    f = gc.compile(lambda x: ops.sum(draw(x)), backend="numpy")
    assert len({float(f(np.zeros(2))) for _ in range(5)}) == 5
