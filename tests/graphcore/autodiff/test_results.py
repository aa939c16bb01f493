"""Results of plain functions in containers, however deep."""

import numpy as np

import graphcore as gc

V = np.array([1.0, 2.0, 4.0])


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
