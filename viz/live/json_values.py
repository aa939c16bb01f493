"""Numbers and arrays as the page holds them: exact, in JSON, with the statistics that stand for what is too large."""

from __future__ import annotations

import math
from typing import Any

from ..format.array_summary import as_numpy, measure
from ..format.numbers import number, times

#: arrays of no more entries than this are held whole
WHOLE = 256
#: digits of an array's entry, and how many of them are shown
_DIGITS, _SHOWN = 7, (3, 4)

Json = dict[str, Any]


def exact(value: float) -> float | str:
    """A number that JSON can hold; what it cannot is spelled as JavaScript reads it.

    >>> exact(0.1), exact(3.0), exact(float("nan")), exact(float("-inf"))
    (0.1, 3, 'NaN', '-Infinity')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def rounded(value: float, digits: int = _DIGITS) -> float | str:
    """The same with fewer digits.

    >>> rounded(1 / 3), rounded(-2.0, 3)
    (0.3333333, -2)
    """
    return exact(float(f"{value:.{digits}g}")) if math.isfinite(value) else exact(value)


def stepped(value: float, span: float) -> float | str:
    """A number to a hundred-thousandth of what it moves within, which is a small part of a pixel.

    >>> stepped(0.123456789, 0.5), stepped(123.456789, 1e-1), stepped(4.0, 8.0), stepped(0.0, 0.0)
    (0.123457, 123.456789, 4, 0)
    """
    if not math.isfinite(value) or not span:
        return exact(value)
    return exact(round(value, 5 - math.floor(math.log10(span))))


def quantity(array: Any) -> Json:
    """A value or a gradient: the number itself, or an array's shape, statistics, and entries if they are few.

    >>> import numpy as np
    >>> quantity(np.float64(0.25))
    {'one': 0.25}
    >>> quantity(np.array([3.0, 4.0]))
    {'shape': [2], 'about': 'rms 3.5  max 4', 'entries': [3, 4]}
    """
    host = as_numpy(array)
    if host.shape == ():
        return {"one": exact(float(host))}
    found: Json = {"shape": list(host.shape), "about": about(host)}
    if 0 < host.size <= WHOLE:
        found["entries"] = [_entry(float(v)) for v in host.reshape(-1)]
    return found


def _entry(value: float) -> float | str:
    """An entry in few digits, or in all where rounding twice would change a digit that is shown."""
    short = rounded(value)
    if isinstance(short, str) or all(f"{value:.{n}g}" == f"{short:.{n}g}" for n in _SHOWN):
        return short
    return exact(value)


def about(array: Any) -> str:
    """An array in one line, or its alarm.

    >>> import numpy as np
    >>> about(np.array([[1.0, -1.0]])), about(np.array([np.nan, 1.0]))
    ('rms 1  max 1', 'NaN: 1 of 2')
    """
    measured = measure(array)
    if measured.loud:
        return measured.loud
    if 0 in measured.shape:
        return "empty"
    if measured.single is not None:
        return number(measured.single, 4)
    return measured.statistics(brief=True)


def brief(array: Any) -> str:
    """A number, or an array's shape and size, in the words of a sentence.

    >>> import numpy as np
    >>> brief(np.float64(-0.25)), brief(np.ones((3, 2)))
    ('−0.25', '3×2, rms 1, max 1')
    """
    host = as_numpy(array)
    if host.shape == ():
        return number(float(host), 4)
    return f"{times(host.shape)}, {', '.join(about(host).split('  '))}"
