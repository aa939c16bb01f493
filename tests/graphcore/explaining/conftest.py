"""What the tests of explanations share: the mission's networks."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import graphcore as gc
import ops


def neuron():
    """One neuron: w, x, b → z → a → C."""
    g = gc.Graph("one neuron")
    x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
    a = ops.sigmoid((w * x + b).named("z"), name="a")
    return gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.62, y: 1.0})


def in_a_row():
    """Four layers of one neuron each, 1-1-1-1."""
    g = gc.Graph("one neuron per layer")
    a, y = g.input("x"), g.input("y")
    for layer, (w, b) in enumerate([(0.6, -0.2), (-1.3, 0.4), (1.7, 0.1)], 1):
        z = (g.parameter(f"w{layer}", w) * a + g.parameter(f"b{layer}", b)).named(f"z{layer}")
        a = ops.sigmoid(z, name=f"a{layer}")
    return gc.backprop(ops.squared_error(a, y, name="C"), {"x": 0.8, "y": 1.0})


def layers(batch=6, squash=ops.sigmoid):
    """A 4-5-2 network on some examples."""
    rng = np.random.default_rng(0)
    g = gc.Graph("two layers")
    x, y = g.input("x", (None, 4)), g.input("y", (None, 2))
    a = x
    for layer, (rows, columns) in enumerate(((4, 5), (5, 2)), 1):
        w = g.parameter(f"W{layer}", rng.normal(size=(rows, columns)))
        b = g.parameter(f"b{layer}", rng.normal(size=columns))
        a = squash(ops.add_bias(ops.matmul(a, w), b, name=f"z{layer}"), name=f"a{layer}")
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return gc.backprop(cost, {x: rng.random((batch, 4)), y: rng.random((batch, 2))})


def square():
    """x · x: two edges."""
    g = gc.Graph("square")
    x = g.input("x")
    return gc.backprop((x * x).named("C"), {x: 3.0})


def residual():
    """h = x + tanh(w x): past the neuron, and through it."""
    g = gc.Graph("residual")
    x, w = g.input("x"), g.parameter("w", 2.0)
    h = (x + ops.tanh((w * x).named("z"), name="a")).named("h")
    return gc.backprop(ops.square(h, name="C"), {x: 0.8})


@pytest.fixture(scope="session")
def nets():
    """Networks to explain."""
    return SimpleNamespace(neuron=neuron, in_a_row=in_a_row, layers=layers, square=square, residual=residual)


@pytest.fixture(scope="session")
def golden():
    """A function that holds a text to the one that was read before. Delete a file to renew it, and read the new one."""

    def check(name, text):
        path = Path(__file__).parent / "golden" / (name if "." in name else f"{name}.txt")
        if not path.exists():
            path.write_text(f"{text}\n", "utf-8", newline="\n")
            pytest.fail(f"{path} was missing and has been written: read it, and commit it")
        assert f"{text}\n" == path.read_text("utf-8")

    return check


@pytest.fixture
def shallow():
    """A stack on which nothing deep could stand."""
    import inspect
    import sys

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 150)
    yield
    sys.setrecursionlimit(before)
