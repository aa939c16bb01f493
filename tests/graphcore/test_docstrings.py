"""Every module shows at least two examples of itself; the suite runs them as doctests."""

import doctest
import importlib
import pathlib

import pytest

import graphcore
import ops

MODULES = [
    f"{package.__name__}.{path.stem}" if path.stem != "__init__" else package.__name__
    for package in (graphcore, ops)
    for path in sorted(pathlib.Path(package.__file__).parent.glob("*.py"))
    if path.stem != "__main__"
]


@pytest.mark.parametrize("module", MODULES)
def test_two_examples_at_least(module):
    tests = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module))
    shown = sum(example.want != "" for test in tests for example in test.examples)
    assert shown >= 2, f"{module} shows {shown} examples that print something"
