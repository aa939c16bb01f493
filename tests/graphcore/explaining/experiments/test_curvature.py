"""Jacobians and Hessians at a run: against jax, mpmath, differences and symmetry."""

import mpmath
import numpy as np
import pytest

import graphcore as gc
import ops

NAMES = ("W1", "b1", "W2", "b2")


def forward(run, values):
    """The two layers of the network, as jax computes them."""
    import jax.numpy as jnp

    def squash(z):
        return 1 / (1 + jnp.exp(-z))

    W1, b1, W2, b2 = values
    a2 = squash(squash(run.value["x"] @ W1 + b1) @ W2 + b2)
    return jnp.mean(jnp.sum((a2 - run.value["y"]) ** 2, axis=-1))


@pytest.fixture
def jax(imported):
    """jax in double precision."""
    module = imported("jax")
    before = module.config.jax_enable_x64
    module.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
    yield module
    module.config.update("jax_enable_x64", before)


def test_every_block_of_the_hessian_is_that_of_jax(nets, jax):
    run = nets.layers()
    values = [np.asarray(run.value[name]) for name in NAMES]
    expected = jax.hessian(lambda values: forward(run, values))(values)
    for i, one in enumerate(NAMES):
        for j, other in enumerate(NAMES):
            found = gc.hessian_at(run, one, other)
            assert found.shape == values[i].shape + values[j].shape
            np.testing.assert_allclose(found, expected[i][j], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", [*NAMES, "z1", "x"])
def test_a_hessian_is_symmetric_and_times_a_vector_is_its_product(nets, name):
    run = nets.layers()
    hessian = gc.hessian_at(run, name)
    size = run.value[name].size
    square = hessian.reshape(size, size)
    np.testing.assert_allclose(square, square.T, rtol=1e-12, atol=1e-15)
    v = np.cos(np.arange(size)).reshape(run.value[name].shape)
    np.testing.assert_allclose(gc.hvp_at(run, name, v).ravel(), square @ v.ravel(), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(("of", "by"), [("z1", "x"), ("a2", "W1"), ("C", "b1"), ("a1", "z1"), ("z2", "b2")])
def test_a_jacobian_is_that_of_differences(nets, differences, of, by):
    run = nets.layers()
    found = gc.jacobian_at(run, of, by)
    target, source = run.graph[of], run.graph[by]
    shape = run.value[of].shape
    assert found.shape == shape + run.value[by].shape
    for entry in list(np.ndindex(shape))[:4]:
        expected = differences(lambda x, entry=entry: run.rerun({source: x})[target][entry], run.value[by])
        np.testing.assert_allclose(found[entry], expected, rtol=1e-7, atol=1e-9)


def test_a_node_that_does_not_depend_on_another_has_a_jacobian_of_zeros(nets):
    run = nets.layers()
    assert not np.any(gc.jacobian_at(run, "z1", "y"))
    assert gc.jacobian_at(run, "z1", "y").shape == (6, 5, 6, 2)


def test_nothing_is_added_to_the_graph(nets):
    run = nets.layers()
    before = len(run.graph)
    gc.hessian_at(run, "b2"), gc.hvp_at(run, "b2", np.ones(2)), gc.jacobian_at(run, "a2", "b1")
    assert len(run.graph) == before


COMPOSITES = {
    "tanh of a square": (lambda x: ops.tanh(x * x), lambda x: mpmath.tanh(x * x)),
    "sigmoid of a sine": (lambda x: ops.sigmoid(ops.sin(3 * x)), lambda x: 1 / (1 + mpmath.exp(-mpmath.sin(3 * x)))),
    "log of one more": (lambda x: ops.log(1 + x**4), lambda x: mpmath.log(1 + x**4)),
    "root and exponential": (lambda x: ops.sqrt(ops.exp(x) + x * x), lambda x: mpmath.sqrt(mpmath.exp(x) + x * x)),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPOSITES)
@pytest.mark.parametrize("at", [-0.8, 0.3, 1.7])
def test_third_derivatives_of_composite_functions(name, at):
    ours, exact = COMPOSITES[name]
    g = gc.Graph()
    x = g.input("x")
    third = ours(x)
    for _ in range(3):
        third = gc.derivative(third, x)
    with mpmath.workdps(40):
        expected = float(mpmath.diff(exact, mpmath.mpf(at), 3))
    assert gc.evaluate(third, {x: at}) == pytest.approx(expected, rel=1e-9)


def test_wrong_questions(nets):
    run = nets.layers()
    other = run.graph.input("other")
    with pytest.raises(gc.errors.GraphError, match="does not reach 'C'"):
        gc.hessian_at(run, other)
    with pytest.raises(gc.errors.UnknownNameError, match="W3"):
        gc.hvp_at(run, "W3", 1.0)
    with pytest.raises(gc.errors.ShapeError, match=r"\(2,\)"):
        gc.hvp_at(run, "b2", np.ones(3))
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        gc.jacobian_at(run.graph, "z1", "x")
    with pytest.raises(gc.errors.UnknownNameError, match="was not computed by this run"):
        gc.jacobian_at(run, other, "x")
