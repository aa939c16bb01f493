"""What the tests share: array libraries, exact-to-ten-digits differences, and a network around any operation."""

import importlib
import os
from dataclasses import dataclass
from typing import Any

import hypothesis
import networkx as nx
import numpy as np
import pytest

import graphcore as gc
import ops

hypothesis.settings.register_profile(
    "graphcore", derandomize=True, deadline=None, database=None, max_examples=25, print_blob=False
)
hypothesis.settings.load_profile("graphcore")


@pytest.fixture(autouse=True)
def _registry_as_it_was():
    """Operations that a test defines are gone after it."""
    before = dict(gc.registry._ops)
    yield
    for name, op in before.items():
        if gc.registry._ops.get(name, op) is not op:
            gc.registry.register(op, replace=True)  # what replaced it is exported by its package no more
    gc.registry._ops.clear()
    gc.registry._ops.update(before)


# -- array libraries


@dataclass(frozen=True)
class Library:
    """An array library, and the way to it from numpy and back."""

    name: str
    xp: Any

    def array(self, value, dtype=None):
        """An array of this library with the numbers and the dtype of a numpy array."""
        value = np.asarray(value, dtype)
        return self.xp.asarray(value.copy(), dtype=getattr(self.xp, value.dtype.name))

    def numpy(self, array):
        """The numbers of an array of this library; an array of another one is refused."""
        assert self.owns(array), f"{type(array)} is no array of {self.name}"
        return np.asarray(array)

    def overwrite(self, array):
        """Change an array in place, where the library has such a thing: jax has not, and says so."""
        if self.name == "jax":
            with pytest.raises(TypeError, match="immutable"):
                array[...] = 99.0
        else:
            array[...] = 99.0

    def owns(self, array):
        """Whether this library made it."""
        return type(array).__module__.partition(".")[0] in {self.name, "jaxlib" if self.name == "jax" else self.name}


def _imported(name):
    """A library that may be missing where the suite is run by hand, and must be there in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if "CI" in os.environ:
            pytest.fail(f"{name} is not installed, and in CI nothing is skipped")
        return pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session")
def imported():
    """A function that imports what may be missing, and skips the test or, in CI, fails it."""
    return _imported


@pytest.fixture(scope="session")
def torch():
    """PyTorch, the reference with an independent reverse mode."""
    return _imported("torch")


@pytest.fixture(params=["array_api_strict", "torch", "jax"])
def library(request):
    """Each array library that is not numpy, in double precision."""
    module = _imported(request.param)
    if request.param == "torch":
        yield Library("torch", importlib.import_module("array_api_compat.torch"))
    elif request.param == "jax":
        before = module.config.jax_enable_x64
        module.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
        yield Library("jax", importlib.import_module("jax.numpy"))
        module.config.update("jax_enable_x64", before)
    else:
        yield Library("array_api_strict", module)


# -- an independent reference: differences of the eighth order

#: f'(x) ≈ Σ_k c_k (f(x + k h) − f(x − k h)) / h, with an error of h⁸ f⁽⁹⁾ / 630
_STENCIL = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
_STEP = 2.0**-10


def _differences(f, x):
    """The gradient of ``f``, one number of an array ``x``, from 8 evaluations per entry and nothing else."""
    x = np.array(x, dtype="float64")
    gradient = np.zeros(x.shape)
    for entry in np.ndindex(x.shape):

        def at(k, entry=entry):
            moved = x.copy()
            moved[entry] += k * _STEP
            return np.float64(f(moved))

        gradient[entry] = sum(c * (at(k) - at(-k)) for k, c in _STENCIL) / _STEP
    return gradient


@pytest.fixture(scope="session")
def differences():
    """Gradients by differences of the eighth order: ten digits and more, and no derivative rule anywhere."""
    return _differences


# -- a network around an operation


@dataclass
class Around:
    """An operation on inputs of its own, and a cost: its results in a generic mixture."""

    graph: gc.Graph
    inputs: list[gc.Node]
    floats: list[gc.Node]
    out: gc.Node
    cost: gc.Node | None
    feed: dict[gc.Node, Any]
    weights: Any
    call: Any

    def value(self, node, feed=None):
        """A node at the example, fed with the inputs that it depends on and no other: a derivative may need fewer."""
        needed = nx.ancestors(self.graph.nx, node) | {node}
        return gc.evaluate(node, {key: v for key, v in (feed or self.feed).items() if key in needed})

    def forward_cost(self, place, value):
        """The cost by numpy alone, with another value for one argument: for differences."""
        arrays = [self.feed[node] for node in self.inputs]
        arrays[place] = value
        with np.errstate(all="ignore"):
            return np.sum(np.asarray(self.call(*arrays)) * self.weights)


def generic(shape, dtype="float64"):
    """Numbers with nothing special about them, between 0.3 and 1.7 in magnitude, of both signs."""
    count = int(np.prod(shape, dtype=int))
    steps = np.arange(count)
    signs = np.where(steps % 3 == 1, -1.0, 1.0)
    return (signs * (1 + 0.7 * np.sin(1.7 * steps + 0.4))).reshape(shape).astype(dtype)


def _around(operation, arrays, settings, *, dtype=None, unknown=False):
    arrays = [np.asarray(a) for a in arrays]
    if dtype is not None:
        arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]
    graph = gc.Graph(f"around {operation.name}")
    inputs = [graph.input(f"x{i}", (None,) * a.ndim if unknown else a.shape, a.dtype) for i, a in enumerate(arrays)]
    floats = [node for node in inputs if node.type.is_float]

    def call(*values):
        return operation(*values, **settings)

    out = call(*inputs)
    with np.errstate(all="ignore"):
        result = np.asarray(call(*arrays))
    feed = dict(zip(inputs, arrays, strict=True))
    if result.dtype.kind != "f":
        return Around(graph, inputs, floats, out, None, feed, None, call)
    weights = generic(result.shape, result.dtype)
    mixture = graph.input("weights", (None,) * result.ndim if unknown else result.shape, result.dtype)
    cost = ops.sum(out * mixture, name="C")
    return Around(graph, inputs, floats, out, cost, {**feed, mixture: weights}, weights, call)


@pytest.fixture(scope="session")
def around():
    """A function that builds a network around one operation."""
    return _around


@pytest.fixture(scope="session")
def agree():
    """Compare a gradient with its reference, relative to the largest entry."""

    def check(actual, expected, tolerance=1e-9, what=""):
        actual, expected = np.asarray(actual), np.asarray(expected)
        assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
        scale = max(1e-3, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale, err_msg=what)

    return check
