"""Every public module shows how it is used: two examples or more, which pytest executes with all other doctests."""

import ast
import doctest
import importlib
import importlib.util
import pathlib
import pkgutil
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent


def modules():
    """All but the commands, which test_command_line shows at work."""
    for package in ("graphcore", "ops", "viz"):
        yield package
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if found.name.rpartition(".")[2] != "__main__" and not found.name.startswith("graphcore.commands"):
                yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_module_has_examples(name):
    for library in ("jax", "torch", "numba"):
        if f".{library}_backend" in name and importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    module = importlib.import_module(name)
    shown = {test.name for test in doctest.DocTestFinder().find(module, name) if test.examples}
    examples = sum(len(test.examples) for test in doctest.DocTestFinder().find(module, name))
    assert examples >= 2, f"{name} has {examples} examples, in {shown}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("graphcore/**/*.py")) + sorted(ROOT.glob("viz/**/*.py")), ids=str)
def test_public_definitions_are_documented(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{path} does not say what it is for"
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        if not any(d == "overload" or re.match(r"\w+\.(local|pullback|shape)", d) for d in decorators):
            assert ast.get_docstring(node), f"{path}: {node.name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("ops/*.py")), ids=lambda path: path.stem)
def test_operations_show_their_numbers(path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(d).startswith("op(") for d in node.decorator_list):
            assert ">>> " in (ast.get_docstring(node) or ""), f"{path.name}: {node.name} has no example"
