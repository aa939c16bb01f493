"""Operators, methods and numpy functions on nodes give what they give on arrays."""

import numpy as np
import pytest

import graphcore as gc

A = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]])
B = np.array([[1.5, 0.5, -1.0], [2.0, -0.5, 0.75]])

EXPRESSIONS = {
    "arithmetic": lambda a, b: (a + b) * 2 - a / b + 3 - (1 - b) * (2 / b),
    "powers": lambda a, b: abs(a) ** 1.5 + 2.0**b - (-a) + (+b),
    "remainders": lambda a, b: a % b + a // b + 5 % b + 5 // b,
    "products": lambda a, b: a @ b.T + np.matmul(b, a.transpose()),
    "comparisons": lambda a, b: np.where((a > b) & ~(a >= 2) | (b < 0) ^ (b <= 0.5), a, b),
    "methods": lambda a, b: a.sum(axis=0) + b.mean(axis=0, keepdims=True) + a.max(axis=0) + b.dot(a.T).sum(),
    "arrangements": lambda a, b: a.reshape(3, 2) + b.reshape((3, 2)) + a.T[:, ::-1] + a[None, :, 1].squeeze(),
    "functions": lambda a, b: np.exp(a) + np.arctan(b) + np.sum(a, axis=1)[:, None] + np.maximum(a, b),
    "joins": lambda a, b: np.concatenate([a, b], axis=1) + np.stack([a, b]).reshape(2, 6) * np.ravel(a)[:6],
    "shapes": lambda a, b: np.expand_dims(a, 0) + np.squeeze(b[None]) + np.transpose(b[:, :, None], (2, 0, 1)),
    "dots": lambda a, b: np.dot(a, b[0]).sum() + np.dot(2.0, a) + np.shape(b)[0] * np.ndim(a) + np.size(b),
    "mixed": lambda a, b: A * a + b * A + np.float64(2) * a - A / b,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_mean_what_they_mean_in_numpy(name):
    f = EXPRESSIONS[name]
    g = gc.Graph()
    a, b = g.input("a", A.shape), g.input("b", B.shape)
    node = f(a, b)
    expected = f(A, B)
    assert node.shape == expected.shape
    np.testing.assert_allclose(gc.evaluate(node, {a: A, b: B}), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (np.linalg.eig, "np.eig has no operation for nodes"),
        (lambda a: np.sum(a, where=A > 0), "np.sum with where= is not available"),
        (np.subtract.reduce, "np.subtract.reduce is not available"),
        (lambda a: a & a, "bitwise_and"),
        (lambda a: a[:, ::0], "step of 0"),
    ],
)
def test_what_is_not_there_is_refused_by_name(use, said):
    a = gc.Graph().input("a", A.shape)
    with pytest.raises(gc.errors.GraphcoreError, match=said):
        use(a)


def test_truths_beside_whole_numbers_are_bits_from_either_side():
    g = gc.Graph()
    truths, numbers = g.input("truths", (2,), "bool"), g.input("numbers", (2,), "int64")
    fed = {truths: np.array([True, False]), numbers: np.array([2, 3])}
    for mine, plain in (
        (truths & numbers, fed[truths] & fed[numbers]), (numbers & truths, fed[numbers] & fed[truths]),
        (truths | numbers, fed[truths] | fed[numbers]), (numbers ^ truths, fed[numbers] ^ fed[truths]),
    ):  # fmt: skip
        np.testing.assert_array_equal(gc.evaluate(mine, fed), plain)
    np.testing.assert_array_equal(gc.evaluate(truths & 2, {truths: fed[truths]}), fed[truths] & 2)
    assert (truths & True).dtype == (~truths).dtype == bool
    with pytest.raises(gc.errors.ShapeError, match="bitwise_and"):
        truths & 0.5


def test_divmod_from_either_side():
    x = gc.Graph().input("x")
    for found, expected in ((divmod(x, 2.0), divmod(7.5, 2.0)), (divmod(20.0, x), divmod(20.0, 7.5))):
        assert tuple(gc.evaluate(list(found), {x: 7.5})) == expected
