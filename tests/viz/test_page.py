"""The live page, read as a program reads it: its numbers are the run's, its curves are true, and nothing can get in."""

import base64
import hashlib
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.live.lines import INVISIBLE, PIXELS, Handle, Lines
from viz.live.numbers import WHOLE
from viz.live.palette import Palette
from viz.live.scenes import EXAMPLES, FEW, Scene, examples_of, handles_of
from viz.numbers import number, signed
from viz.theme import THEMES, contrast

ROOT = pathlib.Path(__file__).parent.parent.parent


def data_of(text):
    """The JSON of a page, with all scenes unpacked."""
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    data["scenes"] = [unpacked(s) if isinstance(s, str) else s for s in data["scenes"]]
    return data


def unpacked(packed):
    return json.loads(zlib.decompress(base64.b64decode(packed), wbits=-15).decode("utf-8", "surrogatepass"))


def array_of(quantity):
    if "one" in quantity:
        return np.float64(quantity["one"])
    return np.array([float(v) for v in quantity["entries"]]).reshape(quantity["shape"])


def by_index(run):
    return {node.index: node for node in run.order}


@pytest.fixture(scope="module")
def pages(nets):
    return {name: viz.page(getattr(nets, name)()) for name in ("neurons", "square", "paths", "layers")}


# -- the numbers


@pytest.mark.parametrize("name", ["neurons", "square", "paths", "layers"])
def test_every_number_is_the_runs(pages, name):
    page = pages[name]
    data, nodes = data_of(page.html), by_index(page.run)
    runs = [page.run, *examples_of(page.run)]
    assert len(data["scenes"]) == len(runs) == (6 if name == "layers" else 1)
    for scene, run in zip(data["scenes"], runs, strict=True):
        assert scene["cost"] == float(run.cost)
        assert len(scene["nodes"]) == len(data["nodes"]) >= 2
        for meta, told in zip(data["nodes"], scene["nodes"], strict=True):
            node = nodes[meta["index"]]
            for what, found in (("value", run.value), ("gradient", run.grad)):
                expected = np.asarray(found[node])
                assert told[what].get("shape", []) == list(expected.shape)
                np.testing.assert_allclose(array_of(told[what]), expected, rtol=1e-6 if expected.shape else 0)
                for digits in (3, 4):
                    shown = [number(float(v), digits) for v in array_of(told[what]).reshape(-1)]
                    assert shown == [number(float(v), digits) for v in expected.reshape(-1)]


def test_what_arrived_adds_up_to_the_gradient(pages):
    added = 0
    for name in ("neurons", "square", "paths"):
        for told in data_of(pages[name].html)["scenes"][0]["nodes"]:
            if told["arrived"]:
                shares = [share["share"]["one"] for share in told["arrived"]]
                assert sum(shares) == pytest.approx(told["gradient"]["one"], rel=1e-14)
                added += len(shares) > 1
    assert added >= 2


def test_the_table_says_it_in_the_digits_that_are_shown(pages):
    page = pages["neurons"]
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', page.html))
    assert len(rows) == len(page.run.order)
    for node in page.run.order:
        row = html.unescape(rows[node.label])
        assert f'value">{number(float(page.run.value[node]), 4)}<' in row
        assert f'gradient">{signed(float(page.run.grad[node]), 4)}<' in row


def test_an_example_alone_is_the_run_of_that_example(nets):
    run = nets.layers()
    for i, alone in enumerate(examples_of(run)):
        feed = {name: run.value[name][i : i + 1] for name in ("x", "y")}
        expected = gc.backprop(run.output, feed)
        for node in run.order:
            np.testing.assert_array_equal(alone.value[node], expected.value[node])
            np.testing.assert_array_equal(alone.grad[node], expected.grad[node])


def test_the_average_of_the_examples_is_the_batch(pages):
    data = data_of(pages["layers"].html)
    assert data["examples"]["all"] == 5
    assert np.mean(data["examples"]["costs"]) == pytest.approx(data["scenes"][0]["cost"], rel=1e-14)
    run = pages["layers"].run
    gradients = data["examples"]["gradients"]
    assert len(gradients) >= 20
    for key, each in gradients.items():
        index, _, entry = key.partition(":")
        place = tuple(map(int, entry.split(","))) if entry else ()
        assert np.mean(each) == pytest.approx(float(run.grad[by_index(run)[int(index)]][place]), rel=1e-12)


def test_later_parameters_change_nothing(nets):
    """A page is of a run, not of what its parameters hold now."""
    run = nets.layers()
    before = viz.page(run).html
    for parameter in run.graph.parameters.values():
        parameter.value = parameter.value + 1.0
    assert viz.page(run).html == before
    again = nets.layers()
    assert viz.page(again).html == before


# -- the number lines


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
def test_straight_lines_between_the_points_cannot_be_seen(nets, make):
    run = make() if callable(make) else getattr(nets, make)()
    rng = np.random.default_rng(0)
    tried = 0
    for handle in handles_of(run, 40):
        line = json.loads(json.dumps(Lines(run, handle).as_json()))
        at = np.array(line["at"], float)
        assert line["error"] <= INVISIBLE
        assert (np.diff(at) > 0).all()
        pixel = (at[-1] - at[0]) / PIXELS
        for t in rng.uniform(at[0], at[-1], 40):
            values = forward(run, handle, t)
            for answer in line["answers"]:
                curve = np.array(answer["values"], float)
                truth = float(values[by_index(run)[answer["node"]]][tuple(answer["entry"])])
                span = np.nanmax(curve[np.isfinite(curve)]) - np.nanmin(curve[np.isfinite(curve)]) or 1.0
                left = np.searchsorted(at, t) - 1
                if at[left + 1] - at[left] < 1.01 * pixel:
                    continue  # a jump or a break lies between two points that are one pixel apart
                drawn = np.interp(t, at, curve)
                assert np.isfinite(drawn) == np.isfinite(truth)
                if np.isfinite(truth):
                    tried += 1
                    eps = np.finfo(run.output.dtype).eps
                    assert abs(drawn - truth) <= 2 * INVISIBLE * span / PIXELS + 16 * eps * abs(truth)
    assert tried >= 30


def test_lines_begin_at_the_run_with_the_slope_of_the_run(nets):
    run = nets.neurons()
    lines = {line["name"]: line for line in data_of(viz.page(run).html)["scenes"][0]["lines"]}
    assert list(lines) == ["x", "y", "w1", "b1", "w2", "b2", "w3", "b3"]
    for name, line in lines.items():
        assert line["start"] == float(run.value[name])
        cost = line["answers"][-1]
        assert (cost["name"], cost["at"]) == ("C₀", float(run.cost))
        assert cost["rate"] == pytest.approx(float(run.grad[name]), rel=1e-9)
        assert line["start"] in line["at"]
        assert cost["values"][line["at"].index(line["start"])] == cost["at"]
        for answer in line["answers"]:
            node = by_index(run)[answer["node"]]
            jacobian = gc.jacobian_at(run, node, name)
            assert answer["rate"] == pytest.approx(float(jacobian), rel=1e-9)


def test_behind_a_relu_that_is_off_the_neuron_is_followed_that_the_handle_can_switch_on():
    g = gc.Graph()
    x, w = g.input("x", (2,)), g.parameter("w", [[1.0, -0.4], [1.0, -0.4]])
    run = gc.backprop(ops.sum(ops.relu(ops.matmul(x, w, name="z"), name="a"), name="C"), {x: [1.0, 1.0]})
    line = Lines(run, Handle(g["w"], (0, 1)))
    assert [answer.name for answer in line.answers] == ["z[1]", "a[1]", "C"]
    assert line.answers[-1].rate == 0.0
    assert max(line.answers[-1].values) > line.answers[-1].at


def test_of_a_large_array_the_entries_of_largest_gradient_can_be_moved():
    rng = np.random.default_rng(0)
    g = gc.Graph()
    x, w = g.input("x", (200,)), g.parameter("w", rng.normal(size=200))
    run = gc.backprop(ops.sum(w * x, name="C"), {x: rng.normal(size=200)})
    chosen = [h.entry[0] for h in handles_of(run, 100) if h.node is w]
    assert len(chosen) < FEW < 200
    assert set(chosen) == set(np.argsort(-np.abs(run.grad[w]))[: len(chosen)])


# -- the steps


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


# -- one file, closed to everybody else


class Reader(HTMLParser):
    """All tags with their attributes, and what stands in scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.blocks, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag if tag in ("script", "style") else None
        if self.inside:
            self.blocks.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside:
            self.blocks[-1][2] += text


def test_the_policy_lets_only_the_pages_own_parts_run(pages):
    read = Reader(pages["layers"].html)
    policy = next(a["content"] for tag, a in read.tags if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (_, _, style), (_, kind, _), (_, module, script) = read.blocks
    assert (kind["type"], module["type"]) == ("application/json", "module")
    for text, source in ((style, "style-src"), (script, "script-src")):
        print_ = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{source} 'sha256-{print_}'" in policy


def test_nothing_is_fetched_and_nothing_stands_in_attributes(pages):
    for page in pages.values():
        for tag, attrs in Reader(page.html).tags:
            assert tag not in ("link", "img", "iframe", "object", "embed", "base", "foreignobject", "use", "image")
            assert not {"style", "src", "srcset", "action", "formaction"} & set(attrs)
            assert not [name for name in attrs if name.startswith("on")]
            assert attrs.get("href", "#").startswith("#")
        assert "http://" not in page.html.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page.html


NAMES = [
    "</script><script>hacked=1</script>", "<img src=x onerror=hacked=1>", "javascript:hacked=1", '" onload="hacked=1',
    "<!--<script>", "]]>", "{{script}}", "{{policy}}", "\u2028two\nlines\x00", "\ud800", "שלום", "a" * 5000, "</style>",
    "&lt;b&gt;", "'`${hacked=1}`", "\\u003c/script>",
]  # fmt: skip


VITAL = ("html", "head", "body", "meta", "script", "style", "svg", "table", "tr", "a", "button", "iframe")


def hostile(name):
    g = gc.Graph(name)
    with g.scope(name):
        x = g.input(name, (None, 2))
        z = (x @ g.parameter("w" + name[:4000], [[1.0], [2.0]])).named("z" + name[:4000])
    return gc.backprop(ops.mean(ops.square(z), name="C" + name[:4000]), {x: [[0.5, 1.0], [2.0, 1.0]]})


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_a_name(name):
    text = viz.page(hostile(name)).html
    plain = viz.page(hostile("plain")).html
    read, expected = Reader(text), Reader(plain)
    # a long label has more lines, and that is all that may differ
    assert {tag for tag, _ in read.tags} <= {tag for tag, _ in expected.tags} | {"p"}
    assert {a for _, attrs in read.tags for a in attrs} <= {a for _, attrs in expected.tags for a in attrs}
    assert [tag for tag, _ in read.tags if tag in VITAL] == [tag for tag, _ in expected.tags if tag in VITAL]
    assert read.blocks[2] == expected.blocks[2]
    assert text.count("<script") == plain.count("<script") == 2
    data = data_of(text)
    assert len(data["scenes"]) == 3
    text.encode("utf-8")


def test_the_same_run_gives_the_same_bytes(nets, tmp_path):
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    viz.page(nets.layers(), one)
    viz.page(nets.layers(), str(two))
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()


# -- size


def test_one_neuron_per_layer_is_small(pages):
    assert len(pages["neurons"].html.encode()) < 300_000


def test_the_network_of_the_digits_is_not_large():
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
    data = data_of(text)
    assert len(data["scenes"]) == EXAMPLES + 1
    assert data["examples"]["all"] == 32
    told = {meta["name"]: node for meta, node in zip(data["nodes"], data["scenes"][0]["nodes"], strict=True)}
    assert "entries" not in told["w1"]["value"]
    assert len(told["w2"]["value"]["entries"]) == WHOLE == 256


def test_a_large_graph_is_folded_and_says_so(nets):
    run = nets.chain(3400)
    assert len(run.order) >= 10_000
    text = viz.page(run).html
    assert re.search(r"Layers are folded: 10 20\d nodes are drawn in \d+ boxes", text)
    assert re.search(r"The table lists 2 000 nodes of 10\d+", text)
    data = data_of(text)
    assert len(data["nodes"]) == 2000
    assert not data["scenes"][0]["lines"]
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


# -- notebooks


def ids(text):
    return re.findall(r' id="([^"]+)"', text)


def test_a_run_shows_itself_with_ids_of_its_own(nets):
    run = nets.neurons()
    one, two, three = run._repr_html_(), run._repr_html_(), viz.draw(nets.layers())._repr_html_()
    assert all("<svg" in shown for shown in (one, two, three))
    plain = viz.draw(run).svg()
    assert re.sub(' id="[^"]*"', "", plain) in re.sub(' id="[^"]*"', "", one)  # nothing but the ids is another
    everything = ids(one) + ids(two) + ids(three)
    assert len(everything) == len(set(everything)) > 60


def test_a_run_without_pictures_shows_its_table():
    program = """
import graphcore as gc, ops
x = gc.Graph().input("x")
print(gc.backprop(ops.square(x, name="<C>"), {x: 3.0})._repr_html_())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.startswith("<pre>&lt;C&gt; = 9")


def test_a_page_shows_itself_in_a_frame_that_can_do_nothing_to_the_notebook(pages):
    shown = pages["neurons"]._repr_html_()
    ((tag, attrs),) = Reader(shown).tags
    assert (tag, attrs["sandbox"]) == ("iframe", "allow-scripts")
    assert attrs["srcdoc"] == pages["neurons"].html


# -- refusals, files, the wheel


def test_what_is_no_run_is_refused(nets):
    with pytest.raises(viz.DrawError, match=r"a page shows a run.*run = gc.backprop"):
        viz.page(nets.square().graph)


@pytest.mark.parametrize("name", ["net.svg", "net", ".html"])
def test_a_page_is_an_html_file(nets, tmp_path, name):
    with pytest.raises(viz.DrawError, match=r"a page is an \.html file"):
        viz.page(nets.square(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_title_of_ones_own(nets):
    assert "<h1>a &lt;title&gt;</h1>" in viz.page(nets.square(), title="a <title>").html


def test_the_wheel_holds_the_page(tmp_path, imported):
    """Built, unpacked into an empty place, and used from there."""
    imported("hatchling"), imported("pip")
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(site)
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "viz" / "live" / "assets").iterdir()}
    assert here <= names
    assert len(here) > 15
    program = """
import graphcore as gc, ops, viz, pathlib
assert pathlib.Path(viz.__file__).is_relative_to(pathlib.Path("site").resolve()), viz.__file__
x = gc.Graph().input("x")
viz.page(gc.backprop(ops.square(x, name="C"), {x: 3.0}), "net.html")
"""
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)}
    )
    assert "default-src 'none'" in (tmp_path / "net.html").read_text("utf-8")
