"""The chain rule's own operations: structural zeros, and broadcasting undone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops
from graphcore.operations.core_ops import broadcast_like, chain, sum_like


@np.errstate(invalid="ignore")
def test_a_structural_zero_wins_over_anything_and_no_other_zero_does():
    dout = np.array([0.0, -0.0, 0.0, 2.0, np.nan, np.inf, 1.0])
    local = np.array([np.inf, np.nan, 3.0, np.inf, 1.0, 0.0, np.nan])
    np.testing.assert_array_equal(chain(dout, local), [np.nan, np.nan, 0.0, np.inf, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(chain(dout, local, dout != 0), [0.0, 0.0, 0.0, np.inf, np.nan, np.nan, np.nan])


@np.errstate(invalid="ignore")
def test_structural_zeros_in_every_library(library):
    dout, local = library.array([0.0, 2.0, 0.0]), library.array([np.inf, 3.0, np.nan])
    np.testing.assert_array_equal(library.numpy(chain(dout, local, dout != 0)), [0.0, 6.0, 0.0])
    g = gc.Graph()
    x = g.input("x", (3,))
    run = gc.backprop(ops.sum(ops.where(x > 0, ops.sqrt(x), 0.0)), {x: library.array([0.0, 4.0, -1.0])})
    np.testing.assert_array_equal(library.numpy(run.grad[x]), [0.0, 0.25, 0.0])


@given(
    full=st.lists(st.integers(0, 3), max_size=4).map(tuple), drop=st.integers(0, 4),
    ones=st.lists(st.booleans(), min_size=4, max_size=4), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_undoing_broadcasting_is_the_transpose_of_broadcasting(full, drop, ones, seed):
    """⟨broadcast(a), b⟩ = ⟨a, undone(b)⟩ for all a and b: what defines the pullback of a linear map."""
    small = tuple(1 if one else n for n, one in zip(full[drop:], ones, strict=False))
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(small), rng.standard_normal(full)
    undone = sum_like(b, a)
    assert undone.shape == small
    np.testing.assert_allclose(np.sum(np.broadcast_to(a, full) * b), np.sum(a * undone), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(broadcast_like(a, b), np.broadcast_to(a, full))


@pytest.mark.parametrize(("big", "small"), [((2,), (3,)), ((2,), (2, 2)), ((3, 2), (3,)), ((1,), (2,))])
def test_what_was_never_broadcast_cannot_be_undone(big, small):
    with pytest.raises(gc.errors.ShapeError, match="is not what"):
        sum_like(np.ones(big), np.ones(small))


def test_both_are_differentiated_through_each_other():
    g = gc.Graph()
    x, like = g.parameter("x", [1.0, 2.0]), g.parameter("like", np.ones((3, 2)))
    run = gc.backprop(ops.sum(ops.square(broadcast_like(x, like))))
    np.testing.assert_array_equal(run.grad[x], [6.0, 12.0])
    np.testing.assert_array_equal(run.grad[like], np.zeros((3, 2)))
    run = gc.backprop(ops.sum(ops.square(sum_like(like, x))))
    np.testing.assert_array_equal(run.grad[like], np.full((3, 2), 6.0))


def test_the_length_comes_from_like_and_the_dtype_from_x():
    g = gc.Graph()
    x, like = g.input("x", (2,), "float32"), g.input("like", (None, 2), "int64")
    out = broadcast_like(x, like)
    assert (out.shape, out.dtype) == ((None, 2), "float32")
