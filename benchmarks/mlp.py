"""One step of learning of a multilayer perceptron: cost and all gradients, beside what its users would write elsewhere.

    python benchmarks/mlp.py [--rounds N] [--only NAME ...]

Sigmoid layers, squared error, mean over the batch; a single BLAS thread. Every result is checked against hand-written
numpy before it is timed. The ratios are medians of short rounds in turn, in one process: lower is faster.
"""

import argparse
import importlib
import itertools
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from measuring import medians, table
from threadpoolctl import threadpool_limits

import graphcore as gc
import ops

NETS = {
    "1-1-1-1, batch 1": ([1, 1, 1, 1], 1, "float64"),
    "784-16-16-10, batch 32": ([784, 16, 16, 10], 32, "float32"),
    "784-128-10, batch 128": ([784, 128, 10], 128, "float32"),
    "784-512-512-10, batch 256": ([784, 512, 512, 10], 256, "float32"),
}


class Net:
    """The numbers of a network: weights, biases, inputs and targets."""

    def __init__(self, sizes, batch, dtype):
        rng = np.random.default_rng(0)
        self.dtype = dtype
        self.weights = [(rng.standard_normal((n, m)) / np.sqrt(n)).astype(dtype) for n, m in itertools.pairwise(sizes)]
        self.biases = [rng.standard_normal(m).astype(dtype) * np.dtype(dtype).type(0.1) for m in sizes[1:]]
        self.x = rng.random((batch, sizes[0])).astype(dtype)
        self.y = rng.random((batch, sizes[-1])).astype(dtype)


# -- each as its own users would write it


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
    """The same with memory that is there already."""
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
    g = gc.Graph()
    x = a = g.input("x", (None, net.x.shape[1]), net.dtype)
    y = g.input("y", (None, net.y.shape[1]), net.dtype)
    for number, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
        a = ops.sigmoid(ops.add_bias(a @ g.parameter(f"w{number}", w), g.parameter(f"b{number}", b)))
    return g, ops.mean(ops.squared_error(a, y), name="C"), x, y


def interpreted(net):
    g, cost, x, y = graph_of(net)
    parameters = list(g.parameters.values())

    def step():
        run = gc.backprop(cost, {x: net.x, y: net.y})
        return run.cost, [run.grad[p] for p in parameters]

    return step


def compiled(backend):
    def write(net):
        _, cost, x, y = graph_of(net)
        step = gc.compile(cost, backend=backend)

        def run():
            value, gradients = step({x: net.x, y: net.y})
            return value, list(gradients.values())

        return run

    return write


def with_autograd(net):
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = 1 / (1 + anp.exp(-(anp.dot(a, w) + b)))
        return anp.mean(anp.sum((a - y) ** 2, axis=-1))

    both = value_and_grad(cost)
    parameters = [p for pair in zip(net.weights, net.biases, strict=True) for p in pair]
    return lambda: both(parameters, net.x, net.y)


def with_mygrad(net):
    """MyGrad."""
    import mygrad as mg

    parameters = [mg.tensor(p) for pair in zip(net.weights, net.biases, strict=True) for p in pair]

    def step():
        a = net.x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = 1 / (1 + mg.exp(-(mg.matmul(a, w) + b)))
        cost = mg.mean(mg.sum((a - net.y) ** 2, axis=-1))
        cost.backward()
        return cost.item(), [p.grad for p in parameters]

    return step


def with_jax(net):
    """JAX under jit."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = jax.nn.sigmoid(a @ w + b)
        return jnp.mean(jnp.sum((a - y) ** 2, axis=-1))

    both = jax.jit(jax.value_and_grad(cost))
    parameters = [jnp.asarray(p) for pair in zip(net.weights, net.biases, strict=True) for p in pair]
    return lambda: jax.block_until_ready(both(parameters, net.x, net.y))


def with_torch(net):
    """PyTorch, eagerly."""
    import torch

    torch.set_num_threads(1)
    parameters = [
        torch.tensor(p, requires_grad=True) for pair in zip(net.weights, net.biases, strict=True) for p in pair
    ]
    x, y = torch.from_numpy(net.x), torch.from_numpy(net.y)

    def step():
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = torch.sigmoid(a @ w + b)
        cost = ((a - y) ** 2).sum(-1).mean()
        return cost.detach(), torch.autograd.grad(cost, parameters)

    return step


PROGRAMS = {
    "numpy": (by_hand, "numpy"),
    "numpy, out=": (preallocated, "numpy"),
    "gc numpy": (compiled("numpy"), "numpy"),
    "gc numba": (compiled("numba"), "numba"),
    "gc backprop": (interpreted, "numpy"),
    "autograd": (with_autograd, "autograd"),
    "mygrad": (with_mygrad, "mygrad"),
    "jax jit": (with_jax, "jax"),
    "torch": (with_torch, "torch"),
}


def agrees(found, expected, net):
    tolerance = 1e-9 if net.dtype == "float64" else 1e-4
    np.testing.assert_allclose(found[0], expected[0], rtol=tolerance)
    for mine, theirs in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(np.asarray(mine), theirs, rtol=tolerance, atol=tolerance * np.abs(theirs).max())


def measure(sizes, batch, dtype, names, rounds):
    net = Net(sizes, batch, dtype)
    expected = by_hand(net)()
    programs = {}
    for name in names:
        write, library = PROGRAMS[name]
        try:
            importlib.import_module(library)
        except ImportError:
            continue
        programs[name] = write(net)
        agrees(programs[name](), expected, net)
    found = medians(programs, rounds)
    base = found["numpy"]
    row = {name: f"{seconds / base:.2f}" for name, seconds in found.items()}
    row["numpy"] = f"{base * 1e6:.1f} µs"
    return row


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="*", default=[], choices=PROGRAMS)
    chosen = parser.parse_args()
    wanted = ["numpy", *(n for n in chosen.only or PROGRAMS if n != "numpy")]
    with threadpool_limits(1):
        rows = {name: measure(*net, wanted, chosen.rounds) for name, net in NETS.items()}
    print(table(rows, wanted))
