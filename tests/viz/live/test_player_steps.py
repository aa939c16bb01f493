"""Backpropagation step by step, in the order in which it happens."""

import pytest

import graphcore as gc
import ops
from viz.format.numbers import number
from viz.live.run_views import RunView


@pytest.mark.parametrize("name", ["neurons", "paths", "layers"])
def test_every_box_once_forward_every_arrow_once_back_and_never_before_it_is_known(nets, name):
    run = getattr(nets, name)()
    scene = RunView(run)
    steps = scene.as_json()["steps"]
    ends = {arrow.key: (arrow.source, arrow.target) for arrow in scene.diagram.arrows}
    forward_ = [step["box"] for step in steps if step["phase"] == "forward"]
    back = [step["arrow"] for step in steps if step["phase"] == "backward" and "arrow" in step]
    assert forward_ == [box.key for box in scene.diagram.boxes]
    assert sorted(back) == sorted(arrow.key for arrow in scene.diagram.arrows if arrow.has_gradient)
    full = set()
    for step in steps:
        if step["phase"] == "backward":
            if "arrow" in step:
                assert ends[step["arrow"]][0] == step["box"]
                assert ends[step["arrow"]][1] in full
            if "arrow" not in step or step["complete"]:
                full.add(step["box"])
    assert full == set(forward_) - {b for b in forward_ if b not in full}


def test_steps_in_words_and_the_sum_that_fills_up(nets):
    run = nets.paths()
    steps = RunView(run).as_json()["steps"]
    assert steps[0]["caption"] == "Given: h = 0.7"
    assert "The backward pass begins at the cost: ∂C/∂C = 1" in [step["caption"] for step in steps]
    arrived = [step for step in steps if step["box"] == f"node-{run.graph['h'].index}" and "arrow" in step]
    contributions = [float(e.contribution) for e in run.edges if e.source is run.graph["h"]]
    assert len(arrived) == len(contributions) == 4
    for place, step in enumerate(arrived[1:-1], 2):
        assert f"; {place} of 4 so far: " in step["caption"]
        assert step["caption"].endswith(f" = {number(sum(contributions[:place]), 4)}")
    assert arrived[-1]["caption"].endswith(f"; all 4 add up to ∂C/∂h: {arrived[-1]['caption'].rpartition(': ')[2]}")
    assert arrived[-1]["caption"].endswith(f" = {number(float(run.grad['h']), 4)}")


def test_a_node_beside_folded_layers_lists_each_contribution_and_each_bundle(nets):
    run = nets.chain(120, scope=lambda i: f"layer {i // 30}")
    scene = RunView(run)
    steps = scene.as_json()["steps"]
    assert {step["arrow"] for step in steps if "arrow" in step} == {
        arrow.key for arrow in scene.diagram.arrows if arrow.has_gradient
    }
    assert any("along" in step["caption"] for step in steps)


def test_the_step_of_the_lesson():
    """1 × 2 (a − y) arrives at a."""
    g = gc.Graph()
    a, y = g.input("a"), g.input("y")
    run = gc.backprop(ops.squared_error(a, y, name="C"), {a: 0.5, y: 2.0})
    said = "1 × 2 · (a − y) = 1 × (−3) = −3 arrives at a, and is ∂C/∂a"
    assert said in [step["caption"] for step in RunView(run).as_json()["steps"]]
