"""The rooms of the house and the arrows between them: read from the sources, then seen in a fresh interpreter."""

import ast
import pathlib
import subprocess
import sys

import networkx as nx
import pytest

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("graphcore", "ops", "viz")

#: the rooms of each package, lowest first: a room may use those before it, and siblings (one tuple) not each other
ROOMS = {
    "graphcore": [
        "errors",
        "support",
        "arrays",
        "graph",
        "operations",
        "autodiff",
        "symbolic",
        ("compiler", "explaining", "checking"),
        "graphcore",
        ("extend", "data"),
        "commands",
        "__main__",
    ],
    "viz": ["errors", "format", "render", "diagram", ("figures", "network", "frames"), "live", "viz"],
}
#: what may be imported from elsewhere, the standard library aside
OUTSIDE = {
    "graphcore": {"numpy", "networkx", "array_api_compat"},
    "ops": {"numpy"},
    "viz": {"numpy", "graphviz", "pygraphviz", "PIL", "matplotlib"},
}
OPTIONAL = {
    "graphcore.compiler.backends.jax": {"jax"},
    "graphcore.compiler.backends.torch": {"torch"},
    "graphcore.compiler.backends.numba": {"numba", "llvmlite", "scipy", "scipy_openblas32"},
    "graphcore.compiler.backends.threads": {"threadpoolctl"},
    "graphcore.checking.complex_step": {"scipy"},
}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


def imports_of(module):
    """Every module that a file imports, wherever in it: relative imports, type-only ones and those inside functions."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (inner if inner in FILES else source), node.lineno


def arrows():
    return [(module, target, line) for module in FILES for target, line in imports_of(module) if target != module]


ARROWS = arrows()


def room_of(module):
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or package


def levels(package):
    found = {}
    for level, rooms in enumerate(ROOMS[package]):
        for room in (rooms,) if isinstance(rooms, str) else rooms:
            found[room] = level
    return found


@pytest.mark.parametrize("package", ROOMS)
def test_no_arrow_leads_upward_and_siblings_do_not_know_each_other(package):
    level = levels(package)
    upward = [
        f"{module}:{line} imports {target}"
        for module, target, line in ARROWS
        if module.partition(".")[0] == target.partition(".")[0] == package
        and (one := room_of(module)) != (other := room_of(target))
        and level[other] >= level[one]
    ]
    assert upward == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_module_lies_in_a_room(package):
    rooms = {room_of(module) for module in FILES if module.partition(".")[0] == package}
    assert rooms == set(levels(package))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_modules_import_each_other_in_a_circle(package):
    graph = nx.DiGraph(
        (module, target)
        for module, target, _ in ARROWS
        if module.partition(".")[0] == target.partition(".")[0] == package and target in FILES
    )
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def test_ops_and_viz_reach_graphcore_through_its_face_and_its_seam_alone():
    deep = [
        f"{module}:{line} imports {target}"
        for module, target, line in ARROWS
        if module.partition(".")[0] in ("ops", "viz")
        and target.partition(".")[0] == "graphcore"
        and target not in ("graphcore", "graphcore.extend", "graphcore.errors")
    ]
    assert deep == []


def test_no_package_names_what_is_not_its_own_to_use():
    """The command line may know all three packages; a backend may know its library, and is imported when it is used."""
    allowed = {package: names | {"graphcore", package} for package, names in OUTSIDE.items()}
    wrong = []
    for module, target, line in ARROWS:
        package, top = module.partition(".")[0], target.partition(".")[0]
        if room_of(module) in ("commands", "__main__") and top in PACKAGES:
            continue
        extra = {
            name for prefix, names in OPTIONAL.items() if (module + ".").startswith(prefix + ".") for name in names
        }
        if top not in allowed[package] | extra and top not in sys.stdlib_module_names:
            wrong.append(f"{module}:{line} imports {target}")
    assert wrong == []


# -- in a fresh interpreter, where nothing has been imported yet


HEAVY = {
    *("viz", "graphviz", "pygraphviz", "torch", "jax", "numba", "llvmlite"),
    *("array_api_strict", "matplotlib", "scipy", "networkx"),
}


def imported_by(program):
    """The top-level modules that are loaded after a program has run in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{program}\nimport sys\nprint(*sorted(sys.modules))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_graphcore_loads_nothing_heavy():
    loaded = imported_by("import graphcore, graphcore.extend")
    assert "numpy" in loaded
    assert not loaded & (HEAVY | {"ops"})


def test_a_run_without_ops_loads_no_ops():
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
    assert not imported_by(program) & (HEAVY - {"networkx"} | {"ops"})


def test_without_ops_the_error_names_them():
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


def test_ops_need_graphcore_alone():
    program = """
import numpy as np, graphcore as gc, ops
g = gc.Graph()
x = g.parameter("x", np.ones(3))
cost = ops.sum(ops.softmax(x) * x)
gc.backprop(cost)
gc.evaluate(gc.derivative(cost, x))
"""
    assert not imported_by(program) & (HEAVY - {"networkx"})
