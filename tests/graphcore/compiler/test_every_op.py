"""What a compiled step computes is what the executor computes, for every registered operation and every backend."""

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
#: numpy takes all examples in every dtype; the others, whose compilers take their time, fewer
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
#: entries that no derivation survives unless every rewrite respects them
WILD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e-310]


def network(op, arrays, settings, dtype=None):
    """The cost of an operation, weighted unevenly so that no two entries look alike, with what it is fed."""
    values, arguments, settings = op.signature.bind(arrays, settings)
    g = gc.Graph(op.name)
    feed = {}
    for place, value in enumerate(values):
        array = np.asarray(value)
        array = array.astype(dtype) if dtype is not None and array.dtype.kind == "f" else array
        feed[g.input(f"x{place}", array.shape, array.dtype)] = array
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
    out, cost, floats, feed = network(op, arrays, settings, dtype)
    tolerance = {None: 1e-12, "float32": 2e-5, "float16": 2e-2}[dtype]
    same(gc.compile(out, wrt=[], backend=backend)(feed), gc.evaluate(out, feed), op.name, tolerance)
    if cost is None or not floats or any(rule.kind == "missing" for rule in op.rules.values()):
        return
    run = gc.backprop(cost, feed)
    value, gradients = gc.compile(cost, floats, backend=backend)(feed)
    same(value, run.cost, op.name, tolerance)
    for node in floats:
        same(gradients[node], run.grad[node], f"{op.name} by {node.name}", tolerance)


@pytest.mark.parametrize(("backend", "op", "arrays", "settings", "dtype"), CASES)
def test_compiled_is_interpreted(need, backend, op, arrays, settings, dtype):
    need(backend)
    agree(op, arrays, settings, backend, dtype)


@pytest.mark.parametrize(("backend", "op", "arrays", "settings"), SPOILT)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_and_infinities_stay_what_they_are(need, backend, op, arrays, settings):
    need(backend)
    for wild in WILD:
        spoilt = []
        for value in arrays:
            array = np.asarray(value)
            if array.dtype.kind == "f" and array.size:
                array = array.copy()
                array[(0,) * array.ndim] = wild
            spoilt.append(array)
        try:
            out, cost, _, feed = network(op, spoilt, settings)
            gc.backprop(cost, feed) if cost is not None else gc.evaluate(out, feed)
        except Exception as error:
            if isinstance(error, AssertionError):
                raise
            continue
        agree(op, spoilt, settings, backend)
