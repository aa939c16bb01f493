"""Same run, same text, byte for byte. ``python tests/viz/test_golden.py`` is not needed: delete a file to renew it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import viz

GOLDEN = Path(__file__).parent / "golden"
PICTURES = {
    "square": ("square", {}),
    "neurons": ("neurons", {}),
    "neurons-dark": ("neurons", {"theme": "dark", "digits": 4, "direction": "LR"}),
    "layers-print": ("layers", {"theme": "print"}),
    "folded": ("chain-30", {}),
}
NETWORKS = {
    "network-neurons": ("neurons", {}),
    "network-layers-dark": ("layers", {"example": 1, "theme": "dark"}),
    "network-layers-print": ("layers", {"show": "weight", "theme": "print"}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_text_is_what_it_was(nets, name):
    which, options = PICTURES[name]
    run = nets.chain(30, lambda i: f"layer {i // 10}") if which == "chain-30" else getattr(nets, which)()
    _compared(viz.draw(run, **options).source, GOLDEN / f"{name}.dot")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_of_networks_is_what_it_was(nets, name):
    which, options = NETWORKS[name]
    _compared(viz.network(getattr(nets, which)(), **options).source, GOLDEN / f"{name}.dot")


def _compared(source, path):
    if not path.exists():
        path.write_text(source, "utf-8", newline="\n")
        pytest.fail(f"{path} was missing and has been written: look at it, and commit it")
    assert source == path.read_text("utf-8")


def test_the_text_does_not_depend_on_the_hash_seed():
    program = (
        "import sys, graphcore as gc, ops, viz\n"
        "g = gc.Graph(); a = x = g.input('x')\n"
        "for i in range(90):\n"
        "    with g.scope(f'layer {i % 5}'):\n"
        "        a = ops.tanh(a * g.parameter(f'w{i}', 1.0 + i / 100))\n"
        "run = gc.backprop(ops.squared_error(a, g.input('y')), {'x': 0.3, 'y': 1.0})\n"
        "sys.stdout.buffer.write((viz.draw(run).source + viz.draw(run, open=['layer 3']).source).encode())\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(texts) == 1
    assert len(texts.pop()) > 10_000


def test_drawing_twice_gives_the_same_text(nets):
    run = nets.layers()
    assert viz.draw(run).source == viz.draw(run).source == viz.draw(nets.layers()).source
