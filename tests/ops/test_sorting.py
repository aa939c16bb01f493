"""Order and places: values as numpy has them, derivatives at the entry that they come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

SHAPE = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


@given(shape=SHAPE, seed=st.integers(0, 2**32 - 1), data=st.data(), unknown=st.booleans(), descending=st.booleans())
def test_sort_along_any_axis(shape, seed, data, unknown, descending, around, differences, agree):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = int(np.prod(shape))
    array = np.random.default_rng(seed).permutation(np.linspace(-2.0, 2.0, count)).reshape(shape)

    def reference(x):
        return np.flip(np.sort(x, axis=axis), axis=axis) if descending else np.sort(x, axis=axis)

    net = around(ops.sort, [array], {"axis": axis, "descending": descending}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_array_equal(run.value[net.out], reference(array))
    agree(run.grad["x0"], differences(lambda x: np.sum(reference(x) * net.weights), array))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


@given(values=st.lists(st.integers(0, 3), min_size=1, max_size=9), descending=st.booleans())
def test_what_is_tied_stays_in_order(values, descending):
    places = ops.argsort(np.array(values, float), descending=descending)
    expected = sorted(range(len(values)), key=lambda i: (-values[i] if descending else values[i], i))
    assert places.tolist() == expected


def test_tied_entries_each_keep_the_derivative_of_their_place():
    g = gc.Graph()
    x = g.parameter("x", [2.0, 1.0, 2.0])
    run = gc.backprop(ops.sum(ops.sort(x) * np.array([1.0, 10.0, 100.0])))
    np.testing.assert_array_equal(run.grad[x], [10.0, 1.0, 100.0])


def test_pytorch_agrees(torch):
    array = np.random.default_rng(4).standard_normal((5, 6))
    weights = np.random.default_rng(5).standard_normal((5, 6))
    for axis, descending in ((0, False), (1, True)):
        tensor = torch.tensor(array, requires_grad=True)
        (torch.sort(tensor, dim=axis, descending=descending).values * torch.tensor(weights)).sum().backward()
        g = gc.Graph()
        x = g.parameter("x", array)
        run = gc.backprop(ops.sum(ops.sort(x, axis=axis, descending=descending) * weights))
        np.testing.assert_array_equal(run.grad[x], tensor.grad.numpy())


@pytest.mark.parametrize(("op", "reference"), [(ops.argmax, np.argmax), (ops.argmin, np.argmin)])
@given(shape=SHAPE, seed=st.integers(0, 2**32 - 1), data=st.data(), keepdims=st.booleans())
def test_places_of_extremes(op, reference, shape, seed, data, keepdims):
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    array = np.random.default_rng(seed).integers(0, 3, shape).astype(float)
    g = gc.Graph()
    node = op(g.parameter("x", array), axis=axis, keepdims=keepdims)
    expected = reference(array, axis=axis, keepdims=keepdims)
    assert node.shape == expected.shape
    np.testing.assert_array_equal(gc.evaluate(node), expected)


def test_the_entry_at_the_place_of_the_largest_is_the_largest():
    g = gc.Graph()
    x = g.parameter("x", [[1.0, 5.0, 2.0], [7.0, 3.0, 4.0]])
    best = ops.take_along_axis(x, ops.argmax(x, axis=1, keepdims=True), axis=1)
    run = gc.backprop(ops.sum(best))
    np.testing.assert_array_equal(run.value[best], [[5.0], [7.0]])
    np.testing.assert_array_equal(run.grad[x], [[0, 1, 0], [1, 0, 0]])


@given(numbers=st.lists(st.integers(-3, 3), max_size=6), at=st.lists(st.integers(-4, 4), max_size=4),
       side=st.sampled_from(["left", "right"]))  # fmt: skip
def test_where_numbers_belong(numbers, at, side):
    g = gc.Graph()
    x, y = g.input("x", (None,)), g.input("y", (None,))
    jumbled, wanted = np.array(numbers, float), np.array(at, float)
    order = ops.argsort(x)
    expected = np.searchsorted(np.sort(jumbled), wanted, side=side)
    for node in (ops.searchsorted(ops.sort(x), y, side=side), ops.searchsorted(x, y, side=side, sorter=order)):
        np.testing.assert_array_equal(gc.evaluate(node, {x: jumbled, y: wanted}), expected)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda x: ops.sort(x, axis=2), "no axis 2 among 2"),
        (lambda x: ops.argsort(x[0, 0]), "no axis -1 among 0"),
        (lambda x: ops.argmax(x, axis=(0, 1)), "an index is along one axis"),
        (lambda x: ops.searchsorted(x, x), "one axis"),
        (lambda x: ops.searchsorted(x[0], x, side="middle"), "'left' or 'right'"),
        (ops.nonzero, "where(x != 0, ..., 0)"),
        (ops.unique_values, "before it is fed"),
        (ops.unique_all, "before it is fed"),
        (ops.unique_counts, "before it is fed"),
        (ops.unique_inverse, "before it is fed"),
    ],
)
def test_what_cannot_be_is_refused(use, said):
    with pytest.raises(gc.errors.ShapeError) as caught:
        use(gc.Graph().input("x", (2, 3)))
    assert said in str(caught.value)


def test_arrays_are_searched_as_the_standard_has_it():
    array = np.array([3.0, 0.0, 3.0])
    assert [places.tolist() for places in ops.nonzero(array)] == [[0, 2]]
    assert ops.unique_values(array).tolist() == [0.0, 3.0]
    assert ops.unique_counts(array).counts.tolist() == [1, 2]
    assert ops.unique_inverse(array).inverse_indices.tolist() == [1, 0, 1]
    assert ops.unique_all(array).indices.tolist() == [1, 0]
