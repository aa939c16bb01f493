"""Deliberately wrong rules of every kind, made as in benchmarks/mutation_score.py: not one may pass."""

import importlib.util
import pathlib
import sys

import pytest

import graphcore as gc

FILE = pathlib.Path(__file__).parents[3] / "benchmarks" / "mutants.py"


def mutants():
    spec = importlib.util.spec_from_file_location("mutants", FILE)
    module = sys.modules["mutants"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    every = list(module.mutants())
    return [m for m in every if not m.kind.startswith("scaled") or m.kind.endswith(("1e-2", "1e-9"))]


MUTANTS = mutants()


def test_there_are_mutants_of_every_kind():
    assert len({m.kind for m in MUTANTS if not m.kind.startswith("scaled")}) == 10
    assert len(MUTANTS) > 150


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.kind}, {m}")
def test_a_wrong_rule_is_caught(mutant):
    with pytest.raises(gc.errors.CheckError, match=mutant.origin.name):
        gc.check(mutant.op, *mutant.arrays, libraries=False, **mutant.settings)
