"""Backpropagation frame by frame: nothing moves, every number comes when its step comes, and files can be written."""

import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import graphcore as gc
import ops
import viz

SVG = "{http://www.w3.org/2000/svg}"
LIT = viz.THEMES["light"].lit


@pytest.fixture(scope="module")
def filmed(nets):
    """The frames of a fan-out, and what each says as SVG."""
    run = nets.paths()
    frames = viz.frames(run)
    return run, frames, [ET.fromstring(frame.svg()) for frame in frames]


def places(root):
    """Positions of boxes and arrows: the corners of boxes, the start of arrows."""
    found = {"": (root.get("width"), root.get("height"))}
    for part in root.iter(f"{SVG}g"):
        key = part.get("id") or ""
        if key.startswith("edge-"):
            found[key] = next(part.iter(f"{SVG}path")).get("d").partition("C")[0]  # one in two colours has two pieces
        elif key.startswith("node-"):
            numbers = [
                float(v)
                for shape in part.iter()
                if shape.get("fill") != LIT
                for v in re.findall(r"-?\d+\.?\d*", shape.get("points") or shape.get("d") or "")
            ]
            found[key] = min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])
    return found


def test_there_is_a_frame_for_every_step(filmed):
    run, frames, _ = filmed
    assert len(frames) == len(viz.steps_of(run)) == len(list(frames)) == 24
    assert [frame.caption for frame in frames] == [step.caption for step in viz.steps_of(run)]
    assert frames[-1].at == 24
    assert [frame.at for frame in frames[3:6]] == [4, 5, 6]
    with pytest.raises(IndexError):
        frames[24]


def test_nothing_moves(filmed):
    _, _, roots = filmed
    first = places(roots[0])
    assert len(first) > 10
    for root in roots[1:]:
        assert places(root) == first


@pytest.mark.parametrize("net", ["neurons", "layers"])
def test_nothing_moves_in_layers_and_matrices(nets, net):
    frames = viz.frames(getattr(nets, net)(), theme="dark")
    shown = [places(ET.fromstring(frames[i].svg())) for i in (0, len(frames) // 2, -2, -1)]
    lit = viz.THEMES["dark"].lit
    assert lit != LIT
    assert [s.keys() == shown[0].keys() and s[""] == shown[0][""] for s in shown] == [True] * 4
    for key in shown[0]:
        if key.startswith("edge-"):
            assert len({s[key] for s in shown}) == 1


def words(root, key):
    """Visible text of a box."""
    part = next(g for g in root.iter(f"{SVG}g") if g.get("id") == key)
    return [told for t in part.iter(f"{SVG}text") if (told := t.text.replace("\u00a0", " ").strip())]


def test_a_value_is_seen_from_its_step_on_and_a_gradient_from_its_first_contribution(filmed):
    run, frames, roots = filmed
    since = {}
    for at, step in enumerate(frame.step for frame in frames):
        if step.node is not None:
            since.setdefault((step.node, "gradient" if step.kind in ("cost", "contribution") else "value"), at)
    for node in run.order:
        if node.kind == "constant":
            continue
        for at, root in enumerate(roots):
            told = words(root, f"node-{node.index}")
            assert any(re.match(r"= −?[\d.]+$", line) for line in told) == (at >= since.get((node, "value"), 0))
            assert any(line.startswith("∂C/∂") for line in told) == (at >= since[node, "gradient"])


def told(root):
    """All text, including tooltips."""
    titles = [e.get("{http://www.w3.org/1999/xlink}title") or "" for e in root.iter()]
    return "\n".join([*(t.text for t in root.iter(f"{SVG}text")), *titles])


def test_no_frame_tells_what_is_still_to_come(nets):
    """Neither in the picture nor in what it says when the pointer rests on it."""
    run = nets.neurons()
    frames = viz.frames(run, digits=6)
    seeding = next(frame for frame in frames if frame.step.kind == "cost")
    first, seeding = (told(ET.fromstring(frame.svg())) for frame in (frames[0], seeding))
    assert "∂C₀/∂C₀ = ▲ 1" in seeding
    assert "= 0.6" in first
    for node in run.order:
        if node.op is not None:
            assert not re.search(rf"(?<![\d.]){float(run.value[node]):.6g}".replace("-", "−"), first)
        if node is not run.output:
            assert not re.search(rf"(?<![\d.]){float(run.grad[node]):.6g}".replace("-", "−"), seeding)


def test_the_sum_fills_up_in_its_box(filmed):
    _, frames, roots = filmed
    told = [
        words(root, "node-0")[-2:] for frame, root in zip(frames, roots, strict=True) if frame.step.node_id == "node-0"
    ]
    assert told == [
        ["∂C/∂h = 0", "= 0 + …"],
        ["∂C/∂h = ▲ 0.7", "= 0 + 0.7 + …"],
        ["∂C/∂h = ▲ 1.4", "= 0 + 0.7 + 0.7 + …"],
        ["∂C/∂h = ▲ 2.89", "= 0 + 0.7 + 0.7 + 1.49"],
    ]


def test_what_a_step_is_about_is_lit_and_nothing_else(filmed):
    _, frames, roots = filmed
    for frame, root in zip(frames, roots, strict=True):
        lit = {
            g.get("id")
            for g in root.iter(f"{SVG}g")
            if (g.get("id") or "").startswith(("node-", "edge-")) and any(s.get("fill") == LIT for s in g.iter())
        }
        step = frame.step
        expected = {step.node_id} - {""}
        if step.edge is not None:
            expected |= {step.edge_id, f"node-{step.edge.target.index}"}
        assert lit == expected


def test_arrows_are_black_where_a_value_passes_and_have_their_colour_once_a_gradient_did(filmed):
    run, frames, roots = filmed
    theme, passed = viz.THEMES["light"], set()
    for frame, root in zip(frames, roots, strict=True):
        step = frame.step
        if step.edge is not None:
            passed.add(step.edge_id)
        for g in root.iter(f"{SVG}g"):
            key = g.get("id") or ""
            if not key.startswith("edge-"):
                continue
            stroke = next(g.iter(f"{SVG}path")).get("stroke")
            target = int(key.split("-")[2])
            if step.kind == "value" and step.node.index == target:
                assert stroke == theme.ink
            elif key in passed or step.kind == "gradient":
                assert stroke in (theme.positive, theme.negative, theme.line)
            else:
                assert stroke not in (theme.positive, theme.negative, theme.ink, theme.line)
    assert len(passed) == len([e for e in run.edges if e.source.kind != "constant"])


def test_captions_stand_in_the_pictures(filmed):
    _, frames, roots = filmed
    for frame, root in zip(frames, roots, strict=True):
        shown = " ".join(t.text for t in root.iter(f"{SVG}text")).replace("\u00a0", " ")
        assert frame.caption in shown
        assert f"step {frame.at} of 24" in shown


def test_the_last_frame_has_all_that_the_drawing_has(nets, read):
    run = nets.paths()
    drawn, last = read.boxes(viz.draw(run).source), read.boxes(viz.frames(run)[-1].source)
    assert drawn == last


def test_the_same_run_gives_the_same_frames(nets):
    one, other = viz.frames(nets.square()), viz.frames(nets.square())
    assert [frame.source for frame in one] == [frame.source for frame in other]


# -- files


def test_numbered_files(nets, tmp_path):
    frames = viz.frames(nets.square())
    paths = frames.save_all(tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [f"frame_00{i}.svg" for i in range(1, 7)]
    assert all(path.read_bytes().startswith(b"<?xml") for path in paths)
    (first, *_) = frames.save_all(tmp_path, ".PNG")
    assert first.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(viz.DrawError, match="suffix: expected one of svg, png, pdf, got 'jpg'"):
        frames.save_all(tmp_path, "jpg")


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_a_file_that_moves(nets, tmp_path, suffix, imported):
    image = imported("PIL.Image")
    frames = viz.frames(nets.square())
    made = [frames.save(tmp_path / f"{name}.{suffix}", seconds=0.5, width=900) for name in "ab"]
    assert made[0].read_bytes() == made[1].read_bytes()
    with image.open(made[0]) as opened:
        assert opened.n_frames == len(frames) == 6
        assert opened.width == 900
        pictures, times = [], []
        for at in range(6):
            opened.seek(at)
            opened.load()
            pictures.append(np.asarray(opened.convert("RGB")).astype(int))
            times.append(opened.info["duration"])
    assert times == [500] * 5 + [1500]
    lit = np.array([int(LIT[i : i + 2], 16) for i in (1, 3, 5)])
    for at, picture in enumerate(pictures):  # white stays white, and the light is where something happens
        assert tuple(picture[-1, -1]) == (255, 255, 255)
        assert (np.abs(picture - lit).sum(axis=-1) < 12).any() == (at not in (0, 5))


def test_without_pillow_the_error_names_the_extra(nets, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(viz.DrawError, match=r"pip install 'graphcore\[frames\]'"):
        viz.frames(nets.square()).save(tmp_path / "steps.gif")
    assert not list(tmp_path.iterdir())


def test_wrong_options(nets, tmp_path):
    frames = viz.frames(nets.square())
    for options, told in (
        ({"seconds": 0}, r"seconds must be in \(0, 60\], got 0"),
        ({"seconds": 100.0}, r"seconds must be in \(0, 60\], got 100"),
        ({"width": 3}, "width must be an integer from 16 to 10000 .*, got 3"),
        ({"width": 1.5}, "width must be an integer .*, got 1.5"),
    ):
        with pytest.raises(viz.DrawError, match=told):
            frames.save(tmp_path / "steps.gif", **options)
    with pytest.raises(viz.DrawError, match=r"expected one of the suffixes \.gif, \.webp"):
        frames.save(tmp_path / "steps.mp4")
    with pytest.raises(viz.DrawError, match="unknown direction 'up'"):
        viz.frames(nets.square(), direction="up")
    with pytest.raises(viz.DrawError, match="unknown theme"):
        viz.frames(nets.square(), theme="drak")
    with pytest.raises(gc.errors.GraphError, match="needs the numbers of a run"):
        viz.frames(nets.square().graph)


def test_a_run_of_which_nobody_sees_the_end_is_refused_with_its_size(nets):
    with pytest.raises(viz.DrawError, match=r"up to 60 nodes, got 62 .\d+ frames."):
        viz.frames(nets.chain(20))


@pytest.mark.parametrize("name", ['<b>&"\\', "</script>", "]]>", "\\N", "\ud800", "a" * 3000])
def test_hostile_names_stay_text(name):
    def steps(called):
        g = gc.Graph(called)
        with g.scope(called):
            x = g.input(called)
            return viz.frames(gc.backprop(ops.square(x * g.parameter("w", 2.0)), {x: 0.5}))

    hostile, harmless = (ET.fromstring(steps(called)[5].svg()) for called in (name, "n"))
    assert {e.tag for e in hostile.iter()} == {e.tag for e in harmless.iter()}
    assert [e.get("id") for e in hostile.iter(f"{SVG}g")] == [e.get("id") for e in harmless.iter(f"{SVG}g")]


def test_a_notebook_shows_the_last_frame(nets):
    def without_its_own_ids(html):
        return re.sub(r"shown-\d+-", "", html)

    frames = viz.frames(nets.square())
    assert without_its_own_ids(frames._repr_html_()) == without_its_own_ids(frames[-1]._repr_html_())
    assert "<svg" in frames._repr_html_()
