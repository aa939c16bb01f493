"""Runs, pictures and pages in a notebook that is really executed: what each output shows, and that no two collide."""

import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[3]
SETUP = """
import graphcore as gc, ops, viz
g = gc.Graph("one neuron")
x, y, w = g.input("x"), g.input("y"), g.parameter("w", 1.5)
run = gc.backprop(ops.squared_error(ops.sigmoid(w * x, name="a"), y, name="C"), {x: 0.62, y: 1.0})
"""
CELLS = [SETUP, "run", "run", "viz.draw(run)", "viz.draw(g)", 'viz.explain(run, "w")', "viz.page(run)"]


@pytest.fixture(scope="module")
def shown(imported, tmp_path_factory):
    """The outputs of the cells, in order; ``None`` for a cell that shows nothing."""
    nbformat, nbclient = imported("nbformat"), imported("nbclient")
    imported("ipykernel")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    folder = tmp_path_factory.mktemp("notebook")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), before]))
    try:
        nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)
    return [cell.outputs[0].data if cell.outputs else None for cell in book.cells]


@pytest.mark.filterwarnings("ignore")  # what a kernel and its client think of each other
def test_runs_and_pictures_show_themselves_as_inline_svg(shown):
    for output in shown[1:6]:
        assert "<svg" in output["text/html"]
        assert "<?xml" not in output["text/html"]
    assert "∂C/∂w = ▼ −0.0712" in shown[1]["text/html"].replace("\u00a0", " ")
    assert "text/plain" in shown[1]


@pytest.mark.filterwarnings("ignore")
def test_no_id_is_used_twice_in_the_whole_notebook(shown):
    found = [name for output in shown[1:6] for name in re.findall(r' id="([^"]+)"', output["text/html"])]
    assert len(found) > 40
    assert len(found) == len(set(found))


@pytest.mark.filterwarnings("ignore")
def test_the_live_page_stands_in_a_frame(shown):
    page = shown[6]["text/html"]
    assert page.startswith('<iframe sandbox="allow-scripts"')
    assert "default-src &#x27;none&#x27;" in page
    assert len(page) < 400_000
