"""Weighted sums on random shapes: vectors, matrices, stacks that broadcast, and the shapes that are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

LENGTH = st.integers(1, 3)


@st.composite
def factors(draw):
    """Two shapes that ``@`` takes: vectors, matrices, and stacks of them that broadcast."""
    inner = draw(LENGTH)
    a = (inner,) if draw(st.booleans()) else (draw(LENGTH), inner)
    b = (inner,) if draw(st.booleans()) else (inner, draw(LENGTH))
    stack = tuple(draw(st.lists(LENGTH, max_size=2)))
    if len(a) == 2 and draw(st.booleans()):
        a = (*(1 if draw(st.booleans()) else n for n in stack), *a)
    if len(b) == 2 and draw(st.booleans()):
        b = (*stack[draw(st.integers(0, len(stack))) :], *b)
    return a, b


@given(shapes=factors(), seed=st.integers(0, 2**32 - 1), unknown=st.booleans())
def test_matmul_of_any_two_shapes(shapes, seed, unknown, around, differences, agree):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    net = around(ops.matmul, arrays, {}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_allclose(run.value[net.out], arrays[0] @ arrays[1], rtol=1e-14)
    assert len(net.out.shape) == run.value[net.out].ndim
    for place, node in enumerate(net.inputs):
        agree(run.grad[node], differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node]))
        agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)


def test_matmul_of_a_matrix_with_itself_is_two_edges(differences, agree):
    g = gc.Graph()
    start = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [0.1, 0.2, 0.3]])
    w = g.parameter("W", start)
    out = ops.matmul(w, w)
    assert sorted(key for _, _, key in g.nx.edges(keys=True)) == ["a", "b"]
    weights = np.arange(9.0).reshape(3, 3) - 3.5
    run = gc.backprop(ops.sum(out * weights))
    expected = differences(lambda m: np.sum((m @ m) * weights), start)
    agree(run.grad[w], expected)
    first, second = (edge for edge in run.edges if edge.source is w)
    assert (first.argument, second.argument) == ("a", "b")
    np.testing.assert_allclose(first.contribution, weights @ start.T, rtol=1e-14)
    np.testing.assert_allclose(second.contribution, start.T @ weights, rtol=1e-14)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ((2, 3), (2, 3), "the last axis of a has 3 entries and the last but one axis of b has 2"),
        ((3,), (2,), "the last axis of a has 3 entries and the first axis of b has 2"),
        ((), (2,), "for single numbers use multiply"),
        ((2, 2, 3), (3, 3, 1), "axis -1 cannot have the lengths 2 and 3"),
    ],
)
def test_matmul_refuses_what_does_not_fit(a, b, said):
    g = gc.Graph()
    left, right = g.input("left", a), g.input("right", b)
    with pytest.raises(gc.errors.ShapeError) as caught:
        ops.matmul(left, right)
    for piece in ("matmul", "left", "right", said, __file__):
        assert piece in str(caught.value)
    assert len(g) == 2


@pytest.mark.parametrize("shape", [(2,), (4, 2), (3, 1, 2)])
def test_add_bias_sums_over_the_examples(shape, around, differences, agree):
    rng = np.random.default_rng(3)
    net = around(ops.add_bias, [rng.standard_normal(shape), rng.standard_normal(2)], {})
    run = gc.backprop(net.cost, net.feed)
    for place, node in enumerate(net.inputs):
        agree(run.grad[node], differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node]))


@pytest.mark.parametrize(("z", "b"), [((4, 3), (2,)), ((4, 3), (4, 3)), ((), (2,)), ((4, 3), (1,)), ((4, 3), (1, 3))])
def test_add_bias_takes_one_number_per_neuron_and_nothing_else(z, b):
    g = gc.Graph()
    with pytest.raises(gc.errors.ShapeError, match="one entry for each neuron"):
        ops.add_bias(g.input("z", z), g.input("b", b))


@given(shape=st.lists(LENGTH, min_size=2, max_size=4), seed=st.integers(0, 2**32 - 1))
def test_matrix_transpose(shape, seed, around):
    array = np.random.default_rng(seed).standard_normal(shape)
    net = around(ops.matrix_transpose, [array], {})
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_array_equal(run.value[net.out], np.swapaxes(array, -1, -2))
    np.testing.assert_array_equal(run.grad["x0"], np.swapaxes(net.weights, -1, -2))
