"""Lines of tooltips, and shortened texts for boxes."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore import Node
from graphcore.errors import truncate

from .array_summary import ArraySummary
from .numbers import text

_LONGEST_HEADING = 44
_LONGEST_TOOLTIP = 2000
#: the maximum depth of nested clusters
_DEEPEST = 8


def format_summary(summary: ArraySummary | None, what: str) -> str:
    """Format a line of a tooltip: a number with more digits than the picture has, or an array's statistics.

    >>> from viz.format.array_summary import summarize
    >>> format_summary(summarize(-0.123456789), "∂C/∂w"), format_summary(None, "∂C/∂labels")
    ('∂C/∂w: ▼ −0.123457', '∂C/∂labels: no gradient, because it is not a float')
    >>> format_summary(summarize([1.0, -1.0]), "value")
    'value: 2 entries  rms 1  largest 1  ▲ 50 %  ▼ 50 %'
    """
    if summary is None:
        return f"{what}: no gradient, because it is not a float"
    if summary.single is not None:
        return f"{what}: {summary.brief(6)}"
    return f"{what}: {summary.alarm_text or summary.statistics()}  {summary.signs()}"


def shortened(formula: str, limit: int = _LONGEST_HEADING) -> str:
    """Shorten a formula so that it fits a box.

    >>> shortened("a + b"), shortened("a + b + c", 6)
    ('a + b', 'a + b…')
    """
    return truncate(formula, limit, strip=True)


def capped(told: Sequence[str]) -> list[str]:
    """Return the lines of a tooltip, each of limited length.

    >>> capped(["", "x"]), len(capped(["x" * 10_000])[0])
    (['x'], 2000)
    """
    return [text(line, _LONGEST_TOOLTIP) for line in told if line]


def format_span(nodes: Sequence[Node]) -> str:
    """Name the first and the last of many nodes.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> format_span([g.input(name) for name in "abc"])
    'a … c'
    """
    named = [n for n in nodes if n.name is not None]
    ends = (named[0], named[-1]) if len(named) > 1 else (nodes[0], nodes[-1])
    return " … ".join(text(n.label, 14) for n in ends)


def limit_nesting(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the clusters around a box; beyond the maximum depth they are merged into one.

    >>> limit_nesting(("a", "b")), limit_nesting(tuple("abcdefghij"))
    (('a', 'b'), ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h / i / j'))
    """
    if len(path) <= _DEEPEST:
        return path
    return (*path[: _DEEPEST - 1], " / ".join(path[_DEEPEST - 1 :]))
