"""Every public module has two examples or more, which pytest runs with all other doctests."""

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
    """Yield all modules but protocols, rooms that are a docstring alone, and the commands (see test_command_line)."""
    for package in ("graphcore", "ops", "viz"):
        yield package
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            path = ROOT.joinpath(*found.name.split("."), "__init__.py")
            is_empty = found.ispkg and len(ast.parse(path.read_text("utf-8")).body) <= 1
            left_out = found.name.endswith((".__main__", ".protocols")) or found.name.startswith("graphcore.commands")
            if not is_empty and not left_out:
                yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_module_has_examples(name):
    """Two at least, and two that print something in graphcore itself and in ops."""
    for library in ("jax", "torch", "numba"):
        if f".backends.{library}" in name and importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name), name)
    examples = [example for test in found for example in test.examples]
    assert len(examples) >= 2, f"{name} has {len(examples)} examples"
    if name.startswith("ops") or name == "graphcore":
        assert sum(bool(example.want) for example in examples) >= 2, f"{name} shows few results"


@pytest.mark.parametrize("path", sorted(ROOT.glob("graphcore/**/*.py")) + sorted(ROOT.glob("viz/**/*.py")), ids=str)
def test_public_definitions_are_documented(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{path} has no docstring"
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
        if isinstance(node, ast.FunctionDef) and any(
            re.match(r"(float_)?op\b|elementwise\b", ast.unparse(d)) for d in node.decorator_list
        ):
            assert ">>> " in (ast.get_docstring(node) or ""), f"{path.name}: {node.name} has no example"
