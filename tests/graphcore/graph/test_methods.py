"""The methods of nodes give what numpy's give."""

import numpy as np
import pytest

import graphcore as gc

A = np.array([[0.53, -1.48, 2.07], [3.11, 0.26, -0.74]])

METHODS = {
    "sum": [{}, {"axis": 0}, {"axis": 1, "keepdims": True}, {"dtype": "float32"}],
    "prod": [{}, {"axis": 0}],
    "mean": [{}, {"axis": (0, 1)}],
    "std": [{}, {"axis": 0, "ddof": 1}],
    "var": [{}, {"axis": 1, "ddof": 1, "keepdims": True}],
    "max": [{}, {"axis": 0}],
    "min": [{}, {"axis": -1, "keepdims": True}],
    "all": [{}, {"axis": 0}],
    "any": [{}, {"axis": 1}],
    "cumsum": [{}, {"axis": 0}, {"axis": 1, "dtype": "float32"}],
    "cumprod": [{}, {"axis": 1}],
    "argmax": [{}, {"axis": 0}],
    "argmin": [{}, {"axis": 1, "keepdims": True}],
    "argsort": [{}, {"axis": 0}, {"axis": None}],
    "take": [{"indices": [0, 0, 4]}, {"indices": [[1, -1]], "axis": 1}],
    "repeat": [{"repeats": 2}, {"repeats": [1, 0, 2], "axis": 1}],
    "clip": [{"min": -1.0}, {"max": 1.0}, {"min": -1.0, "max": 1.0}],
    "round": [{}, {"decimals": 1}],
    "astype": [{"dtype": "float32"}],
    "copy": [{}],
    "ravel": [{}],
    "flatten": [{}],
    "squeeze": [{}],
    "transpose": [{}],
    "swapaxes": [{"axis1": 0, "axis2": 1}],
}


@pytest.mark.parametrize(("name", "arguments"), [(name, case) for name, cases in METHODS.items() for case in cases])
def test_a_method_means_what_it_means_in_numpy(name, arguments):
    x = gc.Graph().parameter("x", A)
    positional = list(arguments.values()) if name == "swapaxes" else []
    node = getattr(x, name)(*positional, **({} if positional else arguments))
    expected = getattr(A, name)(*positional, **({} if positional else arguments))
    assert node.shape == expected.shape
    assert node.dtype == expected.dtype
    np.testing.assert_allclose(gc.evaluate(node), expected, rtol=1e-14)


def test_a_transpose_is_of_a_matrix():
    x = gc.Graph().input("x", (2, 3, 4))
    assert x.mT.shape == (2, 4, 3)
    v, c = gc.Graph().parameter("v", [1.0, 2.0]), gc.Graph().parameter("c", 3.0)
    assert v.T is v
    assert c.T is c  # as in numpy
    with pytest.raises(gc.errors.ShapeError, match=r"write \.mT"):
        x.T  # noqa: B018
    with pytest.raises(gc.errors.ShapeError, match="no axes 0 and 3 among 3"):
        x.swapaxes(0, 3)
