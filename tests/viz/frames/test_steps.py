"""The steps of backpropagation as a list: in the executor's order, with captions that contain the run's numbers."""

import json
import re

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.frames.steps import steps_of

NETS = ["neurons", "square", "paths", "layers"]


@pytest.mark.parametrize("net", NETS)
def test_forward_is_every_operation_once_arguments_before_results(nets, net):
    run = getattr(nets, net)()
    computed = [step.node for step in steps_of(run) if step.kind == "value"]
    assert computed == [node for node in run.order if node.op is not None]
    for step in steps_of(run):
        if step.kind == "value":
            np.testing.assert_array_equal(step.amount, run.value[step.node])


@pytest.mark.parametrize("net", NETS)
def test_back_is_every_edge_once_and_only_when_what_it_reads_is_complete(nets, net):
    run = getattr(nets, net)()
    complete, seen = set(), []
    for step in steps_of(run):
        if step.kind == "cost":
            complete.add(run.output)
        elif step.kind == "contribution":
            assert step.edge.target in complete
            seen.append((step.edge.source, step.edge.target, step.edge.argument))
            if step.is_complete:
                complete.add(step.node)
    hidden = {n for n in run.order if n.kind == "constant" and n.name is None}
    assert len(seen) == len(set(seen))
    assert set(seen) == {tuple(edge[:3]) for edge in run.edges if edge.source not in hidden}


@pytest.mark.parametrize("net", NETS)
def test_the_sums_fill_up_to_the_very_gradients(nets, net):
    run = getattr(nets, net)()
    sums = {}
    for step in steps_of(run):
        if step.kind != "contribution":
            continue
        np.testing.assert_array_equal(step.amount, run.edge(*step.edge[:3]).contribution)
        sums[step.node] = sums.get(step.node, 0.0) + step.amount
        np.testing.assert_allclose(step.running, sums[step.node], rtol=1e-12)
        assert step.is_complete == (step.arrived == step.expected)
        if step.is_complete:
            np.testing.assert_array_equal(step.running, run.grad[step.node])
    assert set(sums) == {n for n in run.order if n is not run.output and not (n.kind == "constant" and n.name is None)}


def test_captions_say_the_chain_rule_in_numbers(nets):
    captions = [step.caption for step in steps_of(nets.neurons())]
    assert "z1 = w1 · x + b1 = 0.6 · 0.8 + (−0.2) = 0.28" in captions
    assert "a2 = σ(z2) = σ(−0.3404) = 0.4157" in captions
    assert "1 × 2 · (a3 − y) = 1 × (−0.6172) = −0.6172 arrives at a3, and is ∂C₀/∂a3" in captions
    assert "−0.05438 × w2 = −0.05438 × (−1.3) = 0.07069 arrives at a1, and is ∂C₀/∂a1" in captions


def test_products_in_captions_come_out(nets):
    """Read back: sensitivity × local derivative is the contribution, to the digits shown."""
    checked = 0
    for step in steps_of(nets.neurons()) + steps_of(nets.paths()):
        found = re.search(r"(\S+) × (\(?−?[\d.]+\)?) = (\S+) arrives at", step.caption)
        if step.kind == "contribution" and found:
            one, other, product = (float(t.strip("()").replace("−", "-")) for t in found.groups())
            assert one * other == pytest.approx(product, rel=2e-3, abs=1e-12)
            checked += 1
    assert checked > 15


def test_a_fan_out_fills_up_term_by_term(nets):
    told = [
        s.caption
        for s in steps_of(nets.paths())
        if s.node is not None and s.node.name == "h" and s.kind == "contribution"
    ]
    assert [caption.partition(" arrives at h")[2] for caption in told] == [
        ", the first of 4 contributions",
        "; 2 of 4 so far: 0 + 0.7 = 0.7",
        "; 3 of 4 so far: 0 + 0.7 + 0.7 = 1.4",
        "; all 4 add up to ∂C/∂h: 0 + 0.7 + 0.7 + 1.49 = 2.89",
    ]


def test_matrices_are_told_as_linear_maps(nets):
    captions = "\n".join(step.caption for step in steps_of(nets.layers()))
    assert "∂C/∂(a1 W2) · W2ᵀ arrives at a1: rms" in captions
    assert "a1ᵀ · ∂C/∂(a1 W2) arrives at W2: rms" in captions
    assert "Σ ∂C/∂z1 arrives at b1: rms" in captions


def test_whole_numbers_and_flat_rules():
    g = gc.Graph()
    z, label = g.input("z", (3,)), g.input("label", (), dtype="int64")
    steps = steps_of(gc.backprop(ops.cross_entropy(z, label, name="C"), {z: [1.0, 2.0, 3.0], label: 1}))
    assert [step.node.name for step in steps if step.kind == "contribution"] == ["z"]
    x = g.input("x")
    steps = steps_of(gc.backprop((ops.sign(x) + x).named("D"), {x: 2.0}))
    assert steps[-2].caption.endswith("all 2 add up to ∂D/∂x: 0 + 1 = 1") or "1 + 0 = 1" in steps[-2].caption


def test_steps_are_ready_for_json(nets):
    for net in NETS:
        told = [step.as_dict() for step in steps_of(getattr(nets, net)())]
        assert json.loads(json.dumps(told)) == told
        assert {step["kind"] for step in told} == {"given", "value", "cost", "contribution", "gradient"}


def test_the_ids_are_those_of_the_drawing(nets):
    source = viz.draw(nets.paths()).source
    for step in steps_of(nets.paths()):
        for key in filter(None, (step.node_id, step.edge_id)):
            assert f'id="{key}"' in source


def test_the_steps_know_nothing_of_drawing():
    import ast
    import inspect

    from viz.frames import steps

    drawn = {"dot", "drawing", "engine", "picture", "markup", "theme", "cards", "graphviz", "building", "diagram"}
    imported = {
        (node.module or "").rpartition(".")[2]
        for node in ast.walk(ast.parse(inspect.getsource(steps)))
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & drawn


def test_what_is_no_run_is_refused(nets):
    with pytest.raises(gc.errors.GraphError, match="steps_of needs the numbers of a run"):
        steps_of(nets.square().graph)


def test_hostile_names_are_shortened():
    x = gc.Graph().input("x\n</script>" + "a" * 5000)
    assert all(len(step.caption) < 400 and "\n" not in step.caption for step in steps_of(gc.backprop(x * x, {x: 1.0})))
