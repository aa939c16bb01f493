"""The command line, as a user calls it."""

import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

NET = """
import graphcore as gc
from ops import sigmoid, squared_error

g = gc.Graph("one neuron")
x, y = g.input("x"), g.input("y")
a = sigmoid(g.parameter("w", 1.5) * x, name="a")
C = squared_error(a, y, name="C")
run = gc.backprop(C, {x: 0.5, y: 1.0})
number = 3
"""


def graphcore(*arguments, cwd, timeout=300):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "graphcore", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=timeout, check=False,
        env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parent.parent)},
    )  # fmt: skip


@pytest.fixture
def net(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(NET, "utf-8")
    return path


def test_demo_learns_and_draws(tmp_path):
    done = graphcore("demo", "--out", "pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    share = float(re.search(r"([\d.]+)% of 360 held-out digits right", done.stdout)[1])
    assert share >= 95
    pictures = [tmp_path / line for line in done.stdout.splitlines() if line.startswith("pictures/")]
    assert [p.name for p in pictures] == [
        "one_neuron_per_layer.svg", "one_neuron_per_layer.png", "one_neuron_per_layer.html",
        "digits_network.svg", "digits_network.png", "digits_network.html",
    ]  # fmt: skip
    for path in pictures:
        if path.suffix == ".svg":
            assert ET.parse(path).getroot().tag.endswith("svg")
            assert "∂C/∂w3" in path.read_text("utf-8")
        elif path.suffix == ".html":
            assert "default-src 'none'" in path.read_text("utf-8")
        else:
            assert path.read_bytes().startswith(b"\x89PNG")
    again = graphcore("demo", "--out", "again", cwd=tmp_path)
    assert re.sub(r"\([\d.]+ s\)|again|pictures", "", again.stdout) == re.sub(
        r"\([\d.]+ s\)|again|pictures", "", done.stdout
    )
    for path in pictures:
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["run", "C", "g", None])
def test_draw(net, name, tmp_path):
    target = f"{net}:{name}" if name else net
    done = graphcore("draw", target, "-o", "net.svg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "net.svg\n"), done.stderr
    text = (tmp_path / "net.svg").read_text("utf-8")
    assert ("∂C/∂w" in text) is (name in ("run", None))


def test_page(net, tmp_path):
    done = graphcore("page", f"{net}:run", "--title", "a <title>", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "backprop.html\n"), done.stderr
    text = (tmp_path / "backprop.html").read_text("utf-8")
    assert "<h1>a &lt;title&gt;</h1>" in text
    assert "∂C/∂w" in text


def test_page_wants_a_run(net, tmp_path):
    done = graphcore("page", f"{net}:g", "-o", "g.html", cwd=tmp_path)
    assert done.returncode == 1
    assert "makes no run to show" in done.stderr
    assert not (tmp_path / "g.html").exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.py", "there is no file nowhere.py"),
        ("{net}:rum", "Did you mean 'run'?"),
        ("{net}:number", "number in .* is a int, and not a run, node or graph"),
    ],
)
def test_draw_refuses(net, target, said, tmp_path):
    done = graphcore("draw", target.format(net=net), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("graphcore: ")
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "net.svg").exists()


def test_ops_lists_every_operation(tmp_path):
    import graphcore as gc
    import ops

    done = graphcore("ops", cwd=tmp_path)
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {name for name in ops.__all__ if isinstance(getattr(ops, name), gc.Op)} <= set(lines)
    assert "σ(z)" in lines["sigmoid"]
    assert "z local" in lines["sigmoid"]
    assert "ops/activation.py:" in lines["sigmoid"]
    one = graphcore("ops", "softmax", cwd=tmp_path)
    assert "Normalize scores to a distribution" in one.stdout
    assert "Did you mean 'sigmoid'" in graphcore("ops", "sigmod", cwd=tmp_path).stderr


def test_check_proves_the_named_operations(tmp_path):
    done = graphcore("check", "sigmoid", "matmul", cwd=tmp_path)
    assert done.returncode == 0
    assert "2 of 2 operations proven" in done.stdout
    wrong = graphcore("check", "sigmod", cwd=tmp_path)
    assert wrong.returncode == 1


def test_doctor_says_what_works(tmp_path):
    done = graphcore("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "svg, png, pdf by" in done.stdout
    assert re.search(r"numpy\s+2\.\S+ gives the right gradient", done.stdout)
    assert re.search(r"compiled, numpy\s+gives the right gradient", done.stdout)
    assert "WRONG" not in done.stdout


def test_version_and_usage(tmp_path):
    assert graphcore("--version", cwd=tmp_path).stdout.startswith("graphcore 0.")
    assert graphcore(cwd=tmp_path).returncode == 2


def test_explain(net, tmp_path):
    done = graphcore("explain", net, "w", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "how responsive the neuron is" in done.stdout
    assert graphcore("explain", f"{net}:run", "w", "--paths", 3, cwd=tmp_path).stdout.startswith("∂C/∂w = ")
    assert graphcore("explain", net, "w", "--latex", cwd=tmp_path).stdout.startswith("\\begin{aligned}")
    drawn = graphcore("explain", net, "w", "-o", "w.png", cwd=tmp_path)
    assert drawn.stdout == "w.png\n"
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{net}", "v"], "no node named 'v'"),
        (["{net}:C", "w"], "makes no run to explain: assign one"),
        (["{net}", "w", "first"], "'first' is no entry: expected integers"),
        (["{net}", "w", "0,1"], "no entry"),
    ],
)
def test_explain_refuses(net, arguments, said, tmp_path):
    done = graphcore("explain", *(a.format(net=net) for a in arguments), cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_read_enough_is_no_error():
    command = [sys.executable, "-m", "graphcore", "ops"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()  # as head does
        assert process.stderr.read() == ""
    assert process.returncode == 0
