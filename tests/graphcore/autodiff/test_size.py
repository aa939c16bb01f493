"""Graphs that are long, wide or full of paths: nothing recurses, and the work grows as the graph does."""

import copy
import gc as memory
import inspect
import pickle
import subprocess
import sys
import weakref

import numpy as np
import pytest

import graphcore as gc
import ops

LENGTH = 200_000


@pytest.fixture
def shallow():
    """A stack on which nothing deep could stand."""
    before = sys.getrecursionlimit()
    depth = len(inspect.stack(0))
    sys.setrecursionlimit(depth + 150)
    yield
    sys.setrecursionlimit(before)


def chain(length):
    """A parameter with that many operations in a row after it: negations, and a hundred times tanh."""
    g = gc.Graph("chain")
    x = node = g.parameter("x", 1.0)
    for i in range(length):
        node = ops.negative(node) if i % (length // 100) else ops.tanh(node)
    return g, x, node


LONG_CHAIN = r"""
import pathlib, re, resource, sys
import graphcore as gc, ops
sys.setrecursionlimit(100)
g = gc.Graph()
x = g.parameter("x", 2.0)
node = x
for _ in range({length}):
    node = -node
run = gc.backprop(node * x)
assert run.cost == 4.0, run.cost
assert run.grad[x] == 4.0, run.grad[x]
assert len(g) == {length} + 2
status = pathlib.Path("/proc/self/status")  # getrusage would count what the parent had before
if status.exists():
    peak = int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) * 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
assert peak < 1e9, peak
"""


def test_a_chain_of_200_000_operations_runs_in_a_gigabyte():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LONG_CHAIN.format(length=LENGTH)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("shallow")
def test_nothing_done_with_a_chain_of_200_000_operations_recurses():
    g, x, last = chain(LENGTH)
    value, slope = 1.0, 1.0
    for _ in range(100):  # a tanh, and an odd number of negations
        value, slope = -np.tanh(value), -slope * (1 - np.tanh(value) ** 2)
    run = gc.backprop(last)
    np.testing.assert_allclose([run.cost, run.grad[x]], [value, slope], rtol=1e-12)
    assert len(run.edges) == LENGTH
    assert len(repr(run)) + len(repr(g)) + len(repr(last)) + len(str(run)) < 20_000
    twin = copy.deepcopy(g)
    again = pickle.loads(pickle.dumps(g))
    for copied in (twin, again):
        assert len(copied) == len(g)
        assert gc.evaluate(copied.nodes[-1]) == run.cost
    ghosts = [weakref.ref(g), weakref.ref(last), weakref.ref(twin), weakref.ref(again)]
    del g, x, last, run, twin, again, copied
    memory.collect()
    assert [ghost() for ghost in ghosts] == [None] * 4


def test_an_operation_and_its_run_make_three_objects_for_the_collector_to_walk():
    """The node, its arguments and its uses: collecting again and again is most of what a growing graph costs."""
    _, _, last = chain(1_000)
    memory.collect()
    before = len(memory.get_objects())
    for _ in range(10_000):
        last = ops.negative(last)
    run = gc.backprop(last)
    assert len(memory.get_objects()) - before < 3.01 * 10_000
    assert len(run.graph.nx) == 11_001


def test_a_run_with_20_000_nodes_is_read_back_without_listing_them_for_each(monkeypatch):
    _, x, last = chain(20_000)
    run = gc.backprop(last)
    listed = []
    monkeypatch.setattr(gc.Graph, "nodes", property(lambda graph: listed.append(graph) or tuple(graph._nodes)))
    for again in (copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
        assert again.grad[again.graph["x"]] == run.grad[x]
    assert len(listed) < 10


@pytest.mark.usefixtures("shallow")
def test_the_formula_of_a_long_chain_does_not_recurse():
    _, x, last = chain(20_000)
    slope = gc.derivative(last, x)
    assert gc.evaluate(slope) == pytest.approx(gc.backprop(last).grad[x], rel=1e-12)


@pytest.mark.usefixtures("shallow")
def test_a_fan_out_of_100_000():
    g = gc.Graph()
    x = g.parameter("x", 2.0)
    branches = [ops.negative(x) for _ in range(100_000)]
    total = ops.sum(ops.concat([ops.reshape(b, (1,)) for b in branches[:1000]]))
    for branch in branches[1000:]:
        total = total + branch
    run = gc.backprop(total)
    assert run.cost == -200_000.0
    assert run.grad[x] == -100_000.0
    assert g.nx.out_degree(x) == 100_000
    assert sum(edge.source is x for edge in run.edges) == 100_000


@pytest.mark.usefixtures("shallow")
def test_a_diamond_sixty_times_over_has_2_to_the_60_paths_and_180_edges():
    g = gc.Graph()
    x = node = g.parameter("x", 1.0)
    for _ in range(60):
        node = ops.negative(node) + ops.negative(node)
    run = gc.backprop(node)
    assert run.cost == run.grad[x] == 2.0**60
    assert len(run.edges) == 240
    slope = gc.derivative(node, x)
    assert gc.evaluate(slope) == 2.0**60
    assert len(g) < 1000
    square = gc.derivative(node * node, x)
    assert gc.evaluate(gc.derivative(square, x)) == 2.0**121
    assert len(g) < 3000


def test_the_work_of_x_times_x_over_and_over_is_linear():
    """Two edges between each pair of neighbours: 2³⁰ paths."""
    g = gc.Graph()
    x = node = g.parameter("x", 1.0)
    for _ in range(30):
        node = node * node
    run = gc.backprop(node)
    assert run.grad[x] == 2.0**30
    assert len(run.edges) == 60


def test_nothing_stays_behind_when_a_graph_is_forgotten():
    def use():
        g = gc.Graph()
        x = g.parameter("x", np.ones(3))
        cost = ops.sum(ops.softmax(x) * x)
        gc.backprop(cost)
        gc.evaluate(gc.derivative(cost, x))
        return weakref.ref(g)

    ghost = use()
    memory.collect()
    assert ghost() is None
