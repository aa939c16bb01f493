"""What a picture says of one array: the number itself, or a few statistics and a grid of cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .heatmap import Cells, cells
from .numbers import DOWN, UP, number, share, signed, times


@dataclass(frozen=True)
class Quantity:
    """A value, a gradient or a contribution, measured.

    >>> measure(np.array([[0.0, 3.0], [-4.0, 0.0]])).statistics()
    '2×2  rms 2.5  max −4  0: 50 %'
    >>> measure(2.5).single
    2.5
    """

    shape: tuple[int, ...]
    #: the number, if there is only one
    single: float | None = None
    #: √Σv², of the finite entries
    norm: float = 0.0
    #: Σ|v|, likewise
    heft: float = 0.0
    rms: float = 0.0
    #: the finite entry of largest size, with its sign
    top: float = 0.0
    #: shares of the entries, from 0 to 1
    zero: float = 0.0
    above: float = 0.0
    #: how much of Σ|v| is positive
    positive: float = 0.0
    nans: int = 0
    infinities: int = 0
    grid: Cells = field(default=(), repr=False)

    @property
    def loud(self) -> str:
        """The alarm for what is not a finite number; empty if all is well.

        >>> measure([1.0, float("nan"), float("inf")]).loud
        'NaN: 1 of 3   ∞: 1 of 3'
        >>> measure(1.0).loud
        ''
        """
        found = [(sign, n) for sign, n in (("NaN", self.nans), ("∞", self.infinities)) if n]
        if self.single is not None:
            return number(self.single) if found else ""
        return "   ".join(f"{sign}: {n} of {math.prod(self.shape)}" for sign, n in found)

    @property
    def dead(self) -> bool:
        """Whether nothing but zeros is in it.

        >>> measure([0.0, 0.0]).dead, measure([0.0, 1e-300]).dead
        (True, False)
        """
        return not (self.top or self.nans or self.infinities)

    def statistics(self, digits: int = 3, *, brief: bool = False) -> str:
        """One line: shape, root mean square, largest entry and share of zeros; ``brief`` is size alone.

        >>> q = measure(np.eye(2))
        >>> q.statistics(), q.statistics(brief=True)
        ('2×2  rms 0.71  max 1  0: 50 %', 'rms 0.71  max 1')
        >>> measure(np.ones((0, 3))).statistics()
        '0×3  empty'
        """
        if 0 in self.shape:
            return f"{times(self.shape)}  empty"
        short = 2 if digits == 3 else digits
        parts = [times(self.shape)] if not brief else []
        if self.rms == self.rms:  # some entry is finite
            parts += [f"rms {number(self.rms, short)}", f"max {number(self.top, short)}"]
        parts += [f"0: {share(self.zero)}"] if self.zero and not brief else []
        return "  ".join(parts)

    def signs(self) -> str:
        """Which entries pull upward and which downward.

        >>> measure([1.0, 2.0, -1.0, 0.0]).signs()
        '▲ 50 %  ▼ 25 %  0: 25 %'
        >>> measure([1.0, 2.0]).signs()
        '▲ 100 %'
        """
        below = max(0.0, 1 - self.above - self.zero)
        parts = [(UP, self.above), (DOWN, below if below > 1e-12 else 0.0), ("0:", self.zero)]
        return "  ".join(f"{glyph} {share(part)}" for glyph, part in parts if part)

    def brief(self, digits: int = 3) -> str:
        """The number with its sign, or the size of an array.

        >>> measure(-2.0).brief(), measure([3.0, 4.0]).brief()
        ('▼ −2', 'rms 3.54')
        """
        if self.single is not None:
            return signed(self.single, digits)
        return self.loud or f"rms {number(self.rms, digits)}"


def measure(array: Any, *, grid: bool = False) -> Quantity:
    """Measure an array of any library; ``grid=True`` also makes the cells of a heat map.

    >>> q = measure(np.array([1.0, -3.0]), grid=True)
    >>> q.top, q.positive, q.grid
    (-3.0, 0.25, ((1.0, -3.0),))
    >>> round(measure([1e200, 1e200]).norm / 1e200, 3)
    1.414
    """
    host = as_numpy(array)
    if host.size == 0:
        return Quantity(host.shape)
    if host.size == 1:
        return _measure_number(float(host.reshape(-1)[0]), host.shape)
    finite = np.isfinite(host)
    sound = host if finite.all() else np.where(finite, host, 0.0)
    high, low = float(sound.max()), float(sound.min())
    top = high if high >= -low else low
    # relative to the largest entry, so that no square is too large or too small for a float
    scaled = np.abs(sound).astype("float64") / abs(top) if top else np.zeros(1)
    finite_count = int(np.count_nonzero(finite))
    norm = float(np.sqrt(np.sum(scaled * scaled))) * abs(top)
    heft = float(np.sum(scaled))
    nans = int(np.count_nonzero(np.isnan(host)))
    return Quantity(
        shape=host.shape,
        norm=norm,
        heft=heft * abs(top),
        rms=norm / finite_count**0.5 if finite_count else float("nan"),
        top=top,
        zero=1 - float(np.count_nonzero(host)) / host.size,
        above=float(np.count_nonzero(host > 0)) / host.size,
        positive=float(np.sum(scaled, where=sound > 0)) / heft if top else 0.0,
        nans=nans,
        infinities=host.size - finite_count - nans,
        grid=cells(host) if grid else (),
    )


def _measure_number(value: float, shape: tuple[int, ...]) -> Quantity:
    """The same for one number, and much faster: folded pictures measure many."""
    top = value if math.isfinite(value) else 0.0
    size = abs(top)
    rms = size if math.isfinite(value) else math.nan
    nans = int(math.isnan(value))
    above = float(value > 0)
    return Quantity(
        shape, value, size, size, rms, top, float(value == 0), above, float(top > 0), nans, int(math.isinf(value))
    )


def as_numpy(array: Any) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """An array of any library on any device, as floats that numpy can read.

    >>> as_numpy([1, 2])
    array([1., 2.])
    >>> as_numpy(np.float32(2.0)).dtype
    dtype('float32')
    """
    if hasattr(array, "detach"):  # torch keeps an array that is on another device, or followed by its own autograd
        array = array.detach().cpu()
    host = np.asarray(array)
    return host if host.dtype in (np.float32, np.float64) else host.astype("float64")


def together(parts: list[Quantity]) -> Quantity:
    """Several arrays as one long array.

    >>> q = together([measure([3.0, 0.0]), measure([[-4.0]])])
    >>> q.norm, q.top, round(q.zero, 3), q.shape
    (5.0, -4.0, 0.333, (3,))
    >>> together([]).dead
    True
    """
    sizes = [math.prod(q.shape) for q in parts]
    many = sum(sizes)
    if not many:
        return Quantity((0,))
    norm = float(np.linalg.norm([q.norm for q in parts]))
    top = max((q.top for q in parts), key=abs)
    heft = sum(q.heft for q in parts)
    finite = many - sum(q.nans + q.infinities for q in parts)
    return Quantity(
        shape=(many,),
        norm=norm,
        heft=heft,
        rms=norm / finite**0.5 if finite else float("nan"),
        top=top,
        zero=sum(q.zero * n for q, n in zip(parts, sizes, strict=True)) / many,
        above=sum(q.above * n for q, n in zip(parts, sizes, strict=True)) / many,
        positive=sum(q.positive * q.heft for q in parts) / heft if heft else 0.0,
        nans=sum(q.nans for q in parts),
        infinities=sum(q.infinities for q in parts),
    )
