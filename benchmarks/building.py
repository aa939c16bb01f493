"""Building graphs: how many operations a second are written down, and compiled.

    python benchmarks/building.py [--rounds N]

Layers as users write them: a sigmoid of a product of matrices and a bias, one after the other, counted as three
operations. ``derivative`` writes the gradient by all parameters as nodes; ``compile`` is the first call of a step, for
programs that are not kept yet. JAX traces to a jaxpr, PyTensor makes its variables, PyTorch computes meanwhile.
"""

import argparse
import itertools
import json
import os
import pathlib
import statistics
import tempfile
import time

import numpy as np
import one_thread  # noqa: F401
from measuring import table

import graphcore as gc
import ops

LAYERS = (10, 100, 1_000)
W, B, X = np.eye(4), np.zeros(4), np.ones((2, 4))
#: a step is compiled for a batch of another size each time, since what is compiled once is kept
BATCHES = itertools.count(3)


def graph_of(layers):
    g = gc.Graph()
    x = a = g.input("x", (None, 4))
    for number in range(layers):
        a = ops.sigmoid(ops.add_bias(a @ g.parameter(f"w{number}", W), g.parameter(f"b{number}", B)))
    return g, x, ops.sum(a)


def graphcore(layers):
    graph_of(layers)


def graphcore_derivative(layers):
    g, _, cost = graph_of(layers)
    parameters = list(g.parameters.values())
    return lambda: gc.derivative(cost, parameters)


def graphcore_compile(backend):
    def prepared(layers):
        _, x, cost = graph_of(layers)
        return lambda: gc.compile(cost, backend=backend)({x: np.ones((next(BATCHES), 4))})

    return prepared


def pytensor(layers):
    import pytensor.tensor as pt

    a = pt.matrix()
    for _ in range(layers):
        a = pt.sigmoid(a @ pt.matrix() + pt.vector())
    return pt.sum(a)


def jax(layers):
    import jax

    parameters = [(W, B)] * layers

    def cost(parameters, a):
        for w, b in parameters:
            a = jax.nn.sigmoid(a @ w + b)
        return a.sum()

    jax.make_jaxpr(cost)(parameters, X)


def torch(layers):
    import torch

    torch.set_num_threads(1)
    parameters = [(torch.tensor(W, requires_grad=True), torch.tensor(B, requires_grad=True)) for _ in range(layers)]
    a = torch.tensor(X)
    for w, b in parameters:
        a = torch.sigmoid(a @ w + b)
    return a.sum()


BUILDERS = {
    "gc": lambda layers: lambda: graphcore(layers),
    "gc derivative": graphcore_derivative,
    "gc compile numpy": graphcore_compile("numpy"),
    "gc compile numba": graphcore_compile("numba"),
    "pytensor": lambda layers: lambda: pytensor(layers),
    "jax trace": lambda layers: lambda: jax(layers),
    "torch": lambda layers: lambda: torch(layers),
}


def seconds_of(prepare, layers, rounds):
    """The median, everything that is made once having been made."""
    prepare(3)()
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as empty:
            os.environ["GRAPHCORE_CACHE"] = empty
            build = prepare(layers)
            start = time.perf_counter()
            build()
            found.append(time.perf_counter() - start)
    return statistics.median(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    everything = {}
    for name, prepare in BUILDERS.items():
        try:
            everything[name] = {f"{n} layers": seconds_of(prepare, n, chosen.rounds) for n in LAYERS}
        except ImportError:
            continue
    rows = {
        name: {case: f"{seconds:.3g} s" for case, seconds in found.items()}
        | {"operations/s": f"{3 * LAYERS[-1] / found[f'{LAYERS[-1]} layers']:,.0f}"}
        for name, found in everything.items()
    }
    print("building a graph of layers: seconds, and operations a second in the largest\n")
    print(table(rows, [*(f"{n} layers" for n in LAYERS), "operations/s"]))
    if chosen.json:
        chosen.json.write_text(json.dumps(everything))
