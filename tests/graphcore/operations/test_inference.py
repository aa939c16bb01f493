"""Shapes and dtypes before anything runs: broadcasting with unknown lengths, ghosts, and settings as keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops
from graphcore.arrays.shaped_array import as_dtype, as_shape, broadcast, is_compatible, show_shape
from graphcore.operations.inference import cache_key

SHAPES = st.lists(st.lists(st.integers(1, 3), max_size=3).map(tuple), min_size=1, max_size=3)


@given(shapes=SHAPES, hidden=st.lists(st.booleans(), min_size=9, max_size=9))
def test_broadcasting_is_that_of_numpy_and_unknown_lengths_hide_nothing_false(shapes, hidden):
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(gc.errors.ShapeError, match="cannot have the lengths"):
            broadcast(*shapes)
        return
    assert broadcast(*shapes) == expected
    flags = iter(hidden)
    unknown = [tuple(None if next(flags) else n for n in shape) for shape in shapes]
    found = broadcast(*unknown)
    assert len(found) == len(expected)
    for axis in range(-len(expected), 0):
        lengths = {shape[axis] for shape in unknown if len(shape) >= -axis}
        if None not in lengths or lengths - {None, 1}:
            assert found[axis] == expected[axis] or (found[axis] is not None and None in lengths)
        else:
            assert found[axis] is None


def test_an_operation_without_a_shape_rule_is_tried_on_ghosts():
    @gc.op
    def views(x, *, width, xp):
        return xp.stack([x[..., i : x.shape[-1] - width + i + 1] for i in range(width)], axis=-1)

    g = gc.Graph()
    assert views(g.input("known", (7,)), width=3).shape == (5, 3)
    assert views(g.input("batch", (None, 7)), width=3).shape == (None, 5, 3)
    assert views(g.input("unknown", (None,)), width=3).shape == (None, 3)
    assert views(g.input("narrow", (7,), "float32"), width=3).dtype == "float32"


def test_an_unknown_length_that_must_equal_a_known_one():
    @gc.op
    def side_by_side(a, b, *, xp):
        return xp.concat([a, b], axis=1)

    g = gc.Graph()
    node = side_by_side(g.input("a", (None, 2)), g.input("b", (4, 3)))
    assert node.shape == (None, None)  # a single length that works says nothing of others
    with pytest.raises(gc.errors.ShapeError, match="side_by_side"):
        side_by_side(g["a"], g.input("c", (4,)))


def test_a_ghost_costs_no_memory():
    g = gc.Graph()
    x, w = g.input("x", (10**6, 10**6)), g.input("w", (10**6, 10**7))
    assert ops.tanh(ops.matmul(x, w)).shape == (10**6, 10**7)


def test_what_was_worked_out_once_depends_on_shapes_dtypes_and_settings():
    g = gc.Graph()
    wide, narrow = g.input("wide", (2, 3)), g.input("narrow", (2, 3), "float32")
    assert [ops.sum(wide, axis=a).shape for a in (0, 1, None, (0, 1), -1)] == [(3,), (2,), (), (), (2,)]
    assert [ops.tanh(n).dtype.name for n in (wide, narrow, wide)] == ["float64", "float32", "float64"]
    assert [ops.sum(wide, axis=0, keepdims=k).shape for k in (True, False)] == [(1, 3), (3,)]


def test_a_new_shape_rule_is_heeded_at_once():
    @gc.op
    def repeated(x, *, times, xp):
        return xp.concat([x] * times)

    x = gc.Graph().input("x", (None,))
    assert repeated(x, times=2).shape == (None,)

    @repeated.shape
    def repeated_shape(x, times):
        return (times * 3,)

    assert repeated(x, times=2).shape == (6,)


@pytest.mark.parametrize(
    ("left", "right"),
    [("float32", "int64"), ("float32", "float64"), ("int32", "int64"), ("bool", "float32"), ("float16", "float32")],
)
@pytest.mark.parametrize(
    "op", [ops.add, ops.multiply, ops.squared_error, ops.matmul, ops.maximum, ops.concat], ids=lambda op: op.name
)
def test_mixed_dtypes_are_foretold(op, left, right):
    g = gc.Graph()
    a, b = g.input("a", (2, 2), left), g.input("b", (2, 2), right)
    out = op(a, b)
    value = gc.evaluate(out, {a: np.ones((2, 2), left), b: np.ones((2, 2), right)})
    assert (out.dtype, out.shape) == (value.dtype, value.shape)


def test_settings_as_keys_tell_apart_what_python_calls_equal():
    keys = [cache_key({"key": k}) for k in (1, True, 1.0, slice(1, 2), slice(1, 2, 1), (1,), ((1,),), "1", None, ...)]
    assert len(set(keys)) == len(keys)
    assert cache_key({"a": [1, (2, slice(None))]}) == cache_key({"a": (1, [2, slice(None)])})


def test_shapes_as_they_are_said_and_shown():
    assert as_shape(()) == ()
    assert as_shape(None) == (None,)
    assert as_shape([np.int64(2), None]) == (2, None)
    assert show_shape((2, None, 3)) == "(2, any, 3)"
    assert is_compatible((), ())
    assert not is_compatible((1,), ())
    assert is_compatible((0, 3), (None, 3))


def test_dtypes_of_every_library(library):
    for name in ("float32", "float64", "int32", "int64", "uint8", "bool"):
        assert as_dtype(getattr(library.xp, name)) == np.dtype(name)
    assert as_dtype(library.array(np.ones(2, "float32")).dtype) == np.float32
