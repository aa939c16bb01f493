"""The network as neurons: its numbers are those of the run, and everything can be found in the SVG."""

import itertools
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.render import engine
from viz.render.theme import contrast

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    '<b>&"\\', "</script><script>alert(1)</script>", "\\N\\G", "]]>", "-->", "\ud800", "שלום", "a" * 5000,
    "n0 -- n1; evil",
]  # fmt: skip


def dense(sizes, batch, squash=ops.tanh, seed=0, names=("x", "W", "b")):
    """A network of dense layers on a batch."""
    rng = np.random.default_rng(seed)
    g = gc.Graph("dense")
    x, y = g.input(names[0], (None, sizes[0])), g.input("y", (None, sizes[-1]))
    a = x
    for layer, (n, m) in enumerate(itertools.pairwise(sizes), 1):
        W = g.parameter(f"{names[1]}{layer}", rng.normal(size=(n, m)) / np.sqrt(n))
        b = g.parameter(f"{names[2]}{layer}", rng.normal(size=m))
        a = squash((a @ W + b).named(f"z{layer}"), name=f"a{layer}")
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return gc.backprop(cost, {x: rng.random((batch, sizes[0])), y: rng.random((batch, sizes[-1]))})


def parts(picture):
    """By its id, each part of the SVG: its class, its title, and the shapes in it."""
    root = ET.fromstring(picture.svg())
    return {
        part.get("id"): (part.get("class"), (part.findtext(f"{SVG}title") or "").split("\n"), list(part))
        for part in root.iter(f"{SVG}g")
        if part.get("id")
    }


def as_float(words):
    """A number as it is shown, read back."""
    mantissa, _, exponent = words.strip("()").replace("−", "-").partition("·10")
    power = exponent.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return float(mantissa) * 10.0 ** int(power or 0)


# -- numbers


def test_every_weight_tells_its_value_its_gradient_and_its_three_factors():
    run = dense((3, 4, 2), batch=1)
    found = parts(viz.network(run))
    checked = 0
    for layer, W in enumerate(("W1", "W2"), 1):
        for (k, j), weight in np.ndenumerate(run.value[W]):
            kind, told, _ = found[f"weight-{layer}-{j}-{layer - 1}-{k}"]
            gradient = run.grad[W][k, j]
            assert kind == f"edge weight {'positive' if gradient > 0 else 'negative'}"
            assert as_float(re.match(rf"{W}\[{k},{j}\] = (\S+), from", told[0])[1]) == pytest.approx(weight, rel=1e-3)
            sign, shown, *factors = re.fullmatch(r"∂C/∂\S+ = (.) (\S+) = (\S+) × (\S+) × (\S+)", told[1]).groups()
            assert (sign == "▲") == (gradient > 0)
            assert as_float(shown) == pytest.approx(gradient, rel=1e-3)
            assert math.prod(map(as_float, factors)) == pytest.approx(gradient, rel=2e-3)
            expected = (
                run.value["x" if layer == 1 else "a1"][0, k],
                1 - run.value[f"a{layer}"][0, j] ** 2,  # of tanh
                run.grad[f"a{layer}"][0, j],
            )
            assert [as_float(factor) for factor in factors] == pytest.approx(expected, rel=1e-3)
            assert told[2] == f"activation in × tanh′(z{layer}) × ∂C/∂a{layer}"
            checked += 1
    assert checked == 20


def test_the_contributions_of_the_examples_add_up_to_the_gradient():
    run = dense((3, 4, 2), batch=6)
    found = parts(viz.network(run))
    for (k, j), gradient in np.ndenumerate(run.grad["W2"]):
        _, told, _ = found[f"weight-2-{j}-1-{k}"]
        assert as_float(told[1].rpartition(" ")[2]) == pytest.approx(gradient, rel=1e-3)
        assert told[2].startswith("sum over 6 examples of activation in")
        contributions = run.value["a1"][:, k] * run.grad["z2"][:, j]
        assert contributions.sum() == pytest.approx(gradient)
        most = int(np.argmax(np.abs(contributions)))
        assert told[3].startswith(f"largest from example {most}: ")
        assert as_float(told[3].rpartition(" ")[2]) == pytest.approx(contributions[most], rel=1e-3)
        assert len(told) == 4


@pytest.mark.parametrize("example", [0, 3, -1])
def test_one_example_is_what_a_batch_of_that_example_alone_would_give(example):
    """Against a run of the same graph on a batch of one."""
    run = dense((3, 4, 2), batch=5)
    at = example % 5
    alone = gc.backprop(run.output, {n: run.value[n][at : at + 1] for n in ("x", "y")})
    one, other = viz.network(run, example=example).network, viz.network(alone).network
    assert one.about == f"training example {at} of 5"
    assert one.cost_value == pytest.approx(float(alone.cost))
    for mine, theirs in zip(one.weight_edges, other.weight_edges, strict=True):
        assert (mine.key, mine.weight) == (theirs.key, theirs.weight)
        assert mine.gradient == pytest.approx(theirs.gradient)
        assert mine.tooltip[0] == theirs.tooltip[0]
    for mine, theirs in zip(one.columns, other.columns, strict=True):
        for a, b in zip(mine.neurons, theirs.neurons, strict=True):
            for what in ("value", "bias", "delta", "output_gradient", "target"):
                assert getattr(a, what) == (None if getattr(b, what) is None else pytest.approx(getattr(b, what)))


def test_the_average_of_all_examples_is_the_picture_of_the_batch():
    run = dense((3, 4, 2), batch=5)
    whole = viz.network(run).network
    each = [viz.network(run, example=i).network for i in range(5)]
    assert np.mean([n.cost_value for n in each]) == pytest.approx(whole.cost_value)
    for place, edge in enumerate(whole.weight_edges):
        assert np.mean([n.weight_edges[place].gradient for n in each]) == pytest.approx(edge.gradient)
    for c, column in enumerate(whole.columns):
        for i, neuron in enumerate(column.neurons):
            for what in ("value", "delta", "output_gradient", "target"):
                if getattr(neuron, what) is not None:
                    mean = np.mean([getattr(n.columns[c].neurons[i], what) for n in each])
                    assert mean == pytest.approx(getattr(neuron, what))


def test_deltas_biases_targets_and_the_cost_are_those_of_the_run(nets):
    run = nets.neurons()
    picture = viz.network(run)
    words = [t.text for t in ET.fromstring(picture.svg()).iter(f"{SVG}text")]
    for layer in (1, 2, 3):
        assert f"b {run.value[f'b{layer}']:.2g}".replace("-", "−") in words
        delta = run.grad[f"z{layer}"]
        assert f"δ {'▲' if delta > 0 else '▼'} {delta:.2g}".replace("-", "−") in words
        assert f"w{layer} = {run.value[f'w{layer}']:.3g}".replace("-", "−") in words
        gradient = run.grad[f"w{layer}"]
        sign = "▲" if gradient > 0 else "▼"
        assert f"∂C₀/∂w{layer} {sign} {gradient:.3g}".replace("-", "−") in words
    assert f"= {run.cost:.4g}" in words
    assert parts(picture)["target-3-0"][1] == ["target of a3: 1"]
    assert parts(picture)["blame-3-0"][1] == ["∂C₀/∂a3 = ▼ " + f"{run.grad['a3']:.4g}".replace("-", "−")]


def test_a_neuron_shows_its_activation_and_a_shade_of_it(nets):
    run = nets.neurons()
    found = parts(viz.network(run))
    for depth, name in enumerate(("x", "a1", "a2", "a3")):
        value = float(run.value[name])
        ellipse, text = found[f"neuron-{depth}-0"][2][1:]
        assert float(text.text) == pytest.approx(value, abs=5e-4)
        # from white at 0 to the ink at 1
        ink = int(viz.THEMES["light"].ink[1:3], 16)
        assert int(ellipse.get("fill")[1:3], 16) == round(255 + (ink - 255) * value)


def test_an_activation_below_zero_has_a_minus_and_another_colour():
    g = gc.Graph()
    run = gc.backprop(ops.square(ops.tanh(g.parameter("w", -5.0) * g.input("x")), name="C"), {"x": 1.0})
    ellipse, text = parts(viz.network(run))["neuron-1-0"][2][1:]
    assert text.text == "−1.000"
    assert ellipse.get("fill") == viz.THEMES["light"].tint(float(np.tanh(-5.0)))


def test_labels_are_shown_as_the_neuron_that_should_have_spoken():
    g = gc.Graph()
    x, y = g.input("x", (None, 3)), g.input("label", (None,), dtype="int64")
    z = (x @ g.parameter("W", np.eye(3))).named("z")
    run = gc.backprop(ops.mean(ops.cross_entropy(z, y), name="C"), {x: np.ones((4, 3)), y: [0, 2, 2, 1]})
    targets = [n.target for n in viz.network(run).network.columns[-1].neurons]
    assert targets == [0.25, 0.25, 0.5]
    assert [n.target for n in viz.network(run, example=1).network.columns[-1].neurons] == [0.0, 0.0, 1.0]
    assert viz.network(run).network.target == "label"


def test_a_weight_that_is_used_twice_says_what_the_other_use_adds():
    g = gc.Graph()
    x, W = g.input("x", (1, 2)), g.parameter("W", [[0.5], [-1.0]])
    cost = ops.sum(ops.tanh(x @ W, name="a")) + 0.1 * ops.sum(ops.square(W))
    told = parts(viz.network(gc.backprop(cost.named("C"), {x: [[1.0, 2.0]]})))["weight-1-0-0-1"][1]
    assert told[-1] == "and −0.2 from its other uses"


def test_a_softmax_has_two_factors_and_no_slope_of_its_own():
    g = gc.Graph()
    x, W = g.input("x", (1, 2)), g.parameter("W", [[0.5, 1.0], [-1.0, 0.0]])
    p = ops.softmax((x @ W).named("z"), name="p")
    run = gc.backprop(ops.sum(p * np.array([[1.0, -2.0]]), name="C"), {x: [[1.0, 2.0]]})
    told = parts(viz.network(run))["weight-1-1-0-1"][1]
    assert told[2] == "activation in × δ = ∂C/∂z"
    factors = told[1].split(" = ")[2].split(" × ")
    assert math.prod(map(as_float, factors)) == pytest.approx(run.grad["W"][1, 1], rel=1e-3)


def test_nan_and_infinity_are_loud():
    g = gc.Graph()
    x, W = g.input("x", (2,)), g.parameter("W", np.array([[1.0, np.nan], [2.0, 1.0]]))
    run = gc.backprop(ops.sum(ops.tanh(x @ W, name="a"), name="C"), {x: [1.0, 2.0]})
    found = parts(viz.network(run))
    assert found["neuron-1-1"][2][1].get("fill") == viz.THEMES["light"].alarm
    assert found["weight-1-1-0-0"][0] == "edge weight alarm"
    assert found["weight-1-0-0-0"][0] == "edge weight positive"


@pytest.mark.parametrize(
    "write",
    [lambda x, W: W @ x, lambda x, W: x @ W.T, lambda x, W: x @ W, lambda x, W: W.T @ x],
    ids=["W @ x", "x @ W.T", "x @ W", "W.T @ x"],
)
def test_rows_or_columns_of_the_weights_may_be_the_neurons_that_receive(write):
    """Whichever they are: moving the input of a line by one moves its end by the weight in the tooltip."""
    rng = np.random.default_rng(4)
    g = gc.Graph()
    x, W = g.input("x", (3,)), g.parameter("W", rng.normal(size=(3, 3)))
    z = write(x, W).named("z")
    run = gc.backprop(ops.sum(ops.tanh(z, name="a"), name="C"), {x: [0.5, -1.0, 2.0]})
    for edge in viz.network(run).network.weight_edges:
        _, _, j, _, k = edge.key.split("-")
        moved = run.value["x"] + np.eye(3)[int(k)]
        ends = gc.evaluate(z, {x: moved}) - run.value["z"]
        assert edge.weight == pytest.approx(ends[int(j)])
        row, column = map(int, re.search(r"W\[(\d),(\d)\]", edge.name).groups())
        assert (edge.weight, edge.gradient) == (run.value["W"][row, column], run.grad["W"][row, column])
        assert f"from x[{k}] to a[{j}]" in edge.tooltip[0]


def test_a_page_can_look_up_which_node_a_neuron_and_which_entry_a_weight_is():
    run = dense([3, 4, 2], 5)
    parts = viz.network(run).parts
    nodes = {node.index: node for node in run.order}
    told = [[(nodes[o["node"]].name, o["first"], o["axis"]) for o in column] for column in parts["columns"]]
    assert told == [[("x", 0, 1)], [("a1", 0, 1)], [("a2", 0, 1)]]
    assert [[nodes[i].name, axes] for column in parts["columns"] for o in column for i, axes in o["weights"]] == [
        ["W1", "kj"],
        ["W2", "kj"],
    ]
    assert [o["target"] and nodes[o["target"]].name for column in parts["columns"] for o in column] == [None, None, "y"]
    assert nodes[parts["cost"]] is run.output


# -- what is drawn


def strokes(picture):
    return {
        key: (path.get("stroke"), float(path.get("stroke-width") or 1), path.get("stroke-dasharray"))
        for key, (kind, _, shapes) in parts(picture).items()
        if kind and "weight" in kind
        for path in shapes
        if path.tag == f"{SVG}path"
    }


@pytest.mark.parametrize("show", ["gradient", "weight"])
def test_colour_dash_and_width_follow_sign_and_size(show):
    run = dense((3, 4, 2), batch=4)
    of = run.grad if show == "gradient" else run.value
    drawn = strokes(viz.network(run, show=show))
    sizes = {
        f"weight-{layer}-{j}-{layer - 1}-{k}": v for layer in (1, 2) for (k, j), v in np.ndenumerate(of[f"W{layer}"])
    }
    assert drawn.keys() == sizes.keys()
    largest = max(map(abs, sizes.values()))
    for key, size in sizes.items():
        colour, width, dash = drawn[key]
        assert colour == ("#0072b2" if size > 0 else "#d55e00")
        assert bool(dash) == (size < 0)
        assert width == pytest.approx(0.4 + 3.6 * math.sqrt(abs(size) / largest), abs=0.01)


def test_a_weight_that_nothing_depends_on_is_dotted():
    g = gc.Graph()
    x, W = g.input("x", (2,)), g.parameter("W", np.ones((2, 1)))
    run = gc.backprop(ops.sum(ops.tanh(x @ W), name="C"), {x: [0.0, 1.0]})
    drawn = parts(viz.network(run))
    assert drawn["weight-1-0-0-0"][0] == "edge weight zero"
    assert drawn["weight-1-0-0-0"][2][1].get("stroke-dasharray") == "1,5"


def test_of_a_wide_layer_the_first_and_last_are_shown_and_how_many_are_missing():
    picture = viz.network(dense((30, 5), batch=2, seed=1), most=7)
    column = picture.network.columns[0]
    assert [n.name for n in column.neurons] == [f"x[{i}]" for i in (0, 1, 2, 3, 27, 28, 29)]
    assert (column.missing, column.rows) == (23, 8)
    words = [t.text for t in ET.fromstring(picture.svg()).iter(f"{SVG}text")]
    assert {"⋮", "23 more"} <= set(words)
    assert len(strokes(picture)) == 7 * 5


def test_a_wide_input_of_a_square_number_of_greys_is_an_image():
    run = dense((64, 5, 3), batch=3)
    picture = viz.network(run, example=1)
    column = picture.network.columns[0]
    assert (column.pixels, column.about_lines) == (8, ["8 × 8 pixels"])
    theme = viz.THEMES["light"]
    pixels = [p for p in parts(picture)["image"][2] if p.tag == f"{SVG}polygon"][:64]
    corners = [tuple(map(float, p.get("points").split()[1].split(","))) for p in pixels]
    assert corners == sorted(corners, key=lambda c: (c[1], c[0]))  # row by row, from the upper left
    for pixel, value in zip(pixels, run.value["x"][1], strict=True):
        assert int(pixel.get("fill")[3:5], 16) == round(255 + (int(theme.ink[3:5], 16) - 255) * value)
    assert (picture.network.notes, len(strokes(picture))) == ([], 64 * 5 + 5 * 3)


def test_of_many_weights_of_an_image_each_neuron_keeps_its_largest():
    run = dense((400, 16), batch=2)
    picture = viz.network(run, show="weight")
    shown = {}
    for edge in picture.network.weight_edges:
        _, _, j, _, k = edge.key.split("-")
        shown.setdefault(int(j), set()).add(int(k))
    for j in range(16):
        order = np.argsort(-np.abs(run.value["W1"][:, j]))
        assert shown[j] == set(order[: len(shown[j])].tolist())
        assert len(shown[j]) == 30
    assert picture.network.notes == ["of the 6 400 weights of W1, the 480 with the largest |W1|"]


def test_neurons_of_which_there_is_nothing_to_write_stand_beside_those_that_have():
    g = gc.Graph("scalars")
    inputs = [g.input(f"x{i}") for i in range(2)]
    hidden = [
        ops.tanh(
            sum((g.parameter(f"w{j}{i}", 0.1 * (i + j)) * x for i, x in enumerate(inputs)), g.parameter(f"b{j}", 0.5))
        )
        for j in range(12)
    ]
    total = sum((g.parameter(f"v{j}", 0.1) * a for j, a in enumerate(hidden)), g.parameter("c", 0.0))
    picture = viz.network(gc.backprop(ops.square(total, name="C"), {"x0": 0.5, "x1": -0.5}))
    assert sum(kind == "node words" for kind, _, _ in parts(picture).values()) >= 12


def test_an_input_with_numbers_outside_the_greys_is_no_image():
    g = gc.Graph()
    x, W = g.input("x", (None, 64)), g.parameter("W", np.ones((64, 2)))
    run = gc.backprop(ops.mean(ops.tanh(x @ W), name="C"), {x: np.full((2, 64), 1.5)})
    assert viz.network(run).network.columns[0].pixels == 0


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 3, 1), (5, 8, 8, 2), (30, 16, 10), (64, 16, 16, 10)])
def test_no_neuron_lies_on_another_and_every_part_has_one_id(sizes):
    picture = viz.network(dense(sizes, batch=2))
    root = ET.fromstring(picture.svg())
    ids = [part.get("id") for part in root.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    circles = [tuple(float(e.get(k)) for k in ("cx", "cy", "rx")) for e in root.iter(f"{SVG}ellipse")]
    for (x, y, r), (u, v, s) in itertools.combinations(circles, 2):
        assert math.hypot(x - u, y - v) > r + s
    found = parts(picture)
    for neuron in itertools.chain(*(c.neurons for c in picture.network.columns if not c.pixels)):
        assert found[neuron.key][0].startswith("node neuron ")
    for edge in picture.network.weight_edges:
        assert found[edge.key][0] == f"edge weight {edge.sign}"


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_all_that_is_written_can_be_read(theme):
    colours = viz.THEMES[theme]
    source = viz.network(dense((30, 16, 4), batch=3, seed=2), theme=theme).source
    checked = 0
    for ground, ink in re.findall(r'<FONT COLOR="(#\w{6})"[^\n]*?fillcolor="(#\w{6})"', source):
        assert contrast(ground, ink) >= 4.5
        checked += 1
    assert checked >= 30
    for ink in set(re.findall(r'<FONT COLOR="(#\w{6})"', source)) & {colours.ink, colours.quiet}:
        assert contrast(ink, colours.paper) >= 4.5


# -- the same bytes, hostile names, wrong questions


def test_the_text_does_not_depend_on_the_hash_seed():
    program = (
        "import sys; sys.path.insert(0, 'tests/viz/network')\n"
        "from test_network import dense; import viz\n"
        "sys.stdout.buffer.write(viz.network(dense((20, 6, 3), batch=2)).source.encode())\n"
    )
    root = engine.__file__.rpartition("viz")[0]
    texts = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=root, env={"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True, check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(texts) == 1
    assert len(texts.pop()) > 10_000


def test_graphviz_has_nothing_to_complain_about(nets):
    for run in (nets.neurons(), nets.layers(), dense((64, 9, 3), batch=2)):
        command = [sys.executable, engine.__file__.replace("engine.py", "pygraphviz_worker.py"), "svg"]
        done = subprocess.run(command, input=viz.network(run).source.encode(), capture_output=True, check=True)
        assert [line for line in done.stderr.decode().splitlines() if "Fontconfig" not in line] == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_stay_text(name):
    hostile, harmless = (viz.network(dense((2, 2), batch=1, names=(n, "W" + n, "b" + n))) for n in (name, "n"))
    roots = [ET.fromstring(picture.svg()) for picture in (hostile, harmless)]
    assert [e.tag for e in roots[0].iter()] == [e.tag for e in roots[1].iter()]
    assert [e.get("id") for e in roots[0].iter()] == [e.get("id") for e in roots[1].iter()]
    for element in roots[0].iter():
        assert not [key for key in element.attrib if key.lower().startswith("on")]
    for line in hostile.source.splitlines():
        assert re.match(r"^(graph|\t(graph|node|edge|n\d+( -- n\d+)?) \[|\})", line), line


def test_files_and_notebooks(nets, tmp_path):
    picture = viz.network(nets.neurons())
    for suffix, magic in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"graph")):
        assert picture.save(tmp_path / f"net.{suffix}").read_bytes().startswith(magic)
    assert "<title>w1 = 0.6" in (tmp_path / "net.svg").read_text("utf-8")
    assert "<svg" in picture._repr_html_()
    assert repr(picture) == "<NetworkPicture of 'one neuron per layer': 4 neurons in 4 columns>"


def test_wrong_questions(nets):
    run = nets.layers()
    with pytest.raises(viz.DrawError, match=r"unknown show 'size', expected 'gradient' or 'weight'"):
        viz.network(run, show="size")
    with pytest.raises(viz.DrawError, match=r"most must be an integer of at least 2 .*, got 1"):
        viz.network(run, most=1)
    with pytest.raises(viz.DrawError, match="example must be an integer from 0 to 4, got 5"):
        viz.network(run, example=5)
    with pytest.raises(viz.DrawError, match="unknown theme"):
        viz.network(run, theme="drak")
    with pytest.raises(viz.DrawError, match=r"no layers of neurons.*viz.draw\(run\) draws every graph"):
        viz.network(nets.square())
    with pytest.raises(gc.errors.GraphError, match="no batch to take apart"):
        viz.network(nets.neurons(), example=0)
    with pytest.raises(viz.DrawError, match="do not have one value for each"):
        viz.network(_vector(), example=0)
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        viz.network(run.graph)


def _vector():
    """One example that is a vector, and no batch."""
    g = gc.Graph()
    x, W = g.input("x", (3,)), g.parameter("W", np.ones((3, 2)))
    return gc.backprop(ops.sum(x @ W, name="C"), {x: [1.0, 2.0, 3.0]})


def test_what_nobody_could_read_is_refused(nets):
    with pytest.raises(viz.DrawError, match=r"a network of 1\d\d layers is too deep.*folds deep networks"):
        viz.network(nets.chain(150))


def test_a_batch_without_examples_is_refused():
    x = gc.Graph().input("x", (None, 3))
    W = x.graph.parameter("W", np.ones((3, 2)))
    run = gc.backprop(ops.sum(x @ W, name="C"), {x: np.zeros((0, 3))})
    with pytest.raises(viz.DrawError, match="this run has no examples"):
        viz.network(run)
