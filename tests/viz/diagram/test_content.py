"""Content of a diagram: every gradient, every local derivative, the sums, the roles."""

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.diagram.builder import build_diagram
from viz.live.node_details import DiagramIndex, NodeDetails

BLUE, VERMILLION = "#0072b2", "#d55e00"


def as_float(words):
    """The number at the end of a line, read back."""
    return float(words.rsplit(" ", 1)[-1].replace("−", "-"))


def test_every_node_of_a_scalar_network_shows_value_and_gradient(nets, read):
    run = nets.neurons()
    boxes = read.boxes(viz.draw(run, digits=12).source)
    assert len(boxes) == len(run.order) == 18
    for node in run.order:
        said = boxes[f"node-{node.index}"]
        value = next(line for line in said if line.startswith("= "))
        gradient = next(line for line in said if line.startswith("∂C₀/∂"))
        assert as_float(value) == pytest.approx(float(run.value[node]), rel=1e-11)
        assert as_float(gradient) == pytest.approx(float(run.grad[node]), rel=1e-11)
        assert ("▲" in gradient, "▼" in gradient) == (run.grad[node] > 0, run.grad[node] < 0)


def test_every_edge_shows_the_local_derivative_that_a_nudge_finds(nets, read):
    """Against the nudge itself: the number on the edge is what the target does when the source is moved."""
    run = nets.neurons()
    arrows = read.arrows(viz.draw(run, digits=12).source)
    assert len(arrows) == len(run.edges) == 17
    for edge in run.edges:
        place = edge.target.arguments.index(edge.argument)
        words = " ".join(arrows[f"edge-{edge.source.index}-{edge.target.index}-{place}"]["words"])
        before = [np.longdouble(run.value[source]) for source in edge.target.inputs]
        nudge = 1e-6
        up, down = list(before), list(before)
        up[place] += nudge
        down[place] -= nudge
        slope = (edge.target.op(*up) - edge.target.op(*down)) / (2 * nudge)
        assert as_float(words) == pytest.approx(float(slope), rel=1e-6, abs=1e-9)


def test_symbols_of_the_chain_rule_are_on_the_edges(nets, read):
    words = [" ".join(a["words"]) for a in read.arrows(viz.draw(nets.neurons()).source).values()]
    for expected in (
        "∂(w1 · x)/∂w1 = x = 0.8",
        "∂z1/∂b1 = 1",
        "σ′(z1) = a1 · (1 − σ(z1)) = 0.245",
        "∂C₀/∂a3 = 2 · (a3 − y) = −0.617",
    ):
        assert expected in words


def test_two_uses_of_one_value_are_two_arrows_and_their_sum(nets, read):
    source = viz.draw(nets.square()).source
    assert [a["words"] for a in read.arrows(source).values()] == [
        ["x1: ∂C/∂x = x = 3", "▲ 3"],
        ["x2: ∂C/∂x = x = 3", "▲ 3"],
    ]
    assert read.boxes(source)["node-0"][-2:] == ["∂C/∂x = ▲ 6", "= 3 + 3"]


def test_a_fan_out_shows_the_terms_that_add_up_to_the_gradient(nets, read):
    run = nets.paths()
    said = read.boxes(viz.draw(run, digits=12).source)["node-0"][-1]
    terms = [float(t) for t in said.removeprefix("= ").replace("− ", "-").replace("+ ", "").split(" ")]
    assert len(terms) == 4
    assert 0.0 in terms
    assert sum(terms) == pytest.approx(float(run.grad["h"]), rel=1e-10)


def test_colour_and_width_follow_sign_and_size(nets, read):
    run = nets.paths()
    arrows = read.arrows(viz.draw(run).source)
    largest = max(abs(e.contribution) for e in run.edges)
    assert {float(a["penwidth"]) for a in arrows.values()} >= {1.0, 5.0}
    for edge in run.edges:
        key = f"edge-{edge.source.index}-{edge.target.index}-{edge.target.arguments.index(edge.argument)}"
        if key not in arrows:
            assert edge.source.kind == "constant"
            continue
        arrow = arrows[key]
        if edge.contribution == 0:
            assert (arrow["style"], arrow["penwidth"]) == ("dashed", "1")
        else:
            assert arrow["color"] == (BLUE if edge.contribution > 0 else VERMILLION)
            assert "style" not in arrow
            assert float(arrow["penwidth"]) == pytest.approx(
                1 + 4 * np.sqrt(abs(edge.contribution) / largest), abs=0.01
            )


def test_a_relu_that_is_switched_off_is_a_dead_edge(nets, read):
    dead = [a for a in read.arrows(viz.draw(nets.paths()).source).values() if "dead" in a["class"]]
    assert len(dead) == 3
    assert any("relu′(2 · h − 1.9) = sign(u)" in a["words"] for a in dead)


def test_an_array_with_both_signs_has_both_colours(nets, read):
    g = gc.Graph()
    x = g.input("x", (4,))
    run = gc.backprop(ops.sum(x * np.array([3.0, 3.0, 3.0, -1.0]), name="C"), {x: np.ones(4)})
    arrow = read.arrows(viz.draw(run).source)["edge-0-2-0"]
    assert arrow["color"] == f"{BLUE};0.90:{VERMILLION}"


def test_matrices_show_linear_maps_statistics_and_contributions(nets, read):
    run = nets.layers()
    source = viz.draw(run).source
    words = [" ".join(a["words"]) for a in read.arrows(source).values()]
    assert "∂(x W1)/∂x: · W1ᵀ" in words
    assert "∂(x W1)/∂W1: xᵀ ·" in words
    box = read.boxes(source)[f"node-{run.graph['W1'].index}"]
    value, gradient = run.value["W1"], run.grad["W1"]
    rms = np.sqrt(np.mean(value**2))
    assert any(line.startswith(f"3×4  rms {rms:.2g}  largest ") for line in box)
    assert f"▲ {100 * np.mean(gradient > 0):.0f} %  ▼ {100 * np.mean(gradient < 0):.0f} %" in box


@pytest.mark.parametrize(
    ("shapes", "left", "right"), [(((4, 3), (3,)), "· xᵀ", "Wᵀ ·"), (((3,), (3, 4)), "· xᵀ", "Wᵀ ·")]
)
def test_products_with_vectors_are_labelled_as_those_of_matrices(shapes, left, right, read):
    g = gc.Graph()
    W, x = (g.parameter(name, np.ones(shape)) for name, shape in zip("Wx", shapes, strict=True))
    run = gc.backprop(ops.sum((W @ x).named("z"), name="C"))
    words = [" ".join(a["words"]) for a in read.arrows(viz.draw(run).source).values()]
    assert f"∂z/∂W: {left}" in words
    assert f"∂z/∂x: {right}" in words


def test_merged_cells_of_a_heat_map_are_stated(read):
    for shape, words in [((16, 16), "cell: largest of 2×1"), ((17, 16), "cell: largest of up to 2×1"), ((12, 16), "")]:
        w = gc.Graph().parameter("w", np.ones(shape))
        run = gc.backprop(ops.sum(w * w, name="C"))
        box = read.boxes(viz.draw(run).source)[f"node-{w.index}"]
        assert [line for line in box if line.startswith("cell:")] == [words, words] * bool(words)


def test_the_shape_of_a_vector_is_not_read_as_a_number(read):
    node = ops.log(gc.Graph().parameter("x", [1.0, 2.0]), name="l")
    run = gc.backprop(ops.sum(node, name="C"))
    assert (
        read.boxes(viz.draw(run).source)[f"node-{node.index}"].count("2 entries  rms 0.49  largest 0.69  zero 50 %")
        == 1
    )
    (contribution,) = NodeDetails(run, DiagramIndex.from_diagram(build_diagram(run))).describe(node)["contributions"]
    assert contribution["product"] == "∂C/∂C"  # one number for each entry, not a sum
    assert contribution["contribution"] == {"summary": "2 entries, rms 1, largest 1"}


def test_roles_are_told_apart_without_colour(nets, read):
    run = nets.neurons()
    source = viz.draw(run).source
    boxes = read.boxes(source)
    tags = {n.label: boxes[f"node-{n.index}"][0] for n in run.order}
    assert (tags["x"], tags["y"], tags["w1"], tags["C₀"]) == ("input", "target", "parameter", "cost · squared_error")
    lines = {n.label: line for n in run.order for line in source.splitlines() if f'id="node-{n.index}"' in line}
    assert 'STYLE="ROUNDED" COLOR' in lines["x"]
    assert 'BORDER="3"' in lines["w1"]
    assert 'STYLE="DASHED"' in lines["y"]
    assert lines["C₀"].count('BORDER="1"') >= 2


def test_targets_are_found_by_their_use_and_not_by_their_name():
    g = gc.Graph()
    odd, y = g.input("odd"), g.input("y")
    h = ops.tanh(g.parameter("w", 1.0) * y) + g.input("skip")
    C = ops.squared_error(h * g.parameter("v", 2.0), odd)
    assert viz.draw(C).source.count('class="box target"') == 1
    found = next(box for box in viz.draw(C).diagram.boxes if box.role == "target")
    assert found.name == "odd"


def test_integer_labels_have_no_gradient_and_a_dashed_grey_edge(read):
    g = gc.Graph()
    x, labels = g.input("x", (None, 3)), g.input("labels", (None,), "int64")
    z = x @ g.parameter("w", np.eye(3))
    run = gc.backprop(ops.mean(ops.cross_entropy(z, labels), name="C"), {x: np.ones((2, 3)), labels: [0, 2]})
    picture = viz.draw(run)
    box = next(b for b in picture.diagram.boxes if b.name == "labels")
    assert (box.role, box.gradient) == ("target", None)
    arrow = next(a for a in read.arrows(picture.source).values() if "flat" in a["class"])
    assert arrow["style"] == "dashed"
    assert arrow["color"] not in (BLUE, VERMILLION)


def test_nan_and_infinity_are_loud(read):
    g = gc.Graph()
    x = g.input("x", (3,))
    with np.errstate(all="ignore"):
        run = gc.backprop(ops.sum(ops.log(x), name="C"), {x: [1.0, -1.0, 0.0]})
        picture = viz.draw(run)
    said = [word for line in read.boxes(picture.source).values() for word in line]
    assert "NaN: 1 of 3   ∞: 1 of 3" in said
    assert picture.theme.alarm in picture.source


def test_a_graph_or_node_shows_structure_and_shapes_alone(nets, read):
    run = nets.layers()
    for subject in (run.graph, run.output):
        source = viz.draw(subject).source
        said = [word for line in read.boxes(source).values() for word in line]
        assert "float64  3×4" in said
        assert not any("∂C/∂" in word for word in said)
        assert len(read.boxes(source)) == len(run.order)
    assert len(read.boxes(viz.draw(run.graph["z1"]).source)) == 5


def test_small_constants_stand_in_the_formula_and_named_ones_have_a_box(read):
    g = gc.Graph()
    x = g.input("x")
    C = (x * 2.0 + g.constant(1.5, name="offset")).named("C")
    assert [b[1] for b in read.boxes(viz.draw(C).source).values()] == ["x", "2 · x", "offset", "C"]


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_arrays_of_other_libraries_are_drawn(library):
    xp = pytest.importorskip(library)
    g = gc.Graph()
    x = g.input("x", (2, 2), "float32")
    run = gc.backprop(ops.sum(x * x, name="C"), {x: xp.asarray([[1.0, 2.0], [3.0, -4.0]], dtype=xp.float32)})
    assert "largest −8" in viz.draw(run).source


def test_clusters_are_scopes_and_nest():
    g = gc.Graph()
    x = g.input("x")
    with g.scope("outer"), g.scope("inner"):
        x = ops.tanh(x)
    source = viz.draw(x).source
    assert source.index("outer") < source.index("inner") < source.index("tanh(x)")
    assert source.count("subgraph cluster_") == 2


def test_nothing_to_draw_is_an_error_with_a_reason():
    with pytest.raises(viz.DrawError, match=r"nothing to draw.*has no nodes yet"):
        viz.draw(gc.Graph("empty"))
    with pytest.raises(gc.errors.GraphcoreError, match="draw expects a run, a graph or a node, got 3"):
        viz.draw(3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "drak"}, "Did you mean 'dark'"),
        ({"direction": "up"}, "expected one of TB, LR, BT, RL"),
        ({"digits": 0}, "digits must be an integer from 1 to 17, got 0"),
        ({"time_limit": 0}, "positive number of seconds, got 0"),
        ({"open": ["nowhere"]}, "is not a layer of this picture"),
    ],
)
def test_a_senseless_option_is_refused_in_words(nets, options, message):
    with pytest.raises(viz.DrawError, match=message):
        viz.draw(nets.square(), **options)
