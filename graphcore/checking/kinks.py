"""What a rule may say of one entry where complex step and differences do not agree: kinks, jumps, infinite slopes.

At a kink the derivative is whatever lies in the subdifferential: between the derivatives to the left and to the right,
and for several entries that are tied, along the line that moves them all together, too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .finite_differences import FIRST_STEP, Estimate, extrapolated, reach, steepness
from .reference import BLURRED, Measurement, Place, places

#: derivatives to the left and to the right that differ by more than this are two
_TWO = 1e-6
#: gradients nearby that differ by more than this are several
_SEVERAL = 1e-2
#: differences are trusted to no more than this, whatever they say of themselves
_SHARP = 1e-10


class Verdict(NamedTuple):
    """What one derivative may be: something in ``least`` … ``most``, give or take ``tolerance``, found by ``method``.

    A method of ``""`` says that nothing can be said.
    """

    least: float
    most: float
    tolerance: float
    method: str

    def allows(self, got: float) -> bool:
        """Whether the rule may say that.

        >>> Verdict(-1.0, 1.0, 1e-9, "both sides of a kink").allows(0.0)
        True
        """
        if not self.method:
            return True
        return bool(got in (self.least, self.most) or self.least - self.tolerance <= got <= self.most + self.tolerance)


NOTHING = Verdict(np.nan, np.nan, np.nan, "")


def row_scale(found: Measurement, entry: tuple[int, ...]) -> float:
    """How large the derivatives of one entry of the result are, as far as differences can tell."""
    largest = max(1e-3 * abs(float(found.result[entry])), 1e-270)
    for place in places(found.at):
        around = found.look(place)[0]
        if around.error[entry] <= 1e-3 * abs(around.value[entry]):
            largest = max(largest, abs(float(around.value[entry])))
    return largest


def judge(found: Measurement, entry: tuple[int, ...], place: Place, scale: float) -> Verdict:
    """What the derivative of one entry of the result by one entry of an argument may be.

    >>> from graphcore.checking.reference import measure
    >>> found = measure(lambda x: np.abs(x[0]), [np.array([0.0, 1.0])])
    >>> verdict = judge(found, (0,), (0, (0,)), scale=1.0)
    >>> round(verdict.least, 6), round(verdict.most, 6), verdict.method
    (-1.0, 1.0, 'both sides of a kink')
    """
    if not np.isfinite(found.result[entry]):
        return NOTHING
    around, left, right = found.look(place)
    sides = [side for side in (left, right) if _unbroadcast(side, entry, scale)]
    if len(sides) == 2:
        return _between(found, entry, place, around, sides, scale)
    outside = [bool(np.isnan(side.value[entry])) for side in (left, right)]
    if len(sides) == 1 and any(outside):  # an edge of the domain: there is one side only
        value, blur = sides[0].value[entry], max(10 * sides[0].error[entry], _SHARP * scale)
        return Verdict(value, value, blur, "one-sided differences")
    return _steep(found, entry, place, around, scale)


def judge_nearby(found: Measurement, entry: tuple[int, ...], place: Place, scale: float) -> Verdict:
    """What the derivative is at points around, where they differ: a tie that is no kink along any one axis.

    The middle one of three equal numbers in order stays where it is, whichever of them is moved; the derivative by each
    is 0 or 1 nearby, and its own is what lies between.
    """
    least, most = found.nearby(entry, place)
    return Verdict(least, most, 1e-3 * scale, "gradients nearby") if most - least > _SEVERAL * scale else NOTHING


def judge_together(found: Measurement, entry: tuple[int, ...], tied: list[Place], scale: float) -> Verdict:
    """What the derivatives by several entries that are tied may add up to: they are moved together."""
    g = found.line(dict.fromkeys(tied, 1.0))
    step = FIRST_STEP * max(float(reach(found.at[k][at])) for k, at in tied)
    sides = [extrapolated(g, step, side) for side in (-1, 1)]
    if not all(_unbroadcast(side, entry, scale) for side in sides):
        return NOTHING
    low, high = sorted(float(side.value[entry]) for side in sides)
    return Verdict(low, high, _blur(sides, entry, scale), "both sides of a tie")


def _between(
    found: Measurement, entry: tuple[int, ...], place: Place, around: Estimate, sides: list[Estimate], scale: float
) -> Verdict:
    low, high = sorted(float(side.value[entry]) for side in sides)
    blur = _blur(sides, entry, scale)
    if high - low > 10 * blur + _TWO * scale:
        return Verdict(low, high, blur, "both sides of a kink")
    value, error = float(around.value[entry]), float(around.error[entry])
    exact, tolerance = found.value[place[0]], found.tolerance[place[0]]
    at = (*entry, *place[1])
    if exact is not None and abs(exact[at] - value) <= 10 * error + 10 * _SHARP * scale:
        return Verdict(exact[at], exact[at], tolerance[at], "complex step")
    return Verdict(value, value, min(10 * error + _SHARP * scale, BLURRED * scale), "differences")


def _steep(found: Measurement, entry: tuple[int, ...], place: Place, around: Estimate, scale: float) -> Verdict:
    """Where differences settle on one side at most, the function jumps, or is infinitely steep, or is too rough."""
    g = found.line({place: 1.0})
    grows = []
    for side in (-1, 1):
        sign, exponent = (np.asarray(found_)[entry] for found_ in steepness(g, side))
        if exponent > 0.9:
            return NOTHING  # a jump, where there is no derivative
        if exponent > 0.02:
            grows.append(float(sign) * np.inf)
    if grows:
        slopes = [
            *grows,
            *(float(side.value[entry]) for side in found.look(place)[1:] if _unbroadcast(side, entry, scale)),
        ]
        return Verdict(min(slopes), max(slopes), BLURRED * scale, "growth without bound")
    if not around.error[entry] <= 1e-3 * scale:
        return NOTHING
    value = float(around.value[entry])
    return Verdict(value, value, max(BLURRED * scale, 10 * float(around.error[entry])), "rough differences")


def _unbroadcast(side: Estimate, entry: tuple[int, ...], scale: float) -> bool:
    return bool(side.error[entry] <= BLURRED * max(scale, abs(side.value[entry])))


def _blur(sides: list[Estimate], entry: tuple[int, ...], scale: float) -> float:
    return max(10 * max(float(side.error[entry]) for side in sides), 100 * _SHARP * scale)
