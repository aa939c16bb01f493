"""Arguments that a check derives from those given."""

from __future__ import annotations

from typing import Any, NamedTuple


class Variant(NamedTuple):
    """Arguments derived from others.

    ``second`` includes second derivatives, and ``conduct`` the checks of a rule as a function; with ``must_run`` the
    operation has to accept them; with ``tentative`` the lengths may be incompatible, so that a rule may raise.

    >>> variant = Variant("all lengths 1", [[1.0]], second=True)
    >>> variant.second, variant.tentative
    (True, False)
    """

    name: str
    arrays: list[Any]
    second: bool = False
    conduct: bool = False
    must_run: bool = False
    tentative: bool = False
