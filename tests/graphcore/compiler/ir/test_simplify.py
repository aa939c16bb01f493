"""Simplified programs have fewer and larger parts, and the results of plain numpy, to rounding."""

import numpy as np
import pytest

import graphcore as gc
import ops

RNG = np.random.default_rng(11)


def test_one_matrix_for_a_stack_is_one_product_forward_and_back():
    """All three products have two axes: of the stack, of its gradient, and of the gradient of the matrix."""
    x0, w0 = RNG.standard_normal((3, 2, 5, 4)), RNG.standard_normal((4, 6))
    g = gc.Graph()
    x, w = g.input("x", x0.shape), g.parameter("w", w0)
    C = ops.sum(ops.square(ops.tanh(x) @ w))
    step = gc.compile(C, wrt=[x, w], backend="numpy")
    _, gradients = step({x: x0})
    a = np.tanh(x0)
    np.testing.assert_allclose(gradients[w], np.einsum("abij,abik->jk", a, 2 * a @ w0), rtol=1e-12)
    np.testing.assert_allclose(gradients[x], (2 * a @ w0 @ w0.T) * (1 - a * a), rtol=1e-12)
    rows = [row.shape for row in step.profile({x: x0}).rows if row.what == "matmul"]
    assert len(rows) == 3
    assert all(shape.count(",") == 1 or shape == "(3, 2, 5, 6)" for shape in rows), rows


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_stacks_that_lie_otherwise_are_multiplied_rightly(order, backend):
    x0 = RNG.standard_normal((3, 4, 4))
    w0 = RNG.standard_normal((4, 5)) if order[-1] != 0 else RNG.standard_normal((3, 5))
    g = gc.Graph()
    x, w = g.input("x", x0.shape), g.parameter("w", w0)
    step = gc.compile(ops.sum(ops.square(ops.permute_dims(x, axes=order) @ w)), wrt=[x, w], backend=backend)
    _, gradients = step({x: x0})
    turned = x0.transpose(order)
    np.testing.assert_allclose(gradients[w], np.einsum("aij,aik->jk", turned, 2 * turned @ w0), rtol=1e-10)
    back = 2 * turned @ w0 @ w0.T
    np.testing.assert_allclose(gradients[x], back.transpose(np.argsort(order)), rtol=1e-10)


def test_equal_calls_of_a_pure_operation_are_one_call():
    g = gc.Graph()
    z, y = g.input("z", (4, 3)), g.input("y", (4,), "int64")
    step = gc.compile(ops.mean(ops.cross_entropy(z, y)), wrt=[z], backend="numpy")
    feed = {z: RNG.standard_normal((4, 3)), y: np.array([2, 0, 1, 1])}
    step(feed)
    assert [row.what for row in step.profile(feed).rows].count("one_hot") == 1


def test_settings_that_are_equal_and_not_the_same_are_two():
    g = gc.Graph()
    x = g.input("x", (2,))
    outs = [ops.full_like(x, fill_value=fill) for fill in (0.0, -0.0, np.array(1.0), 0.0)]
    found = gc.compile(outs, wrt=[], backend="numpy")({x: np.ones(2)})
    assert [np.signbit(array[0]) for array in found] == [False, True, False, False]
    assert found[2][0] == 1


@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
@pytest.mark.parametrize("axis", [(0, 2), (1,), (0, 1), (0, 1, 2), (1, 3), (3,), (0, 3), (0, 2, 3)])
def test_every_choice_of_axes_is_gathered(name, axis, backend):
    x0 = RNG.standard_normal((3, 4, 2, 5))
    g = gc.Graph()
    x = g.input("x", x0.shape)
    reduced = getattr(ops, name)(ops.tanh(x), axis=axis)
    found = gc.compile(reduced, wrt=[], backend=backend)({x: x0})
    np.testing.assert_allclose(found, getattr(np, name)(np.tanh(x0), axis=axis), rtol=1e-12)


@pytest.mark.parametrize(
    "shape", [(1,), (1, 1), (3, 1), (1, 3), (1, 4, 1, 5), (3, 1, 2, 1), (0, 3), (3, 0), (2, 0, 4)], ids=str
)
def test_repeated_rows_columns_and_nothing_at_all(shape, backend):
    """Values that do not depend on an axis are read outside of the loop over it."""
    x0, r0 = RNG.standard_normal(shape), RNG.standard_normal((*shape[:-1], 1))
    g = gc.Graph()
    x, r = g.input("x", shape), g.input("r", r0.shape)
    step = gc.compile(ops.sum(ops.exp(x) * ops.tanh(r)), wrt=[x, r], backend=backend)
    cost, gradients = step({x: x0, r: r0})
    np.testing.assert_allclose(cost, np.sum(np.exp(x0) * np.tanh(r0)), rtol=1e-12)
    np.testing.assert_allclose(gradients[x], np.exp(x0) * np.tanh(r0), rtol=1e-12)
    np.testing.assert_allclose(
        gradients[r], np.exp(x0).sum(axis=-1, keepdims=True) / np.cosh(r0) ** 2, rtol=1e-10, atol=1e-300
    )


def test_a_large_program_is_made_of_functions_that_are_alike(need):
    """Compile time is linear in the size, and the offsets that functions take as arguments are right."""
    need("numba")
    g = gc.Graph()
    x, w = g.input("x", (7,)), g.parameter("w", 1.1)
    a = x
    for _ in range(300):
        a = ops.tanh(w * a) + x
    C = ops.sum(a)
    step = gc.compile(C, backend="numba")
    feed = {x: np.linspace(0.2, 1, 7)}
    cost, gradients = step(feed)
    run = gc.backprop(C, feed)
    np.testing.assert_allclose(cost, run.cost, rtol=1e-12)
    np.testing.assert_allclose(gradients[w], run.grad[w], rtol=1e-10)
    assert step.source.count("\ndef f") < 30


def test_pooling_side_by_side_computes_nothing():
    """The windows are views of the entries, in the backward pass too."""
    x0 = RNG.standard_normal((2, 3, 4, 6))
    g = gc.Graph()
    x = g.input("x", x0.shape)
    step = gc.compile(ops.sum(ops.square(ops.max_pool2d(x, (2, 3)))), wrt=[x], backend="numpy")
    feed = {x: x0}
    _, gradients = step(feed)
    patches = x0.reshape(2, 3, 2, 2, 2, 3)
    most = patches.max(axis=(3, 5), keepdims=True)
    np.testing.assert_allclose(gradients[x], np.where(patches == most, 2 * patches, 0).reshape(x0.shape), rtol=1e-12)
    called = {row.what for row in step.profile(feed).rows}
    assert not called & {"windows", "overlap_add", "concat"}, called


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_sides_of_a_sigmoid_are_right_however_far_out(dtype):
    """Also where the exponential that they share is infinite, 0 or NaN."""
    far = [0, 1, 40, 89, 100, 200, 720, 740, 1000, np.inf]
    z0 = np.array([*far, *(-one for one in far), -0.0, np.nan], dtype)
    g = gc.Graph()
    z, b = g.input("z", (2, z0.size), dtype), g.parameter("b", np.zeros(z0.size, dtype))
    a = ops.sigmoid(ops.add_bias(z, b))
    C = ops.sum(a * a)
    fed = {z: np.stack([z0, z0[::-1]])}
    step = gc.compile([C, a], [b], backend="numpy")
    (_, found), gradients = step(fed)
    alone = gc.compile([a, ops.sigmoid_complement(-z)], wrt=[], backend="numpy")(fed)
    assert "fix_overflow" in step.source
    with np.errstate(all="ignore"):
        wide = fed[z].astype("float64")
        s, rest = (np.where(x >= 0, 1, np.exp(x)) / (1 + np.exp(-abs(x))) for x in (wide, -wide))
    smallest, tiny = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).tiny
    for one in (found, *alone):
        np.testing.assert_allclose(one, s, rtol=8 * np.finfo(dtype).eps, atol=2 * smallest)
    expected = (2 * s * s * rest).sum(axis=0)
    np.testing.assert_allclose(gradients[b], expected, rtol=16 * np.finfo(dtype).eps, atol=tiny)
