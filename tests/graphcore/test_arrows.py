"""Who imports whom: shown in a fresh interpreter, where nothing has been imported by anybody else."""

import ast
import pathlib
import subprocess
import sys

import pytest

import graphcore
import ops


def imported_by(program):
    """The modules that are loaded after a program has run in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{program}\nimport sys\nprint(*sorted(sys.modules))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


HEAVY = {"viz", "graphviz", "pygraphviz", "torch", "jax", "numba", "array_api_strict", "matplotlib", "scipy"}


def test_graphcore_knows_nobody():
    loaded = imported_by("import graphcore")
    assert "numpy" in loaded
    assert "networkx" not in loaded  # before somebody asks for g.nx
    assert not loaded & (HEAVY | {"ops"})


def test_graphcore_still_knows_nobody_after_a_run_without_ops():
    program = """
import graphcore as gc
@gc.op
def cube(x):
    return x.__class__.__mul__(x, x)
@cube.local("x")
def dcube(x):
    return 2
g = gc.Graph()
x = g.parameter("x", 2.0)
assert gc.backprop(cube(x)).grad[x] == 2.0
"""
    assert not imported_by(program) & (HEAVY | {"ops"})


def test_without_ops_the_registry_says_where_they_are():
    program = """
import graphcore as gc
x = gc.Graph().input("x")
try:
    x * 2.0
except gc.errors.UnknownNameError as error:
    assert "multiply" in str(error) and "import ops" in str(error), error
else:
    raise SystemExit("multiply was found")
"""
    assert "ops" not in imported_by(program)


def test_ops_know_graphcore_alone():
    program = """
import numpy as np, graphcore as gc, ops
g = gc.Graph()
x = g.parameter("x", np.ones(3))
cost = ops.sum(ops.softmax(x) * x)
gc.backprop(cost)
gc.evaluate(gc.derivative(cost, x))
"""
    assert not imported_by(program) & HEAVY


ALLOWED = {
    "graphcore": {"numpy", "networkx", "array_api_compat", "graphcore"},
    "ops": {"graphcore", "ops", "numpy"},
}


@pytest.mark.parametrize("package", [graphcore, ops], ids=lambda p: p.__name__)
def test_no_module_names_a_package_that_is_not_its_own_to_use(package):
    """Also inside functions, where an import would show only when they run. The command line may know all three."""
    folder = pathlib.Path(package.__file__).parent
    for path in folder.glob("*.py"):
        if path.name == "__main__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                top = name.partition(".")[0]
                assert top in ALLOWED[package.__name__] or top in sys.stdlib_module_names, f"{path}: {name}"
