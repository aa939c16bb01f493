"""Explanations as figures: the numbers on them are those of the run."""

import html
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import graphcore as gc
import ops
import viz


def words(picture):
    """Everything that is written in a picture."""
    return [html.unescape(t).replace("\u00a0", " ") for t in re.findall(r">([^<>\n]+)<", picture.source)]


def neuron(name="w"):
    g = gc.Graph("one neuron")
    x, y, w = g.input("x"), g.input("y"), g.parameter(name, 1.5)
    a = ops.sigmoid((w * x).named("z"), name="a")
    return gc.backprop(ops.squared_error(a, y, name="C"), {x: 0.62, y: 1.0})


# -- viz.explain


def test_each_factor_has_a_card_with_its_formula_its_number_and_what_it_means():
    run = neuron()
    told = words(viz.explain(run, "w"))
    for factor in gc.explain(run, "w").factors:
        assert str(factor.symbol) in told
        assert factor.meaning in told
        assert f"{float(factor.value):.4g}".replace("-", "−") in told
    assert told[0] == "∂C/∂w = ∂z/∂w · ∂a/∂z · ∂C/∂a"
    assert told.count("×") == 2


def test_each_path_has_its_cards():
    x = gc.Graph().input("x")
    told = words(viz.explain(gc.backprop((x * x).named("C"), {x: 3.0}), "x"))
    assert [line for line in told if line.startswith("path ")] == ["path 1: x → C (as x1)", "path 2: x → C (as x2)"]
    assert told[-1] == "∂C/∂x = 3 + 3 = 6"


def test_one_entry_is_shown_example_by_example(nets):
    run = nets.layers()
    told = words(viz.explain(run, "W1", (0, 1)))
    assert "example by example" in told
    assert f"∂C/∂W1[0,1] = {run.grad['W1'][0, 1]:.4g}".replace("-", "−") in told


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_it_is_drawn_in_all_themes_and_formats(theme, tmp_path):
    figure = viz.explain(neuron(), "w", theme=theme)
    assert ET.fromstring(figure.svg()).tag.endswith("svg")
    assert figure.save(tmp_path / "e.png").read_bytes().startswith(b"\x89PNG")
    assert figure.source == viz.explain(neuron(), "w", theme=theme).source
    assert viz.THEMES[theme].paper in figure.source


@pytest.mark.parametrize("name", ['<b>&"\\', "</script>", "\ud800", "]]>", "\\N"])
@pytest.mark.parametrize("draw", [viz.explain, viz.number_lines], ids=lambda f: f.__name__)
def test_hostile_names_stay_text(name, draw):
    svg = draw(neuron(name), name).svg()
    assert "<b>" not in svg
    assert "<script" not in svg
    ET.fromstring(svg)


def test_wrong_questions():
    run = neuron()
    with pytest.raises(gc.errors.UnknownNameError):
        viz.explain(run, "v")
    with pytest.raises(gc.errors.GraphError, match="does not reach"):
        viz.explain(run, run.graph.input("other"))
    with pytest.raises(viz.DrawError, match="unknown theme"):
        viz.explain(run, "w", theme="drak")


# -- viz.number_lines


def test_every_quantity_has_its_line_with_what_moved_and_what_was_predicted():
    run = neuron()
    moved = gc.nudge(run, "w", 0.1)
    told = words(viz.number_lines(run, "w", 0.1))
    for name in ("w", "z", "a", "C"):
        assert name in told
        for template, found in (("Δ" + name + " = {}", moved.actual), ("predicted {}", moved.predicted)):
            shown = f"{float(found[name]):+.4g}".replace("-", "−")
            assert template.format(shown) in told


def test_the_arrows_are_as_long_as_the_ratio_of_what_moved_says():
    g = gc.Graph()
    w = g.parameter("w", 1.0)
    z = (0.5 * w).named("z")
    source = viz.number_lines(gc.backprop((0.4 * z).named("C")), "w", 0.1).source
    places = dict(re.findall(r'(n\d+) \[.*?pos="([-\d.]+),', source))
    colour = viz.THEMES["light"].positive
    arrows = re.findall(rf"(n\d+) -- (n\d+) \[(?=[^\]]*{colour})[^\]]*penwidth=3.2", source)  # fmt: skip
    lengths = [float(places[end]) - float(places[start]) for start, end in arrows]
    assert [length / lengths[0] for length in lengths] == pytest.approx([1, 0.5, 0.2], rel=1e-3)


def test_what_is_too_small_to_be_seen_has_another_scale():
    g = gc.Graph()
    w = g.parameter("w", 1.0)
    run = gc.backprop((1e-3 * w).named("C"))
    assert any(line.startswith("shown at ") for line in words(viz.number_lines(run, "w", 0.1)))
    large = gc.backprop((1e3 * w).named("D"))
    assert any(re.fullmatch(r"shown at 0\.\d+×", line) for line in words(viz.number_lines(large, "w", 0.1)))


def test_of_arrays_the_entry_that_moves_most_is_shown(nets):
    run = nets.layers()
    moved = gc.nudge(run, "b1", 0.01)
    place = np.unravel_index(np.argmax(np.abs(moved.actual["a1"])), moved.actual["a1"].shape)
    told = words(viz.number_lines(run, "b1"))
    assert f"a1[{','.join(map(str, place))}]" in told
    assert told[0].startswith("Nudge every entry of b1 by +")
    assert any(
        line.startswith("Nudge W1[2,1] by +0.1: what moves?")
        for line in words(viz.number_lines(run, "W1", 0.1, (2, 1)))
    )


def test_a_nudge_that_moves_nothing_behind_it_is_drawn():
    g = gc.Graph()
    w = g.parameter("w", -1.0)
    run = gc.backprop(ops.square(ops.relu(w, name="a"), name="C"))
    assert viz.number_lines(run, "w", 0.1).svg().startswith("<svg")


def test_a_nudge_of_zero_is_refused():
    with pytest.raises(gc.errors.ShapeError, match="moves nothing"):
        viz.number_lines(neuron(), "w", 0.0)


# -- viz.curve


def test_the_curve_is_the_cost_at_other_values_and_the_tangent_is_the_derivative():
    run = neuron()
    drawn = viz.curve(run, "w", reach=2.0)
    expected = [(1 / (1 + np.exp(-w * 0.62)) - 1) ** 2 for w in drawn.x]
    np.testing.assert_allclose(drawn.y, expected, rtol=1e-10)
    assert (drawn.x[0], drawn.x[-1], drawn.at) == (-0.5, 3.5, 1.5)
    assert drawn.slope == run.grad["w"]
    curve, tangent, point = drawn.figure.axes[0].lines
    np.testing.assert_array_equal(curve.get_ydata(), drawn.y)
    slope = np.diff(tangent.get_ydata()) / np.diff(tangent.get_xdata())
    np.testing.assert_allclose(slope, run.grad["w"], rtol=1e-9)
    assert point.get_xdata()[0] == 1.5


def test_the_curve_is_saved_and_shown(nets, tmp_path):
    drawn = viz.curve(nets.layers(), "W1", (0, 1), theme="dark")
    assert drawn.save(tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in drawn._repr_html_()
    with pytest.raises(viz.DrawError, match=r"expected one of the suffixes \.svg, \.png, \.pdf"):
        drawn.save(tmp_path / "c.bmp")


def test_wrong_curves(nets, monkeypatch):
    run = nets.layers()
    with pytest.raises(gc.errors.ShapeError, match=r"choose an entry, as in curve\(run, 'W1', \(0, 0\)\)"):
        viz.curve(run, "W1")
    with pytest.raises(gc.errors.ShapeError, match="reach must be a positive finite number"):
        viz.curve(neuron(), "w", reach=0.0)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(viz.DrawError, match=r"pip install 'graphcore\[plots\]'"):
        viz.curve(neuron(), "w").save("curve.png")


# -- lit paths


def test_the_heaviest_paths_are_lit_and_the_rest_is_muted(read):
    g = gc.Graph()
    x = g.input("x")
    u, v = ops.square(x, name="u"), (3 * x).named("v")
    run = gc.backprop((u + v).named("C"), {x: 1.0})
    path = gc.paths(run, "x").shown[0]
    assert path.short == "x → v → C"
    arrows = read.arrows(viz.draw(run, highlight=path).source)
    full = {viz.THEMES["light"].positive, viz.THEMES["light"].negative}
    lit = {key for key, arrow in arrows.items() if arrow["color"] in full}
    assert lit == {f"edge-{x.index}-{v.index}-1", f"edge-{v.index}-{g['C'].index}-1"}
    both = read.arrows(viz.draw(run, highlight="x").source)
    assert all(arrow["color"] in full for arrow in both.values())
    assert viz.draw(run, highlight=gc.paths(run, "x")).source == viz.draw(run, highlight=x).source


def test_what_cannot_be_lit(nets):
    run, other = nets.square(), nets.square()
    with pytest.raises(viz.DrawError, match="highlight needs the paths of a run"):
        viz.draw(run.graph, highlight="x")
    with pytest.raises(viz.DrawError, match="got paths of another run"):
        viz.draw(run, highlight=gc.paths(other, "x"))
    with pytest.raises(viz.DrawError, match="highlight: expected a node"):
        viz.draw(run, highlight=3)
