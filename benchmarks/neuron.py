"""One neuron, of numbers and not of arrays: σ(w x + b), its squared error, and the derivatives by w and b.

    python benchmarks/neuron.py [--rounds N] [--only NAME ...]

What is measured is what every operation costs beside its arithmetic. ``python`` is what the arithmetic costs in Python.
"""

import math
from types import SimpleNamespace

import numpy as np
from comparing import Program, main
from frameworks import in_every_library
from mlp_peers import micrograd_sigmoid

import graphcore as gc
import ops


class Net:
    """Weight and bias, what goes in and what should come out, all of them arrays without axes."""

    dtype = "float64"

    def __init__(self):
        self.parameters = [np.array(1.5), np.array(-0.4)]
        self.x, self.y = np.array(0.62), np.array(1.0)


def by_hand(net):
    """Numpy, on its single numbers."""
    w, b = (p[()] for p in net.parameters)

    x, y = net.x[()], net.y[()]

    def step():
        a = 1 / (1 + np.exp(-(w * x + b)))
        delta = 2 * (a - y) * a * (1 - a)
        return (a - y) ** 2, [delta * x, delta]

    return step


def in_python(net):
    """Python's own numbers."""
    w, b = (p.item() for p in net.parameters)

    x, y = net.x.item(), net.y.item()

    def step():
        a = 1 / (1 + math.exp(-(w * x + b)))
        delta = 2 * (a - y) * a * (1 - a)
        return (a - y) ** 2, [delta * x, delta]

    return step


def graph_of(net):
    """graphcore."""
    g = gc.Graph()
    x, y = g.input("x"), g.input("y")
    w, b = g.parameter("w", net.parameters[0]), g.parameter("b", net.parameters[1])
    return ops.squared_error(ops.sigmoid(w * x + b), y, name="C"), {x: net.x, y: net.y}, [w, b]


def in_words_of(module, sigmoid):
    """The same line for every library, with the sigmoid that it has."""

    def cost_of():
        squash = sigmoid(__import__(module, fromlist=["*"]))

        def cost(parameters, x, y):
            w, b = parameters
            return (squash(w * x + b) - y) ** 2

        return cost

    return cost_of


def written_out(library):
    """Return a sigmoid for a library without one."""
    return lambda z: 1 / (1 + library.exp(-z))


def with_micrograd(net):
    """micrograd: its own numbers, the gradient on them."""
    from micrograd.engine import Value

    sigmoid = micrograd_sigmoid()
    w, b = (Value(p.item()) for p in net.parameters)
    x, y = net.x.item(), net.y.item()

    def step():
        w.grad = b.grad = 0
        cost = (sigmoid(w * x + b) - y) ** 2
        cost.backward()
        return cost.data, [w.grad, b.grad]

    return step


NETS = {"scalar neuron": Net}
PEERS = SimpleNamespace(
    pytensor_cost=in_words_of("pytensor.tensor", lambda pt: pt.sigmoid),
    jax_cost=in_words_of("jax.nn", lambda nn: nn.sigmoid),
    torch_cost=in_words_of("torch", lambda torch: torch.sigmoid),
    autograd_cost=in_words_of("autograd.numpy", written_out),
    mygrad_cost=in_words_of("mygrad", written_out),
)

PROGRAMS = {
    **in_every_library(by_hand, graph_of, PEERS, python=in_python),
    "micrograd": Program(with_micrograd, "micrograd"),
}

if __name__ == "__main__":
    main("one neuron, made of single numbers", NETS, PROGRAMS)
