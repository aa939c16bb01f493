"""Results of plain functions: numbers, arrays, nodes and containers of these, however deep, and nothing else."""

import numpy as np
import pytest

import graphcore as gc

V = np.array([1.0, 2.0, 4.0])


#: results that a graph cannot have
RESULTS = {
    "generator": lambda x: (part for part in x),
    "map": lambda x: map(np.sin, x),
    "zip": lambda x: zip(x, x, strict=True),
    "set": lambda x: {x},
    "string": lambda x: "text",
    "string in a tuple": lambda x: (x, "text"),
    "complex": lambda x: 1j,
    "complex array": lambda x: V * 1j,
    "object": lambda x: object(),
    "array of objects": lambda x: np.array([None, 1.0], object),
}


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("transform", ["grad", "value_and_grad", "jacobian", "vjp", "trace", "compile"])
def test_a_result_that_is_no_number_array_or_node(transform, result):
    f = RESULTS[result]
    transformed = getattr(gc, transform)
    with pytest.raises(gc.errors.DtypeError, match=r"<lambda>: expected (a result of nodes|an array of real)"):
        transformed(f, V) if transform in ("vjp", "trace") else transformed(f)(V)


def test_containers_nested_deeply():
    def nested(leaf, depth=3000):
        for _ in range(depth):
            leaf = [leaf]
        return leaf

    def innermost(tree):
        while isinstance(tree, list):
            (tree,) = tree
        return tree

    found = gc.grad(lambda tree: np.sum(innermost(tree) ** 2))(nested(V))
    np.testing.assert_array_equal(innermost(found), 2 * V)
    np.testing.assert_array_equal(innermost(gc.jacobian(lambda x: nested(2 * x))(V)), 2 * np.eye(3))
    np.testing.assert_array_equal(gc.vjp(nested, V)[1](nested(V))[0], V)
