"""Everything that can go wrong, each class with its symptom, its cause and its cure.

Every error is a `GraphcoreError`, and also the built-in exception that a Python programmer would expect at that place,
so ``except ValueError`` and ``except gc.errors.GraphcoreError`` both work.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GraphcoreError(Exception):
    """The parent of every error that is the project's own.

    >>> issubclass(ShapeError, GraphcoreError) and issubclass(ShapeError, ValueError)
    True
    """


class OperationError(GraphcoreError, TypeError):
    """Symptom: an operation or rule is refused when it is defined, or a rule's answer when it is used.

    Cause: the definition contradicts itself: a rule for an argument the operation does not have, a rule that reads a
    name nobody provides, a result of the wrong shape. Cure: the message names the operation, the argument and the line.
    """


class MissingRuleError(GraphcoreError, NotImplementedError):
    """Symptom: a gradient would have to pass through an argument for which no rule is known.

    Cause: neither ``.local`` nor ``.pullback`` was registered, nor ``.flat`` to say that the derivative is zero; or
    ``.missing`` says that there is none yet. Cure: register one of them.
    """


class UnknownNameError(GraphcoreError, KeyError, AttributeError):
    """Symptom: a node, operation or setting is asked for by a name that nothing bears.

    Cause: a misspelling, or the package that defines it has not been imported. Cure: the message lists what is near.
    """

    __str__ = Exception.__str__  # a KeyError would show its message in quotes


class NameTakenError(GraphcoreError, ValueError):
    """Symptom: a name is refused. Cause: something bears it already, or it cannot be a name. Cure: choose another."""


class PackError(GraphcoreError, ImportError):
    """Symptom: an op pack is not loaded. Cause: its import failed, or it takes a name that another operation bears.
    Cure: the message names the pack, the distribution that brings it, and what went wrong there."""


class ShapeError(GraphcoreError, ValueError):
    """Symptom: an operation is refused when it is made. Cause: its arguments' shapes do not fit. Cure: transpose,
    reshape or expand one of them; the message gives the shapes."""


class DtypeError(GraphcoreError, TypeError):
    """Symptom: a value is refused. Cause: its dtype is not the declared one, or has no gradient. Cure: convert it where
    it is made, or declare the dtype that is meant."""


class FeedError(GraphcoreError, ValueError):
    """Symptom: a run does not start. Cause: an input is missing from the feed, or the feed holds something that is not
    an input of this computation. Cure: feed exactly the inputs that the message lists."""


class CostError(GraphcoreError, ValueError):
    """Symptom: a gradient is refused. Cause: the cost is not one number, so "the gradient" would be ambiguous. Cure:
    take the ``mean`` or ``sum`` of it first."""


class GraphError(GraphcoreError, ValueError):
    """Symptom: a node is refused. Cause: it belongs to another graph. Cure: build both in the same `Graph`."""


class NoValueError(GraphcoreError, TypeError):
    """Symptom: ``if``, ``float`` or ``len`` of a node fails. Cause: a node stands for a value that only a run will
    know. Cure: use an operation (``where``, ``maximum``) instead, or evaluate the node first."""


class MissingExtraError(GraphcoreError, ImportError):
    """Symptom: a part of the project is not there. Cause: it needs a package that is not installed. Cure: install the
    extra that the message names."""


class CheckError(GraphcoreError, AssertionError):
    """Symptom: `graphcore.check` refuses an operation. Cause: a rule disagrees with the forward. Cure: the message
    names the argument, the entry, what the rule says and what the forward does."""


def did_you_mean(name: object, candidates: Iterable[str]) -> str:
    """The end of an error message: what was probably meant.

    >>> did_you_mean("sigmod", ["sigmoid", "sign", "sum"])
    ". Did you mean 'sigmoid'?"
    >>> did_you_mean("q", [])
    ''
    """
    if not isinstance(name, str) or len(name) > 100:
        return ""
    near = difflib.get_close_matches(name, [c for c in candidates if len(c) <= 100], n=1, cutoff=0.6)
    return f". Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def some_of(names: Iterable[str], most: int = 8) -> str:
    """Some names in a message, and a sign that there are more.

    >>> some_of(["w1", "b1"]), some_of("abc", most=2)
    ('w1, b1', 'a, b, …')
    """
    shown = [shorten(name, 24) for name in names]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def shorten(text: str, limit: int = 60) -> str:
    """A user's text, short enough for a message and with nothing in it that could disturb a terminal.

    >>> shorten("z1"), shorten("a" * 100, 10), shorten("two\\nlines")
    ('z1', 'aaaaaaaaa…', 'two\\\\nlines')
    """
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: 2 * limit])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
