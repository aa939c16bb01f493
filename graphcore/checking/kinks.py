"""Allowed ranges of derivatives where complex step and differences disagree: kinks, jumps, infinite slopes.

At a kink the derivative is whatever lies in the subdifferential: between the derivatives to the left and to the right,
and for several entries that are tied, along the line that moves them all together, too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .finite_differences import FIRST_STEP, Estimate, extrapolate, reach, steepness
from .reference import Place, Reference, all_entries

#: derivatives to the left and to the right that differ by more than this are two
_TWO = 1e-6
#: gradients nearby that differ by more than this are several
_SEVERAL = 1e-2
#: differences are trusted to no more than this, whatever they say of themselves
_SHARP = 1e-10


class AllowedRange(NamedTuple):
    """The values allowed for a derivative: ``least`` … ``most``, to ``tolerance``, determined by ``method``.

    An empty method means that the range is undetermined and any value is allowed.
    """

    least: float
    most: float
    tolerance: float
    method: str

    def allows(self, got: float) -> bool:
        """Return whether a rule may give this value.

        >>> AllowedRange(-1.0, 1.0, 1e-9, "both sides of a kink").allows(0.0)
        True
        """
        if not self.method:
            return True
        return bool(got in (self.least, self.most) or self.least - self.tolerance <= got <= self.most + self.tolerance)

    def widened(self, by: float) -> AllowedRange:
        """Return the range with a larger tolerance.

        >>> AllowedRange(1.0, 1.0, 1e-9, "differences").widened(1e-3).allows(1.0005)
        True
        """
        return self._replace(tolerance=self.tolerance + by) if self.method and by else self


UNDETERMINED = AllowedRange(np.nan, np.nan, np.nan, "")


def row_scale(found: Reference, entry: tuple[int, ...]) -> float:
    """Estimate the largest derivative of one entry of the result from differences."""
    largest = max(1e-3 * abs(float(found.result[entry])), 1e-270)
    for place in all_entries(found.at):
        around = found.differentiate_numerically(place)[0]
        if around.error[entry] <= 1e-3 * abs(around.value[entry]):
            largest = max(largest, abs(float(around.value[entry])))
    return largest


def allow_entry(found: Reference, entry: tuple[int, ...], place: Place, scale: float) -> AllowedRange:
    """Return the allowed range of the derivative of one entry of the result by one entry of an argument.

    >>> from graphcore.checking.reference import compute_reference
    >>> found = compute_reference(lambda x: np.abs(x[0]), [np.array([0.0, 1.0])])
    >>> allowed = allow_entry(found, (0,), (0, (0,)), scale=1.0)
    >>> round(allowed.least, 6), round(allowed.most, 6), allowed.method
    (-1.0, 1.0, 'both sides of a kink')
    """
    if not np.isfinite(found.result[entry]):
        return UNDETERMINED
    around, left, right = found.differentiate_numerically(place)
    sides = [side for side in (left, right) if _has_converged(found, side, entry, scale)]
    if len(sides) == 2:
        return _allow_between(found, entry, place, around, sides, scale)
    outside = [bool(np.isnan(side.value[entry])) for side in (left, right)]
    if len(sides) == 1 and any(outside):  # an edge of the domain: there is one side only
        value, uncertainty = sides[0].value[entry], max(10 * sides[0].error[entry], _SHARP * scale)
        return AllowedRange(value, value, uncertainty, "one-sided differences")
    return _allow_steep(found, entry, place, around, scale)


def allow_nearby(found: Reference, entry: tuple[int, ...], place: Place, scale: float) -> AllowedRange:
    """Return the range of the derivative at nearby points, for ties that are no kink along any one axis.

    The middle one of three equal numbers in order stays where it is, whichever of them is moved; the derivative by each
    is 0 or 1 nearby, and its own is what lies between.
    """
    least, most = found.nearby(entry, place)
    return (
        AllowedRange(least, most, 1e-3 * scale, "gradients nearby") if most - least > _SEVERAL * scale else UNDETERMINED
    )


def allow_tied(found: Reference, entry: tuple[int, ...], tied: list[Place], scale: float) -> AllowedRange:
    """Return the allowed sum of the derivatives by several tied entries, which are moved together."""
    g = found.line(dict.fromkeys(tied, 1.0))
    step = FIRST_STEP * max(float(reach(found.at[k][at])) for k, at in tied)
    sides = [extrapolate(g, step, side, found.noise) for side in (-1, 1)]
    if not all(_has_converged(found, side, entry, scale) for side in sides):
        return UNDETERMINED
    low, high = sorted(float(side.value[entry]) for side in sides)
    return AllowedRange(low, high, _uncertainty(sides, entry, scale), "both sides of a tie")


def _allow_between(
    found: Reference, entry: tuple[int, ...], place: Place, around: Estimate, sides: list[Estimate], scale: float
) -> AllowedRange:
    low, high = sorted(float(side.value[entry]) for side in sides)
    uncertainty = _uncertainty(sides, entry, scale)
    if high - low > 10 * uncertainty + _TWO * scale:
        return AllowedRange(low, high, uncertainty, "both sides of a kink")
    value, error = float(around.value[entry]), float(around.error[entry])
    exact, tolerance = found.value[place[0]], found.tolerance[place[0]]
    at = (*entry, *place[1])
    if exact is not None and abs(exact[at] - value) <= 10 * error + 10 * _SHARP * scale:
        return AllowedRange(exact[at], exact[at], tolerance[at], "complex step")
    return AllowedRange(value, value, min(10 * error + _SHARP * scale, found.doubt * scale), "differences")


def _allow_steep(
    found: Reference, entry: tuple[int, ...], place: Place, around: Estimate, scale: float
) -> AllowedRange:
    """Return the allowed range at jumps, infinite slopes and rough functions."""
    g = found.line({place: 1.0})
    grows = []
    for side in (-1, 1):
        sign, exponent = (np.asarray(found_)[entry] for found_ in steepness(g, side))
        if exponent > 0.9:
            return UNDETERMINED  # a jump, where there is no derivative
        if exponent > 0.02:
            grows.append(float(sign) * np.inf)
    if grows and np.signbit(found.at[place[0]][place[1]]) and found.at[place[0]][place[1]] == 0:
        return UNDETERMINED  # 1 / −0 is the infinity of the other sign, and no wrong number
    if grows:
        slopes = [
            *grows,
            *(
                float(side.value[entry])
                for side in found.differentiate_numerically(place)[1:]
                if _has_converged(found, side, entry, scale)
            ),
        ]
        return AllowedRange(min(slopes), max(slopes), found.doubt * scale, "growth without bound")
    if not around.error[entry] <= max(1e-3, found.doubt) * scale:
        return UNDETERMINED
    value = float(around.value[entry])
    return AllowedRange(value, value, max(found.doubt * scale, 10 * float(around.error[entry])), "rough differences")


def _has_converged(found: Reference, side: Estimate, entry: tuple[int, ...], scale: float) -> bool:
    return bool(side.error[entry] <= found.doubt * max(scale, abs(side.value[entry])))


def _uncertainty(sides: list[Estimate], entry: tuple[int, ...], scale: float) -> float:
    return max(10 * max(float(side.error[entry]) for side in sides), 100 * _SHARP * scale)
