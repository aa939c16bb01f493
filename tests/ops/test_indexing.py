"""Every index that numpy has without arrays, in shape, value, gradient and formula, and in every array library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

STEP = st.sampled_from([None, 1, 2, -1, -2])
END = st.one_of(st.none(), st.integers(-5, 5))


@st.composite
def indices(draw):
    """A shape and a key for it: numbers, slices in both directions, new axes, an ellipsis."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    key = [
        draw(st.one_of(st.integers(-n, n - 1), st.builds(slice, END, END, STEP)))
        for n in shape[: draw(st.integers(0, len(shape)))]
    ]
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    if draw(st.booleans()):
        rest = [
            draw(st.one_of(st.integers(-n, n - 1), st.builds(slice, END, END, STEP)))
            for n in shape[len([k for k in key if k is not None]) :]
        ]
        kept = draw(st.integers(0, len(rest)))
        key = [*key, Ellipsis, *rest[kept:]]
    return shape, key[0] if len(key) == 1 and draw(st.booleans()) else tuple(key)


@given(case=indices(), unknown=st.booleans())
def test_any_index(case, unknown, differences, agree):
    shape, key = case
    array = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape) ** 1.5
    g = gc.Graph()
    x = g.input("x", [None] * len(shape) if unknown else shape)
    out = x[key]
    expected = array[key]
    run = gc.backprop(ops.sum(ops.square(out)), {x: array})
    np.testing.assert_array_equal(run.value[out], expected)
    assert len(out.shape) == expected.ndim
    assert all(n in (None, m) for n, m in zip(out.shape, expected.shape, strict=True))
    reference = np.zeros(shape)
    reference[key] = 2 * expected
    np.testing.assert_allclose(run.grad[x], reference, rtol=1e-14)
    cost = ops.sum(ops.square(out) * out)
    slope = gc.derivative(cost, x)
    np.testing.assert_allclose(gc.evaluate(slope, {x: array}), 1.5 * reference * array, rtol=1e-13)
    second = gc.derivative(ops.sum(slope), x)
    agree(gc.evaluate(second, {x: array}), 6 * array * (reference != 0), 1e-12)


@pytest.mark.parametrize(
    "key", [(slice(None, None, -2), 1), (None, -1), (slice(-9, 9), ..., None, 0), (1, slice(2, 0))]
)
def test_every_library_takes_it(key, library):
    array = np.arange(12.0).reshape(3, 4) - 4.5
    g = gc.Graph()
    x = g.input("x", (3, 4))
    out = x[key]
    run = gc.backprop(ops.sum(out * out), {x: library.array(array)})
    np.testing.assert_array_equal(library.numpy(run.value[out]), array[key])
    expected = np.zeros((3, 4))
    expected[key] = 2 * array[key]
    np.testing.assert_array_equal(library.numpy(run.grad[x]), expected)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ((0, 0, 0), "3 indices for 2 axes"),
        (2, "no entry 2 on an axis of 2"),
        ((0, -4), "no entry -4 on an axis of 3"),
        ((..., ...), "only one ..."),
        (True, "got bool"),
        ("a", "got str"),
        (1.0, "got float"),
    ],
)
def test_what_is_no_index_is_refused(key, said):
    x = gc.Graph().input("x", (2, 3))
    with pytest.raises(gc.errors.ShapeError) as caught:
        x[key]
    for piece in (said, "getitem", "'x'", "(2, 3)", __file__):
        assert piece in str(caught.value)


def test_a_place_that_only_a_run_can_miss_is_reported_with_the_line():
    x = gc.Graph().input("x", (None,))
    entry = x[5].named("the sixth")
    with pytest.raises(IndexError) as caught:
        gc.evaluate(entry, {x: np.zeros(3)})
    note = "".join(caught.value.__notes__)
    for piece in ("the sixth", "getitem", "(3,)", __file__):
        assert piece in note


def test_iterating_takes_the_entries_apart():
    g = gc.Graph()
    x = g.parameter("x", [2.0, 3.0, 5.0])
    a, b, c = x
    run = gc.backprop(a * b * c)
    np.testing.assert_array_equal(run.grad[x], [15.0, 10.0, 6.0])
    assert len(x) == 3
