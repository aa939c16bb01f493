"""Other arrangements of the same numbers: random shapes, every one a linear map, so its gradient is its transpose."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

SHAPE = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)
SEED = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="session")
def proven(around, differences, agree):
    """Prove an operation on arrays: value as numpy has it, gradient as differences have it, formula as numbers."""

    def prove(op, arrays, settings, reference, *, unknown=False):
        net = around(op, arrays, settings, unknown=unknown)
        run = gc.backprop(net.cost, net.feed)
        np.testing.assert_array_equal(run.value[net.out], reference(*arrays))
        value_shape = run.value[net.out].shape
        assert len(net.out.shape) == len(value_shape)
        assert all(n in (None, m) for n, m in zip(net.out.shape, value_shape, strict=True))
        for place, node in enumerate(net.inputs):

            def cost(x, place=place):
                changed = [*arrays[:place], x, *arrays[place + 1 :]]
                return np.sum(reference(*changed) * net.weights)

            agree(run.grad[node], differences(cost, arrays[place]))
            agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)

    return prove


def numbers(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


@given(shape=SHAPE, seed=SEED, data=st.data())
def test_reshape(shape, seed, data, proven):
    size = math.prod(shape)
    first = data.draw(st.sampled_from([n for n in range(1, size + 1) if size % n == 0]))
    new = data.draw(st.sampled_from([(first, size // first), (first, -1), (-1, first), (-1,), (1, size, 1)]))
    proven(ops.reshape, [numbers(shape, seed)], {"shape": new}, lambda x: np.reshape(x, new), unknown=seed % 2 == 1)


@given(shape=SHAPE, seed=SEED, data=st.data())
def test_permute_dims(shape, seed, data, proven):
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    axes = tuple(axis - len(shape) if data.draw(st.booleans()) else axis for axis in axes)
    proven(ops.permute_dims, [numbers(shape, seed)], {"axes": axes}, lambda x: np.transpose(x, axes))


@given(shape=SHAPE, seed=SEED, data=st.data())
def test_expand_dims_and_squeeze(shape, seed, data, proven):
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    longer = np.expand_dims(numbers(shape, seed), axis)
    proven(ops.expand_dims, [numbers(shape, seed)], {"axis": axis}, lambda x: np.expand_dims(x, axis))
    proven(ops.squeeze, [longer], {"axis": axis}, lambda x: np.squeeze(x, axis))
    proven(ops.squeeze, [longer], {"axis": axis}, lambda x: np.squeeze(x, axis), unknown=True)


@given(shape=SHAPE, seed=SEED, data=st.data())
def test_broadcast_to(shape, seed, data, proven):
    small = tuple(1 if data.draw(st.booleans()) else n for n in shape)[data.draw(st.integers(0, len(shape))) :]
    proven(ops.broadcast_to, [numbers(small, seed)], {"shape": shape}, lambda x: np.broadcast_to(x, shape))


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_concat(shape, seed, data, unknown, proven):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(any))
    shapes = [tuple(n if i == axis % len(shape) else old for i, old in enumerate(shape)) for n in lengths]
    arrays = [numbers(s, seed + i) for i, s in enumerate(shapes)]
    proven(ops.concat, arrays, {"axis": axis}, lambda *parts: np.concatenate(parts, axis), unknown=unknown)


def test_concat_takes_a_list_and_flattens_without_an_axis(proven):
    arrays = [numbers((2, 2), 1), numbers((3,), 2)]
    proven(ops.concat, arrays, {"axis": None}, lambda *parts: np.concatenate(parts, None))
    g = gc.Graph()
    a, b = g.input("a", (2,)), g.input("b", (3,))
    assert ops.concat([a, b]).shape == (5,)
    assert ops.concat([a, a, b]).arguments == ("arrays[0]", "arrays[1]", "arrays[2]")


def test_concat_of_a_node_with_itself_counts_it_twice():
    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    run = gc.backprop(ops.sum(ops.concat(x, x) * np.array([1.0, 10.0, 100.0, 1000.0])))
    np.testing.assert_array_equal(run.grad[x], [101.0, 1010.0])
    assert [edge.argument for edge in run.edges if edge.source is x] == ["arrays[0]", "arrays[1]"]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda x: ops.reshape(x, (4, 2)), "6 entries"),
        (lambda x: ops.reshape(x, (-1, -1)), "-1 at most once"),
        (lambda x: ops.reshape(x, (-2, 3)), "-1 at most once"),
        (lambda x: ops.permute_dims(x, (0,)), "axes"),
        (lambda x: ops.permute_dims(x, (0, 0)), "axis"),
        (lambda x: ops.expand_dims(x, axis=4), "axis=4 is out of range"),
        (lambda x: ops.squeeze(x, axis=0), "only an axis of length 1 can go"),
        (lambda x: ops.broadcast_to(x, (2, 4)), "cannot be repeated"),
        (lambda x: ops.broadcast_to(x, (3,)), "cannot be repeated"),
        (lambda x: ops.concat(x, ops.matrix_transpose(x)), "along axis 1 the arrays have the lengths 3, 2"),
        (lambda x: ops.matrix_transpose(x[0]), "at least two axes"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(build, said):
    x = gc.Graph().input("the matrix", (2, 3))
    with pytest.raises(gc.errors.ShapeError) as caught:
        build(x)
    for piece in (said, "(2, 3)" if "at least" not in said else "(3,)", __file__):
        assert piece in str(caught.value)


def test_astype_brings_a_gradient_back_in_the_dtype_it_came_from():
    g = gc.Graph()
    x = g.parameter("x", np.array([0.5, -1.5], "float32"))
    run = gc.backprop(ops.sum(ops.square(ops.astype(x, dtype="float64"))))
    assert run.cost.dtype == "float64"
    assert run.grad[x].dtype == "float32"
    np.testing.assert_array_equal(run.grad[x], [1.0, -3.0])


def test_nothing_comes_back_through_a_whole_number():
    g = gc.Graph()
    x = g.parameter("x", [0.5, 1.5])
    rounded = ops.astype(ops.astype(x, dtype="int64"), dtype="float64")
    run = gc.backprop(ops.sum(rounded * x))
    np.testing.assert_array_equal(run.grad[x], [0.0, 1.0])
