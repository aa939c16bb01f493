"""The report of a check."""

from __future__ import annotations

from dataclasses import dataclass, field

from .tolerance import Tolerance


@dataclass
class Report:
    """The result of a check: how many entries of which derivatives were compared, how, and the worst difference.

    ``entries`` counts first derivatives at the arguments given, and ``second`` second derivatives there; ``variants``
    counts derivatives at arguments that the check derived from them; ``worst`` is the largest difference at the
    arguments given, relative to the largest derivative; ``methods`` counts the entries by numerical method;
    ``libraries`` are the array libraries that gave the same numbers as numpy; ``tolerance`` is how far a rule was
    allowed to be from what was measured, and ``order`` up to which order derivatives were compared.

    >>> import graphcore as gc, ops
    >>> report = gc.check(ops.square, [0.5, -1.5], libraries=False)
    >>> report.entries, report.second, report.variants["200 entries"]
    (4, 4, 40000)
    >>> list(report.methods)
    ['complex step', 'projections', 'limits at infinity']
    >>> str(report.tolerance), report.order
    ('to rounding', 3)
    """

    subject: str
    entries: int = 0
    second: int = 0
    worst: float = 0.0
    variants: dict[str, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tolerance: Tolerance = field(default_factory=Tolerance)
    order: int = 3

    def __str__(self) -> str:
        how = ", ".join(f"{count} by {method}" for method, count in self.methods.items())
        more = sum(self.variants.values())
        others = f", and {more} at {len(self.variants)} variants" if self.variants else ""
        libraries = f"; the same with {', '.join(self.libraries)}" if self.libraries else ""
        notes = "".join(f"; {note}" for note in self.notes)
        second = f" and {self.second} second" if self.order > 1 else ""
        return (
            f"{self.subject}: {self.entries} first{second} derivatives agree {self.tolerance}{others} "
            f"({how or 'none to compare'}; worst difference {self.worst:.1e}){libraries}{notes}"
        )

    def count(self, method: str, number: int = 1) -> None:
        """Count compared entries by method."""
        self.methods[method] = self.methods.get(method, 0) + number

    def note(self, what: str) -> None:
        """Add a note, unless it is there already."""
        if what not in self.notes:
            self.notes.append(what)
