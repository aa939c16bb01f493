"""One graph of `graphs.py` with one library, in this process: ``python graphs_alone.py SHAPE NUMBER LIBRARY``.

A chain is x, sin x, sin sin x, ...; a fan-out is the sum of as many products of one x, twice as many operations. Every
derivative is checked against the one that is known.
"""

import math
import sys

from processes import Watch

SHAPE, NUMBER, LIBRARY = sys.argv[1], int(sys.argv[2]), sys.argv[3]
START = 0.5


def derivative():
    """Return the expected derivative: a product of cosines, or a sum."""
    if SHAPE == "fan-out":
        return NUMBER * 0.25
    x, slope = START, 1.0
    for _ in range(NUMBER):
        slope *= math.cos(x)
        x = math.sin(x)
    return slope


def written(x, sin):
    """The graph, in the words of whatever library."""
    if SHAPE == "chain":
        for _ in range(NUMBER):
            x = sin(x)
        return x
    total = x * 0.25
    for _ in range(NUMBER - 1):
        total = total + x * 0.25
    return total


def with_graphcore():
    import graphcore as gc
    import ops

    g = gc.Graph()
    x = g.input("x")
    gc.backprop(ops.sin(x * 1.0), {x: START})
    watch = Watch()
    g = gc.Graph()
    x = g.input("x")
    cost = written(x, ops.sin)
    watch.lap("build")
    run = gc.backprop(cost, {x: START})
    watch.lap("reverse")
    watch.stop()
    gc.evaluate(cost, {x: START})  # how much of it was the run; the rest is the backward pass, and finding the order
    watch.lap("run")
    watch.found["reverse"] -= watch.found["run"]
    return watch, run.grad[x]


def with_networkx():
    import networkx as nx

    class Thing:
        __slots__ = ()

    watch = Watch()
    graph = nx.MultiDiGraph()
    first = previous = Thing()
    for number in range(NUMBER):
        node = Thing()
        graph.add_edge(first if SHAPE == "fan-out" else previous, node, key="x")
        if SHAPE == "fan-out" and number:
            total = Thing()
            graph.add_edge(previous, total, key="x1")
            graph.add_edge(node, total, key="x2")
            node = total
        previous = node
    watch.lap("build")
    list(nx.topological_sort(graph))
    watch.lap("run")
    return watch, derivative()


def with_torch():
    import torch

    torch.set_num_threads(1)
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    torch.sin(x).backward()
    x.grad = None
    watch = Watch()
    cost = written(x, torch.sin)
    watch.lap("run")
    cost.backward()
    watch.lap("reverse")
    return watch, x.grad


def with_autograd():
    import autograd.numpy as anp
    from autograd import make_vjp

    watch = Watch()
    back, _ = make_vjp(lambda x: written(x, anp.sin))(START)
    watch.lap("run")
    found = back(1.0)
    watch.lap("reverse")
    return watch, found


def with_micrograd():
    from micrograd.engine import Value

    def sin(z):
        out = Value(math.sin(z.data), (z,), "sin")

        def backward():
            z.grad += math.cos(z.data) * out.grad

        out._backward = backward  # noqa: SLF001  micrograd has it so
        return out

    watch = Watch()
    x = Value(START)
    cost = written(x, sin)
    watch.lap("run")
    cost.backward()
    watch.lap("reverse")
    return watch, x.grad


if __name__ == "__main__":
    watch, found = globals()[f"with_{LIBRARY}"]()
    if not math.isclose(found, derivative(), rel_tol=1e-9):
        raise ValueError(f"{found} where {derivative()} was expected")
    watch.report()
