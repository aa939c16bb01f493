"""Runs that forget, and parts that are computed twice: the same gradients, in less memory."""

import copy
import pathlib
import pickle
import tracemalloc

import numpy as np
import pytest

import graphcore as gc
import ops

PACKAGES = {pathlib.Path(package.__file__).parent for package in (gc, ops)}
EXAMPLES = [
    pytest.param(op, arrays, settings, id=f"{op.name}-{number}")
    for op in gc.registry.values()
    if not PACKAGES.isdisjoint(pathlib.Path(op.source.file).parents)
    for number, (arrays, settings) in enumerate(op.examples)
]


def deep(length, size, every=None):
    """A chain of tanh on an array, in checkpointed parts of some length."""
    g = gc.Graph()
    x, w = g.input("x", (size,)), g.parameter("w", np.full(size, 0.9))

    def links(a, count):
        for _ in range(count):
            a = ops.tanh(w * a)
        return a

    a = x
    for _ in range(length // (every or length)):
        a = links(a, length) if every is None else gc.checkpoint(links)(a, every)
    return g, ops.sum(a, name="C"), {x: np.linspace(-1, 1, size)}


def peak(work):
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(("op", "arrays", "settings"), EXAMPLES)
def test_a_run_that_forgets_finds_the_same_gradients(op, arrays, settings, around):
    arrays, _, settings = op.signature.bind(arrays, settings)
    net = around(op, arrays, settings)
    if net.cost is None or not net.floats:
        pytest.skip("no argument with a gradient")
    whole = gc.backprop(net.cost, net.feed)
    run = gc.backprop(net.cost, net.feed, keep=[*net.floats, net.out])
    np.testing.assert_array_equal(run.value[net.out], whole.value[net.out])
    for node in net.floats:
        if node in whole.grad:
            np.testing.assert_allclose(run.grad[node], whole.grad[node], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("op", "arrays", "settings"), EXAMPLES)
def test_a_part_that_is_computed_again_gives_the_same_gradients(op, arrays, settings, around):
    arrays, _, settings = op.signature.bind(arrays, settings)
    net = around(op, arrays, settings)
    if net.cost is None or not net.floats or any(rule.kind == "missing" for rule in op.rules.values()):
        pytest.skip("no argument with a gradient, or a missing rule")
    g = gc.Graph()
    leaves = [
        g.parameter(f"x{i}", net.feed[node]) if node.type.is_float else g.constant(net.feed[node])
        for i, node in enumerate(net.inputs)
    ]
    inside = gc.checkpoint(lambda *nodes: ops.sum(ops.square(op(*nodes, **settings)) * net.weights))
    cost = ops.exp(inside(*leaves) * 0.01)
    whole, run = gc.backprop(cost), gc.backprop(cost, keep=[])
    for node in g.parameters.values():
        np.testing.assert_allclose(run.grad[node], whole.grad[node], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("every", [None, 1, 5, 10, 60])
def test_chains_in_parts(every):
    _, C, feed = deep(60, 7, every)
    _, plain, plain_feed = deep(60, 7)
    run, expected = gc.backprop(C, feed, keep=[]), gc.backprop(plain, plain_feed)
    np.testing.assert_allclose(run.grad["w"], expected.grad["w"], rtol=1e-13)
    assert run.cost == expected.cost
    np.testing.assert_array_equal(gc.backprop(C, feed).grad["w"], expected.grad["w"])


def test_memory_of_a_chain_grows_with_the_root_of_its_length():
    size, length = 50_000, 256
    one = size * 8
    everything = peak(lambda: gc.backprop(*deep(length, size)[1:]))
    forgetful = peak(lambda: gc.backprop(*deep(length, size)[1:], keep=[]))
    in_parts = peak(lambda: gc.backprop(*deep(length, size, 16)[1:], keep=[]))
    assert everything > 4 * length * one  # two values and two gradients for each link
    assert forgetful < 2.2 * length * one
    assert in_parts < 6 * 16 * one


def test_parts_inside_parts_and_several_results():
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", 0.7)

    @gc.checkpoint
    def outer(x):
        a = gc.checkpoint(lambda x: ops.tanh(w * x))(x)
        return ops.sin(a), ops.exp(a * w)

    first, second = outer(x)
    C = ops.square(first * second + x, name="C")
    assert {node.region for node in g.nodes if node.op is not None} == {None, 0}
    for run in (gc.backprop(C, {x: 0.3}, keep=[x, first]), gc.backprop(C, {x: 0.3})):
        h = 1e-6

        def cost(w, x=0.3):
            a = np.tanh(w * x)
            return (np.sin(a) * np.exp(a * w) + x) ** 2

        assert run.grad[w] == pytest.approx((cost(0.7 + h) - cost(0.7 - h)) / (2 * h), rel=1e-8)
        assert run.value[first] == pytest.approx(np.sin(np.tanh(0.21)), rel=1e-14)


def test_what_a_part_is_computed_from_is_kept_though_no_rule_reads_it():
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", [0.1, 0.2, 0.3])
    shifted = x + 1.0
    inside = gc.checkpoint(lambda s: ops.sin((s + w) * 2.0))(shifted)
    C = ops.sum(ops.exp(inside + 1.0), name="C")
    feed = {x: np.array([0.5, -0.5, 2.0])}
    s = 2 * (feed[x] + 1 + np.array([0.1, 0.2, 0.3]))
    run = gc.backprop(C, feed, keep=[])
    np.testing.assert_allclose(run.grad[w], np.exp(np.sin(s) + 1) * np.cos(s) * 2, rtol=1e-13)


def test_copies_keep_their_parts():
    g, _, _ = deep(20, 3, 5)
    for twin in (copy.deepcopy(g), pickle.loads(pickle.dumps(g))):
        assert [node.region for node in twin.nodes] == [node.region for node in g.nodes]
        assert {node.region for node in twin.nodes} == {None, 0, 1, 2, 3}
        with twin.checkpoint_region():
            assert ops.exp(twin.nodes[0]).region == 4


def test_what_was_forgotten_is_said_and_never_guessed():
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", 2.0)
    z = ops.multiply(w, x, name="z")
    C = ops.square(ops.sin(z), name="C")
    run = gc.backprop(C, {x: 3.0}, keep=["z"])
    assert run.value["z"] == 6.0
    assert list(run.value) == [w, z, C]
    assert list(run.grad) == [w, z, C]
    assert "z" in str(run)
    for read in (lambda: run.value[x], lambda: run.grad[x], lambda: run.edges):
        with pytest.raises(gc.errors.UnknownNameError, match="was not kept by this run"):
            read()
    with pytest.raises(gc.errors.GraphError, match="keep is a list"):
        gc.backprop(C, {x: 3.0}, keep="z")
    with pytest.raises(gc.errors.UnknownNameError):
        gc.backprop(C, {x: 3.0}, keep=["zz"])
    with pytest.raises(gc.errors.GraphError, match="different graphs"):
        gc.backprop(C, {x: 3.0}, keep=[gc.Graph().input("x")])
    with pytest.raises(gc.errors.GraphError, match="expected a node among the arguments"):
        gc.checkpoint(np.sin)(1.0)
