"""The findings of a diagnosis, as text and HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from ...errors import shorten
from ...graph.node import Node

_WIDTH = 100

Kind = Literal["not finite", "dead", "saturated", "vanishing", "exploding"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a run, at the node where it begins.

    >>> import graphcore as gc
    >>> w = gc.Graph().parameter("w", 0.0)
    >>> finding = gc.diagnose(gc.backprop((1.0 / w).named("C")))[0]
    >>> finding.kind, finding.node.label, finding.entry, float(finding.value)
    ('not finite', 'C', (), inf)
    """

    kind: Kind
    #: where it begins
    node: Node
    #: all of it in words
    message: str
    #: which entry of the node shows it, where it is one
    entry: tuple[int, ...] | None = None
    #: the number found there: a value, or a local derivative
    value: Any = None
    #: the path along which it spread, from the node on
    path: tuple[Node, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        text = f"{self.kind}: {self.message}"
        return textwrap.fill(text, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


class Findings(list[Finding]):
    """A list of findings that shows itself as text and in notebooks; empty if all is well.

    >>> print(Findings())
    Nothing is wrong: all is finite, no neuron is dead or saturated, and no layer's gradient is lost.
    """

    def of(self, kind: Kind) -> Findings:
        """Those of one kind.

        >>> Findings().of("dead")
        []
        """
        return Findings(finding for finding in self if finding.kind == kind)

    def __str__(self) -> str:
        if not self:
            return "Nothing is wrong: all is finite, no neuron is dead or saturated, and no layer's gradient is lost."
        return "\n".join(str(finding) for finding in self)

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{html.escape(str(self))}</p>"
        rows = (f"<li><b>{html.escape(f.kind)}</b>: {html.escape(f.message)}</li>" for f in self)
        return f"<ul>{''.join(rows)}</ul>"


def format_path(nodes: Iterable[Node], most: int = 8) -> str:
    """Return a path as its labels, the middle of a long one left out.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> format_path([g.input(name) for name in "abc"])
    'a → b → c'
    """
    labels = [shorten(node.label, 24) for node in nodes]
    if len(labels) > most:
        half = most // 2
        labels = [*labels[:half], f"… {len(labels) - 2 * half} more …", *labels[-half:]]
    return " → ".join(labels)
