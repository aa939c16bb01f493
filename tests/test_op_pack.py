"""The worked op pack: built, installed, found, loaded, used and proven, as a user does it, and not loaded by itself."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACK = ROOT / "examples" / "op_pack"


@pytest.fixture(scope="module")
def run(tmp_path_factory, imported):
    """A function that runs Python where graphcore and the pack, and nothing else new, can be imported."""
    imported("pip"), imported("hatchling")
    site = tmp_path_factory.mktemp("site")
    path = os.pathsep.join([str(site), str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)

    def python(*arguments, check=True):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", cwd=site.parent, timeout=300, check=False,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    python("-m", "pip", "install", *offline, "--target", site, PACK)
    return python


def test_nothing_loads_by_itself(run):
    run("-W", "error", "-c", """if True:
        import sys
        import graphcore as gc, ops
        assert gc.OpPack("sound", "graphcore-sound", "1.0.0", loaded=False) in gc.op_packs()
        assert "graphcore_sound" not in sys.modules
        assert "loudness" not in gc.registry
    """)  # fmt: skip


def test_found_loaded_used_and_proven(run):
    run("-W", "error", "-c", """if True:
        import graphcore as gc
        names = gc.load_ops("sound")
        assert names == ["crossfade", "likeness", "loudness", "overdrive"] == gc.load_ops("sound")
        g = gc.Graph()
        x = g.input("x", shape=(None,))
        found = gc.backprop(gc.registry["loudness"](x, name="C"), {x: [3.0, -3.0, 3.0, 3.0]})
        assert found.cost == 3.0
        assert found.grad[x].tolist() == [0.25, -0.25, 0.25, 0.25]
        for name in names:
            report = gc.check(gc.registry[name])
            assert report.entries > 0 and report.second > 0
        assert gc.op_packs()[0].loaded
    """)  # fmt: skip


def test_the_command_line_lists_loads_and_proves_it(run):
    assert "sound  graphcore-sound 1.0.0\n" in run("-m", "graphcore", "ops", "--packs")
    listed = run("-m", "graphcore", "ops", "--load", "sound")
    assert [line.split()[0] for line in listed.splitlines()] == ["crossfade", "likeness", "loudness", "overdrive"]
    assert "Return the root of the mean square" in run("-m", "graphcore", "ops", "--load", "sound", "loudness")
    assert "4 of 4 operations proven" in run("-m", "graphcore", "check", "--load", "sound")
    assert run("-m", "graphcore", "check", "--load", "sond", check=False) == ""


def test_its_own_tests_and_docstrings_pass(run):
    run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", PACK, "--doctest-modules",
        PACK / "tests", "--pyargs", "graphcore_sound")  # fmt: skip


def test_its_readme_shows_what_is_printed(run):
    readme = (PACK / "README.md").read_text("utf-8")
    program, shown = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", readme, re.DOTALL).groups()
    assert run("-W", "error", "-c", program) == shown
