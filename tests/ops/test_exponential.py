"""Sums of powers where they are hard: far out, at infinities; against mpmath and PyTorch."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

INF = np.inf


@given(shape=st.lists(st.integers(1, 3), max_size=3).map(tuple), seed=st.integers(0, 2**32 - 1), data=st.data(),
       keepdims=st.booleans(), unknown=st.booleans())  # fmt: skip
def test_logsumexp_along_any_axes(shape, seed, data, keepdims, unknown, around, differences, agree):
    axes = data.draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True, max_size=len(shape)).map(tuple))
    axis = data.draw(st.sampled_from([None, axes, axes[0] if axes else None]))
    array = np.random.default_rng(seed).standard_normal(shape) * 3

    def reference(x):
        return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))

    net = around(ops.logsumexp, [array], {"axis": axis, "keepdims": keepdims}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_allclose(run.value[net.out], reference(array), rtol=1e-13, atol=1e-14)
    agree(run.grad["x0"], differences(lambda x: np.sum(reference(x) * net.weights), array))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


def test_to_thirty_digits_far_out():
    scores = [1000.0, 999.5, -1e5, 998.0]
    with mpmath.workdps(40):
        total = mpmath.fsum(mpmath.exp(s) for s in scores)
        value, shares = float(mpmath.log(total)), [float(mpmath.exp(s) / total) for s in scores]
    g = gc.Graph()
    x = g.parameter("x", scores)
    run = gc.backprop(ops.logsumexp(x))
    assert run.cost == pytest.approx(value, rel=1e-15)
    np.testing.assert_allclose(run.grad[x], shares, rtol=1e-13)


@pytest.mark.parametrize(
    ("scores", "value", "shares"),
    [
        ([-INF, -INF], -INF, [0.5, 0.5]),
        ([-INF, 2.0], 2.0, [0.0, 1.0]),
        ([INF, 2.0, INF], INF, [0.5, 0.0, 0.5]),
        ([INF, -INF], INF, [1.0, 0.0]),
        ([1e308, 1e308], 1e308, [0.5, 0.5]),
        ([np.nan, 1.0], np.nan, [np.nan, np.nan]),
    ],
)
def test_infinities_and_nan(scores, value, shares):
    with np.errstate(all="raise", under="ignore"):
        assert np.array_equal(ops.logsumexp(np.array(scores)), value, equal_nan=True)
    g = gc.Graph()
    x = g.parameter("x", scores)
    run = gc.backprop(ops.logsumexp(x))
    np.testing.assert_array_equal(run.cost, value)
    np.testing.assert_array_equal(run.grad[x], shares)
    np.testing.assert_array_equal(gc.evaluate(gc.derivative(ops.logsumexp(x), x)), shares)
    np.testing.assert_array_equal(gc.evaluate(ops.softmax(x)), shares)


def test_pytorch_agrees(torch):
    array = np.random.default_rng(1).standard_normal((3, 4)) * 50
    tensor = torch.tensor(array, requires_grad=True)
    torch.logsumexp(tensor, dim=(0, 1)).backward()
    g = gc.Graph()
    x = g.parameter("x", array)
    np.testing.assert_allclose(gc.backprop(ops.logsumexp(x)).grad[x], tensor.grad.numpy(), rtol=1e-10, atol=1e-300)
