"""Exception classes, each documented with its symptom, cause and cure.

Every error is a `GraphcoreError`, and also the built-in exception that a Python programmer would expect,
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
    """Symptom: the definition of an operation or rule, or the result of a rule, is refused.

    Cause: the definition contradicts itself: a rule for an argument the operation does not have, a rule that reads a
    name that does not exist, a result of the wrong shape. Cure: the message names the operation, the
    argument and the line.
    """


class MissingRuleError(GraphcoreError, NotImplementedError):
    """Symptom: a gradient would have to pass through an argument that has no rule.

    Cause: neither ``.local`` nor ``.pullback`` was registered, nor ``.flat`` for a derivative of zero; or it is
    registered as ``.missing``. Cure: register one of them.
    """


class UnknownNameError(GraphcoreError, KeyError, AttributeError):
    """Symptom: no node, operation or setting has the given name.

    Cause: a misspelling, or the package that defines it has not been imported. Cure: the message lists similar names.
    """

    __str__ = Exception.__str__  # a KeyError would show its message in quotes


class NameTakenError(GraphcoreError, ValueError):
    """Symptom: a name is refused. Cause: it is already in use, or is not valid. Cure: choose another."""


class PackError(GraphcoreError, ImportError):
    """Symptom: an op pack is not loaded. Cause: its import failed, or it registers a name that is in use.
    Cure: the message names the pack, its distribution, and the original error."""


class ShapeError(GraphcoreError, ValueError):
    """Symptom: an operation is refused when it is made. Cause: its arguments' shapes do not fit. Cure: transpose,
    reshape or expand one of them; the message gives the shapes."""


class DtypeError(GraphcoreError, TypeError):
    """Symptom: a value is refused. Cause: its dtype is not the declared one, or has no gradient. Cure: convert it where
    it is made, or declare another dtype."""


class FeedError(GraphcoreError, ValueError):
    """Symptom: a run does not start. Cause: an input is missing from the feed, or the feed contains something
    that is not an input of this computation. Cure: feed exactly the inputs that the message lists."""


class CostError(GraphcoreError, ValueError):
    """Symptom: a gradient is refused. Cause: the cost is not a scalar, so "the gradient" would be ambiguous. Cure:
    take the ``mean`` or ``sum`` of it first."""


class GraphError(GraphcoreError, ValueError):
    """Symptom: a node is refused. Cause: it belongs to another graph. Cure: build both in the same `Graph`.

    Also: a function is not compiled, because its graph differs from call to call. Cure: pass what changes as an
    argument."""


class NoValueError(GraphcoreError, TypeError):
    """Symptom: ``if``, ``float`` or ``len`` of a node fails, or ``w -= step`` on a parameter. Cause: a node has a value
    only within a run. Cure: use an operation (``where``, ``maximum``) instead, or evaluate the node first; the value of
    a parameter is ``w.value``."""


class MissingExtraError(GraphcoreError, ImportError):
    """Symptom: a feature is not available. Cause: it needs a package that is not installed. Cure: install the
    extra that the message names."""


class CheckError(GraphcoreError, AssertionError):
    """Symptom: `graphcore.check` refuses an operation. Cause: a rule disagrees with the forward. Cure: the message
    names the argument and entry, with the values from the rule and from the forward."""


def did_you_mean(name: object, candidates: Iterable[str]) -> str:
    """Return the end of an error message that suggests the nearest name, in any case.

    >>> did_you_mean("sigmod", ["sigmoid", "sign", "sum"])
    ". Did you mean 'sigmoid'?"
    >>> did_you_mean("X", ["x"]), did_you_mean("q", [])
    (". Did you mean 'x'?", '')
    """
    if not isinstance(name, str) or len(name) > 100:
        return ""
    originals = {candidate.casefold(): candidate for candidate in candidates if len(candidate) <= 100}
    near = difflib.get_close_matches(name.casefold(), originals, n=1, cutoff=0.6)
    return f". Did you mean {originals[near[0]]!r}?" if near else ""


def some_of(names: Iterable[str], most: int = 8) -> str:
    """Join some names for a message, with an ellipsis if there are more.

    >>> some_of(["w1", "b1"]), some_of("abc", most=2)
    ('w1, b1', 'a, b, …')
    """
    shown = [shorten(name, 24) for name in names]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def shorten(text: str, limit: int = 60) -> str:
    """Shorten a user's text for a message and escape unprintable characters.

    >>> shorten("z1"), shorten("a" * 100, 10), shorten("two\\nlines")
    ('z1', 'aaaaaaaaa…', 'two\\\\nlines')
    """
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: 2 * limit])
    return truncate(clean, limit)


def truncate(text: str, limit: int, *, strip: bool = False) -> str:
    """Return at most ``limit`` characters of a text, with an ellipsis at the end if it was longer.

    >>> truncate("a + b + c", 7), truncate("a + b + c", 7, strip=True)
    ('a + b …', 'a + b…')
    """
    if len(text) <= limit:
        return text
    return (text[: limit - 1].rstrip() if strip else text[: limit - 1]) + "…"
