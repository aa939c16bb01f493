"""A gradient split into paths, against all paths that networkx lists, with slopes by school calculus."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

#: each with its slope, written without any rule of the project
UNARY = {
    "sin": (ops.sin, math.cos),
    "tanh": (ops.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "negative": (ops.negative, lambda x: -1.0),
    "square": (ops.square, lambda x: 2 * x),
}


def slopes(target, run):
    """∂target/∂argument for each argument, by school calculus."""
    values = [float(run.value[s]) for s in target.inputs]
    if target.op.name in UNARY:
        return {"x": UNARY[target.op.name][1](values[0])}
    x1, x2 = values
    return {"add": {"x1": 1.0, "x2": 1.0}, "multiply": {"x1": x2, "x2": x1}, "subtract": {"x1": 1.0, "x2": -1.0}}[
        target.op.name
    ]


def every_path(run, start):
    """All paths by networkx, each with the product of its slopes."""
    if start is run.output:
        return [((start,), 1.0)]
    return [
        (
            (edges[0][0], *(target for _, target, _ in edges)),
            math.prod(slopes(target, run)[argument] for _, target, argument in edges),
        )
        for edges in nx.all_simple_edge_paths(run.graph.nx, start, run.output)
    ]


@st.composite
def networks(draw):
    """A random network of single numbers, with parallel edges."""
    g = gc.Graph()
    nodes = [g.parameter("p0", draw(st.floats(-1.5, 1.5))), g.parameter("p1", draw(st.floats(-1.5, 1.5)))]
    for _ in range(draw(st.integers(2, 9))):
        pick = st.sampled_from(nodes[-4:])
        kind = draw(st.sampled_from([*UNARY, "add", "multiply", "subtract"]))
        nodes.append(UNARY[kind][0](draw(pick)) if kind in UNARY else getattr(ops, kind)(draw(pick), draw(pick)))
    return gc.backprop(nodes[-1])


@given(networks(), st.integers(1, 6))
def test_the_heaviest_of_all_paths_and_their_sum(run, limit):
    for start in run.order:
        expected = every_path(run, start)
        found = gc.paths(run, start, limit)
        assert found.count == len(expected)
        assert found.is_certain
        assert len(found.shown) == min(limit, len(expected))
        weights = sorted((abs(product) for _, product in expected), reverse=True)
        np.testing.assert_allclose(
            [abs(path.contribution) for path in found.shown], weights[:limit], rtol=1e-9, atol=1e-300
        )
        by_nodes = {}
        for nodes, product in expected:
            by_nodes.setdefault(nodes, []).append(product)
        for path in found.shown:
            assert min(abs(path.contribution - p) for p in by_nodes[path.nodes]) <= 1e-12 * max(
                1, abs(path.contribution)
            )
        everything = gc.paths(run, start, len(expected))
        scale = max(1.0, *(abs(product) for _, product in expected))
        assert abs(sum(p.contribution for p in everything.shown) - run.grad[start]) <= 1e-12 * scale
        shown = sum(p.contribution for p in found.shown)
        assert abs(shown + found.remainder - run.grad[start]) <= 1e-12 * scale


def residual(blocks=5, width=3, batch=4):
    """Blocks of x + tanh(x W): 2^blocks paths of matrices."""
    rng = np.random.default_rng(1)
    g = gc.Graph("residual")
    a = g.input("x", (None, width))
    for i in range(blocks):
        w = g.parameter(f"W{i}", rng.normal(size=(width, width)))
        a = (a + ops.tanh(a @ w)).named(f"a{i}")
    return gc.backprop(ops.sum(a, name="C"), {"x": rng.normal(size=(batch, width))})


def test_paths_of_arrays_sum_to_the_gradient_and_come_in_order():
    run = residual()
    found = gc.paths(run, "x", limit=100)
    assert found.count == len(found.shown) == 32
    assert found.is_certain
    total = sum(path.contribution for path in found.shown)
    np.testing.assert_allclose(total, run.grad["x"], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found.remainder, np.zeros((4, 3)))
    sizes = [np.sum(np.abs(path.contribution)) for path in found.shown]
    assert sizes == sorted(sizes, reverse=True)
    few = gc.paths(run, "x", limit=4)
    np.testing.assert_allclose([np.sum(np.abs(p.contribution)) for p in few.shown], sizes[:4], rtol=1e-12)


def test_a_matrix_path_against_torch(torch):
    run = residual(blocks=2)
    x = torch.tensor(run.value["x"].copy(), requires_grad=True)
    w0, w1 = (torch.tensor(run.value[f"W{i}"].copy()) for i in range(2))
    straight = x + torch.tanh(x @ w0)
    through_both = torch.tanh(straight @ w1)
    (g1,) = torch.autograd.grad(through_both.sum(), straight, retain_graph=True)
    (expected,) = torch.autograd.grad(torch.tanh(x @ w0), x, grad_outputs=g1)
    found = next(
        path
        for path in gc.paths(run, "x").shown
        if sum(node.op is not None and node.op.name == "tanh" for node in path.nodes) == 2
    )
    np.testing.assert_allclose(found.contribution, expected.numpy(), rtol=1e-12)


def test_parallel_edges_are_paths_of_their_own():
    g = gc.Graph()
    node = g.parameter("x", 1.5)
    for _ in range(3):
        node = node * node
    found = gc.paths(gc.backprop(node), "x", limit=100)
    assert found.count == len(found.shown) == 8
    assert {float(path.contribution) for path in found.shown} == {1.5**7}


def test_a_weight_that_is_used_twice():
    rng = np.random.default_rng(0)
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("W", rng.normal(size=(3, 3)))
    run = gc.backprop(ops.sum(ops.tanh(ops.tanh(x @ w) @ w)), {x: rng.normal(size=(5, 3))})
    found = gc.paths(run, w)
    assert found.count == 2
    np.testing.assert_allclose(sum(p.contribution for p in found.shown), run.grad[w], rtol=1e-12, atol=1e-14)


def test_a_diamond_sixty_times_over():
    g = gc.Graph()
    x = node = g.parameter("x", 1.0)
    for _ in range(60):
        node = 3.0 * node + 0.5 * node
    found = gc.paths(gc.backprop(node), x, limit=3)
    assert found.count == 2**60
    assert found.is_certain
    np.testing.assert_allclose([p.contribution for p in found.shown], [3.0**60, 3.0**59 / 2, 3.0**59 / 2], rtol=1e-12)
    np.testing.assert_allclose(found.total, 3.5**60, rtol=1e-12)


def test_what_cannot_be_certain_says_so():
    run = residual(blocks=14)
    found = gc.paths(run, "x", limit=2)
    assert found.count == 2**14
    assert not found.is_certain
    assert "cannot be ruled out" in str(found)


def test_a_flat_edge_is_no_way():
    g = gc.Graph()
    x = g.parameter("x", 0.5)
    found = gc.paths(gc.backprop((ops.sign(x) * 2.0).named("C")), x)
    assert (found.count, found.shown, float(found.total), float(found.remainder)) == (0, [], 0.0, 0.0)
    assert "0 paths" in str(found)


def test_an_infinite_local_derivative_is_shown_first():
    g = gc.Graph()
    x = g.parameter("x", 0.0)
    found = gc.paths(gc.backprop((ops.sqrt(x) + 5.0 * x).named("C")), x, limit=1)
    assert np.isinf(found.shown[0].contribution)


def test_the_cost_itself_has_one_path():
    g = gc.Graph()
    found = gc.paths(gc.backprop((g.parameter("x", 2.0) * 3.0).named("C")), "C")
    assert (found.count, float(found.total), float(found.shown[0].contribution)) == (1, 1.0, 1.0)


def test_display():
    g = gc.Graph()
    x = g.parameter("<x>", 3.0)
    found = gc.paths(gc.backprop((x * x).named("C")), x)
    assert str(found).splitlines() == [
        "∂C/∂<x> = 6, along 2 paths",
        "    3  <x> → C (as x1)",
        "    3  <x> → C (as x2)",
    ]
    assert "&lt;x&gt; → C (as x1)" in found._repr_html_()
    assert "<x>" not in found._repr_html_()


def test_wrong_questions_are_told_what_to_do():
    g = gc.Graph()
    x, other, count = g.parameter("weight", 1.0), g.input("other"), g.input("n", dtype="int64")
    run = gc.backprop((x * 2.0 + ops.astype(count, dtype="float64")).named("C"), {count: np.int64(2)})
    with pytest.raises(gc.errors.GraphError, match=r"'other' does not reach 'C'.*what does: weight, n"):
        gc.paths(run, other)
    with pytest.raises(gc.errors.DtypeError, match="cannot be nudged"):
        gc.paths(run, "n")
    with pytest.raises(gc.errors.GraphError, match="another graph"):
        gc.paths(run, gc.Graph().input("x"))
    with pytest.raises(gc.errors.UnknownNameError, match="Did you mean 'weight'"):
        gc.paths(run, "weigth")
    with pytest.raises(gc.errors.GraphError, match=r"run = gc\.backprop"):
        gc.paths(g, "weight")
    with pytest.raises(gc.errors.ShapeError, match="say 1 or more"):
        gc.paths(run, "weight", limit=0)
