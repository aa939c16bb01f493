"""How large a page is, and that it can be read."""

import re

import numpy as np

import graphcore as gc
import ops
import viz
from viz.live.json_values import MAX_ENTRIES
from viz.live.palette import Palette
from viz.live.run_views import MAX_EXAMPLES, MAX_EXAMPLES_MANY_WEIGHTS
from viz.render.theme import THEMES, contrast


def test_one_neuron_per_layer_is_small(pages):
    assert len(pages["neurons"].html.encode()) < 300_000


def test_the_network_of_the_digits_is_not_large(reading):
    rng = np.random.default_rng(0)
    g = gc.Graph("784-16-16-10")
    a, y = g.input("x", (None, 784), "float32"), g.input("y", (None, 10), "float32")
    for layer, (rows, columns) in enumerate(((784, 16), (16, 16), (16, 10)), 1):
        with g.scope(f"layer {layer}"):
            w = g.parameter(f"w{layer}", (rng.normal(size=(rows, columns)) / rows**0.5).astype("float32"))
            b = g.parameter(f"b{layer}", np.zeros(columns, "float32"))
            a = ops.sigmoid(ops.add_bias(a @ w, b, name=f"z{layer}"), name=f"a{layer}")
    images = rng.random((32, 784)).astype("float32")
    labels = np.eye(10, dtype="float32")[rng.integers(0, 10, 32)]
    run = gc.backprop(ops.mean(ops.squared_error(a, y), name="C"), {"x": images, "y": labels})
    text = viz.page(run).html
    assert len(text.encode()) < 3_000_000
    data = reading.data_of(text)
    assert len(data["views"]) == MAX_EXAMPLES_MANY_WEIGHTS + 1
    assert data["examples"]["total"] == 32
    told = {meta["name"]: node for meta, node in zip(data["nodes"], data["views"][0]["nodes"], strict=True)}
    assert "entries" not in told["w1"]["value"]
    assert len(told["w2"]["value"]["entries"]) == MAX_ENTRIES == 256


def test_of_a_small_network_more_examples_can_be_looked_at(reading):
    x = (g := gc.Graph()).input("x", (None,))
    run = gc.backprop(ops.mean(ops.square(g.parameter("w", 2.0) * x), name="C"), {x: np.arange(40.0)})
    data = reading.data_of(viz.page(run).html)
    assert len(data["views"]) == MAX_EXAMPLES + 1
    assert MAX_EXAMPLES > MAX_EXAMPLES_MANY_WEIGHTS == 12
    assert [scene["cost"] for scene in data["views"][1:]] == [4.0 * i * i for i in range(MAX_EXAMPLES)]


def test_a_large_graph_is_folded_and_says_so(reading, nets):
    run = nets.chain(3400)
    assert len(run.order) >= 10_000
    text = viz.page(run).html
    assert re.search(r"Layers are folded: 10 20\d nodes are drawn in \d+ boxes", text)
    assert re.search(r"The table lists 2 000 nodes of 10\d+", text)
    data = reading.data_of(text)
    assert len(data["nodes"]) == 2000
    assert not data["views"][0]["lines"]
    assert data["nodes"][-1]["kind"].startswith("cost")
    assert len(text.encode()) < 3_000_000


# -- themes


def test_everything_can_be_read_in_every_theme():
    css = Palette().css()
    for block in re.findall(r"\{\s*(?:color-scheme: \w+;)?\s*(--[^}]*)\}", css):
        colour = dict(re.findall(r"--(\w+):(#[0-9a-f]{6});", block))
        grounds = [colour[name] for name in ("page", "paper", "box", "panel")]
        for ink in ("ink", "quiet", "rises", "falls", "alarms"):
            assert min(contrast(colour[ink], ground) for ground in grounds) >= 4.5, ink
        assert contrast(colour["paper"], colour["ink"]) >= 4.5


def test_the_themes_are_those_of_the_pictures():
    css = Palette().css()
    for theme in THEMES.values():
        assert f"--positive:{theme.positive};" in css
        assert f"--paper:{theme.paper};" in css


def test_one_drawing_has_the_colours_of_all_themes(nets):
    """Each numbered colour is, theme by theme, the colour at the same place of the drawing in that theme."""
    run = nets.neurons()
    text = viz.page(run).html
    blocks = re.findall(r"\{\s*(?:color-scheme: \w+;)?\s*(--paper[^}]*)\}", text)
    assert len(blocks) == 5
    for name, block in zip(("light", "dark", "light", "dark", "print"), blocks, strict=True):
        meant = dict(re.findall(r"--(c\d+):(#[0-9a-f]{6});", block))
        drawn = set(re.findall(r'#[0-9a-f]{6}(?=")', viz.draw(run, theme=name, digits=4).svg()))
        used = {meant[c] for c in re.findall(r"var\(--(c\d+)\)", text)}
        exact = {c for c in drawn if c in used}
        assert len(exact) >= 8  # all but the shades of tints, which are rounded
        assert THEMES[name].positive in used
