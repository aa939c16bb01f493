"""Files, engines, time limits, notebooks."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

import graphcore as gc
import viz
from viz.render import engine

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "dot": b"digraph"}


@pytest.mark.parametrize("suffix", MAGIC)
def test_the_suffix_says_the_format(nets, tmp_path, suffix):
    path = viz.draw(nets.square()).save(tmp_path / f"net.{suffix.upper()}")
    assert path.read_bytes().startswith(MAGIC[suffix])


@pytest.mark.parametrize("name", ["net.jpg", "net", ".svg"])
def test_an_unknown_suffix_is_refused_before_anything_is_written(nets, tmp_path, name):
    with pytest.raises(viz.DrawError, match=r"expected one of the suffixes \.svg, \.png, \.pdf, \.dot"):
        viz.draw(nets.square()).save(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_without_dot_on_the_path_the_bundled_engine_draws(nets, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pygraphviz" in engine.describe()
    assert viz.draw(nets.square()).svg().startswith("<svg")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for dot")
def test_the_system_dot_is_used_where_there_is_one(nets, tmp_path, monkeypatch):
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\n/bin/cat > /dev/null\necho '<?xml version=\"1.0\"?><svg>'$1'</svg>'\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(dot) in engine.describe()
    assert viz.draw(nets.square()).svg() == "<svg>-Tsvg</svg>"


def test_without_any_engine_the_error_says_what_to_install(nets, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda _: None)
    picture = viz.draw(nets.square())
    with pytest.raises(viz.LayoutError, match="pip install pygraphviz"):
        picture.svg()
    assert "pip install pygraphviz" in picture._repr_html_()
    assert picture.save(tmp_path / "net.dot").exists()


def test_pictures_drawn_together_are_those_drawn_alone(nets, monkeypatch):
    sources = [viz.draw(run).source for run in (nets.neurons(), nets.paths(), nets.square(), nets.layers())]
    for path in (os.environ.get("PATH", ""), ""):
        monkeypatch.setenv("PATH", path)
        assert engine.render_all(sources) == [engine.render(source, "svg") for source in sources]
        assert engine.render_all([]) == []


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for dot")
def test_the_system_dot_is_started_for_every_picture(tmp_path, monkeypatch):
    """Older ones draw the clusters of a second picture in an order that is left to chance."""
    dot = tmp_path / "dot"
    dot.write_text(
        f"#!{sys.executable}\nimport sys\n_, name, *more = sys.stdin.read().split()\n"
        """print(f'<?xml version="1.0"?>\\n<svg>{name}, {len(more)} words</svg>')\n"""
    )
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    drawn = engine.render_all([f"digraph {name} {{ }}" for name in "abc"])
    assert [engine.inline(svg) for svg in drawn] == [f"<svg>{name}, 2 words</svg>" for name in "abc"]


def test_a_picture_too_few_is_an_error(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(engine.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(engine, "_run", lambda *_: b'<?xml version="1.0"?><svg/>' * 2)
    with pytest.raises(viz.LayoutError, match="drew 2 of 3"):
        engine.render_all(["digraph { }"] * 3)


def test_a_layout_that_takes_too_long_is_stopped_and_says_what_to_do(nets):
    with pytest.raises(viz.LayoutError, match=r"longer than 0.01 seconds: fold more.*time_limit="):
        viz.draw(nets.layers(), time_limit=0.01).svg()


def test_nothing_reaches_the_terminal(tmp_path):
    """Graphviz and Fontconfig warn on standard error; a user sees none of it."""
    program = (
        "import graphcore as gc, ops, viz; x = gc.Graph().input('x', (2, 2));"
        "viz.draw(gc.backprop(ops.sum(x * x), {x: [[1.0, 2.0], [3.0, 4.0]]})).save('net.png')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_graphviz_has_nothing_to_complain_about(nets):
    """Its warnings are hidden from users, so they are looked for here."""
    for run in (nets.neurons(), nets.layers(), nets.chain(100)):
        command = [sys.executable, engine.__file__.replace("engine.py", "pygraphviz_worker.py"), "svg"]
        source = viz.draw(run).source.encode()
        done = subprocess.run(command, input=source, capture_output=True, check=True)
        told = [line for line in done.stderr.decode().splitlines() if "Fontconfig" not in line]
        assert told == []


def test_a_notebook_shows_inline_svg(nets):
    bundle = viz.draw(nets.square())._repr_mimebundle_()
    assert list(bundle) == ["text/html", "text/plain"]
    assert "<svg" in bundle["text/html"]
    assert "<?xml" not in bundle["text/html"]
    assert "<!DOCTYPE" not in bundle["text/html"]
    ET.fromstring(bundle["text/html"])


@pytest.mark.parametrize("direction", ["TB", "LR", "BT", "RL"])
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_theme_and_direction_is_well_formed(nets, theme, direction):
    ET.fromstring(viz.draw(nets.layers(), theme=theme, direction=direction).svg())


def test_text_that_is_no_dot_is_an_error_of_the_project():
    with pytest.raises(gc.errors.GraphcoreError, match="Graphviz cannot"):
        engine.render("digraph { -> }", "svg")
