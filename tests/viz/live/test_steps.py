"""Backpropagation step by step, in the order in which it happens."""

import pytest

import graphcore as gc
import ops
from viz.live.scenes import Scene
from viz.numbers import number


@pytest.mark.parametrize("name", ["neurons", "paths", "layers"])
def test_every_box_once_forward_every_arrow_once_back_and_never_before_it_is_known(nets, name):
    run = getattr(nets, name)()
    scene = Scene(run)
    steps = scene.told["steps"]
    ends = {arrow.key: (arrow.source, arrow.target) for arrow in scene.diagram.arrows}
    forward_ = [step["box"] for step in steps if step["phase"] == "forward"]
    back = [step["arrow"] for step in steps if step["phase"] == "back" and "arrow" in step]
    assert forward_ == [box.key for box in scene.diagram.boxes]
    assert sorted(back) == sorted(arrow.key for arrow in scene.diagram.arrows if arrow.has_gradient)
    full = set()
    for step in steps:
        if step["phase"] == "back":
            if "arrow" in step:
                assert ends[step["arrow"]][0] == step["box"]
                assert ends[step["arrow"]][1] in full
            if "arrow" not in step or step["full"]:
                full.add(step["box"])
    assert full == set(forward_) - {b for b in forward_ if b not in full}


def test_steps_in_words_and_the_sum_that_fills_up(nets):
    run = nets.paths()
    told = [(step["say"], step.get("sum")) for step in Scene(run).told["steps"]]
    said = [say for say, _ in told]
    assert said[0] == "h is fed: 0.7"
    assert "∂C/∂C = 1: the way back begins at the cost" in said
    sums = [total for _, total in told if total and total.startswith("∂C/∂h")]
    shares = [float(e.contribution) for e in run.edges if e.source is run.graph["h"]]
    assert len(sums) == len(shares) == 4
    assert all(" + …" in total for total in sums[:-1])
    assert sums[-1].endswith(f" = {number(float(run.grad['h']), 4)}")
    assert any("nothing" in say for say in said)


def test_the_step_of_the_lesson():
    """1 × 2 (a − y) arrives at a."""
    g = gc.Graph()
    a, y = g.input("a"), g.input("y")
    run = gc.backprop(ops.squared_error(a, y, name="C"), {a: 0.5, y: 2.0})
    assert "1 × 2 · (a − y) = 1 × (−3) = −3 arrives at a" in [step["say"] for step in Scene(run).told["steps"]]
