"""Joins, turns and repetitions: as numpy has them, on known and unknown lengths, with the gradient of differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

SHAPE = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)
SEED = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="session")
def proven(differences, agree):
    """Prove a function on arrays: value as numpy has it, gradient as differences have it, formula as numbers."""

    def prove(f, arrays, reference, *, unknown=False):
        g = gc.Graph()
        inputs = [g.input(f"x{i}", (None,) * a.ndim if unknown else a.shape) for i, a in enumerate(arrays)]
        feed = dict(zip(inputs, arrays, strict=True))
        out, expected = f(*inputs), reference(*arrays)
        weights = np.cos(np.arange(expected.size)).reshape(expected.shape)
        cost = ops.sum(out * weights)
        run = gc.backprop(cost, feed)
        np.testing.assert_array_equal(run.value[out], expected)
        assert len(out.shape) == expected.ndim
        assert all(n in (None, m) for n, m in zip(out.shape, expected.shape, strict=True))
        np.testing.assert_array_equal(f(*arrays), expected)
        for place, node in enumerate(inputs):

            def changed(x, place=place):
                return np.sum(reference(*arrays[:place], x, *arrays[place + 1 :]) * weights)

            agree(run.grad[node], differences(changed, arrays[place]))
            slope = gc.derivative(cost, node)
            needed = g.ancestors([slope])
            agree(gc.evaluate(slope, {n: v for n, v in feed.items() if n in needed}), run.grad[node], 1e-12)

    return prove


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_roll(shape, seed, data, unknown, proven):
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    shift = data.draw(st.integers(-5, 5))
    proven(lambda x: ops.roll(x, shift, axis=axis), [numbers(shape, seed)], lambda x: np.roll(x, shift, axis),
           unknown=unknown)  # fmt: skip


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_repeat(shape, seed, data, unknown, proven):
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    length = int(np.prod(shape)) if axis is None else shape[axis]
    times = st.integers(0, 3)
    repeats = data.draw(st.one_of(times, st.lists(times, min_size=length, max_size=length).map(np.array)))
    proven(lambda x: ops.repeat(x, repeats, axis=axis), [numbers(shape, seed)], lambda x: np.repeat(x, repeats, axis),
           unknown=unknown)  # fmt: skip


@given(shape=SHAPE, seed=SEED, times=st.lists(st.integers(0, 3), max_size=4).map(tuple), unknown=st.booleans())
def test_tile(shape, seed, times, unknown, proven):
    proven(lambda x: ops.tile(x, times), [numbers(shape, seed)], lambda x: np.tile(x, times), unknown=unknown)


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_flip(shape, seed, data, unknown, proven):
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True).map(tuple))
    axis = data.draw(st.sampled_from([None, axes, -1]))
    proven(lambda x: ops.flip(x, axis=axis), [numbers(shape, seed)], lambda x: np.flip(x, axis), unknown=unknown)


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_moveaxis(shape, seed, data, unknown, proven):
    order = st.permutations(range(len(shape)))
    count = data.draw(st.integers(0, len(shape)))
    source, target = data.draw(order)[:count], [axis - len(shape) for axis in data.draw(order)[:count]]
    proven(lambda x: ops.moveaxis(x, source, target), [numbers(shape, seed)],
           lambda x: np.moveaxis(x, source, target), unknown=unknown)  # fmt: skip


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_stack_and_unstack(shape, seed, data, unknown, proven):
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    arrays = [numbers(shape, seed), numbers(shape, seed + 1)]
    proven(lambda *xs: ops.stack(xs, axis=axis), arrays, lambda *xs: np.stack(xs, axis=axis), unknown=unknown)
    along = data.draw(st.integers(-len(shape), len(shape) - 1))
    proven(lambda x: ops.unstack(x, axis=along)[-1], arrays[:1], lambda x: np.take(x, shape[along] - 1, along))


@given(shape=SHAPE, seed=SEED, data=st.data(), unknown=st.booleans())
def test_broadcast_arrays(shape, seed, data, unknown, proven):
    parts = [tuple(1 if data.draw(st.booleans()) else n for n in shape), shape[data.draw(st.integers(0, 2)) :]]
    arrays = [numbers(s, seed) for s in parts]
    proven(lambda *xs: mixed(ops.broadcast_arrays(*xs)), arrays, lambda *xs: mixed(np.broadcast_arrays(*xs)),
           unknown=unknown)  # fmt: skip


def mixed(arrays):
    """Several arrays in one, each with a weight of its own."""
    return sum(array * (i + 2.0) for i, array in enumerate(arrays))


@given(lengths=st.lists(st.integers(1, 3), min_size=1, max_size=3), indexing=st.sampled_from(["xy", "ij"]), seed=SEED)
def test_meshgrid(lengths, indexing, seed, proven):
    arrays = [numbers(n, seed + i) for i, n in enumerate(lengths)]
    proven(lambda *xs: mixed(ops.meshgrid(*xs, indexing=indexing)), arrays,
           lambda *xs: mixed(np.meshgrid(*xs, indexing=indexing)))  # fmt: skip


@given(shape=SHAPE, seed=SEED, n=st.integers(0, 3), data=st.data(), unknown=st.booleans(), ends=st.booleans())
def test_diff(shape, seed, n, data, unknown, ends, proven):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = [numbers(shape, seed)] + [numbers(shape, seed + 1)] * ends
    n = max(min(n, shape[axis] * (1 + ends)), int(ends))
    proven(lambda x, end=None: ops.diff(x, axis=axis, n=n, append=end), arrays,
           lambda x, *end: np.diff(x, n, axis, **({"append": end[0]} if end else {})), unknown=unknown)  # fmt: skip


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda x: ops.roll(x, (1, 2)), "one shift is needed for each axis"),
        (lambda x: ops.roll(x, 1, axis=2), "no axis 2"),
        (lambda x: ops.repeat(x, [1, 2], axis=1), "one for each of the 3 entries"),
        (lambda x: ops.repeat(x, -1, axis=1), "got -1"),
        (lambda x: ops.repeat(x, x, axis=1), "must be numbers and not a node"),
        (lambda x: ops.moveaxis(x, (0, 1), (0,)), "need one different axis each"),
        (lambda x: ops.unstack(x, axis=2), "no axis 2"),
        (lambda x: ops.stack([x, x[0]]), "as many axes as each other"),
        (lambda x: ops.diff(x, n=-1), "n=-1"),
        (lambda x: ops.meshgrid(x[0], x[1], indexing="yx"), "'xy' or 'ij'"),
        (lambda x: ops.unstack(gc.Graph().input("y", (None, 2))), "is unknown before running"),
    ],
)
def test_what_does_not_fit_is_refused(build, said):
    with pytest.raises(gc.errors.ShapeError) as caught:
        build(gc.Graph().input("x", (2, 3)))
    assert said in str(caught.value)


def test_what_a_plain_function_makes_was_made_where_it_was_called():
    x = gc.Graph().input("x", (2, 3))
    for node in (ops.stack([x, x]), x[[0, 0]], np.vstack([x, x]), ops.meshgrid(x[0], x[1])[0], ops.take(x, 1, axis=0)):
        assert node.origin.file == __file__
    with pytest.raises(gc.errors.ShapeError) as caught:
        ops.stack([x, x[0]])
    assert __file__ in str(caught.value)
