"""Sentences and shortened texts: what a tooltip tells in full, and a box in brief."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore import Node
from graphcore.errors import truncate

from .array_summary import Quantity
from .numbers import text

_LONGEST_HEADING = 44
_LONGEST_TOOLTIP = 2000
#: clusters in clusters, deeper than anybody can see
_DEEPEST = 8


def says(quantity: Quantity | None, what: str) -> str:
    """A line of a tooltip: a number with more digits than the picture has, or an array's statistics.

    >>> from viz.format.array_summary import measure
    >>> says(measure(-0.123456789), "∂C/∂w"), says(None, "∂C/∂labels")
    ('∂C/∂w: ▼ −0.123457', '∂C/∂labels: no gradient, because it is not a float')
    >>> says(measure([1.0, -1.0]), "value")
    'value: 2  rms 1  max 1  ▲ 50 %  ▼ 50 %'
    """
    if quantity is None:
        return f"{what}: no gradient, because it is not a float"
    if quantity.single is not None:
        return f"{what}: {quantity.brief(6)}"
    return f"{what}: {quantity.loud or quantity.statistics()}  {quantity.signs()}"


def shortened(formula: str, limit: int = _LONGEST_HEADING) -> str:
    """A formula that fits a box.

    >>> shortened("a + b"), shortened("a + b + c", 6)
    ('a + b', 'a + b…')
    """
    return truncate(formula, limit, strip=True)


def capped(told: Sequence[str]) -> list[str]:
    """The lines of a tooltip, none of them endless.

    >>> capped(["", "x"]), len(capped(["x" * 10_000])[0])
    (['x'], 2000)
    """
    return [text(line, _LONGEST_TOOLTIP) for line in told if line]


def span(nodes: Sequence[Node]) -> str:
    """The first and the last of many.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> span([g.input(name) for name in "abc"])
    'a … c'
    """
    named = [n for n in nodes if n.name is not None]
    ends = (named[0], named[-1]) if len(named) > 1 else (nodes[0], nodes[-1])
    return " … ".join(text(n.label, 14) for n in ends)


def nested(path: tuple[str, ...]) -> tuple[str, ...]:
    """The clusters around a box; what is nested deeper than can be seen shares one.

    >>> nested(("a", "b")), nested(tuple("abcdefghij"))
    (('a', 'b'), ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h / i / j'))
    """
    if len(path) <= _DEEPEST:
        return path
    return (*path[: _DEEPEST - 1], " / ".join(path[_DEEPEST - 1 :]))
