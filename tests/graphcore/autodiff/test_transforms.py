"""Derivatives of plain functions: against JAX, whose names these are, and against differences."""

import numpy as np
import pytest

import graphcore as gc
import ops


def model(p, x):
    """A little network written with numpy's names alone."""
    return np.sum(np.tanh(x @ p["w"] + p["layers"][0]) ** 2) * p["layers"][1]


P = {"w": np.array([[0.5, -1.0], [2.0, 0.3]]), "layers": [np.array([0.1, -0.2]), 1.5]}
X = np.array([[1.0, 2.0], [-0.5, 0.7], [0.0, 1.0]])


@pytest.fixture
def jax(library):
    """jax in double precision, and its numpy."""
    import jax

    return jax


only_jax = pytest.mark.parametrize("library", ["jax"], indirect=True)


@only_jax
def test_the_gradient_of_a_tree_is_that_of_jax(jax):
    def in_jax(p, x):
        return jax.numpy.sum(jax.numpy.tanh(x @ p["w"] + p["layers"][0]) ** 2) * p["layers"][1]

    value, (by_p, by_x) = gc.value_and_grad(model, argnums=(0, 1))(P, X)
    expected, (jax_p, jax_x) = jax.value_and_grad(in_jax, argnums=(0, 1))(P, X)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    for ours, theirs in ((by_p["w"], jax_p["w"]), (by_p["layers"][0], jax_p["layers"][0]),
                         (by_p["layers"][1], jax_p["layers"][1]), (by_x, jax_x)):  # fmt: skip
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@only_jax
def test_every_transform_is_that_of_jax(jax):
    def f(x, xp=np):
        return xp.exp(0.3 * x) * xp.tanh(x @ np.array([[0.2, 1.0], [-0.7, 0.4]]))

    def total(x, xp=np):
        return xp.sum(f(x, xp) ** 2)

    f_jax, total_jax = (lambda x: f(x, jax.numpy)), (lambda x: total(x, jax.numpy))
    x, v = np.array([0.5, -1.2]), np.array([0.3, 2.0])
    pairs = [
        (gc.grad(total)(x), jax.grad(total_jax)(x)),
        (gc.jacobian(f)(x), jax.jacobian(f_jax)(x)),
        (gc.hessian(total)(x), jax.hessian(total_jax)(x)),
        (gc.hvp(total, x, v), jax.hessian(total_jax)(x) @ v),
        (gc.jvp(f, (x,), (v,))[1], jax.jvp(f_jax, (x,), (v,))[1]),
        (gc.vjp(f, x)[1](v)[0], jax.vjp(f_jax, x)[1](v)[0]),
        (gc.jacobian(gc.grad(total))(x), jax.hessian(total_jax)(x)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-14)


def test_gradients_nest_and_closed_over_values_do_not_count():
    assert gc.grad(gc.grad(gc.grad(lambda x: x**4)))(2.0) == 48.0
    # d/dx [x · d/dy (x + y)] at y = x is d/dx x = 1: what is confused gives 2
    assert gc.grad(lambda x: x * gc.grad(lambda y: x + y)(x))(3.0) == 1.0


def test_a_gradient_of_differences(differences, agree):
    agree(gc.grad(lambda x: np.mean(np.sqrt(x) / (1 + x)))(np.array([0.5, 2.0])),
          differences(lambda x: np.mean(np.sqrt(x) / (1 + x)), [0.5, 2.0]))  # fmt: skip


def test_arguments_are_not_changed_and_results_are_the_callers_own():
    x = np.array([1.0, 2.0])
    gradient = gc.grad(lambda a: np.sum(a + 0.0))(x)
    gradient[:] = 9.0
    np.testing.assert_array_equal(x, [1.0, 2.0])
    np.testing.assert_array_equal(gc.grad(lambda a: np.sum(a + 0.0))(x), [1.0, 1.0])


def test_what_is_constant_has_a_gradient_of_zero():
    np.testing.assert_array_equal(gc.grad(lambda x: 3.0)(np.ones(2)), [0.0, 0.0])
    value, (a, b) = gc.value_and_grad(lambda a, b: np.sum(b * 2.0), argnums=(0, 1))(np.ones(2), np.ones(3))
    assert value == 6.0
    np.testing.assert_array_equal(a, [0.0, 0.0])
    np.testing.assert_array_equal(b, [2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("f", "args", "error", "said"),
    [
        (lambda x: x * 2.0, (np.ones(2),), gc.errors.CostError, "(2,)"),
        (lambda x: (x, x), (1.0,), gc.errors.CostError, "tuple"),
        (lambda x: x * x, (3,), gc.errors.DtypeError, "3.0 instead of 3"),
        (lambda x: x if x > 0 else -x, (1.0,), gc.errors.NoValueError, "where"),
        (float, (1.0,), gc.errors.NoValueError, "no number"),
    ],
)
def test_what_has_no_gradient_is_refused(f, args, error, said):
    with pytest.raises(error) as caught:
        gc.grad(f)(*args)
    assert said in str(caught.value)


def test_zero_sensitivity_of_a_plain_function():
    gradient = gc.grad(lambda u: np.sum(np.where(u > 0, np.sqrt(u), 0)))(np.array([0.0, 4.0]))
    np.testing.assert_array_equal(gradient, [0.0, 0.25])


def test_arrays_of_every_library(library):
    x = library.array([0.5, -1.0])
    gradient = gc.grad(lambda a: ops.sum(ops.sigmoid(a)))(x)
    s = 1 / (1 + np.exp([-0.5, 1.0]))
    np.testing.assert_allclose(library.numpy(gradient), s * (1 - s), rtol=1e-14)


def test_a_traced_function_runs_again_on_other_numbers():
    traced = gc.trace(model, P, X)
    assert traced(P, X) == pytest.approx(model(P, X), rel=1e-14)
    other = {"w": P["w"] * 2, "layers": [P["layers"][0] - 1, 0.5]}
    assert traced(other, X[::-1]) == pytest.approx(model(other, X[::-1]), rel=1e-14)
    assert isinstance(traced.graph, gc.Graph)
