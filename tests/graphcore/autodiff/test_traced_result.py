"""No node leaves its graph without a word: its gradient would be zero. A copy is the node; other hiding is refused."""

import copy
import pickle
import types

import numpy as np
import pytest

import graphcore as gc

OTHER = gc.Graph("another").parameter("w", 2.0)

COPIES = {
    "a copy": copy.copy,
    "a deep copy": copy.deepcopy,
    "a container": lambda x: copy.deepcopy({"a": [x]})["a"][0],
    "an object": lambda x: copy.deepcopy(types.SimpleNamespace(x=x)).x,
    "its own method": lambda x: x.copy(),
}

HIDDEN = {
    "set": lambda x: {x},
    "frozenset": lambda x: (x, frozenset([x])),
    "str": lambda x: f"{x}",
    "object": lambda _: object(),
    "SimpleNamespace": lambda x: {"loss": types.SimpleNamespace(x=x)},
    "generator": lambda x: (one for one in [x]),
    "array of object": lambda x: _object_array(x, ()),
    "array of obj": lambda x: _object_array(x, (2,)),
    "MaskedArray": lambda _: np.ma.masked_array([1.0, 2.0], [0, 1]),
    "map": lambda x: map(np.sin, [x]),
    "zip": lambda x: zip([x], [x], strict=True),
    "complex": lambda _: 2j,
    "array of complex": lambda _: np.ones(2) * 1j,
    "datetime64": lambda _: np.datetime64("2020-01-01"),
    "dict_values": lambda x: {"a": x}.values(),
    "function": lambda x: lambda: x,
    "type": lambda _: float,
}

TRANSFORMS = {
    "grad": gc.grad,
    "value_and_grad": gc.value_and_grad,
    "elementwise_grad": gc.elementwise_grad,
    "jacobian": gc.jacobian,
    "hessian": gc.hessian,
    "vjp": lambda f: lambda x: gc.vjp(f, x),
    "jvp": lambda f: lambda x: gc.jvp(f, (x,), (1.0,)),
    "hvp": lambda f: lambda x: gc.hvp(f, x, 1.0),
    "trace": lambda f: lambda x: gc.trace(f, x),
    "compile": lambda f: gc.compile(f, backend="numpy"),
    "inside another": lambda f: gc.grad(lambda x: gc.grad(f)(x) * x),
}


def _object_array(x, shape):
    array = np.empty(shape, object)
    for index in np.ndindex(shape):
        array[index] = x
    return array


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_inside_a_traced_function_is_the_node_itself(duplicate):
    assert gc.grad(lambda x: duplicate(x) ** 2)(3.0) == 6.0
    assert gc.grad(gc.grad(lambda x: duplicate(x) ** 3))(2.0) == 12.0
    assert gc.compile(gc.grad(lambda x: duplicate(x) ** 2), backend="numpy")(3.0) == 6.0
    x = gc.Graph().input("x")
    assert gc.evaluate(gc.grad(lambda x: duplicate(x) ** 2)(x), {x: 3.0}) == 6.0
    if duplicate is copy.deepcopy:  # afterwards, a copy of a node is one of a copy of its graph again
        assert copy.deepcopy(x).graph is not x.graph


def test_a_node_is_not_pickled_while_its_function_is_traced():
    with pytest.raises(gc.errors.NoValueError, match=r"'x' of float64 .* being traced"):
        gc.grad(lambda x: pickle.loads(pickle.dumps(x)) ** 2)(3.0)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_a_result_that_may_hide_a_node_is_refused(transform):
    for kind, f in HIDDEN.items():
        with pytest.raises(gc.errors.DtypeError, match=rf"the result.* is an? {kind}.*expected a number, an array"):
            transform(f)(3.0)
    for f in (lambda _: OTHER, lambda x: (x, [OTHER])):
        with pytest.raises(gc.errors.GraphError, match=r"the result.* is a node of another graph, <Graph 'another'"):
            transform(f)(3.0)
    assert gc.jacobian(lambda x: {"a": (x, 2.0, np.ones(2)), "b": [None, True, x * x]})(3.0)["b"][2] == 6.0
