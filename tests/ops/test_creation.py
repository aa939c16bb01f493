"""A function written against a standard namespace runs on nodes: it finds there what makes arrays, and dtypes."""

import numpy as np
import pytest

import graphcore as gc
import ops


def standardised(x):
    """Of no library in particular: everything comes from the namespace of the argument."""
    xp = x.__array_namespace__()
    n = x.shape[-1]
    weights = xp.linspace(0.5, 1.5, n, dtype=x.dtype)
    steps = xp.astype(xp.arange(n), x.dtype) + xp.ones(n, dtype=x.dtype) * xp.full((), 0.25, dtype=x.dtype)
    turned = x @ xp.eye(n, dtype=x.dtype) * weights + xp.zeros((n,), dtype=x.dtype)
    shifted = xp.where(turned > 0, turned, xp.full_like(turned, -0.5)) + xp.ones_like(x) + xp.empty_like(x) * 0.0
    assert xp.isdtype(x.dtype, "real floating")
    assert xp.result_type(x, xp.float32) == x.dtype
    assert xp.can_cast(x.dtype, xp.float64)
    assert xp.iinfo(xp.int8).max == 127
    scores = xp.sum(xp.cumulative_sum(shifted * steps, axis=-1), axis=-1)
    both = xp.stack([scores, xp.asarray(scores) + xp.finfo(x.dtype).eps])
    return xp.mean(xp.max(both, axis=0)) + xp.pi * xp.prod(xp.clip(x, -0.5, 0.5))


def test_it_computes_on_nodes_what_it_computes_on_arrays(differences, agree):
    array = np.random.default_rng(0).standard_normal((3, 4))
    value, gradient = gc.value_and_grad(standardised)(array)
    assert value == pytest.approx(standardised(array), rel=1e-14)
    agree(gradient, differences(standardised, array))


def test_every_library_agrees(library):
    array = np.random.default_rng(0).standard_normal((3, 4))
    g = gc.Graph()
    x = g.input("x", (3, 4))
    node = standardised(x)
    np.testing.assert_allclose(library.numpy(gc.evaluate(node, {x: library.array(array)})), standardised(array))


def test_asarray_leaves_a_node_a_node_and_stacks_a_list_of_them():
    g = gc.Graph()
    x, y = g.parameter("x", 2.0), g.parameter("y", 3.0)
    assert ops.asarray(x) is x
    assert ops.asarray(x, dtype="float32").dtype == "float32"
    matrix = ops.asarray([[x, 1.0], [y, x * y]])
    run = gc.backprop(ops.sum(matrix @ matrix))
    np.testing.assert_array_equal(run.value[matrix], [[2.0, 1.0], [3.0, 6.0]])
    # the sum of (M M) = Σ over [[x² + y, x + xy], [xy + xy², y + x²y²]]
    assert (run.grad[x], run.grad[y]) == (2 * 2 + 1 + 3 + 3 + 9 + 2 * 2 * 9, 1 + 2 + 2 + 2 * 2 * 3 + 1 + 2 * 3 * 4)


@pytest.mark.parametrize("dtype", [None, "float32", "int64"])
@pytest.mark.parametrize("op", [ops.zeros_like, ops.ones_like, ops.empty_like], ids=["zeros", "ones", "empty"])
def test_likes_have_the_shape_of_the_node_and_the_dtype_asked_for(op, dtype):
    x = gc.Graph().parameter("x", [[1.0, 2.0]])
    node = op(x, dtype=dtype)
    assert (node.shape, node.dtype) == ((1, 2), np.dtype(dtype or "float64"))
    assert gc.evaluate(node).dtype == node.dtype


def test_another_device_is_refused():
    x = gc.Graph().parameter("x", [1.0])
    with pytest.raises(gc.errors.DtypeError, match="device='gpu'"):
        ops.empty_like(x, device="gpu")
    with pytest.raises(ValueError, match="gpu"):
        ops.zeros(3, device="gpu")
