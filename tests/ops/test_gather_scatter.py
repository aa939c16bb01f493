"""Entries at places, and places as indices: numpy's rules for every mixture, and gradients that count repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

SHAPE = (3, 4, 2)
ARRAY = np.arange(1.0, 25.0).reshape(SHAPE) ** 1.3


@st.composite
def keys(draw):
    """A key with arrays of places in it, with masks, numbers, slices, new axes and an ellipsis beside them."""
    block = draw(st.sampled_from([(), (2,), (3,), (2, 1), (1, 3)]))
    blocks = st.sampled_from([block, block[1:], (1,) * len(block)])

    def places(length):
        shape = draw(blocks)
        size = int(np.prod(shape, dtype=int))
        flat = draw(st.lists(st.integers(-length, length - 1), min_size=size, max_size=size))
        array = np.array(flat, draw(st.sampled_from(["int64", "int32", "int8"]))).reshape(shape)
        return array.tolist() if array.ndim and draw(st.booleans()) else array

    parts = []
    for length in SHAPE[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(["places", "places", "slice", "number"]))
        if kind == "places":
            parts.append(places(length))
        elif kind == "number":
            parts.append(draw(st.integers(-length, length - 1)))
        else:
            parts.append(slice(draw(st.sampled_from([None, 0, 1, -1])), None, draw(st.sampled_from([None, 2, -1]))))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if draw(st.booleans()):
        parts.append(Ellipsis)
    if not any(isinstance(part, (list, np.ndarray)) for part in parts):
        parts.append(None)
        parts.insert(0, places(SHAPE[0]))
        parts = parts[:2]
    return tuple(parts) if len(parts) > 1 or draw(st.booleans()) else parts[0]


def gradient_by_numpy(key):
    whole = np.zeros(SHAPE)
    np.add.at(whole, key, 2 * ARRAY[key])
    return whole


@given(key=keys(), unknown=st.booleans())
def test_any_mixture_is_what_numpy_makes_of_it(key, unknown):
    g = gc.Graph()
    x = g.input("x", (None,) * 3 if unknown else SHAPE)
    out = x[key]
    expected = ARRAY[key]
    cost = ops.sum(ops.square(out))
    run = gc.backprop(cost, {x: ARRAY})
    np.testing.assert_array_equal(run.value[out], expected)
    assert len(out.shape) == expected.ndim
    assert all(n in (None, m) for n, m in zip(out.shape, expected.shape, strict=True))
    np.testing.assert_allclose(run.grad[x], gradient_by_numpy(key), rtol=1e-14)
    slope = gc.derivative(cost, x)
    np.testing.assert_allclose(gc.evaluate(slope, {x: ARRAY}), run.grad[x], rtol=1e-14)
    second = gc.evaluate(gc.derivative(ops.sum(slope * ARRAY), x), {x: ARRAY})
    np.testing.assert_allclose(second, gradient_by_numpy(key), rtol=1e-14)


@given(key=keys())
def test_places_that_are_nodes_give_what_arrays_give(key):
    parts = key if isinstance(key, tuple) else (key,)
    g = gc.Graph()
    x, feed, with_nodes = g.input("x", SHAPE), {}, []
    feed[x] = ARRAY
    for i, part in enumerate(parts):
        if isinstance(part, (list, np.ndarray)):
            array = np.asarray(part)
            node = g.input(f"places {i}", (None,) * array.ndim, array.dtype)
            feed[node] = array
            with_nodes.append(node)
        else:
            with_nodes.append(part)
    run = gc.backprop(ops.sum(ops.square(x[tuple(with_nodes)])), feed)
    np.testing.assert_allclose(run.grad[x], gradient_by_numpy(key), rtol=1e-14)


@pytest.mark.parametrize(
    "key",
    [
        ARRAY > 9,
        (ARRAY > 9).any(axis=(1, 2)),
        (slice(None), [True, False, True, True]),
        (ARRAY[:, :, 0] > 9, 1),
        (np.array([True, False, True]), [0, 1], slice(None)),
        ([0, 2], slice(None), np.array([False, True])),
        np.zeros(3, bool),
        [],
    ],
    ids=str,
)
def test_masks_and_nothing(key):
    g = gc.Graph()
    x = g.parameter("x", ARRAY)
    out = x[key]
    run = gc.backprop(ops.sum(ops.square(out)))
    np.testing.assert_array_equal(run.value[out], ARRAY[key])
    np.testing.assert_allclose(run.grad[x], gradient_by_numpy(key), rtol=1e-14)


def test_a_list_of_numbers_and_nodes():
    g = gc.Graph()
    x, i = g.parameter("x", [1.0, 2.0, 4.0]), g.input("i", (), "int64")
    run = gc.backprop(ops.sum(x[[i, 0, i]]), {i: 2})
    assert run.cost == 9.0
    np.testing.assert_array_equal(run.grad[x], [1.0, 0.0, 2.0])


def test_arrays_of_any_library_are_indexed_by_arrays_of_numpy(library):
    array = library.array(ARRAY)
    np.testing.assert_array_equal(library.numpy(ops.entries(array, (slice(None), [0, 3]))), ARRAY[:, [0, 3]])
    np.testing.assert_array_equal(library.numpy(ops.take(array, [0, 0, -1], axis=1)), ARRAY[:, [0, 0, -1]])


def test_what_is_taken_twice_counts_twice():
    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0, 3.0])
    run = gc.backprop(ops.sum(x[[0, 0, 2]] * np.array([1.0, 10.0, 100.0])))
    np.testing.assert_array_equal(run.grad[x], [11.0, 0.0, 100.0])


def test_seventy_thousand_float16_from_one_place_are_all_counted():
    g = gc.Graph()
    x = g.parameter("x", np.ones(2, "float16"))
    taken = ops.take(x, np.zeros(70_000, "int64"))
    gradient = gc.backprop(ops.sum(taken * np.float16(0.5))).grad[x]
    np.testing.assert_array_equal(gradient, np.array([35_008.0, 0.0], "float16"))  # 35 000 has no float16


@pytest.mark.parametrize("key", [[0, 0, -1], ([[0], [2]], slice(None), [1, 0]), (slice(None), [1, 3, 1], 0)], ids=str)
def test_every_library_takes_it(key, library):
    g = gc.Graph()
    x = g.input("x", SHAPE)
    out = x[key]
    run = gc.backprop(ops.sum(out * out), {x: library.array(ARRAY)})
    np.testing.assert_array_equal(library.numpy(run.value[out]), ARRAY[key])
    np.testing.assert_allclose(library.numpy(run.grad[x]), gradient_by_numpy(key), rtol=1e-14)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ([0, 3], "no entry 3 on an axis of 3"),
        ((slice(None), [-5]), "no entry -5 on an axis of 4"),
        (([0, 1], [0, 1, 2]), "cannot have the lengths 2 and 3"),
        (([0], [0], [0], [0]), "4 indices for 3 axes"),
        ([0.5], "integers or booleans"),
        ([True, False], "a mask of 2 booleans"),
        (np.asarray([True])[0:1].reshape(()), "where(mask, x, 0)"),
        ("a", "got str"),
        ([[0, 1], [2]], "have the same length"),
    ],
)
def test_what_is_no_index_is_refused(key, said):
    x = gc.Graph().input("x", SHAPE)
    with pytest.raises(gc.errors.GraphcoreError) as caught:
        x[key]
    for piece in (said, "'x'", "(3, 4, 2)", __file__):
        assert piece in str(caught.value)


def test_a_mask_that_is_a_node_is_refused_with_what_to_do():
    x = gc.Graph().input("x", (3,))
    with pytest.raises(gc.errors.ShapeError, match=r"use where\(mask, x, 0\)"):
        x[x > 0]
    with pytest.raises(gc.errors.DtypeError, match="integers or booleans"):
        x[x]
    with pytest.raises(gc.errors.ShapeError, match="a mask of 3 booleans needs an axis of length 3; this one has any"):
        gc.Graph().input("x", (None,))[np.array([True, False, True])]


@pytest.mark.parametrize("wrong", [3, -4])
def test_a_place_that_only_a_run_can_miss_is_named(wrong):
    missed(wrong, np.asarray)


@pytest.mark.parametrize("wrong", [3, -4])
def test_a_place_that_only_a_run_can_miss_is_named_in_every_library(wrong, library):
    missed(wrong, library.array)


def missed(wrong, make):
    g = gc.Graph()
    x, i = g.input("x", (3,)), g.input("i", (2,), "int64")
    for node in (x[i], ops.take_along_axis(x, i)):
        with pytest.raises(gc.errors.ShapeError, match=f"no entry {wrong} on an axis of 3"):
            gc.evaluate(node, {x: make(np.ones(3)), i: make(np.array([1, wrong]))})


def test_where_values_cannot_be_looked_at_a_wrong_place_is_nan():
    jax = pytest.importorskip("jax")
    rows = jax.numpy.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    taken = jax.jit(lambda i: ops.gather(rows, i, axes=(0,)))(jax.numpy.asarray([1, 3, -4, -1]))
    np.testing.assert_array_equal(taken, [[3.0, 4.0], [np.nan] * 2, [np.nan] * 2, [5.0, 6.0]])
    along = jax.jit(lambda i: ops.take_along_axis(rows, i, axis=0))(jax.numpy.asarray([[1, 3]]))
    np.testing.assert_array_equal(along, [[3.0, np.nan]])
    back = jax.jit(lambda i: ops.scatter_add(rows, rows, i, axes=(0,)))(jax.numpy.asarray([0, 0, 7]))
    assert np.all(np.isnan(back))
    back = jax.jit(lambda i: ops.scatter_add(rows, rows, i, axes=(0,)))(jax.numpy.asarray([0, 0, -1]))
    np.testing.assert_array_equal(back, [[4.0, 6.0], [0.0, 0.0], [5.0, 6.0]])


@given(shape=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple), count=st.integers(0, 3),
       seed=st.integers(0, 2**32 - 1), data=st.data(), unknown=st.booleans())  # fmt: skip
def test_take_along_an_axis(shape, count, seed, data, unknown, around, differences, agree):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    place = axis % len(shape)
    rng = np.random.default_rng(seed)
    others = [n if data.draw(st.booleans()) else 1 for n in shape]
    indices = rng.integers(-shape[place], shape[place], [*others[:place], count, *others[place + 1 :]])
    array = rng.standard_normal(shape)
    net = around(ops.take_along_axis, [array, indices], {"axis": axis}, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    np.testing.assert_array_equal(run.value[net.out], np.take_along_axis(array, indices, axis))
    agree(run.grad["x0"], differences(lambda x: np.sum(np.take_along_axis(x, indices, axis) * net.weights), array))
    agree(net.value(gc.derivative(net.cost, net.inputs[0])), run.grad["x0"], 1e-12)


def test_take_as_the_standard_has_it():
    g = gc.Graph()
    x, i = g.parameter("x", [[1.0, 2.0], [3.0, 4.0]]), g.constant(np.array([1, 1, 0]))
    np.testing.assert_array_equal(gc.evaluate(x.__array_namespace__().take(x, i, axis=1)), [[2, 2, 1], [4, 4, 3]])
    with pytest.raises(gc.errors.ShapeError, match="axis is required for an array of 2 axes"):
        ops.take(x, i)


def test_labels_choose_their_scores():
    """The cost of a classifier, written with places, has the gradient of cross_entropy."""
    scores, labels = np.random.default_rng(2).standard_normal((4, 3)), np.array([2, 0, 1, 1])
    g = gc.Graph()
    z, y = g.input("z", (None, 3)), g.input("y", (None,), "int64")
    chosen = ops.log_softmax(z)[np.arange(4), y]
    run = gc.backprop(-ops.mean(chosen), {z: scores, y: labels})
    reference = gc.backprop(ops.mean(ops.cross_entropy(z, y)), {z: scores, y: labels})
    assert run.cost == pytest.approx(reference.cost, rel=1e-14)
    np.testing.assert_allclose(run.grad[z], reference.grad[z], rtol=1e-13)
