"""Numbers beside nodes become constants, of the dtype and value that numpy gives them beside arrays."""

import math

import numpy as np
import pytest

import graphcore as gc

NUMBERS = [
    0,
    1,
    -7,
    2**53 + 1,
    2**70,
    0.0,
    -0.0,
    0.1,
    1e-320,
    65504.0,
    65519.0,
    3.4e38,
    1.7e308,
    math.inf,
    -math.inf,
    math.nan,
]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_beside_a_node_of_floats_is_what_numpy_makes_of_it_or_is_refused(number, dtype):
    with np.errstate(over="ignore"):
        expected = np.array([number]).astype("float64").astype(dtype)[0]
    x = gc.Graph().input("x", (2,), dtype)
    if np.isinf(expected) and math.isfinite(number):
        with pytest.raises(gc.errors.DtypeError, match=r"cannot hold|needs a number"):
            x * number
        return
    product = number * x
    constant = product.inputs[0]
    assert constant.kind == "constant"
    np.testing.assert_array_equal(constant.value, expected)
    assert constant.value.dtype == constant.dtype == dtype
    assert np.signbit(constant.value) == np.signbit(expected)
    assert constant.origin == product.origin


@pytest.mark.parametrize(("number", "dtype", "becomes"), [
    (3, "int8", "int8"), (2.5, "int8", "float64"), (3, "bool", "int64"), (True, "float32", "bool"),
])  # fmt: skip
def test_a_number_beside_whole_numbers_keeps_their_dtype_if_it_can(number, dtype, becomes):
    x = gc.Graph().input("x", (2,), dtype)
    constant = (x * number).inputs[1]
    assert constant.dtype == becomes
    assert constant.value == number


def test_parameters_lie_row_after_row_however_they_came():
    given = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    w = gc.Graph().parameter("w", given)
    assert w.data.flags.c_contiguous
    w.value = given[:, ::-1]
    assert w.data.flags.c_contiguous
    np.testing.assert_array_equal(w.value, given[:, ::-1])


@pytest.mark.parametrize("make", [lambda x: x + 2**128, lambda x: 2**2000 * x])
def test_a_whole_number_too_large_is_said_to_be_so(make):
    with pytest.raises(gc.errors.DtypeError, match=r"is \d.*which float32 cannot hold"):
        make(gc.Graph().input("x", (2,), "float32"))
