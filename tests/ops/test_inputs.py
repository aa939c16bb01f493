"""What the functions of `ops` take: lists like arrays, labels that exist, dtypes of the Array API standard."""

import numpy as np
import pytest

import graphcore as gc
import ops

V, M = [1.0, 2.0, 4.0], [[1.0, 2.0, 0.5], [0.0, 1.0, 3.0], [2.0, 0.25, 1.0]]
W = [0.5, -1.0, 2.0]

#: a function of two arrays, one of which may be a list
OF_TWO = {
    "cross": np.cross, "tensordot": lambda a, b: np.tensordot(a, b, 1), "inner": np.inner, "vdot": np.vdot,
    "dot": np.dot, "outer": np.outer, "kron": np.kron, "einsum": lambda a, b: np.einsum("i,j->ij", a, b),
    "float_power": lambda a, b: np.float_power(np.abs(a), b), "logaddexp2": np.logaddexp2,
}  # fmt: skip


@pytest.mark.parametrize("name", OF_TWO)
def test_a_list_beside_a_node_is_an_array(name):
    x, f = gc.Graph().parameter("x", V), OF_TWO[name]
    np.testing.assert_allclose(gc.evaluate(f(x, W)), f(V, W), rtol=1e-14)
    np.testing.assert_allclose(gc.evaluate(f(W, x)), f(W, V), rtol=1e-14)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ops.cross(V, W), np.cross(V, W)),
        (ops.vecdot(V, W), np.vecdot(V, W)),
        (ops.tensordot(M, V, axes=1), np.tensordot(M, V, 1)),
        (ops.einsum("ij,j->i", M, V), np.einsum("ij,j->i", M, V)),
        (ops.outer(V, W), np.outer(V, W)),
        (ops.diff(V), np.diff(V)),
        (ops.flip(M), np.flip(M)),
        (ops.moveaxis(M, 0, 1), np.moveaxis(M, 0, 1)),
        (ops.repeat(V, 2), np.repeat(V, 2)),
        (ops.tile(V, (2,)), np.tile(V, 2)),
        (np.stack(ops.unstack(M)), M),
    ],
)
def test_lists_alone_are_arrays(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("axes", [{}, {"axis": None}, {"axis": 0}, {"axisa": 0, "axisb": 0, "axisc": 1}])
def test_the_axes_of_numpys_cross(axes):
    g = gc.Graph()
    a, b = np.array(M), np.array(M)[::-1] + 0.5
    found = gc.evaluate(np.cross(g.parameter("a", a), g.parameter("b", b), **axes))
    np.testing.assert_allclose(found, np.cross(a, b, **axes), rtol=1e-14)


def test_a_label_that_is_no_row_of_a_table():
    g = gc.Graph()
    table, labels = g.parameter("table", np.arange(6.0).reshape(3, 2)), g.input("labels", (None,), "int64")
    rows = ops.embedding(table, labels)
    np.testing.assert_array_equal(gc.evaluate(rows, {labels: [2, 0]}), [[4.0, 5.0], [0.0, 1.0]])
    for label in (-1, 3):
        for run in (lambda feed: gc.evaluate(rows, feed), gc.compile(rows, wrt=[], backend="numpy")):
            with pytest.raises(gc.errors.ShapeError, match=f"no entry {label} on an axis of 3"):
                run({labels: np.array([0, label])})
        with pytest.raises(gc.errors.ShapeError, match=f"no entry {label}"):
            ops.embedding(np.ones((3, 2)), [label])
    assert gc.check(lambda table: ops.embedding(table, np.array([2, 0, 2])), np.arange(6.0).reshape(3, 2))


def test_the_number_of_classes_is_that_of_an_array():
    with pytest.raises(gc.errors.ShapeError, match=r"write one_hot\(labels, np\.zeros\(number\)\)"):
        ops.one_hot([0, 2], 3)
    with pytest.raises(gc.errors.ShapeError, match=r"write one_hot\(labels, np\.zeros\(number\)\)"):
        ops.one_hot(gc.Graph().input("labels", (None,), "int64"), 3)
    np.testing.assert_array_equal(ops.one_hot([0, 2], np.zeros(3)), [[1, 0, 0], [0, 0, 1]])


def test_labels_declared_as_floats_are_advised_their_dtype():
    g = gc.Graph()
    z, labels = g.input("z", (None, 3)), g.input("labels", (None,))
    with pytest.raises(gc.errors.ShapeError, match="for labels of classes declare y with dtype='int64'"):
        ops.cross_entropy(z, labels)


def test_dtypes_of_the_array_api_standard():
    """https://data-apis.org/array-api/latest: iinfo, finfo take arrays, astype takes copy, vecdot keeps the dtype."""
    small, x = np.array([200, 100], "uint8"), gc.Graph().parameter("x", np.ones(2, "float32"))
    assert ops.iinfo(small).max == 255
    assert ops.finfo(np.ones(2, "float32")).bits == ops.finfo(x).bits == 32
    assert ops.vecdot(small, small).dtype == "uint8"
    assert ops.vecdot(small, small) == np.vecdot(small, small)
    array = np.ones(2)
    assert ops.astype(array, "float64", copy=False) is array
    assert ops.astype(array, "float64") is not array
    assert ops.astype(x, "float64", copy=False).dtype == x.astype("float64", copy=False).dtype == "float64"


def test_singular_vectors_have_the_signs_of_numpy():
    values = np.array([[1.0, 2.0], [3.0, 4.5]])
    found = gc.evaluate(list(np.linalg.svd(gc.Graph().parameter("A", values))))
    for one, other in zip(found, np.linalg.svd(values), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


@pytest.mark.parametrize("exponent", [1.5, 2.5, 0.5, -1.5])
def test_the_slope_of_a_power_at_minus_infinity_is_one_in_every_way_of_running(exponent):
    """C99 and IEEE 754: pow(−∞, y) is ∞ for y > 0 that is no odd integer, and 0 below 0."""
    g, at = gc.Graph(), np.array([-np.inf, 4.0])
    x, single = g.input("x", (2,)), g.input("single")
    y, of_one = x**exponent, single**exponent
    power = np.float_power(-np.inf, exponent - 1)  # at an array of one entry, numpy calls pow of C
    expected = np.array([exponent * power, exponent * 4.0 ** (exponent - 1)])
    for found in (
        gc.backprop(ops.sum(y), {x: at}).grad[x],
        gc.evaluate(gc.derivative(ops.sum(y), x), {x: at}),
        gc.grad(lambda x: np.sum(x**exponent))(at),
        gc.jvp(lambda x: x**exponent, (at,), (np.ones(2),))[1],
        gc.compile(ops.sum(y), wrt=[x], backend="numpy")({x: at})[1][x],
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert gc.backprop(of_one, {single: -np.inf}).grad[single] == expected[0]
