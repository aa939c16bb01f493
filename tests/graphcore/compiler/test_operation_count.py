"""Operations of a profile: those of convolutions against the formula, whether they are decomposed or called."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.mark.parametrize("settings", [{}, {"padding": 1}, {"stride": 2}, {"padding": 1, "groups": 2}])
def test_a_convolution_and_its_derivatives_have_the_operations_of_their_products(settings):
    g = gc.Graph()
    x = g.parameter("x", np.ones((2, 4, 9, 9)))
    w = g.parameter("w", np.ones((6, 4 // settings.get("groups", 1), 3, 3)))
    out = ops.conv2d(x, w, **settings)
    step = gc.compile(ops.sum(out * out), backend="numpy")
    rows = step.profile({}).rows
    # each entry of the output is a sum of products over the entries of a kernel: once forward and twice backward
    products = 2 * math.prod(out.shape) * math.prod(w.shape[1:])
    counted = [row.operations for row in rows if row.operations >= products]
    assert len(counted) == 3
    assert all(count <= 1.5 * products for count in counted)


def test_an_operation_that_is_called_is_counted_by_what_it_does():
    @gc.op(name="twice_in_count_test")
    def twice(x):
        return np.asarray(x) @ x.T + np.tanh(x @ x.T)  # numpy alone, so that it cannot be decomposed

    g = gc.Graph()
    step = gc.compile(twice(g.parameter("x", np.ones((5, 7)))), wrt=[], backend="numpy")
    assert [row.operations for row in step.profile({}).rows] == [2 * (2 * 5 * 5 * 7) + 2 * 5 * 5]


def test_an_operation_that_ones_are_not_for_has_one_for_each_entry():
    @gc.op(name="particular_in_count_test")
    def particular(x):
        if np.all(np.asarray(x) == 1):
            raise ValueError("not for ones")
        return np.asarray(x) * 2.0

    particular.shape(lambda x: x)
    g = gc.Graph()
    step = gc.compile(particular(g.parameter("x", np.full(11, 3.0))), wrt=[], backend="numpy")
    assert [row.operations for row in step.profile({}).rows] == [11]
