"""Compiled code is loaded by the next process, and never if its source file was changed."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import graphcore as gc
import ops

ROOT = Path(__file__).parents[5]
PROGRAM = """
import numpy as np, graphcore as gc, ops
g = gc.Graph()
x, w = g.input("x", (2, 3)), g.parameter("w", np.linspace(0.1, 0.6, 6).reshape(3, 2))
C = ops.sum(ops.tanh(x @ w))
cost, gradients = gc.compile(C, backend="numba")({x: np.ones((2, 3))})
print(repr(float(cost)), gradients[w].tolist())
"""


def run(folder, **more):
    environment = {**os.environ, "GRAPHCORE_CACHE": str(folder), "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_second_process_loads_the_code_of_the_first(tmp_path, need):
    need("numba")
    first = run(tmp_path)
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.suffix in (".py", ".nbi", ".nbc")}
    assert {file.suffix for file in kept} == {".py", ".nbi", ".nbc"}
    assert run(tmp_path) == first
    assert kept == {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*") if f.suffix in (".py", ".nbi", ".nbc")}


def test_a_file_that_was_tampered_with_is_written_anew(tmp_path, need):
    need("numba")
    first = run(tmp_path)
    (file,) = tmp_path.glob("*.py")
    text = file.read_text("utf-8")
    file.write_text("raise SystemExit('not mine')\n", "utf-8")
    assert run(tmp_path) == first
    assert file.read_text("utf-8") == text


def test_without_a_folder_to_write_to_it_is_compiled_all_the_same(tmp_path, need):
    need("numba")
    (tmp_path / "file").write_text("", "utf-8")
    assert run(tmp_path / "file") == run(tmp_path / "folder")


def test_a_package_can_offer_a_backend(monkeypatch):
    class Doubling:
        """Numpy's, with a name of its own."""

        name = "doubling"

        @staticmethod
        def build(program):
            return gc.compiler.backends.backend.get_backend("numpy").build(program)

    class Entry:
        name = "doubling"

        @staticmethod
        def load():
            return Doubling

    offered = lambda group: [Entry] if group == "graphcore.backends" else metadata.entry_points(group=group)  # noqa: E731
    monkeypatch.setattr("graphcore.compiler.backends.backend.entry_points", offered)
    g = gc.Graph()
    x = g.input("x", (2,))
    step = gc.compile(ops.sum(x), wrt=[], backend="doubling")
    assert step({x: np.array([1.0, 2.0])}) == 3.0
    assert "doubling" in repr(step)


def test_a_backend_that_is_not_installed_names_its_extra(monkeypatch):
    monkeypatch.setattr("graphcore.compiler.backends.backend.find_spec", lambda name: None)
    g = gc.Graph()
    x = g.input("x", (2,))
    for backend, extra in (("numba", "fast"), ("jax", "jax"), ("torch", "torch")):
        with pytest.raises(gc.errors.MissingExtraError, match=rf"graphcore\[{extra}\]"):
            gc.compile(ops.sum(x), wrt=[], backend=backend)
    assert gc.compile(ops.sum(x), wrt=[], backend="auto").backend.name == "numpy"
