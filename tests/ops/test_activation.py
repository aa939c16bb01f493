"""Activations where they are hard: far out, at ties, along any axis; against PyTorch and mpmath."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

FAR = np.array([-1e308, -1e4, -1000.0, -750.0, -40.0, 0.0, 40.0, 750.0, 1000.0, 1e4, 1e308])


@pytest.mark.parametrize("op", [ops.sigmoid, ops.softplus, ops.tanh, ops.relu], ids=lambda op: op.name)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_far_out_nothing_overflows(op, dtype):
    far = np.clip(FAR, float(np.finfo(dtype).min), float(np.finfo(dtype).max)).astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        out = op(far)  # on arrays, where numpy would warn
    assert np.all(np.isfinite(out))
    g = gc.Graph()
    z = g.parameter("z", far)
    run = gc.backprop(ops.sum(op(z) * 1e-4))
    assert np.all(np.isfinite(run.grad[z]))
    assert np.all(np.diff(out.astype(float)) >= 0)


@pytest.mark.parametrize("op", [ops.softmax, ops.log_softmax], ids=lambda op: op.name)
@pytest.mark.parametrize("far", [1e3, 1e5, 1e300])
def test_softmax_of_far_scores_never_overflows(op, far):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        out = op(np.array([[far, 0.0, far], [-far, -far, 0.0]]))
    if op is ops.softmax:
        np.testing.assert_array_equal(out, [[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])
    else:
        np.testing.assert_allclose(out, [[-np.log(2), -far - np.log(2), -np.log(2)], [-far, -far, 0.0]], rtol=1e-15)
    g = gc.Graph()
    z = g.parameter("z", [[far, 0.0, far]])
    gradient = gc.backprop(op(z)[0, 0]).grad[z]
    np.testing.assert_allclose(gradient, [[0.25, 0, -0.25]] if op is ops.softmax else [[0.5, 0, -0.5]], atol=1e-16)


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3), seed=st.integers(0, 2**32 - 1), data=st.data(),
    unknown=st.booleans(),
)  # fmt: skip
@pytest.mark.parametrize("op", [ops.softmax, ops.log_softmax], ids=lambda op: op.name)
def test_along_any_axis(op, shape, seed, data, unknown, around, differences, agree):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    net = around(op, [np.random.default_rng(seed).standard_normal(shape) * 2], {"axis": axis}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    shares = run.value[net.out] if op is ops.softmax else np.exp(run.value[net.out])
    np.testing.assert_allclose(shares.sum(axis=axis), np.ones(shares.sum(axis=axis).shape), rtol=1e-14)
    agree(run.grad["x0"], differences(lambda x: net.forward_cost(0, x), net.feed[net.inputs[0]]))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


def test_softmax_to_thirty_digits():
    scores = [0.5, -1.5, 3.0, 0.1]
    with mpmath.workdps(40):
        total = mpmath.fsum(mpmath.exp(s) for s in scores)
        shares = [mpmath.exp(s) / total for s in scores]
        jacobian = [[float(a * ((i == j) - b)) for j, b in enumerate(shares)] for i, a in enumerate(shares)]
    np.testing.assert_allclose(ops.softmax(scores), [float(a) for a in shares], rtol=1e-15)
    g = gc.Graph()
    z = g.parameter("z", scores)
    out = ops.softmax(z)
    for j in range(4):
        np.testing.assert_allclose(gc.backprop(out[j]).grad[z], [row[j] for row in jacobian], rtol=1e-13)


@pytest.mark.parametrize("op", [ops.softmax, ops.log_softmax], ids=lambda op: op.name)
def test_an_axis_that_is_not_there(op):
    for shape, axis in [((2, 3), 2), ((2, 3), -3), ((), -1)]:
        z = gc.Graph().input("scores", shape)
        with pytest.raises(gc.errors.ShapeError) as caught:
            op(z, axis=axis)
        for piece in (op.name, "scores", f"no axis {axis} among {len(shape)}", __file__):
            assert piece in str(caught.value)


@pytest.mark.parametrize(
    ("op", "name"),
    [
        (ops.sigmoid, "sigmoid"),
        (ops.relu, "relu"),
        (ops.softplus, "softplus"),
        (ops.softmax, "softmax"),
        (ops.log_softmax, "log_softmax"),
        (ops.tanh, "tanh"),
    ],
)
def test_pytorch_agrees(op, name, torch):
    points = np.random.default_rng(5).standard_normal((4, 5)) * 3
    weights = np.random.default_rng(6).standard_normal((4, 5))
    tensor = torch.tensor(points, requires_grad=True)
    settings = {"dim": -1} if "softmax" in name else {}
    theirs = getattr(torch.nn.functional, name)(tensor, **settings)
    (theirs * torch.tensor(weights)).sum().backward()
    g = gc.Graph()
    z = g.parameter("z", points)
    run = gc.backprop(ops.sum(op(z, name="a") * weights))
    np.testing.assert_allclose(run.value["a"], theirs.detach().numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(run.grad[z], tensor.grad.numpy(), rtol=1e-9, atol=1e-14)
