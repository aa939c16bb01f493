"""Habits from other libraries: each is refused with what nodes have instead."""

import copy
import pickle
import re

import numpy as np
import pytest

import graphcore as gc
import ops

VALUE = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, 4.0]])

#: what programs write, what they are advised to write, and the value
INSTEAD = [
    (lambda x: x.exp(), "np.exp(x)", np.exp(VALUE)),
    (lambda x: x.relu(), "ops.relu(x)", np.maximum(VALUE, 0)),
    (lambda x: (2 * x).abs(), "np.abs(2 * x)", np.abs(2 * VALUE)),
    (lambda x: x.view(3, 2), "x.reshape(...)", None),
    (lambda x: (x + 1).t(), "(x + 1).T", VALUE.T + 1),
    (lambda x: x.permute(1, 0), "x.transpose(...)", None),
    (lambda x: x.unsqueeze(0), "np.expand_dims(x, axis=...)", None),
    (lambda x: x.double(), "x.astype('float64')", VALUE),
    (lambda x: x.dim(), "x.ndim", 2),
    (lambda x: x.numel(), "x.size", 6),
    (lambda x: x.flat, "np.ravel(x)", np.ravel(VALUE)),
    (lambda x: x.mm(x.T), "x @ other", None),
]  # fmt: skip


@pytest.mark.parametrize(("program", "instead", "value"), INSTEAD, ids=[instead for _, instead, _ in INSTEAD])
def test_the_line_to_write_instead_works(program, instead, value):
    x = gc.Graph().input("x", (2, 3))
    with pytest.raises(gc.errors.UnknownNameError) as refused:
        program(x)
    assert re.search(r"; write (.*?)(, with|$)", str(refused.value))[1] == instead
    if value is not None:
        found = eval(instead, globals(), {"x": x})
        np.testing.assert_array_equal(gc.evaluate(found, {x: VALUE}) if isinstance(found, gc.Node) else found, value)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda C: C.backward(), r"`C\.backward`: expected an attribute.*; write run = gc\.backprop\(C, feed\)"),
        (lambda C: C.grad, r"run = gc\.backprop\(cost, feed\), and then run\.grad\[C\]"),
        (lambda C: C.item(), r"gc\.evaluate\(C, feed\) returns it"),
        (lambda C: C.numpy(), r"gc\.evaluate\(C, feed\) returns it"),
        (lambda C: C.data, r"gc\.evaluate\(C, feed\) returns it"),
        (lambda C: C.detach(), r"evaluate C and feed it"),
        (lambda C: C.requires_grad_(), r"g\.parameter\('w', value\)"),
        (lambda C: C.to("cuda"), "the device of the arrays that are fed"),
        (lambda C: C.add_(1.0), "a node is never changed"),
        (lambda C: C.scpoe, "Did you mean 'scope'"),
    ],
)  # fmt: skip
def test_habits_without_a_line_of_their_own(program, message):
    with pytest.raises(gc.errors.UnknownNameError, match=message):
        program(ops.sum(gc.Graph().parameter("w", VALUE)))


def test_a_missing_attribute_is_an_attribute_error_and_costs_copies_nothing():
    g = gc.Graph()
    x = g.input("x")
    assert not hasattr(x, "backward")
    assert getattr(x, "device", None) is None
    assert pickle.loads(pickle.dumps(x)).name == "x"
    assert copy.deepcopy(g)["x"].name == "x"


def test_an_entry_of_a_node_is_not_set():
    g = gc.Graph()
    x, w = g.input("x", (3,)), g.parameter("w", np.ones(3))
    with pytest.raises(gc.errors.NoValueError, match=r"as in x = np\.where\(mask, value, x\)"):
        x[0] = 1.0
    with pytest.raises(gc.errors.NoValueError, match=r"w\.value = \.\.\. sets"):
        w[0] = 1.0
    with pytest.raises(TypeError):
        del x[0]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda x, a: np.add(a, x, out=a), r"write a = np\.add\(a, x\)"),
        (lambda x, a: np.add.at(x, [0], 1.0), r"expected arrays, got a node, which is never changed"),
        (lambda x, a: np.add.at(a, [0], x[0]), r"write a = a \+ ops\.scatter_add\(x\[0\], a, \[0\], axes=\(0,\)\)"),
        (lambda x, a: np.copyto(a, x), r"np\.where\(mask, value, x\)"),
        (lambda x, a: np.full_like(a, x), r"write np\.broadcast_to\(x, a\.shape\)"),
        (lambda x, a: np.put(x, [0], 1.0), "which is never changed"),
        (lambda x, a: np.putmask(x, a > 0, a), "which is never changed"),
        (lambda x, a: np.place(x, a > 0, a), "which is never changed"),
        (lambda x, a: np.fill_diagonal(np.outer(x, x), 1.0), "which is never changed"),
        (lambda x, a: np.put_along_axis(x, np.array([0]), a, 0), "which is never changed"),
    ],
)  # fmt: skip
def test_writing_in_place(program, message):
    with pytest.raises(gc.errors.DtypeError, match=message):
        program(gc.Graph().input("x", (3,)), np.zeros(3))


def test_adding_in_place_names_the_line_that_makes_a_new_one():
    x, total = gc.Graph().input("x", (3,)), np.zeros(3)
    with pytest.raises(gc.errors.DtypeError, match=r"write total = total \+ x"):
        total += x
    with pytest.raises(gc.errors.DtypeError, match=r"write total = total \* x"):
        total *= x
