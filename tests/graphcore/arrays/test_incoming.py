"""Values that a program passes in: taken without loss, or refused by name, wherever they come in."""

import datetime as dt
import decimal

import numpy as np
import pytest
import scipy.sparse

import graphcore as gc
import ops

V = np.array([1.0, 2.0, 4.0])


class Table:
    """As a Series of pandas: no array of the standard, but one that numpy can read."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def square(x):
    return ops.sum(x * x)


def pulled(v):
    return gc.vjp(lambda x: x * x, V)[1](v)[0]


def fed(value):
    x = gc.Graph().input("x", (3,))
    return gc.backprop(square(x), {x: value}).grad[x]


def in_an_edge(dout):
    x = gc.Graph().parameter("x", V)
    run = gc.backprop(square(x * 1.0))
    (edge,) = [edge for edge in run.edges if edge.source is x]
    return run.edge_vjp(edge.source, edge.target, edge.argument, dout)


def in_hvp_at(v):
    x = gc.Graph().parameter("x", V)
    return gc.hvp_at(gc.backprop(square(x)), x, v)


#: where values come in: each a function of one value
ENTRANCES = {
    "feed": fed,
    "compiled step": lambda v: gc.compile(square(x := gc.Graph().input("x", (3,))), wrt=[], backend="numpy")({x: v}),
    "parameter": lambda v: gc.Graph().parameter("x", v),
    "constant": lambda v: gc.Graph().input("x", (3,)) * v,
    "grad": gc.grad(square),
    "compiled function": gc.compile(square, backend="numpy"),
    "sensitivity": pulled,
    "tangent": lambda v: gc.jvp(square, (V,), (v,))[1],
    "vector of hvp": lambda v: gc.hvp(square, V, v),
    "vector of hvp_at": in_hvp_at,
    "dout of an edge": in_an_edge,
}  # fmt: skip
NO_NUMBERS = {
    "complex": V * 1j,
    "dates": np.array(["2000-01-01"] * 3, "datetime64[D]"),
    "durations": np.array([1, 2, 3], "timedelta64[s]"),
    "strings": np.array(["a", "b", "c"]),
    "objects": np.array([1.0, None, 2.0], object),
    "masked": np.ma.array(V, mask=[0, 1, 0]),
    "matrix": np.matrix(V),
    "sparse": scipy.sparse.csr_matrix(V),
    "None in a list": [1.0, None, 2.0],
    "a list of complex numbers": [1.0, 1j, 2.0],
    "a list of dates": [dt.date(2000, 1, 1)] * 3,
    "a list of decimals": [decimal.Decimal(1)] * 3,
    "long integers": [1, 2**70, 3],
}  # fmt: skip


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_array_of_numbers_is_refused(entrance, value):
    if isinstance(value, list) and entrance in ("grad", "compiled function"):
        pytest.skip("a list is a container of numbers there")
    with pytest.raises(gc.errors.DtypeError):
        ENTRANCES[entrance](value)


@pytest.mark.parametrize(
    "entrance", ["feed", "compiled step", "parameter", "sensitivity", "tangent", "dout of an edge"]
)
@pytest.mark.parametrize("value", [None, 1j, "text", object()], ids=lambda value: type(value).__name__)
def test_single_values_that_are_no_numbers_are_refused(entrance, value):
    with pytest.raises(gc.errors.GraphcoreError):
        ENTRANCES[entrance](value)


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("value", [Table(V), V.astype(">f8")], ids=["table", "big-endian"])
def test_tables_and_other_byte_orders_are_taken(entrance, value):
    found, expected = ENTRANCES[entrance](value), ENTRANCES[entrance](V)
    if entrance == "parameter":
        found, expected = found.value, expected.value
    elif entrance == "constant":
        found, expected = found.inputs[1].value, expected.inputs[1].value
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


@pytest.mark.parametrize("library", ["pandas", "xarray", "polars", "dask.array"])
def test_tables_of_other_libraries(library):
    module = pytest.importorskip(library)
    make = {"pandas": "Series", "xarray": "DataArray", "polars": "Series", "dask.array": "from_array"}[library]
    np.testing.assert_array_equal(fed(getattr(module, make)(V)), 2 * V)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ma.array(V, mask=[0, 1, 0]), r"masked array.*value\.filled\(0\.0\)"),
        (np.matrix(V), r"np\.matrix.*np\.asarray\(value\)"),
        (scipy.sparse.csr_matrix(V), r"write value\.toarray\(\)"),
        ([1, 2**70, 3], "an integer of 71 bits, where 64 are the most"),
        (V * 1j, "got an array of complex128"),
    ],
)
def test_messages_of_refusals(value, message):
    with pytest.raises(gc.errors.DtypeError, match=f"the feed of input 'x' .*{message}"):
        fed(value)


@pytest.mark.parametrize(
    ("declared", "given", "is_taken"),
    [
        ("int64", "int32", True), ("int64", "uint8", True), ("uint16", "uint8", True), ("int16", "uint8", True),
        ("int64", "uint64", False), ("int32", "int64", False), ("uint8", "int8", False), ("int64", "bool", False),
        ("int64", "float64", False), ("float64", "int32", False), ("float64", "float32", False),
    ],
)  # fmt: skip
def test_integers_are_widened_where_no_value_is_lost(declared, given, is_taken):
    x = gc.Graph().input("x", (2,), declared)
    for run in (lambda feed: gc.evaluate(+x, feed), gc.compile(x + x, wrt=[], backend="numpy")):
        if is_taken:
            assert run({x: np.array([1, 2], given)}).dtype == declared
        else:
            with pytest.raises(gc.errors.DtypeError, match=rf"is fed {given}; .*astype\('{declared}'\)"):
                run({x: np.array([1, 2], given)})


def test_a_length_that_is_unknown_is_no_number():
    x = gc.Graph().input("x", (None, 3))
    with pytest.raises(
        gc.errors.DtypeError, match=r"None, which a shape has .* np\.mean\(x\).*ops\.axis_size\(x, axis=0\)"
    ):
        np.sum(x) / x.shape[0]
    value = np.arange(12.0).reshape(4, 3)
    assert gc.evaluate(np.sum(x) / ops.axis_size(x, axis=0), {x: value}) == np.sum(value) / 4


def test_a_list_with_nodes_is_stacked():
    g = gc.Graph()
    x, s = g.input("x", (2,)), g.input("s")
    with pytest.raises(gc.errors.DtypeError, match=r"a list with nodes; write np\.stack\("):
        x * [s, s]


@pytest.mark.parametrize(
    ("value", "advice"),
    [(2, "write 2.0 instead of 2"), ([4, 5], "write 4.0 instead of 4"), (np.arange(3), r"\.astype\('float64'\)")],
)
def test_integers_that_need_to_be_floats_are_named_themselves(value, advice):
    with pytest.raises(gc.errors.DtypeError, match=advice):
        gc.Graph().parameter("w", value)
    with pytest.raises(gc.errors.DtypeError, match=advice):
        gc.grad(lambda w: np.sum(np.stack(w)) if isinstance(w, list) else np.sum(w))(value)
