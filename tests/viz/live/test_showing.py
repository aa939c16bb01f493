"""A page as a notebook, a file and a wheel hold it."""

import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest

import viz

ROOT = pathlib.Path(__file__).parents[3]


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


def test_a_page_shows_itself_in_a_frame_that_can_do_nothing_to_the_notebook(reading, pages):
    shown = pages["neurons"]._repr_html_()
    ((tag, attrs),) = reading.tags(shown).tags
    assert (tag, attrs["sandbox"]) == ("iframe", "allow-scripts")
    assert attrs["srcdoc"] == pages["neurons"].html


# -- refusals, files, the wheel


def test_what_is_no_run_is_refused(nets):
    with pytest.raises(viz.DrawError, match=r"run: expected a run.*run = gc.backprop"):
        viz.page(nets.square().graph)


@pytest.mark.parametrize("name", ["net.svg", "net", ".html"])
def test_a_page_is_an_html_file(nets, tmp_path, name):
    with pytest.raises(viz.DrawError, match=r"ends in \.html"):
        viz.page(nets.square(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_title_of_ones_own(nets):
    assert "<h1>a &lt;title&gt;</h1>" in viz.page(nets.square(), title="a <title>").html


def test_a_wheel_in_an_environment_of_its_own_makes_a_page(tmp_path, imported):
    """Built and installed without a network; what the project depends on is lent by this environment."""
    imported("hatchling"), imported("pip")
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    pip = [sys.executable, "-m", "pip"]
    wheels = ["--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*pip, "wheel", *offline, *wheels, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "viz" / "live" / "assets").iterdir()}
    assert here <= names
    assert len(here) > 15
    venv.create(tmp_path / "empty", with_pip=False)
    (site,) = (tmp_path / "empty").glob("**/site-packages")
    python = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([*pip, "install", *offline, "--target", str(site), str(wheel)], check=True, capture_output=True)
    (site / "lent.pth").write_text("\n".join({sysconfig.get_path(name) for name in ("purelib", "platlib")}), "utf-8")
    program = """
import graphcore as gc, ops, viz, pathlib
assert pathlib.Path(viz.__file__).resolve().is_relative_to(pathlib.Path("empty").resolve()), viz.__file__
x = gc.Graph().input("x")
viz.page(gc.backprop(ops.square(x, name="C"), {x: 3.0}), "net.html")
"""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([str(python), "-c", program], check=True, cwd=tmp_path, env=clean)
    assert "default-src 'none'" in (tmp_path / "net.html").read_text("utf-8")
