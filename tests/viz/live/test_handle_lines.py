"""The number lines: true between their points, and at the run exactly the run."""

import gc as garbage
import json
import weakref

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from graphcore.autodiff.plan import descendants
from viz.live.batched_replay import BatchedReplay
from viz.live.handle_lines import MAX_ERROR, PIXELS, Handle, HandleLine
from viz.live.replay import Replay
from viz.live.run_views import SMALL_ARRAY, select_handles


def kinked():
    g = gc.Graph("kinked")
    w, x = g.parameter("w", 0.4), g.input("x")
    a = ops.relu((w * x - 0.3).named("z"), name="a")
    return gc.backprop((a + ops.abs(w - 1.0)).named("C"), {x: 1.0})


def singular():
    """A cost that breaks off where the logarithm does, and one with a pole."""
    g = gc.Graph("singular")
    w = g.parameter("w", 1.0)
    return gc.backprop((ops.log(w, name="l") + 1.0 / (w - 2.0)).named("C"))


def jumping():
    g = gc.Graph("jumping")
    w = g.parameter("w", 0.4)
    return gc.backprop((ops.floor(3.0 * w, name="f") + w).named("C"))


def single():
    """float32, where neighbours are far apart and a dead direction is nothing but rounding."""
    g = gc.Graph("single")
    w, x = g.parameter("w", np.float32(0.5)), g.input("x", (), "float32")
    z = (w * x + 1000.0).named("z")
    return gc.backprop((ops.tanh(w, name="a") + z * 0.001).named("C"), {x: np.float32(1e-4)})


def forward(run, handle, at):
    """Every value with another number in the place of the handle: by evaluate, on a feed or a parameter of its own."""
    feed = {node: run.value[node] for node in run.order if node.kind == "input"}
    moved = np.array(run.value[handle.node])
    moved[handle.entry] = at
    outputs = [node for node in run.order if node.op is not None]
    if handle.node.kind == "input":
        return dict(zip(outputs, gc.evaluate(outputs, feed | {handle.node: moved}), strict=True))
    before = handle.node.value
    handle.node.value = moved
    try:
        return dict(zip(outputs, gc.evaluate(outputs, feed), strict=True))
    finally:
        handle.node.value = before


@pytest.mark.parametrize("make", [kinked, singular, jumping, single, "neurons", "paths", "layers"])
def test_straight_lines_between_the_points_cannot_be_seen(reading, nets, make):
    run = make() if callable(make) else getattr(nets, make)()
    rng = np.random.default_rng(0)
    tried = 0
    for handle in select_handles(run, 40):
        line = json.loads(json.dumps(HandleLine(run, handle).as_json()))
        at = np.array(line["grid"], float)
        assert line["error"] <= MAX_ERROR
        assert (np.diff(at) > 0).all()
        pixel = (at[-1] - at[0]) / PIXELS
        for t in rng.uniform(at[0], at[-1], 40):
            values = forward(run, handle, t)
            for answer in line["curves"]:
                curve = np.array(answer["values"], float)
                truth = float(values[reading.by_index(run)[answer["node"]]][tuple(answer["entry"])])
                span = np.nanmax(curve[np.isfinite(curve)]) - np.nanmin(curve[np.isfinite(curve)]) or 1.0
                left = np.searchsorted(at, t) - 1
                if at[left + 1] - at[left] < 1.01 * pixel:
                    continue  # a jump or a break lies between two points that are one pixel apart
                drawn = np.interp(t, at, curve)
                assert np.isfinite(drawn) == np.isfinite(truth)
                if np.isfinite(truth):
                    tried += 1
                    eps = np.finfo(run.output.dtype).eps
                    assert abs(drawn - truth) <= 2 * MAX_ERROR * span / PIXELS + 16 * eps * abs(truth)
    assert tried >= 30


def test_lines_begin_at_the_run_with_the_slope_of_the_run(reading, nets):
    run = nets.neurons()
    lines = {line["name"]: line for line in reading.data_of(viz.page(run).html)["views"][0]["lines"]}
    assert list(lines) == ["x", "y", "w1", "b1", "w2", "b2", "w3", "b3"]
    for name, line in lines.items():
        assert line["start"] == float(run.value[name])
        cost = line["curves"][-1]
        assert (cost["name"], cost["start"]) == ("C₀", float(run.cost))
        assert cost["slope"] == pytest.approx(float(run.grad[name]), rel=1e-9)
        assert line["start"] in line["grid"]
        assert cost["values"][line["grid"].index(line["start"])] == cost["start"]
        for answer in line["curves"]:
            node = reading.by_index(run)[answer["node"]]
            jacobian = gc.jacobian_at(run, node, name)
            assert answer["slope"] == pytest.approx(float(jacobian), rel=1e-9)


def test_behind_a_relu_that_is_off_the_neuron_is_followed_that_the_handle_can_switch_on():
    g = gc.Graph()
    x, w = g.input("x", (2,)), g.parameter("w", [[1.0, -0.4], [1.0, -0.4]])
    run = gc.backprop(ops.sum(ops.relu(ops.matmul(x, w, name="z"), name="a"), name="C"), {x: [1.0, 1.0]})
    line = HandleLine(run, Handle(g["w"], (0, 1)))
    assert [answer.name for answer in line.curves] == ["z[1]", "a[1]", "C"]
    assert line.curves[-1].slope == 0.0
    assert max(line.curves[-1].values) > line.curves[-1].start


def test_of_a_large_array_the_entries_of_largest_gradient_can_be_moved():
    rng = np.random.default_rng(0)
    g = gc.Graph()
    x, w = g.input("x", (200,)), g.parameter("w", rng.normal(size=200))
    run = gc.backprop(ops.sum(w * x, name="C"), {x: rng.normal(size=200)})
    chosen = [h.entry[0] for h in select_handles(run, 100) if h.node is w]
    assert len(chosen) < SMALL_ARRAY < 200
    assert set(chosen) == set(np.argsort(-np.abs(run.grad[w]))[: len(chosen)])


@pytest.mark.parametrize("make", ["neurons", "paths", "layers", kinked, singular, jumping, single])
def test_a_replay_is_the_run_made_again(nets, make):
    """Every value behind a leaf, far away and at what is no number, as the graph itself computes it."""
    run = make() if callable(make) else getattr(nets, make)()
    for leaf in (node for node in run.order if node.kind in ("input", "parameter") and node in run.grad):
        asked = [node for node in run.order if node is not leaf and node in descendants([leaf], run.order)]
        replay = Replay(run, leaf, asked)
        assert replay.is_compiled
        moved = [np.asarray(run.value[leaf] + by, leaf.dtype) for by in (0.0, 0.3, -2.5, 40.0, np.nan, np.inf)]
        for value, together in zip(moved, replay.map(moved), strict=True):
            again = run.rerun({leaf: value})
            for found in (replay(value), together):
                for node, answer in zip(asked, found, strict=True):
                    eps = 64 * np.finfo(node.dtype).eps
                    np.testing.assert_allclose(answer, again[node], rtol=eps, atol=eps, err_msg=node.label)


def test_what_works_entry_by_entry_is_swept_through_at_once(nets):
    """Also what is repeated, what has a batch, and what ends in a mean; not what is mostly made of matrices."""
    g = gc.Graph()
    x, a, w = g.input("x", (None, 1)), g.input("v", (3,)), g.parameter("w", 0.5)
    for _ in range(12):
        a = ops.tanh(w * a + x)
    run = gc.backprop(ops.mean(ops.square(a), name="C"), {x: [[0.1], [0.2]], "v": [0.3, -0.4, 0.5]})
    for leaf in (x, g["v"], w):
        replay = BatchedReplay(run, leaf, [a, run.output])
        assert replay.is_faster
        moved = [np.asarray(run.value[leaf] + by) for by in (0.5, -1.0, np.nan)]
        for value, found in zip(moved, replay(moved), strict=True):
            again = run.rerun({leaf: value})
            np.testing.assert_allclose(found[0], again[a], rtol=1e-14)
            np.testing.assert_allclose(found[1], again[run.output], rtol=1e-14)
    batch = nets.layers()
    assert not BatchedReplay(batch, batch.graph["W1"], [batch.output]).is_faster


def test_what_cannot_be_written_down_is_run_again():
    @gc.op("{x}^!", name="opaque_square")
    def opaque_square(x):
        return np.square(np.asarray(x))

    opaque_square.local("x")(lambda x: 2 * x)
    w = gc.Graph().parameter("w", 2.0)
    run = gc.backprop((opaque_square(w) + 1.0).named("C"))
    replay = Replay(run, w, [run.output])
    assert float(replay(np.float64(3.0))[0]) == 10.0


def test_no_graph_is_kept_by_what_was_compiled_for_it():
    run = gc.backprop(ops.square(gc.Graph().parameter("w", 2.0), name="C"))
    HandleLine(run, Handle(run.graph["w"]))
    known = weakref.ref(run.graph)
    del run
    garbage.collect()
    assert known() is None
