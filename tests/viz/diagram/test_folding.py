"""Large graphs: what folds, what can be opened, and how long it takes."""

import time
from contextlib import ExitStack

import numpy as np
import pytest

import graphcore as gc
import ops
import viz


def titles(picture):
    return [box.name for box in picture.diagram.boxes]


def test_up_to_sixty_nodes_everything_is_drawn_and_beyond_layers_fold(nets):
    small = viz.draw(nets.chain(19, lambda i: f"layer {i % 3}"))
    assert len(small.diagram.boxes) == 59
    large = viz.draw(nets.chain(30, lambda i: f"layer {i // 10}"))
    assert titles(large) == ["x", "layer 0", "layer 1", "layer 2", "C"]
    assert "92 nodes in 5 boxes" in large.source


def test_a_folded_layer_says_the_norm_of_its_parameters_gradient(nets):
    run = nets.chain(30, lambda i: f"layer {i // 10}")
    box = next(b for b in viz.draw(run).diagram.boxes if b.name == "layer 1")
    expected = np.linalg.norm([run.grad[f"w{i}"] for i in range(10, 20)])
    assert box.gradient.norm == pytest.approx(expected)
    assert f"norm {expected:.3g}" in viz.draw(run).source


def test_an_opened_layer_shows_its_nodes_in_a_cluster(nets):
    run = nets.chain(30, lambda i: f"layer {i // 10}")
    picture = viz.draw(run, open=["layer 1"])
    assert {"w10", "a19"} <= set(titles(picture))
    assert "w9" not in titles(picture)
    assert all(box.path == ("layer 1",) for box in picture.diagram.boxes if box.name == "w10")


def test_fold_can_be_forced_and_forbidden(nets):
    run = nets.chain(6, lambda i: f"layer {i // 3}")
    assert titles(viz.draw(run, fold=True)) == ["x", "layer 0", "layer 1", "C"]
    run = nets.chain(30, lambda i: f"layer {i // 10}")
    assert len(viz.draw(run, fold=False).diagram.boxes) == 92
    with pytest.raises(viz.DrawError, match=r"would draw 602 boxes.*open="):
        viz.draw(nets.chain(200), fold=False)


def test_bundled_arrows_carry_all_contributions_that_cross(nets):
    run = nets.chain(30, lambda i: f"layer {i % 2}")
    picture = viz.draw(run)
    index = {b.name: b.key for b in picture.diagram.boxes}
    arrow = next(a for a in picture.diagram.arrows if (a.source, a.target) == (index["layer 0"], index["layer 1"]))
    crossing = [e.contribution for e in run.edges if (e.source.scope, e.target.scope) == (("layer 0",), ("layer 1",))]
    assert len(crossing) == 15
    assert arrow.lines == ["15 edges"]
    assert arrow.size == pytest.approx(np.linalg.norm(crossing))


def test_long_graphs_without_layers_fold_into_parts_that_follow_each_other(nets):
    picture = viz.draw(nets.chain(100))
    order = {box.key: i for i, box in enumerate(picture.diagram.boxes)}
    assert len(order) < 60
    assert all(order[a.source] < order[a.target] for a in picture.diagram.arrows)
    assert {"x", "C", "part 1"} <= set(titles(picture))
    opened = viz.draw(nets.chain(100), open=["part 1"])
    assert "w0" in titles(opened)
    assert "part 1" not in titles(opened)


def test_nested_scopes_open_step_by_step():
    g = gc.Graph()
    x = g.input("x")
    for block in ("one", "two"):
        for part in ("attention", "mlp"):
            with g.scope(block), g.scope(part):
                for _ in range(20):
                    x = ops.tanh(x)
    run = gc.backprop(x, {"x": 0.5})
    assert titles(viz.draw(run)) == ["x", "one", "two"]
    assert titles(viz.draw(run, open=["two"])) == ["x", "one", "attention", "mlp"]
    assert len(titles(viz.draw(run, open=[("two", "mlp")]))) == 3 + 20
    assert titles(viz.draw(run, open="two")) == titles(viz.draw(run, open=["two"]))


def test_what_is_misspelt_is_named(nets):
    with pytest.raises(viz.DrawError, match="Did you mean 'layer 1'"):
        viz.draw(nets.chain(30, lambda i: f"layer {i // 10}"), open=["layr 1"])


def test_a_picture_never_grows_beyond_what_can_be_read(nets):
    run = nets.chain(1200, lambda i: f"layer {i // 20}")
    everything = [f"layer {i}" for i in range(60)]
    picture = viz.draw(run, open=everything)
    assert 200 < len(picture.diagram.boxes) < 400
    assert any("stays folded" in note for note in picture.diagram.notes)


@pytest.mark.parametrize("scope", [None, lambda i: f"block {i // 100}"])
def test_hundred_thousand_nodes_are_drawn_in_seconds(nets, scope):
    run = nets.chain(33_333, scope)
    began = time.perf_counter()
    picture = viz.draw(run)
    assert picture.svg().startswith("<svg")
    assert time.perf_counter() - began < 30
    assert len(run.order) > 100_000 - 100
    assert len(picture.diagram.boxes) < 60


def test_a_deep_nest_of_scopes_needs_no_recursion():
    g = gc.Graph()
    x = g.input("x")
    for depth in range(40):
        with g.scope(f"s{depth}"):
            x = ops.tanh(x)
    with ExitStack() as stack:
        for depth in range(3000):
            stack.enter_context(g.scope(f"d{depth}"))
        deep = ops.tanh(x)
    picture = viz.draw(deep)
    assert picture.svg().startswith("<svg")
    assert 0 < picture.source.count("subgraph") < 50
