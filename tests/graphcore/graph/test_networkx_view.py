"""``g.nx`` against a MultiDiGraph that is filled the way users of networkx fill one: also a canary for its versions."""

import copy
import inspect
import json
import pickle

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms import isomorphism

import graphcore as gc
import ops
from graphcore.graph.networkx_view import attributes_of


@pytest.fixture
def neuron():
    g = gc.Graph("one neuron")
    x, y = g.input("x", (None, 2)), g.input("y", (None,))
    with g.scope("layer"), g.scope("inner"):
        w, b = g.parameter("w", [1.5, -0.5]), g.parameter("b", -0.4)
        z = (x @ w + b).named("z")
        a = ops.sigmoid(z, name="a")
    ops.mean(ops.square(a * a - y), name="C")
    return g


def edges_of(nodes):
    """The edges as the nodes' arguments have them."""
    return [(s, n, a) for n in nodes for s, a in zip(n.inputs, n.arguments, strict=True)]


def filled(g):
    """The same graph, built with networkx alone."""
    alike = nx.MultiDiGraph(name=g.name)
    for node in g.nodes:
        alike.add_node(node, **attributes_of(node))
    for source, target, argument in edges_of(g.nodes):
        alike.add_edge(source, target, key=argument, argument=argument)
    return alike


MAKERS = (lambda a, b: a * b, lambda a, _: ops.sin(a), lambda a, b: ops.stack([a, b, a])[0], lambda a, _: a + 1.0)


@pytest.mark.parametrize("is_run", [False, True])
@pytest.mark.parametrize("asked_after", [0, 3, 40])
def test_networkx_has_the_same_nodes_and_edges_whenever_it_is_first_asked(asked_after, is_run):
    g = gc.Graph("random")
    nodes = [g.input("x"), g.parameter("w", 2.0)]
    rng = np.random.default_rng(5)
    for number in range(41):
        if number == asked_after:
            view = g.nx
        if is_run and number % 13 == 0:  # the executor reads the same object, before and after it is filled
            gc.evaluate(nodes[-1] * nodes[0] * nodes[1], {"x": 1.0})
        a, b = (nodes[i] for i in rng.integers(len(nodes), size=2))
        nodes.append(MAKERS[number % 4](a, b))
    assert view is g.nx
    assert list(view) == list(g.nodes)
    assert nx.utils.graphs_equal(view, filled(g))
    assert sorted(view.edges(keys=True), key=repr) == sorted(edges_of(g.nodes), key=repr)
    assert sorted(view.in_edges(keys=True), key=repr) == sorted(edges_of(g.nodes), key=repr)
    assert view.name == "random"
    for node in g.nodes:
        users = g.successors(node)
        assert users == {user: list(arguments) for user, arguments in view.succ[node].items()}
        assert list(users) == sorted(users, key=lambda user: user.index)


def relabelled(graph):
    return nx.relabel_nodes(graph, {node: node.label for node in graph})


#: what networkx before 3.4 calls "links", and does not ask for
EDGES = {"edges": "edges"} if "edges" in inspect.signature(nx.node_link_data).parameters else {}

QUERIES = {
    "longest path": nx.dag_longest_path,
    "dict of dicts": nx.to_dict_of_dicts,
    "topological sort": lambda g: list(nx.topological_sort(g)),
    "lexicographical sort": lambda g: list(nx.lexicographical_topological_sort(g, key=lambda node: node.index)),
    "transitive closure": nx.transitive_closure,
    "degrees": lambda g: (dict(g.in_degree), dict(g.out_degree)),
    "matrix": lambda g: nx.to_numpy_array(g).tolist(),
    "reversed": lambda g: sorted(g.reverse().edges(keys=True), key=repr),
    "node-link JSON": lambda g: json.dumps(nx.node_link_data(relabelled(g), **EDGES)),
    "GraphML": lambda g: "\n".join(nx.generate_graphml(relabelled(g))),
    "adjacency list": lambda g: list(nx.generate_multiline_adjlist(g)),
    "attributes of nodes": lambda g: [list(g.nodes(data=key)) for key in ("name", "op", "shape", "absent")],
    "attributes of edges": lambda g: list(g.edges(keys=True, data="argument")),
    "ancestors": lambda g: nx.ancestors(g, next(n for n in g if n.name == "C")),
    "subgraph": lambda g: nx.MultiDiGraph(g.subgraph([n for n in g if n.kind == "op"])),
    "edge subgraph": lambda g: nx.MultiDiGraph(g.edge_subgraph(list(g.edges(keys=True))[:3])),
    "layout": lambda g: {n.label: tuple(p) for n, p in nx.circular_layout(g).items()},
    "generations": lambda g: [sorted(n.label for n in generation) for generation in nx.topological_generations(g)],
    "connected": nx.is_weakly_connected,
    "copy": lambda g: g.copy(),
    "undirected": lambda g: g.to_undirected(),
    "a DiGraph": nx.DiGraph,
}


@pytest.mark.parametrize("query", QUERIES)
def test_queries_find_what_they_find_in_a_graph_that_networkx_filled(query, neuron):
    found, expected = QUERIES[query](neuron.nx), QUERIES[query](filled(neuron))
    same = nx.utils.graphs_equal(found, expected) if isinstance(found, nx.Graph) else found == expected
    assert same


@pytest.mark.parametrize("kind", [isomorphism.DiGraphMatcher, isomorphism.MultiDiGraphMatcher])
def test_a_pattern_of_operations_is_found(neuron, kind):
    pattern = nx.MultiDiGraph()
    for name in ("matmul", "add", "sigmoid"):
        pattern.add_node(name, op=name)
    nx.add_path(pattern, ["matmul", "add", "sigmoid"])
    matcher = kind(neuron.nx, pattern, node_match=isomorphism.categorical_node_match("op", None))
    (match,) = matcher.subgraph_isomorphisms_iter()
    assert {found.label: wanted for found, wanted in match.items()} == {
        neuron["z"].inputs[0].label: "matmul", "z": "add", "a": "sigmoid"
    }  # fmt: skip


def test_attributes_are_plain_strings_and_follow_a_name_given_later(neuron):
    z = neuron["z"]
    assert {key: value for key, value in neuron.nx.nodes[z].items() if key != "origin"} == {
        "name": "z", "op": "add", "kind": "op", "shape": "(any,)", "dtype": "float64", "scope": "layer/inner"
    }  # fmt: skip
    assert neuron.nx.nodes[z]["origin"].rpartition(":")[0] == __file__
    squared = ops.square(z)
    assert neuron.nx.nodes[squared]["name"] == ""
    squared.named("squared")
    assert neuron.nx.nodes[squared]["name"] == "squared"
    assert all(type(text) is str for _, data in neuron.nx.nodes(data=True) for text in data.values())


def test_pandas_gets_the_edges(neuron):
    pytest.importorskip("pandas")
    table = nx.to_pandas_edgelist(neuron.nx)
    assert sorted(table["argument"]) == sorted(key for _, _, key in neuron.nx.edges(keys=True))


def test_what_is_no_node_is_refused_by_networkx(neuron):
    assert "C" not in neuron.nx
    with pytest.raises(nx.NetworkXError):
        nx.ancestors(neuron.nx, "C")
    with pytest.raises(KeyError):
        neuron.nx.succ[gc.Graph().input("stranger")]


def test_it_is_alive_and_read_only_and_copies_are_free(neuron):
    users = neuron.nx.adj[neuron["a"]]
    last = ops.exp(neuron["a"])
    assert last in users
    for write in (
        lambda: neuron.nx.graph.update(author="me"),
        lambda: neuron.nx.nodes[last].update(color="red"),
        lambda: neuron.nx.edges[neuron["a"], last, "x"].update(weight=2),
        lambda: nx.set_node_attributes(neuron.nx, "red", "color"),
    ):
        with pytest.raises(TypeError, match=r"g\.nx\.copy\(\) takes them"):
            write()
    for free in (neuron.nx.copy(), neuron.nx.reverse(), nx.MultiDiGraph(neuron.nx)):
        free.nodes[last]["color"] = "red"
        free.edges[next(iter(free.edges(keys=True)))]["weight"] = 2
    assert "color" not in neuron.nx.nodes[last]


def test_pickles_and_deep_copies_hold_the_same_graph(neuron):
    for twin in (pickle.loads(pickle.dumps(neuron.nx)), copy.deepcopy(neuron.nx)):
        assert type(twin) is nx.MultiDiGraph
        assert QUERIES["node-link JSON"](twin) == QUERIES["node-link JSON"](neuron.nx)
        assert next(iter(twin)) is not next(iter(neuron.nx))
    twin = pickle.loads(pickle.dumps(neuron))
    assert QUERIES["GraphML"](twin.nx) == QUERIES["GraphML"](neuron.nx)


def test_the_order_of_a_plan_is_a_topological_order_of_networkx(neuron):
    from graphcore.autodiff.plan import plan_for

    plan = plan_for(neuron, (neuron["C"],))
    of_networkx = nx.lexicographical_topological_sort(
        neuron.nx.subgraph(nx.ancestors(neuron.nx, neuron["C"]) | {neuron["C"]}), key=lambda node: node.index
    )
    assert list(plan) == list(of_networkx)
    edges = [edge for position in range(len(plan)) for edge in plan.edges_into(position)]
    assert sorted(edges, key=repr) == sorted(neuron.nx.in_edges(plan.nodes, keys=True), key=repr)
