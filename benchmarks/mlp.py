"""One step of learning of a multilayer perceptron: cost and all gradients, beside what its users would write elsewhere.

    python benchmarks/mlp.py [--rounds N] [--only NAME ...] [--nets NET ...]

Sigmoid layers, squared error, mean over the batch; one thread. Every result is checked against hand-written numpy
before it is timed. The ratios are medians of short rounds in turn, in one process: lower is faster.
"""

import itertools
from functools import partial

import mlp_peers as peers
import numpy as np
from comparing import Program, main
from frameworks import in_every_library

import graphcore as gc
import ops


class Net:
    """The numbers of a network: weights, biases, inputs and targets."""

    def __init__(self, sizes, batch, dtype):
        rng = np.random.default_rng(0)
        self.dtype = dtype
        self.weights = [(rng.standard_normal((n, m)) / np.sqrt(n)).astype(dtype) for n, m in itertools.pairwise(sizes)]
        self.biases = [rng.standard_normal(m).astype(dtype) * np.dtype(dtype).type(0.1) for m in sizes[1:]]
        self.parameters = [p for pair in zip(self.weights, self.biases, strict=True) for p in pair]
        self.x = rng.random((batch, sizes[0])).astype(dtype)
        self.y = rng.random((batch, sizes[-1])).astype(dtype)


NETS = {
    "1-1-1-1, batch 1": partial(Net, [1, 1, 1, 1], 1, "float64"),
    "784-16-16-10, batch 32": partial(Net, [784, 16, 16, 10], 32, "float32"),
    "784-128-10, batch 128": partial(Net, [784, 128, 10], 128, "float32"),
    "784-512-512-10, batch 256": partial(Net, [784, 512, 512, 10], 256, "float32"),
}


def by_hand(net):
    """Numpy, straight from the textbook."""
    weights, biases = net.weights, net.biases

    def step(x=net.x, y=net.y):
        activations = [x]
        for w, b in zip(weights, biases, strict=True):
            activations.append(1 / (1 + np.exp(-(activations[-1] @ w + b))))
        a = activations[-1]
        cost = np.mean(np.sum((a - y) ** 2, axis=-1))
        da = 2 * (a - y) / len(x)
        gradients = []
        for number in reversed(range(len(weights))):
            a = activations[number + 1]
            delta = da * a * (1 - a)
            gradients = [activations[number].T @ delta, delta.sum(axis=0), *gradients]
            if number:
                da = delta @ weights[number].T
        return cost, gradients

    return step


def preallocated(net):
    """Compute the same in preallocated memory."""
    weights, biases, x, y = net.weights, net.biases, net.x, net.y
    one, scale = net.x.dtype.type(1), net.x.dtype.type(2 / len(x))
    a = [np.empty((len(x), len(b)), x.dtype) for b in biases]
    d = [np.empty_like(one_a) for one_a in a]
    slope = [np.empty_like(one_a) for one_a in a]
    dw, db = [np.empty_like(w) for w in weights], [np.empty_like(b) for b in biases]
    transposed = [w.T for w in weights]

    def step():
        before = x
        for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
            out = a[number]
            np.matmul(before, w, out=out)
            np.add(out, b, out=out)
            np.negative(out, out=out)
            np.exp(out, out=out)
            np.add(out, one, out=out)
            np.divide(one, out, out=out)
            before = out
        np.subtract(a[-1], y, out=d[-1])
        cost = np.vdot(d[-1], d[-1]) / len(x)
        np.multiply(d[-1], scale, out=d[-1])
        for number in reversed(range(len(weights))):
            np.subtract(one, a[number], out=slope[number])
            np.multiply(slope[number], a[number], out=slope[number])
            np.multiply(d[number], slope[number], out=d[number])
            np.matmul((a[number - 1] if number else x).T, d[number], out=dw[number])
            np.sum(d[number], axis=0, out=db[number])
            if number:
                np.matmul(d[number], transposed[number], out=d[number - 1])
        return cost, [g for pair in zip(dw, db, strict=True) for g in pair]

    return step


def graph_of(net):
    """graphcore."""
    g = gc.Graph()
    x = a = g.input("x", (None, net.x.shape[1]), net.dtype)
    y = g.input("y", (None, net.y.shape[1]), net.dtype)
    for number, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
        a = ops.sigmoid(ops.add_bias(a @ g.parameter(f"w{number}", w), g.parameter(f"b{number}", b)))
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return cost, {x: net.x, y: net.y}, list(g.parameters.values())


def has_single_neurons(net):
    """Return true for nets of single numbers, which is what micrograd supports."""
    return net.x.shape == (1, 1) and all(w.shape == (1, 1) for w in net.weights)


PROGRAMS = {
    **in_every_library(by_hand, graph_of, peers, **{"numpy, out=": preallocated}),
    "micrograd": Program(peers.with_micrograd, "micrograd", has_single_neurons),
}

if __name__ == "__main__":
    main("one step of learning, sigmoid layers", NETS, PROGRAMS)
