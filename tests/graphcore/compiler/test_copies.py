"""Compiled steps: what they write into, and their copies and pickles."""

import copy
import pickle

import numpy as np
import pytest

import graphcore as gc
import ops

V = np.array([1.0, 2.0, 4.0])


def network():
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", V)
    h = ops.tanh(w * x, name="h")
    return ops.sum(h * h, name="C")


def test_what_is_written_into_has_the_form_of_the_result():
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", V)
    double, cost = 2.0 * x, ops.sum(w * x)
    feed, array = {x: V}, np.zeros(3)
    for outputs, wrt, wrong in (
        ([double, 3.0 * x], [], [array, [array], [array] * 3, (array, {}), np.zeros((2, 3))]),
        (double, [], [[array], (array, {})]),
        (cost, None, [array, (array,), [array, array]]),
    ):
        step = gc.compile(outputs, wrt=wrt, backend="numpy")
        for out in wrong:
            with pytest.raises(gc.errors.ShapeError, match="`out`: expected an earlier result of this step"):
                step(feed, out=out)
        earlier = step({x: np.ones(3)})
        again, expected = step(feed, out=earlier), step(feed)
        np.testing.assert_equal(again, expected)
    assert gc.compile(double, wrt=[], backend="numpy")(feed, out=array) is array


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda step: pickle.loads(pickle.dumps(step))])
@pytest.mark.parametrize("wrt", [None, []])
def test_a_compiled_step_is_copied_and_pickled_with_its_graph(copied, wrt):
    step = gc.compile([network()], wrt=wrt, backend="numpy", threads=1)
    before = step({"x": V})
    twin = copied(step)
    after = twin({"x": V})
    assert repr(twin) == repr(step)
    cost, others = (after[0], after[1].values()) if wrt is None else (after, [])
    np.testing.assert_array_equal(cost, before[0] if wrt is None else before)
    np.testing.assert_array_equal(list(others), list(before[1].values()) if wrt is None else [])
    assert all(node.graph is not step.outputs[0].graph for node in twin.outputs)


def test_a_compiled_function_is_copied_and_pickled():
    step = gc.compile(np.sin, backend="numpy")
    assert pickle.loads(pickle.dumps(step))(0.5) == copy.deepcopy(step)(0.5) == step(0.5)
