"""A graph that several threads build, with the switches between them at chosen points."""

import threading

import networkx as nx
import numpy as np
import pytest

import graphcore as gc
import ops


def in_another_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


class SwitchingList(list):
    """The list of a graph's nodes, in which another thread works just before a node is appended."""

    def __init__(self, items, work):
        super().__init__(items)
        self.work = work

    def append(self, item):
        work, self.work = self.work, lambda: None
        in_another_thread(work)
        super().append(item)


class SwitchingDict(dict):
    """The names of a graph, among which another thread works just after a name was found free."""

    def __init__(self, items, work):
        super().__init__(items)
        self.work = work

    def __contains__(self, name):
        found = super().__contains__(name)
        work, self.work = self.work, lambda: None
        in_another_thread(work)
        return found


@pytest.mark.parametrize("with_networkx", [False, True])
def test_every_node_has_an_index_of_its_own(with_networkx):
    g = gc.Graph()
    x = g.input("x")
    if with_networkx:
        assert len(g.nx) == 1
    others = []
    g._nodes = SwitchingList(g._nodes, lambda: others.extend([x * x, g.input("y"), ops.exp(x)]))
    mine = ops.tanh(x)
    assert [node.index for node in g.nodes] == list(range(5))
    assert set(g.nodes) == {x, mine, *others}
    assert list(g.nx) == list(g.nodes)
    assert set(g.nx.successors(x)) == {mine, others[0], others[2]}
    assert nx.is_directed_acyclic_graph(g.nx)
    cost = mine * others[0]
    np.testing.assert_allclose(gc.evaluate(cost, {x: 0.5}), np.tanh(0.5) * 0.25)


@pytest.mark.parametrize(
    "add", [lambda g, x: g.input("a"), lambda _, x: x.named("a"), lambda _, x: ops.exp(x, name="a")]
)
def test_one_name_is_given_once(add):
    """The second of two threads that found the name free is refused, and leaves nothing behind."""
    g = gc.Graph()
    x = g.constant(1.0)
    g._names = SwitchingDict({}, lambda: g.parameter("a", 2.0))
    with pytest.raises(gc.errors.NameTakenError, match="the name 'a' is taken"):
        add(g, x)
    assert [node.kind for node in g.nodes] == ["constant", "parameter"]
    assert g["a"].kind == "parameter"
    assert not g.inputs
    assert x.name is None


def test_a_scope_is_that_of_its_thread():
    g = gc.Graph()
    x = g.input("x")
    made = {}

    def build():
        with g.scope("theirs"):
            made["theirs"] = ops.exp(x)
        made["outside"] = ops.exp(x)

    with g.scope("mine"):
        in_another_thread(build)
        made["mine"] = ops.exp(x)
        with g.checkpoint_region():
            in_another_thread(build)
            made["inside"] = ops.exp(x)
    assert {name: node.scope for name, node in made.items()} == {
        "theirs": ("theirs",), "outside": (), "mine": ("mine",), "inside": ("mine",)
    }  # fmt: skip
    assert [made[name].region for name in ("theirs", "outside", "mine", "inside")] == [None, None, None, 0]
