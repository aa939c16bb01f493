"""A run that is read as in other libraries names what it has."""

import copy
import pickle

import numpy as np
import pytest

import graphcore as gc
import ops
import viz

V = np.array([1.0, 2.0, 4.0])


def network():
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", V)
    h = ops.tanh(w * x, name="h")
    return ops.sum(h * h, name="C")


def a_run(**options):
    return gc.backprop(network(), {"x": np.ones(3)}, **options)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda run: run.loss, r"`run\.loss`: expected an attribute of a run, got 'loss'; run\.cost"),
        (lambda run: run.gradients, r"run\.grad\[w\]"),
        (lambda run: run.grads["w"], r"run\.grad\[w\]"),
        (lambda run: run.values, r"run\.value\[x\]"),
        (lambda run: run.cots, "Did you mean 'cost'"),
        (lambda run: run["w"], r"run\.value\['w'\] or run\.grad\['w'\]"),
        (lambda run: run.grad("w"), r"gradients are read by node or name, not called; write \['w'\] behind it"),
        (lambda run: run.value(), "values are read by node or name, not called"),
    ],
)
def test_habits(read, message):
    with pytest.raises(gc.errors.GraphcoreError, match=message):
        read(a_run())


def test_the_error_of_a_property_is_its_own():
    with pytest.raises(gc.errors.UnknownNameError, match=r"was not kept by this run"):
        a_run(keep=[]).edges  # noqa: B018
    assert not hasattr(a_run(), "loss")
    assert copy.copy(a_run()).cost == pickle.loads(pickle.dumps(a_run())).cost == a_run().cost


#: what needs every value of a run
READERS = {
    "explain": lambda run: gc.explain(run, "w"),
    "explain of a node that was not kept": lambda run: gc.explain(run, "h"),
    "paths": lambda run: gc.paths(run, "w"),
    "nudge": lambda run: gc.nudge(run, "w", 0.1),
    "jacobian_at": lambda run: gc.jacobian_at(run, "C", "w"),
    "hessian_at": lambda run: gc.hessian_at(run, "w"),
    "hvp_at": lambda run: gc.hvp_at(run, "w", np.ones(3)),
    "number_lines": lambda run: viz.number_lines(run, "w"),
    "curve": lambda run: viz.curve(run, "w", 0),
    "viz.explain": lambda run: viz.explain(run, "w"),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_run_that_kept_only_some_values(reader):
    with pytest.raises(gc.errors.UnknownNameError, match="without keep"):
        READERS[reader](a_run(keep=[]))
