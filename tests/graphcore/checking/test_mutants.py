"""Deliberately wrong rules of every kind, made as in benchmarks/mutation_score.py: not one may pass."""

import collections
import importlib.util
import pathlib
import sys

import pytest

import graphcore as gc

FOLDER = pathlib.Path(__file__).parents[3] / "benchmarks"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mutants():
    every = list(load("mutants").mutants())
    return [m for m in every if not m.kind.startswith("scaled") or m.kind.endswith(("1e-2", "1e-9"))]


def situational():
    """Every third, with at least one of each kind; the benchmark has all."""
    chosen, number = [], collections.Counter()
    for mutant in load("situational_mutants").situational_mutants():
        number[mutant.kind] += 1
        if number[mutant.kind] % 3 == 1:
            chosen.append(mutant)
    return chosen


MUTANTS = mutants()
SITUATIONAL = situational()


def test_there_are_mutants_of_every_kind():
    assert len({m.kind for m in MUTANTS if not m.kind.startswith("scaled")}) == 10
    assert len(MUTANTS) > 150
    assert len({m.kind for m in SITUATIONAL}) == 15


@pytest.mark.parametrize("mutant", [*MUTANTS, *SITUATIONAL], ids=lambda m: f"{m.kind}, {m}")
def test_a_wrong_rule_is_caught(mutant):
    with pytest.raises(gc.errors.CheckError, match=mutant.origin.name):
        gc.check(mutant.op, *mutant.arrays, libraries=False, **mutant.settings)
