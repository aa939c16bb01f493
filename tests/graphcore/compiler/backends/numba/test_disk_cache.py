"""Compiled code is loaded by the next process; a damaged, foreign or unusable cache costs a compilation."""

import errno
import hashlib
import os
import pickle
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import graphcore as gc
import ops

disk_cache = pytest.importorskip("graphcore.compiler.backends.numba.disk_cache")

ROOT = Path(__file__).parents[5]
PROGRAM = """
import numpy as np, graphcore as gc, ops
g = gc.Graph()
x, w = g.input("x", (2, 3)), g.parameter("w", np.linspace(0.1, 0.6, 6).reshape(3, 2))
C = ops.sum(ops.tanh(x @ w))
cost, gradients = gc.compile(C, backend="numba")({x: np.ones((2, 3))})
print(repr(float(cost)), gradients[w].tolist())
"""


def run(folder, cwd=None, **more):
    environment = {**os.environ, "GRAPHCORE_CACHE": str(folder), "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def filled(tmp_path_factory, need):
    """A folder with what the program compiles, and what it prints."""
    need("numba")
    folder = tmp_path_factory.mktemp("cache")
    return folder, run(folder)


def times(folder):
    return {file: file.stat().st_mtime_ns for file in folder.iterdir()}


def test_a_second_process_loads_the_code_of_the_first(filled):
    folder, printed = filled
    written = times(folder)
    assert {file.suffix for file in written} == {".kernel"}
    assert run(folder) == printed
    assert times(folder) == written


def checked(rest):
    """A file with the right checksum, as another program could write it."""
    return hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


#: from the content of a file, and what follows its checksum, to that of a damaged or foreign one
DAMAGES = {
    "empty": lambda file, rest: b"",
    "truncated in the code": lambda file, rest: file[: len(file) // 2],
    "truncated in the header": lambda file, rest: file[:80],
    "a flipped bit": lambda file, rest: file[:-1] + bytes([file[-1] ^ 1]),
    "text": lambda file, rest: b"raise SystemExit('not mine')\n",
    "a pickle": lambda file, rest: pickle.dumps(Exploding()),
    "other JSON": lambda file, rest: checked(b"[1, 2, 3]\ncode"),
    "no JSON": lambda file, rest: checked(b"\xff\x00\n"),
    "another key": lambda file, rest: checked(rest.replace(b'"key": "', b'"key": "0')),
    "sizes that are no numbers": lambda file, rest: checked(rest.replace(b'"sizes": [', b'"sizes": ["x", ')),
}


class Exploding:
    """An object whose unpickling would end the process."""

    def __reduce__(self):
        return exit, (1,)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_counts_as_absent(damage, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_CACHE", str(tmp_path))
    description, parts = {"tags": ["a"]}, [b"code\nof several", b"lines"]
    disk_cache.write("key", description, parts)
    assert disk_cache.read("key") == (description, parts)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(DAMAGES[damage](content, content.partition(b"\n")[2]))
    assert disk_cache.read("key") is None
    disk_cache.write("key", description, parts)
    assert file.read_bytes() == content


def test_a_damaged_file_costs_a_compilation_and_is_replaced(filled, tmp_path):
    folder, printed = filled
    whole = min(folder.iterdir())
    names = re.compile(rb'"tags": \["')
    for damaged in (whole.read_bytes()[:-1000], checked(names.sub(b'"tags": ["x', whole.read_bytes()[65:]))):
        file = tmp_path / whole.name
        file.write_bytes(damaged)
        assert run(tmp_path) == printed
        assert file.read_bytes() != damaged
        assert run(tmp_path) == printed


def test_a_full_disk_and_an_interruption_leave_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_CACHE", str(tmp_path))

    def fail(_self, _target):
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    error = OSError(errno.ENOSPC, "No space left on device")
    disk_cache.write("key", {}, [b"code"])
    error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        disk_cache.write("key", {}, [b"code"])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_used_costs_a_compilation(filled, tmp_path):
    """A file in its place, a folder in place of the file, and for an empty name the folder of the user."""
    (tmp_path / "file").write_text("", "utf-8")
    folder, printed = filled
    assert run(tmp_path / "file") == printed
    names = {file.name for file in folder.iterdir()}
    for name in names:
        (tmp_path / "folders" / name).mkdir(parents=True)
    assert run(tmp_path / "folders") == printed
    assert {file.name for file in (tmp_path / "folders").iterdir()} == names
    work = tmp_path / "work"
    work.mkdir()
    assert run("", cwd=work, XDG_CACHE_HOME=str(tmp_path / "home")) == printed
    assert not list(work.iterdir())
    if sys.platform.startswith("linux"):
        assert {file.name for file in (tmp_path / "home" / "graphcore").iterdir()} == names


def test_the_oldest_files_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_CACHE", str(tmp_path))
    monkeypatch.setattr(disk_cache, "_MAX_FILES", 3)
    for number in range(6):
        disk_cache.write(f"key {number}", {}, [b"code"])
        for file in tmp_path.glob(f"*key {number}*"):
            os.utime(file, (number, number))
    assert [n for n in range(6) if disk_cache.read(f"key {n}")] == [2, 3, 4, 5]


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
