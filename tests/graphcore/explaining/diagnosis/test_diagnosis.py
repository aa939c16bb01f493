"""Diagnoses: networks that were broken in known places."""

import numpy as np
import pytest

import graphcore as gc
import ops


def mlp(squash, scale=1.0, bias=0.0, depth=6, width=16, seed=0):
    """A network of several layers on 32 examples, broken by its scale or its bias."""
    rng = np.random.default_rng(seed)
    g = gc.Graph()
    a, y, rows = g.input("x", (None, 16)), g.input("y", (None, 4)), 16
    for layer in range(1, depth + 1):
        columns = 4 if layer == depth else width
        w = g.parameter(f"W{layer}", rng.normal(size=(rows, columns)) * scale / np.sqrt(rows))
        b = g.parameter(f"b{layer}", np.full(columns, float(bias)))
        a, rows = squash((a @ w + b).named(f"z{layer}"), name=f"a{layer}"), columns
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return gc.backprop(cost, {"x": rng.normal(size=(32, 16)), "y": rng.random((32, 4))})


@pytest.mark.parametrize("squash", [ops.tanh, ops.gelu, ops.softplus, ops.silu], ids=lambda op: op.__name__)
def test_healthy_networks_have_no_findings(squash):
    found = gc.diagnose(mlp(squash, depth=4))
    assert found == []
    assert str(found).startswith("Nothing is wrong")


def test_healthy_neurons(nets):
    for net in (nets.neuron, nets.in_a_row, nets.layers, nets.residual, nets.square):
        assert gc.diagnose(net()) == []


# -- not finite


def test_an_overflow_is_found_where_it_began_and_nothing_else_is_told():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.parameter("w", [1.0, 2.0, 3.0])
    h = ops.exp((x * w).named("z"), name="h")
    p = (h / ops.sum(h, axis=-1, keepdims=True)).named("p")
    cost = ops.mean(-ops.log(p[:, 0]), name="C")
    (found,) = gc.diagnose(gc.backprop(cost, {x: [[1.0, 2.0, 400.0], [0.0, 1.0, 2.0]]}))
    assert (found.kind, found.node.name, found.entry) == ("not finite", "h", (0, 2))
    assert "h = exp of z became ∞ at [0,2], where z is 1200" in found.message
    assert f"{__file__}:" in found.message
    assert found.path[0].name == "h"
    assert found.path[-1].name == "C"


def test_what_was_fed_is_blamed_for_what_it_is():
    g = gc.Graph()
    x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    run = gc.backprop(ops.mean(w * x, name="C"), {x: [1.0, np.nan, 3.0]})
    (found,) = gc.diagnose(run)
    assert (found.node.name, found.entry) == ("x", (1,))
    assert "x was fed NaN at [1]" in found.message


def test_a_parameter_that_is_infinite():
    g = gc.Graph()
    w = g.parameter("w", [1.0, np.inf])
    (found,) = gc.diagnose(gc.backprop(ops.sum(w * 2.0, name="C")))
    assert "w holds ∞ at [1]" in found.message


def test_a_slope_that_is_infinite_where_all_values_are_finite():
    g = gc.Graph()
    w, x = g.parameter("w", [1.0, 2.0]), g.input("x", (2,))
    r = ops.sqrt(ops.sum(ops.square(w * x), name="s"), name="r")
    (found,) = gc.diagnose(gc.backprop((r * 3.0).named("C"), {x: [0.0, 0.0]}))
    assert (found.kind, found.node.name) == ("not finite", "s")
    assert "the slope of sqrt at s = 0 is infinite" in found.message
    assert [node.label for node in found.path][-1] == "w"
    assert found.value == np.inf


def test_two_roots_are_two_findings():
    g = gc.Graph()
    a, b = g.parameter("a", 0.0), g.parameter("b", -1.0)
    cost = (ops.log(a, name="la") + ops.sqrt(b, name="sb")).named("C")
    assert [f.node.name for f in gc.diagnose(gc.backprop(cost))] == ["la", "sb"]


def test_a_branch_that_where_did_not_take_is_no_finding():
    g = gc.Graph()
    x = g.parameter("x", [0.0, 4.0])
    cost = ops.sum(ops.where(x > 0, ops.sqrt(x), 0.0), name="C")
    assert gc.diagnose(gc.backprop(cost)).of("not finite") == []


def masked(kind, z):
    """A softmax over the entries of a triangle, in the ways in which masks are written."""
    mask = np.tri(3, dtype=bool)
    if kind == "where":
        return ops.softmax(ops.where(mask, z, -np.inf), name="a")
    if kind == "added":
        return ops.softmax(z + np.where(mask, 0.0, -np.inf), name="a")
    if kind == "fed":
        return ops.softmax(z + z.graph.input("m", (3, 3)), name="a")
    return ops.scaled_dot_product_attention(z, z * 0.5, z + 1.0, causal=True)


MASKS = ["where", "added", "fed", "attention"]


def run_masked(kind, values, rest=lambda a: a * a):
    g = gc.Graph()
    a = masked(kind, g.parameter("z", values))
    feed = {"m": np.where(np.tri(3) > 0, 0.0, -np.inf)} if kind == "fed" else {}
    return gc.backprop(ops.sum(rest(a), name="C"), feed)


@pytest.mark.parametrize("kind", MASKS)
def test_a_mask_of_infinities_is_no_finding(kind):
    run = run_masked(kind, np.arange(9.0).reshape(3, 3))
    assert np.isfinite(run.value["C"])
    assert np.all(np.isfinite(run.grad["z"]))
    assert gc.diagnose(run) == []


@pytest.mark.parametrize("kind", MASKS)
def test_a_mask_is_not_blamed_for_what_something_else_does(kind):
    values = np.arange(9.0).reshape(3, 3)
    values[2, 0] = np.nan
    (found,) = gc.diagnose(run_masked(kind, values))
    assert found.node.name == "z"
    values[2, 0] = 0.0
    (found,) = gc.diagnose(run_masked(kind, values, lambda a: ops.log(a - a, name="l")))
    assert found.node.name == "l"


def test_a_mask_that_leaves_nothing_is_found():
    g = gc.Graph()
    z = g.parameter("z", [[1.0, 2.0], [3.0, 4.0]])
    kept = ops.where(np.array([[True, True], [False, False]]), z, -np.inf)
    a = (kept - ops.max(kept, axis=-1, keepdims=True)).named("a")
    (found,) = gc.diagnose(gc.backprop(ops.sum(a, name="C")))
    assert "−∞" in found.message
    assert [node.label for node in found.path][-2:] == ["a", "C"]


def test_an_infinity_in_a_branch_that_where_did_not_take_is_no_finding():
    g = gc.Graph()
    x = g.parameter("x", [0.0, 4.0])
    assert gc.diagnose(gc.backprop(ops.sum(ops.where(x > 0, ops.log(x), 0.0), name="C"))) == []


def test_an_infinity_that_spoils_gradients_alone_is_found():
    g = gc.Graph()
    w = g.parameter("w", -1000.0)
    run = gc.backprop((1.0 / (1.0 + ops.exp(-w, name="e"))).named("C"))
    assert np.isfinite(run.value["C"])
    assert not np.isfinite(run.grad["w"])
    (found,) = gc.diagnose(run)
    assert found.node.name == "e"


# -- dead and saturated


def test_dead_neurons_are_those_that_no_example_gets_through():
    run = mlp(ops.relu, bias=-1.2, depth=3)
    found = {f.node.name: f for f in gc.diagnose(run).of("dead")}
    for layer in (1, 2, 3):
        never = np.flatnonzero(np.all(run.value[f"z{layer}"] <= 0, axis=0))
        if len(never):
            message = found[f"a{layer}"].message
            count = len(never)
            whole = count == run.value[f"z{layer}"].shape[1]
            assert (f"any of the {count} neurons" if whole else f"({count} of") in message
            assert "where the slope of relu is 0" in message
        else:
            assert f"a{layer}" not in found
    assert found


def test_a_single_relu_that_is_off():
    g = gc.Graph()
    x, w = g.input("x"), g.parameter("w", -1.0)
    run = gc.backprop(ops.square(ops.relu((w * x).named("z"), name="a"), name="C"), {x: 2.0})
    (found,) = gc.diagnose(run)
    assert found.kind == "dead"
    assert found.message.startswith("nothing comes through a: z is −2 at most")


def test_one_example_does_not_kill_a_layer():
    g = gc.Graph()
    x = g.input("x", (4,))
    run = gc.backprop(ops.sum(ops.relu(x), name="C"), {x: [1.0, -1.0, 2.0, -3.0]})
    assert gc.diagnose(run) == []


@pytest.mark.parametrize("squash", [ops.sigmoid, ops.tanh, ops.erf, ops.hardtanh], ids=lambda op: op.name)
def test_saturated_neurons(squash):
    run = mlp(squash, bias=9.0, depth=2)
    found = gc.diagnose(run).of("saturated")
    assert found
    assert found[0].node.name == "a1"
    assert f"the slope of {squash.name} is" in found[0].message


@pytest.mark.parametrize("other", [ops.exp, ops.sin, ops.square, ops.abs], ids=lambda op: op.name)
def test_what_is_no_activation_is_neither(other):
    g = gc.Graph()
    w = g.parameter("w", [-30.0, -20.0])
    found = gc.diagnose(gc.backprop(ops.sum(other(w), name="C")))
    assert not found.of("dead")
    assert not found.of("saturated")


# -- vanishing and exploding


def sizes(run):
    return {name: float(np.sqrt(np.mean(run.grad[name] ** 2))) for name in run.graph.parameters}


def test_vanishing():
    run = mlp(ops.sigmoid, scale=0.3, depth=8)
    (found,) = gc.diagnose(run).of("vanishing")
    size = sizes(run)
    weights = {name: s for name, s in size.items() if name.startswith("W")}
    assert found.node.name == min(weights, key=weights.get)
    assert max(weights.values()) / weights[found.node.name] > 1e4
    assert "shrinks" in found.message
    assert not gc.diagnose(run).of("exploding")


def test_exploding():
    run = mlp(lambda z, name: (z * 1.0).named(name), scale=8.0, depth=8)
    (found,) = gc.diagnose(run).of("exploding")
    size = sizes(run)
    assert found.node.name == "b1"
    assert size["b1"] / size["b8"] > 1e4
    assert "grows" in found.message


def recurrent(scale, steps=20, squash=ops.tanh):
    """A recurrent neuron, its weight the same at every step, on inputs of 1."""
    g = gc.Graph()
    w, u, h = g.parameter("w", scale), g.parameter("u", 0.5), 0.0
    for t in range(steps):
        h = squash(w * h + u * g.input(f"x{t}"), name=f"h{t}")
    return gc.backprop(ops.square(h - 1.0, name="C"), {f"x{t}": 1.0 for t in range(steps)})


def test_shared_weights_hide_no_vanishing_gradient():
    run = recurrent(0.3)
    # by hand: ∂C/∂h falls by w (1 − h²) from each step to the one before
    by_hand = 2 * (run.value["h19"] - 1)
    for t in range(19, 0, -1):
        by_hand *= 0.3 * (1 - run.value[f"h{t}"] ** 2)
    assert abs(run.grad["h0"]) == pytest.approx(abs(by_hand), rel=1e-10)
    assert abs(run.grad["h0"]) < 1e-13
    (found,) = gc.diagnose(run)
    assert (found.kind, found.node.name) == ("vanishing", "w")
    assert found.value == pytest.approx(abs(run.grad["h1"]) * (1 - run.value["h1"] ** 2), rel=1e-10)
    assert "w is used 19 times" in found.message
    assert gc.diagnose(recurrent(0.3, steps=4)) == []


def test_shared_weights_hide_no_exploding_gradient():
    (found,) = gc.diagnose(recurrent(2.0, squash=lambda z, name: (z * 1.0).named(name)))
    assert (found.kind, found.node.name) == ("exploding", "w")
    assert "grows to 2 of itself" in found.message


def test_a_recurrent_layer_whose_weights_are_transposed_at_every_step():
    rng = np.random.default_rng(0)
    g = gc.Graph()
    W, b, h = g.parameter("W", 0.1 * rng.normal(size=(5, 5))), g.parameter("b", np.zeros(5)), g.input("h", (None, 5))
    for t in range(12):
        h = ops.tanh(h @ W.T + g.input(f"x{t}", (None, 5)) + b, name=f"h{t}")
    feed = {"h": rng.normal(size=(3, 5))} | {f"x{t}": rng.normal(size=(3, 5)) for t in range(12)}
    (found,) = gc.diagnose(gc.backprop(ops.sum(h, name="C"), feed)).of("vanishing")
    assert found.node is W


def test_uses_side_by_side_may_differ():
    g = gc.Graph()
    W, x, y = g.parameter("W", np.eye(2)), g.input("x", (2,)), g.input("y", (2,))
    cost = ops.sum(ops.tanh(W @ x)) + 1e-9 * ops.sum(ops.tanh(W @ y)) + 1e-8 * ops.sum(ops.square(W))
    assert gc.diagnose(gc.backprop(cost.named("C"), {x: [0.3, -0.2], y: [0.1, 0.4]})) == []


def test_the_display(nets):
    found = gc.diagnose(mlp(ops.sigmoid, scale=0.3, depth=8))
    assert "<li><b>vanishing</b>" in found._repr_html_()
    assert isinstance(found, list)
    g = gc.Graph()
    hostile = g.parameter("<script>", 0.0)
    assert "<script>" not in gc.diagnose(gc.backprop(ops.log(hostile, name="C")))._repr_html_()


def test_a_run_is_needed(nets):
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        gc.diagnose(nets.layers().output)


@pytest.mark.usefixtures("shallow")
def test_deep_graphs():
    g = gc.Graph()
    a = g.parameter("w", 1.0)
    for i in range(4000):
        a = ops.tanh(a) if i % 2 else a * 1.01
    assert gc.diagnose(gc.backprop(a.named("C"))) == []
