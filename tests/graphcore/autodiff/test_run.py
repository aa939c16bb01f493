"""Runs: records that nothing changes, mappings by node and name, edges with their local derivatives."""

import pickle

import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.fixture
def net():
    """A layer of two neurons on three inputs."""
    g = gc.Graph("layer")
    x = g.input("x", (None, 3))
    w, b = g.parameter("w", np.arange(6.0).reshape(3, 2) / 5), g.parameter("b", [0.5, -0.5])
    a = ops.sigmoid(ops.add_bias(ops.matmul(x, w, name="p"), b, name="z"), name="a")
    ops.mean(ops.squared_error(a, np.array([0.0, 1.0])), name="C")
    g.input("elsewhere")
    return g


FEED = {"x": np.array([[1.0, 2.0, -1.0], [0.0, -3.0, 0.5]])}


def test_values_and_gradients_by_node_and_by_name(net):
    run = gc.backprop(net["C"], FEED)
    assert run.cost == run.value["C"] == run.value[net["C"]]
    assert run.grad["C"] == 1.0
    assert run.grad[net["w"]] is not None
    np.testing.assert_array_equal(run.grad["w"], run.grad[net["w"]])
    assert list(run.value) == list(run.order)
    assert set(run.grad) == set(run.order)
    assert len(run.value) == len(run.order) == len(net) - 1
    assert "w" in run.grad
    assert net["w"] in run.grad
    for stranger in ("elsewhere", net["elsewhere"], "nobody", gc.Graph().input("w"), 3):
        assert stranger not in run.grad
        assert stranger not in run.value
    for node in run.order:
        assert run.grad[node].shape == run.value[node].shape


def test_get_has_a_default_for_what_is_not_there(net):
    run = gc.backprop(net["C"], FEED)
    assert run.grad.get("nobody") is None
    assert run.grad.get("elsewhere", 0.0) == 0.0
    with pytest.raises(KeyError) as caught:
        run.grad["nobody"]
    assert str(caught.value).startswith("no node named")


def test_what_a_run_does_not_know_is_said(net):
    run = gc.backprop(net["C"], FEED)
    other = gc.Graph("other graph").input("w")
    for key, error, pieces in [
        ("elsewhere", gc.errors.UnknownNameError, ("elsewhere", "'C' does not depend on it", __file__)),
        ("sigmoid_a", gc.errors.UnknownNameError, ("sigmoid_a", "layer")),
        (other, gc.errors.GraphError, ("other graph", "another graph", __file__)),
        (3, gc.errors.UnknownNameError, ("3",)),
    ]:
        for mapping in (run.value, run.grad):
            with pytest.raises(error) as caught:
                mapping[key]
            for piece in pieces:
                assert piece in str(caught.value)


def test_gradients_of_inputs_targets_and_constants_are_there_too(net, differences, agree):
    run = gc.backprop(net["C"], FEED)
    (target,) = (n for n in run.order if n.kind == "constant")
    w, b = net["w"].value, net["b"].value

    def cost(x, y):
        return np.mean(np.sum((1 / (1 + np.exp(-(x @ w + b))) - y) ** 2, -1))

    agree(run.grad["x"], differences(lambda x: cost(x, np.array([0.0, 1.0])), FEED["x"]))
    agree(run.grad[target], differences(lambda y: cost(FEED["x"], y), np.array([0.0, 1.0])))


def test_a_run_is_read_only(net):
    run = gc.backprop(net["C"], FEED)
    arrays = [run.value["a"], run.value["x"], run.value["w"], run.grad["w"], run.grad["x"]]
    arrays += [a for edge in run.edges for a in (edge.contribution, edge.local) if isinstance(a, np.ndarray)]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(TypeError):
        run.value["w"] = 0


def test_nothing_that_happens_later_changes_a_run(net):
    run = gc.backprop(net["C"], FEED)
    kept = {n: (np.array(run.value[n]), np.array(run.grad[n])) for n in ("w", "b", "z", "a", "C")}
    early = gc.backprop(net["C"], FEED)  # whose gradients nobody has looked at yet
    net["w"].value = net["w"].value * 0 + 9.0
    again = gc.backprop(net["C"], {"x": np.ones((2, 3))})
    assert again.cost != run.cost
    for record in (run, early):
        for name, (value, gradient) in kept.items():
            np.testing.assert_array_equal(record.value[name], value)
            np.testing.assert_array_equal(record.grad[name], gradient)
        total = sum(e.contribution for e in record.edges if e.source is net["x"])
        np.testing.assert_array_equal(total, run.grad["x"])


def test_running_twice_gives_the_same_answer_twice(net):
    first, second = gc.backprop(net["C"], FEED), gc.backprop(net["C"], FEED)
    for node in first.order:
        np.testing.assert_array_equal(first.value[node], second.value[node])
        np.testing.assert_array_equal(first.grad[node], second.grad[node])


@pytest.mark.parametrize("view", [lambda w: w, ops.matrix_transpose, lambda w: ops.reshape(w, (6,)), lambda w: w[0]])
def test_what_evaluate_hands_out_is_the_callers_own(net, view, library):
    w = net["w"]
    before = w.value
    taken = gc.evaluate(view(w))
    taken[...] = 99.0
    np.testing.assert_array_equal(w.value, before)
    p = net.parameter("p2", library.array(before))
    library.overwrite(gc.evaluate(view(p)))
    np.testing.assert_array_equal(library.numpy(p.value), before)


def test_what_a_run_of_another_library_hands_out_is_no_way_into_it(library):
    g = gc.Graph()
    w = g.parameter("w", library.array([1.0, 2.0]))
    run = gc.backprop(ops.sum(ops.square(w)))
    for mapping in (run.value, run.grad):
        library.overwrite(mapping[w])
    np.testing.assert_array_equal(library.numpy(run.value[w]), [1.0, 2.0])
    np.testing.assert_array_equal(library.numpy(run.grad[w]), [2.0, 4.0])
    np.testing.assert_array_equal(library.numpy(w.value), [1.0, 2.0])


def test_edges(net):
    run = gc.backprop(net["C"], FEED)
    assert len(run.edges) == sum(len(node.inputs) for node in run.order)
    by_target = {(edge.target.label, edge.argument): edge for edge in run.edges}
    squash = by_target["a", "z"]
    assert squash.source is net["z"]
    a = run.value["a"]
    np.testing.assert_allclose(squash.local, a * (1 - a), rtol=1e-15)
    np.testing.assert_allclose(squash.contribution, run.grad["a"] * a * (1 - a), rtol=1e-15)
    bias = by_target["z", "b"]
    np.testing.assert_array_equal(bias.local, np.ones((2, 2)))
    np.testing.assert_allclose(bias.contribution, run.grad["z"].sum(axis=0), rtol=1e-15)
    assert by_target["p", "a"].local is None
    assert by_target["p", "b"].contribution.shape == (3, 2)


def test_flat_edges_hand_back_zero():
    g = gc.Graph()
    x = g.parameter("x", [2.0, -3.0])
    run = gc.backprop(ops.sum(ops.sign(x, name="s") * x))
    flat = next(edge for edge in run.edges if edge.target is g["s"])
    assert flat.contribution.tolist() == [0.0, 0.0]
    assert flat.local.tolist() == [0.0, 0.0]


def test_the_cost_must_be_one_float():
    g = gc.Graph()
    x = g.input("x", (None, 3))
    y = ops.square(x, name="squares")
    for wrong, pieces in [
        (y, ("'squares'", "(any, 3)", "mean(squares)", __file__)),
        (ops.sum(y, axis=0), ("one number", "(3,)", "mean")),
        (ops.sum(y) > 1.0, ("must be a float", "bool")),
        (3.0, ("float",)),
        ("squares", ("str",)),
        (None, ("NoneType",)),
    ]:
        for refuse in (lambda c: gc.backprop(c, {x: np.ones((2, 3))}), lambda c: gc.derivative(c, x)):
            with pytest.raises(gc.errors.CostError) as caught:
                refuse(wrong)
            for piece in pieces:
                assert piece in str(caught.value)


def test_evaluate_of_several_nodes_and_of_none(net):
    a, z, again = gc.evaluate([net["a"], net["z"], net["a"]], FEED)
    np.testing.assert_allclose(a, 1 / (1 + np.exp(-z)), rtol=1e-14)
    np.testing.assert_array_equal(a, again)
    assert a is not again
    assert gc.evaluate([]) == []
    assert gc.evaluate(net["b"]).tolist() == [0.5, -0.5]
    with pytest.raises(gc.errors.GraphError, match="different graphs"):
        gc.evaluate([net["b"], gc.Graph().constant(1.0)])
    with pytest.raises(gc.errors.GraphError, match="str"):
        gc.evaluate(["b"])


def test_the_cost_may_be_a_parameter_or_an_input():
    g = gc.Graph()
    w, x = g.parameter("w", 2.0), g.input("x")
    assert gc.backprop(w).grad[w] == 1.0
    run = gc.backprop(x, {x: 3.0})
    assert (run.cost, run.grad[x], run.edges) == (3.0, 1.0, [])


def test_text_and_repr(net):
    run = gc.backprop(net["C"], FEED)
    assert repr(run).startswith("<Run of 'C': cost 0.")
    text = str(run)
    for name in ("w", "b", "z", "a", "C", "value", "gradient", "'layer'"):
        assert name in text
    assert "values of 9 nodes: x" in repr(run.value)


def test_edges_of_few_numbers_are_remembered_and_large_ones_are_not():
    g = gc.Graph()
    x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    z = w * x
    C = ops.sum(ops.square(z), name="C")
    few, many = (gc.backprop(C, {x: np.arange(float(n))}) for n in (3, 100_000))
    assert few.edge(x, z, "x2") is few.edge(x, z, "x2")
    assert many.edge(x, z, "x2") is not many.edge(x, z, "x2")
    assert many.edge(w, z, "x1") is many.edge(w, z, "x1")
    for run in (few, many):
        whole = pickle.loads(pickle.dumps(run))
        for edge in run.edges:
            ends = (whole.order[run.order.index(node)] for node in edge[:2])
            again = whole.edge(*ends, edge.argument)
            np.testing.assert_array_equal(again.contribution, edge.contribution)
