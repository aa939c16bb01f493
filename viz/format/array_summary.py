"""Summaries of arrays for pictures: the number itself, or a few statistics and a heat map."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .heatmap import Cells, reduce_to_cells
from .numbers import DOWN, UP, format_percent, format_shape, format_signed, number


@dataclass(frozen=True)
class ArraySummary:
    """Statistics of a value, a gradient or a contribution.

    >>> summarize(np.array([[0.0, 3.0], [-4.0, 0.0]])).statistics()
    '2×2  rms 2.5  largest −4  zero 50 %'
    >>> summarize(2.5).single
    2.5
    """

    shape: tuple[int, ...]
    #: the number, if there is only one
    single: float | None = None
    #: √Σv², of the finite entries
    norm: float = 0.0
    #: Σ|v|, of the finite entries
    l1_norm: float = 0.0
    rms: float = 0.0
    #: the finite entry of largest size, with its sign
    top: float = 0.0
    #: fractions of the entries that are zero and positive, from 0 to 1
    zero: float = 0.0
    above: float = 0.0
    #: fraction of Σ|v| that is positive
    positive: float = 0.0
    nans: int = 0
    infinities: int = 0
    grid: Cells = field(default=(), repr=False)

    @property
    def alarm_text(self) -> str:
        """Text that counts the NaN and infinite entries; empty if all entries are finite.

        >>> summarize([1.0, float("nan"), float("inf")]).alarm_text
        'NaN: 1 of 3   ∞: 1 of 3'
        >>> summarize(1.0).alarm_text
        ''
        """
        found = [(sign, n) for sign, n in (("NaN", self.nans), ("∞", self.infinities)) if n]
        if self.single is not None:
            return number(self.single) if found else ""
        return "   ".join(f"{sign}: {n} of {math.prod(self.shape)}" for sign, n in found)

    @property
    def is_zero(self) -> bool:
        """True if all entries are zero.

        >>> summarize([0.0, 0.0]).is_zero, summarize([0.0, 1e-300]).is_zero
        (True, False)
        """
        return not (self.top or self.nans or self.infinities)

    def statistics(self, digits: int = 3, *, brief: bool = False) -> str:
        """Return one line: shape, root mean square, largest entry, percentage of zeros; ``brief`` keeps the sizes.

        >>> q = summarize(np.eye(2))
        >>> q.statistics(), q.statistics(brief=True)
        ('2×2  rms 0.71  largest 1  zero 50 %', 'rms 0.71  largest 1')
        >>> summarize(np.zeros(3)).statistics()
        '3 entries  all zero'
        >>> summarize(np.ones((0, 3))).statistics()
        '0×3  empty'
        """
        if 0 in self.shape:
            return f"{format_shape(self.shape)}  empty"
        short = 2 if digits == 3 else digits
        parts = [format_shape(self.shape)] if not brief else []
        if self.is_zero:
            return "  ".join([*parts, "all zero"])
        if self.rms == self.rms:  # some entry is finite
            parts += [f"rms {number(self.rms, short)}", f"largest {number(self.top, short)}"]
        parts += [f"zero {format_percent(self.zero)}"] if self.zero and not brief else []
        return "  ".join(parts)

    def signs(self) -> str:
        """Return the percentages of positive, negative and zero entries.

        >>> summarize([1.0, 2.0, -1.0, 0.0]).signs()
        '▲ 50 %  ▼ 25 %  zero 25 %'
        >>> summarize([1.0, 2.0]).signs()
        '▲ 100 %'
        """
        below = max(0.0, 1 - self.above - self.zero)
        parts = [(UP, self.above), (DOWN, below if below > 1e-12 else 0.0), ("zero", self.zero)]
        return "  ".join(f"{glyph} {format_percent(part)}" for glyph, part in parts if part)

    def brief(self, digits: int = 3) -> str:
        """Return the number with its sign, or the root mean square of an array.

        >>> summarize(-2.0).brief(), summarize([3.0, 4.0]).brief()
        ('▼ −2', 'rms 3.54')
        """
        if self.single is not None:
            return format_signed(self.single, digits)
        return self.alarm_text or f"rms {number(self.rms, digits)}"


def summarize(array: Any, *, grid: bool = False) -> ArraySummary:
    """Summarize an array of any library; ``grid=True`` also computes the cells of a heat map.

    >>> q = summarize(np.array([1.0, -3.0]), grid=True)
    >>> q.top, q.positive, q.grid
    (-3.0, 0.25, ((1.0, -3.0),))
    >>> round(summarize([1e200, 1e200]).norm / 1e200, 3)
    1.414
    """
    host = as_numpy(array)
    if host.size == 0:
        return ArraySummary(host.shape)
    if host.size == 1:
        return _summarize_number(float(host.reshape(-1)[0]), host.shape)
    finite = np.isfinite(host)
    sound = host if finite.all() else np.where(finite, host, 0.0)
    high, low = float(sound.max()), float(sound.min())
    top = high if high >= -low else low
    # relative to the largest entry, so that squares neither overflow nor underflow
    scaled = np.abs(sound).astype("float64") / abs(top) if top else np.zeros(1)
    finite_count = int(np.count_nonzero(finite))
    norm = float(np.sqrt(np.sum(scaled * scaled))) * abs(top)
    l1_norm = float(np.sum(scaled))
    nans = int(np.count_nonzero(np.isnan(host)))
    return ArraySummary(
        shape=host.shape,
        norm=norm,
        l1_norm=l1_norm * abs(top),
        rms=norm / finite_count**0.5 if finite_count else float("nan"),
        top=top,
        zero=1 - float(np.count_nonzero(host)) / host.size,
        above=float(np.count_nonzero(host > 0)) / host.size,
        positive=float(np.sum(scaled, where=sound > 0)) / l1_norm if top else 0.0,
        nans=nans,
        infinities=host.size - finite_count - nans,
        grid=reduce_to_cells(host) if grid else (),
    )


def _summarize_number(value: float, shape: tuple[int, ...]) -> ArraySummary:
    """Summarize one number; a fast path, because folded pictures measure many."""
    top = value if math.isfinite(value) else 0.0
    size = abs(top)
    rms = size if math.isfinite(value) else math.nan
    nans = int(math.isnan(value))
    above = float(value > 0)
    return ArraySummary(
        shape, value, size, size, rms, top, float(value == 0), above, float(top > 0), nans, int(math.isinf(value))
    )


def as_numpy(array: Any) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """Convert an array of any library on any device to a numpy array of floats.

    >>> as_numpy([1, 2])
    array([1., 2.])
    >>> as_numpy(np.float32(2.0)).dtype
    dtype('float32')
    """
    if hasattr(array, "detach"):  # np.asarray refuses torch arrays that require gradients or lie on another device
        array = array.detach().cpu()
    host = np.asarray(array)
    return host if host.dtype in (np.float32, np.float64) else host.astype("float64")


def combine(parts: list[ArraySummary]) -> ArraySummary:
    """Combine the summaries of several arrays into that of their concatenation.

    >>> q = combine([summarize([3.0, 0.0]), summarize([[-4.0]])])
    >>> q.norm, q.top, round(q.zero, 3), q.shape
    (5.0, -4.0, 0.333, (3,))
    >>> combine([]).is_zero
    True
    """
    sizes = [math.prod(q.shape) for q in parts]
    many = sum(sizes)
    if not many:
        return ArraySummary((0,))
    norm = float(np.linalg.norm([q.norm for q in parts]))
    top = max((q.top for q in parts), key=abs)
    l1_norm = sum(q.l1_norm for q in parts)
    finite = many - sum(q.nans + q.infinities for q in parts)
    return ArraySummary(
        shape=(many,),
        norm=norm,
        l1_norm=l1_norm,
        rms=norm / finite**0.5 if finite else float("nan"),
        top=top,
        zero=sum(q.zero * n for q, n in zip(parts, sizes, strict=True)) / many,
        above=sum(q.above * n for q, n in zip(parts, sizes, strict=True)) / many,
        positive=sum(q.positive * q.l1_norm for q in parts) / l1_norm if l1_norm else 0.0,
        nans=sum(q.nans for q in parts),
        infinities=sum(q.infinities for q in parts),
    )
