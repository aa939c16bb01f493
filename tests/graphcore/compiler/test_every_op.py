"""A compiled step computes what the executor computes, for every registered operation and every backend."""

import pathlib

import numpy as np
import pytest

import graphcore as gc
import ops

PACKAGES = {pathlib.Path(package.__file__).parent for package in (gc, ops)}
EXAMPLES = [
    (op, arrays, settings, number)
    for op in gc.registry.values()
    if not PACKAGES.isdisjoint(pathlib.Path(op.source.file).parents)
    for number, (arrays, settings) in enumerate(op.examples)
]
#: numpy runs all examples in every dtype; the others, which compile for longer, fewer
CASES = [
    pytest.param(backend, op, arrays, settings, dtype, id=f"{backend}-{op.name}-{number}-{dtype or 'float64'}")
    for backend in ("numpy", "numba", "jax", "torch")
    for dtype in (None, "float32", "float16")
    for op, arrays, settings, number in EXAMPLES
    if backend == "numpy" or number == 0 or (backend == "numba" and dtype is None)
    if backend in ("numpy", "numba") or dtype is None
]
SPOILT = [
    pytest.param(backend, op, arrays, settings, id=f"{backend}-{op.name}-{number}")
    for backend in ("numpy", "numba")
    for op, arrays, settings, number in EXAMPLES
]
#: entries that show every rewrite that is not exact
WILD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e-310]


def network(op, arrays, settings, dtype=None):
    """Return the result of an operation, a cost that weights its entries differently, its float inputs and the feed."""
    values, arguments, settings = op.signature.bind(arrays, settings)
    g = gc.Graph(op.name)
    feed = {}
    for position, value in enumerate(values):
        array = np.asarray(value)
        array = array.astype(dtype) if dtype is not None and array.dtype.kind == "f" else array
        feed[g.input(f"x{position}", array.shape, array.dtype)] = array
    out = op(*feed, **settings) if op.variadic else op(**dict(zip(arguments, feed, strict=True)), **settings)
    floats = [node for node in feed if node.type.is_float]
    if not out.type.is_float or None in out.shape:
        return out, None, [], feed
    weights = np.linspace(0.5, 1.5, max(out.size, 1)).reshape(out.shape or (1,))[: out.size].astype(out.dtype)
    return out, ops.sum(out * weights.reshape(out.shape)), floats, feed


def same(actual, expected, what, tolerance):
    assert np.shape(actual) == np.shape(expected), what
    assert np.asarray(actual).dtype == np.asarray(expected).dtype, what
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance, err_msg=what)


def agree(op, arrays, settings, backend, dtype=None):
    """Compare values, and where the operation has derivatives also gradients."""
    out, cost, floats, feed = network(op, arrays, settings, dtype)
    tolerance = {None: 1e-12, "float32": 2e-5, "float16": 2e-2}[dtype]
    same(gc.compile(out, wrt=[], backend=backend)(feed), gc.evaluate(out, feed), op.name, tolerance)
    if has_gradient(op, cost, floats):
        run = gc.backprop(cost, feed)
        value, gradients = gc.compile(cost, floats, backend=backend)(feed)
        same(value, run.cost, op.name, tolerance)
        for node in floats:
            same(gradients[node], run.grad[node], f"{op.name} by {node.name}", tolerance)


def has_gradient(op, cost, floats):
    return cost is not None and bool(floats) and all(rule.kind != "missing" for rule in op.rules.values())


@pytest.mark.parametrize(("backend", "op", "arrays", "settings", "dtype"), CASES)
def test_compiled_is_interpreted(need, backend, op, arrays, settings, dtype):
    need(backend)
    agree(op, arrays, settings, backend, dtype)


@pytest.mark.parametrize(("backend", "op", "arrays", "settings"), SPOILT)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_and_infinities_stay_what_they_are(need, backend, op, arrays, settings):
    need(backend)
    for wild in WILD:
        spoilt = [spoil(value, wild) for value in arrays]
        out, cost, floats, feed = network(op, spoilt, settings)
        try:
            gc.backprop(cost, feed) if has_gradient(op, cost, floats) else gc.evaluate(out, feed)
        except Exception as error:  # noqa: BLE001  a compiled step raises the same, whatever it is
            with pytest.raises(type(error)):
                step(out, cost, floats, op, backend)(feed)
        else:
            agree(op, spoilt, settings, backend)


def spoil(value, wild):
    """Return an array of floats with its first entry replaced; any other argument as it is."""
    array = np.array(value)
    if array.dtype.kind != "f" or not array.size:
        return value
    array[(0,) * array.ndim] = wild
    return array


def step(out, cost, floats, op, backend):
    return (
        gc.compile(cost, floats, backend=backend)
        if has_gradient(op, cost, floats)
        else gc.compile(out, wrt=[], backend=backend)
    )
