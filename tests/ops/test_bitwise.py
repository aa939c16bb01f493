"""Bits of whole numbers, by operators in either order, and what they mean for truths."""

import numpy as np
import pytest

import graphcore as gc
import ops

A, B = np.array([6, 5, 12, -3]), np.array([3, 1, 2, 2])

EXPRESSIONS = [
    lambda a, b: a & b,
    lambda a, b: (a | b) ^ 5,
    lambda a, b: 5 & a | 8 ^ b,
    lambda a, b: ~a + 0 * b,
    lambda a, b: a << b,
    lambda a, b: (1 << b) + (a >> 1) + (64 >> b),
    lambda a, b: np.bitwise_and(a, b) + np.bitwise_or(a, b) + np.bitwise_xor(a, b) + np.invert(a),
    lambda a, b: np.left_shift(a, b) - np.right_shift(a, b),
]


@pytest.mark.parametrize("f", EXPRESSIONS)
def test_they_mean_what_they_mean_in_numpy(f):
    g = gc.Graph()
    a, b = g.input("a", (4,), "int64"), g.input("b", (4,), "int64")
    node = f(a, b)
    assert node.dtype == "int64"
    np.testing.assert_array_equal(gc.evaluate(node, {a: A, b: B}), f(A, B))


def test_of_truths_they_are_connectives():
    g = gc.Graph()
    x = g.input("x", (2,))
    made = [(True & (x > 0)).op.name, (False | (x > 0)).op.name, (True ^ (x > 0)).op.name, (~(x > 0)).op.name]
    assert made == ["logical_and", "logical_or", "logical_xor", "logical_not"]


def test_floats_have_no_bits():
    x = gc.Graph().input("x", (2,))
    with pytest.raises(gc.errors.ShapeError, match="bitwise_and"):
        x & x
    assert ops.bitwise_invert(np.array([True, False])).tolist() == [False, True]
