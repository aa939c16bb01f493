"""The tolerance of a check: as exact as can be measured, or as given for forwards that are not exact themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

#: how far results may differ that would be equal in exact arithmetic, in units of the sum of their terms
ROUNDED = 1e-9


@dataclass(frozen=True)
class Tolerance:
    """The distance allowed between a rule and a measurement: ``atol + rtol × |derivative|``, beyond the measured error.

    Without ``rtol`` and ``atol`` a rule has to be exact. With ``rtol`` alone, ``atol`` is ``rtol`` times the largest
    derivative in the comparison, so that a solver's error in a small entry beside large ones is no error of the rule.

    >>> Tolerance(rtol=1e-3).allow(np.array([0.0, 2.0])).tolist()
    [0.002, 0.004]
    >>> Tolerance(rtol=1e-3, atol=1e-6).allow(np.array([0.0, 2.0])).tolist()
    [1e-06, 0.002001]
    >>> str(Tolerance()), str(Tolerance(atol=1e-6))
    ('to rounding', 'to rtol=0, atol=1e-06')
    """

    rtol: float | None = None
    atol: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("rtol", self.rtol), ("atol", self.atol)):
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{name}: expected a number of at least 0, or None for rounding alone, got {value!r}")

    @property
    def is_exact(self) -> bool:
        """Return whether only rounding is allowed."""
        return not self.rtol and not self.atol

    @property
    def relative(self) -> float:
        """The relative tolerance, 0 if none was given."""
        return self.rtol or 0.0

    def allow(self, derivatives: Any) -> Any:
        """Return how far a rule may be from each of these derivatives."""
        size = np.abs(derivatives)
        size = np.where(np.isfinite(size), size, 0.0)
        absolute = self.relative * np.max(size, initial=0.0) if self.atol is None else self.atol
        return absolute + self.relative * size

    def rounded(self, terms: Any) -> Any:
        """Return how far two results of the rules may differ that add up the same terms of this size."""
        return max(ROUNDED, self.relative) * terms + (self.atol or 0.0)

    def __str__(self) -> str:
        if self.is_exact:
            return "to rounding"
        absolute = f"{self.rtol:g} × the largest derivative" if self.atol is None else f"{self.atol:g}"
        return f"to rtol={self.relative:g}, atol={absolute}"


#: the tolerance of a check for which none is given
TO_ROUNDING = Tolerance()
