"""The line that made a node: the one that is written in the program, wherever it stands."""

import gc as memory
import os
import pathlib

import pytest

import graphcore as gc
from graphcore.support import source_location

PROGRAM = """
import graphcore as gc, ops
g = gc.Graph()
x = g.input("x")
{blank}
def twice(x):
    y = ops.exp(x); z = ops.sin(y)
    return ops.stack(
        [y,
         z + 1.0])
for _ in range(3):
    twice(x)
"""


def made_by(blank, file):
    """The nodes of the program, some of whose lines are blank."""
    program = PROGRAM.format(blank="\n" * blank)
    names = {}
    exec(compile(program, file, "exec"), names)
    return program.splitlines(), names["g"].nodes


@pytest.mark.parametrize("blank", [0, 1, 300, 70_000])
def test_every_node_bears_the_line_that_its_operation_is_written_in(blank):
    lines, nodes = made_by(blank, f"net{blank}.py")
    words = {"input": "g.input", "constant": "z + 1.0", "exp": "ops.exp", "sin": "ops.sin", "add": "z + 1.0"}
    seen = [node for node in nodes if (node.op.name if node.op else node.kind) in words]
    assert len(seen) == 1 + 3 * 4
    for node in seen:
        assert node.origin.file == f"net{blank}.py"
        assert words[node.op.name if node.op else node.kind] in lines[node.origin.line - 1]


def test_the_same_code_run_again_elsewhere_is_another_place():
    first, second = (made_by(blank, "net.py")[1] for blank in (2, 5))
    assert [b.origin.line - a.origin.line for a, b in zip(first, second, strict=True)] == [0] + [3] * (len(first) - 1)


def test_code_that_is_gone_leaves_nothing_behind():
    memory.collect()
    before = len(source_location._lines)
    for number in range(50):
        names = {"g": gc.Graph()}
        exec(compile("x = g.input('x')", f"cell{number}", "exec"), names)
        assert names["x"].origin == (f"cell{number}", 1)
    memory.collect()
    assert len(source_location._lines) <= before + 1


def test_a_package_whose_name_begins_like_ours_is_not_ours():
    beside = f"{pathlib.Path(gc.__file__).parent}_team{os.sep}net.py"
    names = {"g": gc.Graph()}
    exec(compile("\n\nx = g.input('x')", beside, "exec"), names)
    assert names["x"].origin == (beside, 3)
