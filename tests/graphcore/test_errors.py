"""Errors: one parent, the built-in that one would expect, text that is safe in a terminal, a cure in each docstring."""

import inspect

import pytest

import graphcore as gc
from graphcore.errors import did_you_mean, shorten

EVERY = [c for c in vars(gc.errors).values() if inspect.isclass(c) and issubclass(c, gc.errors.GraphcoreError)]


@pytest.mark.parametrize("error", [c for c in EVERY if c is not gc.errors.GraphcoreError], ids=lambda c: c.__name__)
def test_each_is_ours_and_pythons_and_says_symptom_cause_and_cure(error):
    builtin = [b for b in error.__mro__ if b.__module__ == "builtins" and b not in (Exception, BaseException, object)]
    assert builtin
    for word in ("Symptom:", "Cause:", "Cure:"):
        assert word in error.__doc__, f"{error.__name__} does not say its {word}"
    assert str(error('it\'s "quoted"')) == 'it\'s "quoted"'


def test_there_are_as_many_as_needed_and_no_more():
    assert 5 < len(EVERY) < 20


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("short", 60, "short"),
        ("x" * 100, 10, "xxxxxxxxx…"),
        ("a\nb\tc", 60, r"a\nb\tc"),
        ("\x1b[31mred", 60, r"\x1b[31mred"),
        ("\u202eevil", 60, r"\u202eevil"),
        ("σ′(z)", 60, "σ′(z)"),
        ("", 60, ""),
    ],
)
def test_a_users_text_in_a_message(text, limit, shown):
    assert shorten(text, limit) == shown
    assert shorten("\n" * 10_000, 20).isprintable()
    assert len(shorten("\n" * 10_000, 20)) <= 20


def test_what_was_meant():
    assert did_you_mean("sigmod", ["sigmoid", "relu"]) == ". Did you mean 'sigmoid'?"
    assert did_you_mean("weihgt", ["weight", "wide", "bias"]) == ". Did you mean 'weight'?"
    for hopeless in ("zzz", "", 3, None, "s" * 1000):
        assert did_you_mean(hopeless, ["sigmoid", "relu", "s" * 999]) == ""
