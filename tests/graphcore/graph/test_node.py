"""Nodes: operators, numpy's functions, and everything that a node is not, because it has no number yet."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.fixture
def x():
    """An input named x."""
    return gc.Graph("g").input("x", (2, 3))


def test_operators_find_their_operation(x):
    made = {
        "add": (x + 1, 1 + x), "subtract": (x - 1, 1 - x), "multiply": (x * 2, 2 * x), "divide": (x / 2, 2 / x),
        "pow": (x**2, 2**x), "negative": (-x,), "abs": (abs(x),), "matmul": (x @ np.ones((3, 2)), np.ones((4, 2)) @ x),
        "matrix_transpose": (x.mT, x.T), "getitem": (x[0],),
    }  # fmt: skip
    for name, nodes in made.items():
        assert {node.op.name for node in nodes} == {name}
    assert +x is x


def test_the_order_of_what_is_not_symmetric(x):
    feed = {x: np.full((2, 3), 3.0)}
    for node, expected in ((2 - x, -1.0), (x - 2, 1.0), (6 / x, 2.0), (x / 6, 0.5), (2**x, 8.0), (x**2, 9.0)):
        assert gc.evaluate(node, feed)[0, 0] == expected


def test_arrays_on_the_left_leave_the_operation_to_the_node(x):
    left = np.arange(6.0).reshape(2, 3)
    for node in (left + x, left * x, left - x, np.float64(2) * x, np.add(left, x)):
        assert isinstance(node, gc.Node)
        assert node.shape == (2, 3)
    assert (left.T @ x).shape == (3, 3)


def test_functions_of_numpy_find_their_operation(x):
    assert [f(x).op.name for f in (np.exp, np.tanh, np.sqrt, np.absolute, np.negative, np.square)] == [
        "exp", "tanh", "sqrt", "abs", "negative", "square",
    ]  # fmt: skip
    assert np.power(x, 2.0).op.name == "pow"
    assert np.maximum(x, 0.0).op.name == "maximum"


def test_functions_of_numpy_that_are_not_there_say_so(x):
    with pytest.raises(gc.errors.UnknownNameError, match="spacing"):
        np.spacing(x)
    with pytest.raises(gc.errors.GraphcoreError, match="out"):
        np.exp(x, out=np.zeros((2, 3)))
    with pytest.raises(gc.errors.GraphcoreError, match="outer"):
        np.add.outer(x, x)


def test_the_array_namespace_of_a_node_is_the_registry(x):
    assert x.__array_namespace__() is gc.registry
    assert gc.registry.exp(x).op.name == "exp"
    assert gc.registry.float32 == np.dtype("float32")
    assert gc.registry.pi == math.pi


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda x: 1 if x else 2, "where"),
        (lambda x: 1 if x > 0 else 2, "where"),
        (lambda x: x > 0 and x < 1, "where"),
        (lambda x: 0 < x < 1, "where"),
        (lambda x: not x, "where"),
        (lambda x: max(x, x * 2), "maximum"),
        (float, "until it runs"),
        (int, "until it runs"),
        (lambda x: [1, 2, 3][x], "until it runs"),
        (range, "until it runs"),
        (np.asarray, "until it runs"),
        (math.sin, "until it runs"),
        (lambda x: 1.0 in x, "until it runs"),
        (lambda x: x == 0, "equal"),
        (lambda x: x != 0.5, "equal"),
        (lambda x: x == np.zeros(2), "equal"),
        (lambda x: x == np.float64(1), "equal"),
    ],
)
def test_what_needs_a_number_is_refused_by_name(use, said):
    x = gc.Graph().input("the scores")
    with pytest.raises(gc.errors.NoValueError) as caught:
        use(x)
    assert said in str(caught.value)
    assert "the scores" in str(caught.value) or "greater" in str(caught.value)


def test_the_refusal_names_the_line_and_the_operation():
    x = gc.Graph().input("x")
    with pytest.raises(gc.errors.NoValueError) as caught:
        assert x > 0
    for piece in ("greater", "bool ()", f"{__file__}:", "where(condition, a, b)"):
        assert piece in str(caught.value)


def test_nodes_are_compared_and_hashed_by_identity(x):
    y = x.graph.input("y", (2, 3))
    assert (x == x, x == y, x != y, x == "x", x is None) == (True, False, True, False, False)
    assert {x: 1, y: 2}[x] == 1
    assert [y, x].index(x) == 1


def test_length_and_iteration_need_a_known_first_axis(x):
    assert len(x) == 2
    assert [row.shape for row in x] == [(3,), (3,)]
    batch = x.graph.input("batch", (None, 3))
    for use in (len, list, tuple):
        with pytest.raises(gc.errors.NoValueError, match="batch"):
            use(batch)
        with pytest.raises(gc.errors.NoValueError, match="scalar"):
            use(x.graph["scalar"] if "scalar" in x.graph else x.graph.input("scalar"))


def test_size_and_ndim(x):
    assert (x.ndim, x.size) == (2, 6)
    batch = x.graph.input("batch", (None, 3))
    assert (batch.ndim, batch.size) == (2, None)


def test_T_is_for_matrices(x):
    assert x.T.shape == (3, 2)
    with pytest.raises(gc.errors.ShapeError) as caught:
        _ = x[None].T
    for piece in ("3 axes", "mT", "getitem"):
        assert piece in str(caught.value)


def test_where_it_was_made_is_the_line_of_the_program(x):
    import inspect

    line = inspect.currentframe().f_lineno + 1
    node = ops.exp(x * 2.0)
    assert (node.origin.file, node.origin.line) == (__file__, line)
    assert f"{__file__}:{line}" in node.describe()
    assert node.inputs[0].origin == node.origin


def test_repr_and_labels(x):
    node = x * 2.0
    assert repr(x) == "<x (input): float64 (2, 3)>"
    assert repr(node) == "<multiply#2 = multiply: float64 (2, 3)>"
    assert repr(node.named("z")) == "<z = multiply: float64 (2, 3)>"


def test_numbers_of_other_libraries_beside_a_node(library):
    g = gc.Graph()
    x = g.input("x", (2,))
    weights = library.array([2.0, 3.0])
    node = ops.sum(x * weights)
    np.testing.assert_array_equal(library.numpy(gc.backprop(node, {x: library.array([1.0, 1.0])}).grad[x]), [2.0, 3.0])
