"""Graphs: names, scopes, leaves, the networkx view, copies, and what is refused with nothing lost."""

import copy
import pickle
import weakref
from gc import collect

import networkx as nx
import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.fixture
def neuron():
    """One neuron: graph and cost."""
    g = gc.Graph("one neuron")
    x, y = g.input("x"), g.input("y")
    w, b = g.parameter("w", 1.5), g.parameter("b", -0.4)
    with g.scope("layer"):
        a = ops.sigmoid((w * x + b).named("z"), name="a")
    ops.squared_error(a, y, name="C")
    return g


FEED = {"x": 0.62, "y": 1.0}


def test_by_name_in_order_of_making_and_by_kind(neuron):
    assert [n.label for n in neuron.nodes] == ["x", "y", "w", "b", "multiply#4", "z", "a", "C"]
    assert [n.index for n in neuron.nodes] == list(range(8))
    assert list(neuron.inputs) == ["x", "y"]
    assert list(neuron.parameters) == ["w", "b"]
    assert neuron["z"].op.name == "add"
    assert (neuron["x"].kind, neuron["w"].kind, neuron["a"].kind, neuron.constant(2.0).kind) == (
        "input", "parameter", "op", "constant",
    )  # fmt: skip
    assert "a" in neuron
    assert neuron["a"] in neuron
    assert "nobody" not in neuron
    assert len(neuron) == 9
    assert list(neuron) == list(neuron.nodes)
    assert bool(gc.Graph())


def test_leaves_cannot_be_changed_from_outside(neuron):
    with pytest.raises(TypeError):
        neuron.parameters["v"] = neuron["w"]
    with pytest.raises(TypeError):
        del neuron.inputs["x"]


def test_the_networkx_view_is_frozen_and_live(neuron):
    view = neuron.nx
    assert isinstance(view, nx.MultiDiGraph)
    before = view.number_of_nodes()
    for change in (lambda: view.add_node("stranger"), lambda: view.remove_node(neuron["a"]), view.clear,
                   lambda: view.add_edge(neuron["C"], neuron["x"])):  # fmt: skip
        with pytest.raises(nx.NetworkXError, match=r"[Ff]rozen"):
            change()
    ops.exp(neuron["a"])
    assert view.number_of_nodes() == before + 1 == len(neuron)
    assert nx.is_directed_acyclic_graph(view)
    assert nx.shortest_path_length(view, neuron["w"], neuron["C"]) == 4
    assert {node.label for node in nx.ancestors(view, neuron["z"])} == {"x", "w", "b", "multiply#4"}
    assert list(view.get_edge_data(neuron["z"], neuron["a"])) == ["z"]


def test_scopes_nest_and_end_even_when_something_fails():
    g = gc.Graph()
    with g.scope("encoder"):
        with g.scope("layer 1"):
            x = g.input("x")
        y = x * 2.0
    with pytest.raises(ValueError, match="boom"), g.scope("broken"):
        raise ValueError("boom")
    z = y + 1.0
    assert (x.scope, y.scope, z.scope) == (("encoder", "layer 1"), ("encoder",), ())
    assert x.name == "x"


@pytest.mark.parametrize("name", ["", "   ", "\t\n", None, 3, b"x", "n" * 10_001])
def test_what_is_no_name_is_refused_and_nothing_is_made(name):
    g = gc.Graph()
    x = g.input("x")
    for make in (lambda: g.input(name), lambda: g.parameter(name, 1.0), lambda: x.named(name)):
        with pytest.raises(gc.errors.NameTakenError, match="name"):
            make()
    with pytest.raises(gc.errors.NameTakenError, match="scope"), g.scope(name):
        pass
    assert len(g) == 1


@pytest.mark.parametrize("name", ['<b>&"\\', "שלום", "n:1", "z" * 10_000, "two\nlines", "\x00", "δ'"])
def test_any_other_text_is_a_name(name):
    g = gc.Graph()
    x = g.input(name)
    assert g[name] is x
    assert gc.backprop(ops.square(x, name=name + "!" if len(name) < 9_999 else "s"), {name: 3.0}).grad[name] == 6.0
    assert len(repr(x)) < 400
    assert repr(x).isprintable()


def test_a_name_used_twice_is_refused_with_the_line_of_the_first(neuron):
    before = len(neuron)
    x = neuron["x"]
    for make in (lambda: neuron.input("w"), lambda: neuron.parameter("w", 1.0), lambda: neuron.constant(1.0, name="w"),
                 lambda: ops.exp(x, name="w"), lambda: (x * 2.0).named("w")):  # fmt: skip
        with pytest.raises(gc.errors.NameTakenError) as caught:
            make()
        for piece in ("'w' is taken", "parameter", "one neuron", f"{__file__}:{neuron['w'].origin.line}"):
            assert piece in str(caught.value)
    assert len(neuron) == before + 2  # the product exists; it merely got no name
    with pytest.raises(gc.errors.NameTakenError, match="has a name already"):
        neuron["a"].named("other")
    assert neuron["a"].name == "a"
    assert "other" not in neuron


def test_an_unknown_name_says_what_was_meant(neuron):
    neuron.input("weights of layer one")
    with pytest.raises(gc.errors.UnknownNameError) as caught:
        neuron["weight of layer one"]
    for piece in ("weight of layer one", "one neuron", "Did you mean 'weights of layer one'?"):
        assert piece in str(caught.value)
    for key in (3, None, (1, 2), ["x"]):
        with pytest.raises(gc.errors.UnknownNameError):
            neuron[key]


@pytest.mark.parametrize("value", [3, [1, 2], True, np.arange(3), np.array([True]), np.uint8(3)])
def test_whole_numbers_are_no_parameters(value):
    g = gc.Graph()
    with pytest.raises(gc.errors.DtypeError) as caught:
        g.parameter("w", value)
    for piece in ("'w'", "only floats have a gradient", "float64"):
        assert piece in str(caught.value)
    assert len(g) == 0
    assert g.parameter("w", value, dtype="float64").dtype == "float64"


@pytest.mark.parametrize("value", ["text", None, 1j, [[1.0], [2.0, 3.0]], {"a": 1}, object(), np.array(["a"])])
def test_what_is_no_array_of_numbers_is_no_value(value):
    g = gc.Graph()
    for make in (lambda: g.parameter("w", value), lambda: g.constant(value), lambda: g.input("x") * value):
        with pytest.raises(gc.errors.GraphcoreError) as caught:
            make()
        assert str(caught.value)
    assert g.parameters == {}


def test_a_node_is_no_value_of_a_parameter():
    g = gc.Graph()
    x = g.input("x")
    with pytest.raises(gc.errors.DtypeError, match="'x'"):
        g.parameter("w", x)


def test_a_parameter_keeps_its_shape_and_dtype():
    g = gc.Graph()
    w = g.parameter("w", np.array([[1.0, 2.0]], "float32"))
    for value, error, said in [
        (np.zeros((2, 1), "float32"), gc.errors.ShapeError, ("(1, 2)", "(2, 1)")),
        (3.0, gc.errors.ShapeError, ("(1, 2)", "()")),
        (np.zeros((1, 2)), gc.errors.DtypeError, ("float32", "float64")),
        (np.zeros((1, 2), int), gc.errors.DtypeError, ("float32", "int64")),
        ("text", gc.errors.DtypeError, ("text",)),
        (w, gc.errors.DtypeError, ("'w'",)),
    ]:
        with pytest.raises(error) as caught:
            w.value = value
        for piece in ("'w'", *said):
            assert piece in str(caught.value)
        np.testing.assert_array_equal(w.value, [[1.0, 2.0]])
    w.value = [[3, 4]]
    assert w.value.dtype == "float32"
    np.testing.assert_array_equal(w.value, [[3.0, 4.0]])


def test_a_value_is_copied_in_and_a_constant_is_read_only():
    start = np.array([1.0, 2.0])
    g = gc.Graph()
    w, k = g.parameter("w", start), g.constant(start, name="k")
    start[0] = 99
    for one in (k, copy.deepcopy(g)["k"], pickle.loads(pickle.dumps(g))["k"]):
        with pytest.raises(ValueError, match="read-only"):
            one.value[1] = 99
    taken = np.array([5.0, 6.0])
    np.testing.assert_array_equal(w.value, [1.0, 2.0])
    np.testing.assert_array_equal(k.value, [1.0, 2.0])
    w.value = taken
    taken[:] = 0
    np.testing.assert_array_equal(w.value, [5.0, 6.0])
    for node in (k, g.input("x"), w * 2.0):
        with pytest.raises(gc.errors.NoValueError, match="only parameters can"):
            node.value = 1.0
    for node in (g["x"], w * 2.0):
        with pytest.raises(gc.errors.NoValueError, match="run"):
            _ = node.value


def test_the_label_of_a_node_without_a_name_is_no_name():
    g = gc.Graph()
    x = g.input("x")
    for name in ("add#2", "constant#0", "any_operation#17"):
        for make in (g.input, lambda name: g.parameter(name, 1.0), lambda name: ops.exp(x, name=name), (x * x).named):
            with pytest.raises(gc.errors.NameTakenError, match="label of a node without a name"):
                make(name)
    assert g.input("number #2").label == "number #2"


@pytest.mark.parametrize("shape", [(-1,), (2.5,), "ab", (True,), ((1, 2),), 1.5])
def test_what_is_no_shape(shape):
    g = gc.Graph()
    with pytest.raises(gc.errors.ShapeError, match="shape must be a tuple"):
        g.input("x", shape)
    assert len(g) == 0


@pytest.mark.parametrize("dtype", ["flaot32", "complex128", "str", object, "datetime64[s]", "float128", 7])
def test_what_is_no_dtype(dtype):
    g = gc.Graph()
    with pytest.raises(gc.errors.DtypeError, match="dtype"):
        g.input("x", (), dtype)
    assert len(g) == 0


def test_shapes_and_dtypes_may_be_said_in_many_ways(library):
    g = gc.Graph()
    assert g.input("a", 3).shape == (3,)
    assert g.input("b", [None, np.int64(2)]).shape == (None, 2)
    assert g.input("c", (), library.xp.float32).dtype == "float32"
    assert g.input("d", (), float).dtype == "float64"


@pytest.mark.parametrize("how", ["deepcopy", "pickle"])
def test_a_copy_of_a_graph_is_the_same_network_and_independent(neuron, how):
    twin = copy.deepcopy(neuron) if how == "deepcopy" else pickle.loads(pickle.dumps(neuron))
    assert [(n.name, n.kind, n.shape, n.scope, n.arguments) for n in twin.nodes] == [
        (n.name, n.kind, n.shape, n.scope, n.arguments) for n in neuron.nodes
    ]
    assert not set(twin.nodes) & set(neuron.nodes)
    assert all(n.graph is twin for n in twin.nodes)
    mine, theirs = gc.backprop(neuron["C"], FEED), gc.backprop(twin["C"], FEED)
    assert all(mine.grad[name] == theirs.grad[name] for name in ("x", "y", "w", "b", "z", "a"))
    twin["w"].value = 7.0
    assert neuron["w"].value == 1.5
    twin.input("new")
    assert "new" not in neuron
    assert twin["w"].origin == neuron["w"].origin


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_a_copied_array_is_not_shared(duplicate):
    g = gc.Graph()
    g.parameter("w", [1.0, 2.0])
    g.parameter("b", 3.0)
    twin = duplicate(g)
    for name in ("w", "b"):
        twin[name].value[...] = 5.0
    np.testing.assert_array_equal(g["w"].value, [1.0, 2.0])
    assert (g["b"].value, twin["b"].value) == (3.0, 5.0)


def test_nodes_copied_together_stay_together(neuron):
    a, c, again = copy.deepcopy([neuron["a"], neuron["C"], neuron["a"]])
    assert a is again
    assert a.graph is c.graph is not neuron
    assert a.graph["a"] is a
    with pytest.raises(gc.errors.NoValueError, match="copy its graph"):
        copy.copy(neuron["a"])


def test_a_run_after_the_graph_has_grown_is_the_run_before(neuron):
    before = gc.backprop(neuron["C"], FEED)
    later = neuron["a"] * neuron["w"] + ops.exp(neuron["z"])
    gc.derivative(later, neuron["w"])
    after = gc.backprop(neuron["C"], FEED)
    assert before.cost == after.cost
    assert [float(e.contribution) for e in before.edges] == [float(e.contribution) for e in after.edges]
    assert len(before.edges) == 7


def test_dropped_graphs_leave_nothing_behind():
    """Nothing outside of a graph keeps it: the cycle collector frees all of them."""
    dropped = []
    for _ in range(50):
        g = gc.Graph()
        w = g.parameter("w", 2.0)
        C = ops.tanh(w * w, name="C")
        run = gc.backprop(C, {})
        gc.explain(run, w)
        gc.compile(C, backend="numpy")({})
        gc.derivative(C, w)
        dropped.append(weakref.ref(g))
    del g, w, C, run
    collect()
    assert not any(graph() for graph in dropped)
