"""The value of a parameter is its own array: what is written into it arrives, and no record changes with it."""

import numpy as np
import pytest

import graphcore as gc
import ops

WRITES = {
    "in place": lambda w: setattr(w, "value", w.value.__isub__(0.5)),
    "one entry": lambda w: w.value.__setitem__(0, 7.0),
    "all entries": lambda w: w.value.__setitem__(..., [8.0, 9.0]),
    "by numpy": lambda w: np.multiply(w.value, 2.0, out=w.value),
    "another array": lambda w: setattr(w, "value", [4.0, 5.0]),
}


@pytest.fixture
def net():
    """C = Σ (w x + b)², so that ∂C/∂w = 2 (w x + b) x and ∂C/∂b = Σ 2 (w x + b)."""
    g = gc.Graph()
    x, w, b = g.input("x", (2,)), g.parameter("w", [1.0, 2.0]), g.parameter("b", 3.0)
    ops.sum(ops.square(w * x + b), name="C")
    return g


def cost(w, b, x):
    return np.sum((w * x + b) ** 2)


@pytest.mark.parametrize("backend", [None, "numpy", "numba", "torch", "jax"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_written_arrives_and_changes_no_record(net, imported, backend, write):
    if backend not in (None, "numpy"):
        imported(backend)
    w, b, x = net["w"], net["b"], np.array([0.5, -1.0])
    step = gc.compile([net["C"], w, ops.reshape(w, (2, 1))], backend=backend) if backend else None
    run = gc.backprop(net["C"], {"x": x})
    partial = gc.backprop(net["C"], {"x": x}, keep=[])
    value = gc.evaluate(w, {})
    results = step({"x": x}) if step else ([], {})
    write(w)
    b.value[...] = -1.0
    expected = np.array(w.value)
    assert not np.array_equal(expected, [1.0, 2.0])
    for record in (run, partial):
        np.testing.assert_array_equal(record.value[w], [1.0, 2.0])
        assert record.value[b] == 3.0
    np.testing.assert_array_equal(run.edges[0].contribution.shape, (2,))
    for copied in (value, *map(np.ravel, results[0][1:])):
        np.testing.assert_array_equal(copied, [1.0, 2.0])
    after = gc.backprop(net["C"], {"x": x})
    now = step({"x": x}) if step else ([after.cost], after.grad)
    for found in (now[0][0], after.cost, gc.evaluate(net["C"], {"x": x})):
        assert found == pytest.approx(cost(expected, -1.0, x), rel=1e-14)
    np.testing.assert_allclose(now[1][w], 2 * (expected * x - 1.0) * x, rtol=1e-14)
    w.value -= 0.25 * now[1][w]
    np.testing.assert_allclose(w.value, expected - 0.5 * (expected * x - 1.0) * x, rtol=1e-14)


def test_a_number_is_an_array_without_axes(net):
    b = net["b"]
    for before in (3.0, 2.5):
        assert isinstance(b.value, np.ndarray)
        assert b.value == before
        b.value -= 0.5
    assert isinstance(gc.backprop(net["C"], {"x": [1.0, 1.0]}).value[b], np.float64)


def test_an_earlier_array_is_not_the_parameter_any_more(net):
    w = net["w"]
    before = w.value
    w.value = before + 1.0
    np.testing.assert_array_equal(before, [1.0, 2.0])
    w.value = before
    before[:] = 0.0  # a copy was taken, as of every array that is set
    np.testing.assert_array_equal(w.value, [1.0, 2.0])
    w.value = w.value[::-1]
    np.testing.assert_array_equal(w.value, [2.0, 1.0])


def test_an_array_of_another_library_is_written_in_place(library):
    g = gc.Graph()
    w = g.parameter("w", library.array([1.0, 2.0]))
    run = gc.backprop(ops.sum(w * w, name="C"))
    library.overwrite(w.value)
    np.testing.assert_array_equal(library.numpy(run.value[w]), [1.0, 2.0])
    assert float(gc.evaluate(g["C"])) == (5.0 if library.name == "jax" else 2 * 99.0**2)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"])
def test_an_operator_in_place_on_a_parameter_is_refused_with_the_line_that_was_meant(net, operator):
    w, before = net["w"], len(net)
    with pytest.raises(gc.errors.NoValueError, match="leave the parameter as it is") as caught:
        exec(f"w {operator}= 2.0", {"w": w})
    assert f"write w.value {operator}= ... to" in str(caught.value)
    assert len(net) == before
    total = net["x"]
    total += w  # a node that is no parameter gets another value, as numbers do
    assert (total.op.name, net["x"].op) == ("add", None)


def test_the_line_that_was_meant_names_a_parameter_of_any_name():
    w = gc.Graph().parameter("layer 1, w", 2.0)
    with pytest.raises(gc.errors.NoValueError, match=r"graph\['layer 1, w'\].value -= "):
        w -= 1.0


@pytest.mark.parametrize("backend", [None, "numpy", "numba"])
def test_a_forward_that_writes_into_its_argument_changes_neither_feed_nor_parameter(imported, backend):
    if backend == "numba":
        imported(backend)

    @gc.op(name="doubles_in_place", shape="x", dtype="float64")
    def double(x):
        np.multiply(x, 2, out=x)
        return x.copy()

    @double.local("x")
    def ddouble_dx():
        return 2

    g = gc.Graph()
    x, w = g.input("x", (2,)), g.parameter("w", [1.0, 2.0])
    cost = ops.sum(double(w) + double(x))
    given = np.array([3.0, 4.0])
    run = gc.compile(cost, backend=backend) if backend else lambda feed: gc.backprop(cost, feed)
    with pytest.raises(ValueError, match="read-only"):
        run({x: given})
    np.testing.assert_array_equal(given, [3.0, 4.0])
    np.testing.assert_array_equal(w.value, [1.0, 2.0])
