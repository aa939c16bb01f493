"""Which library serves which values, and the few things that libraries still say differently."""

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.arrays.namespace import asarray, cast, is_array, namespace_of, read_only_view, zeros


def test_numpy_serves_numbers_lists_and_its_own():
    for values in ((1.0,), ([1.0, 2.0],), (np.ones(2), 3), (np.float32(1),), (None, 1), ()):
        assert namespace_of(*values) is np


def test_a_node_decides_before_any_library(library):
    x = gc.Graph().input("x")
    assert namespace_of(1.0, x) is gc.registry
    assert namespace_of(np.ones(2), x) is gc.registry
    assert namespace_of(x, library.array([1.0])) is gc.registry


def test_every_library_serves_its_own_beside_numbers_and_numpy(library):
    array = library.array([1.0, 2.0])
    for values in ((array,), (array, 2.0), (np.float64(1), array), (array, array)):
        xp = namespace_of(*values)
        assert xp.__name__.replace("array_api_compat.", "").partition(".")[0] == library.name


def test_what_no_library_serves(torch):
    for values in (("text",), ({},), (object(), np.ones(2)), (torch.ones(2), object())):
        with pytest.raises(gc.errors.DtypeError, match="no single array library"):
            namespace_of(*values)


def test_what_is_an_array(library):
    assert is_array(library.array([1.0]))
    for other in (1.0, 1, True, "a", None, [1.0], (1.0,), {}, gc.Graph().input("x"), object()):
        assert not is_array(other)


def test_zero_dimensional_results_of_numpy_are_scalars():
    assert isinstance(asarray(np.array(1.5), np), np.float64)
    assert isinstance(zeros((), np.dtype("float32"), np), np.float32)
    assert isinstance(gc.evaluate(ops.sum(gc.Graph().constant([1.0, 2.0]))), np.float64)


def test_casting_zeros_and_copies_in_every_library(library):
    array = library.array([1.5, -2.5])
    assert library.numpy(cast(array, np.dtype("float32"), library.xp)).dtype == "float32"
    assert library.numpy(zeros((2, 3), np.dtype("float32"), library.xp)).tolist() == [[0.0] * 3] * 2
    copied = asarray(array, library.xp, np.dtype("float64"), copy=True)
    library.overwrite(copied)
    library.overwrite(read_only_view(array))
    np.testing.assert_array_equal(library.numpy(array), [1.5, -2.5])


def test_operations_on_arrays_stay_in_their_library(library):
    z = library.array([[0.5, -1.0], [2.0, 0.0]])
    for f in (ops.sigmoid, ops.softmax, ops.relu, ops.mean, lambda a: ops.matmul(a, a), lambda a: ops.add(a, 1.0)):
        out = f(z)
        assert library.owns(out)
        np.testing.assert_allclose(library.numpy(out), f(np.asarray(z)), rtol=1e-14)
