"""A compiled step computes checkpointed parts twice: the same numbers, in memory that grows with the root."""

import tracemalloc

import numpy as np
import pytest

import graphcore as gc
import ops


def deep(length, size, every=None):
    g = gc.Graph()
    x, w = g.input("x", (size,)), g.parameter("w", np.full(size, 0.9))

    def links(a, count):
        for _ in range(count):
            a = ops.tanh(w * a)
        return a

    a = x
    for _ in range(length // (every or length)):
        a = links(a, length) if every is None else gc.checkpoint(links)(a, every)
    return ops.sum(a, name="C"), {x: np.linspace(-1, 1, size)}


@pytest.mark.parametrize("every", [1, 4, 12])
def test_parts_change_no_number(every, backend):
    C, feed = deep(12, 5, every)
    run = gc.backprop(C, feed)
    cost, gradients = gc.compile(C, backend=backend)(feed)
    np.testing.assert_allclose(cost, run.cost, rtol=1e-13)
    for node, gradient in gradients.items():
        np.testing.assert_allclose(gradient, run.grad[node], rtol=1e-12)


def test_several_results_and_what_is_read_outside(backend):
    g = gc.Graph()
    x, w = g.input("x", (2, 3)), g.parameter("w", np.linspace(0.1, 1, 12).reshape(3, 4))

    @gc.checkpoint
    def layer(x):
        z = x @ w
        return ops.tanh(z), ops.sum(ops.square(z), axis=-1)

    a, size = layer(ops.sin(x))
    C = ops.mean(ops.sum(a, axis=-1) * ops.exp(-size), name="C")
    feed = {x: np.linspace(-1, 1, 6).reshape(2, 3)}
    run = gc.backprop(C, feed)
    (cost, activation), gradients = gc.compile([C, a], [w, x], backend=backend)(feed)
    np.testing.assert_allclose(cost, run.cost, rtol=1e-13)
    np.testing.assert_allclose(activation, run.value[a], rtol=1e-13)
    for node, gradient in gradients.items():
        np.testing.assert_allclose(gradient, run.grad[node], rtol=1e-11)


@pytest.mark.parametrize("name", ["numpy", "numba"])
def test_memory_of_a_chain_grows_with_the_root_of_its_length(name, need):
    need(name)
    size, length = 20_000, 144
    peaks = {}
    for every in (None, 12):
        C, feed = deep(length, size, every)
        step = gc.compile(C, backend=name)
        assert step.source  # compiled before memory is counted
        tracemalloc.start()
        step(feed)
        peaks[every] = tracemalloc.get_traced_memory()[1] / (size * 8)
        tracemalloc.stop()
    assert peaks[None] > length
    assert peaks[12] < 6 * 12
