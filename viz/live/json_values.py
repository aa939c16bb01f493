"""Numbers and arrays as JSON: exact values, and statistics in place of large arrays."""

from __future__ import annotations

import math
from typing import Any

from graphcore.extend import format_number

from ..format.array_summary import as_numpy
from ..format.array_summary import summarize as summarize_array
from ..format.numbers import format_shape, number

#: arrays of up to this many entries are stored entry for entry
MAX_ENTRIES = 256
#: significant digits of a stored entry, and the digits that the page shows
_DIGITS, _SHOWN_DIGITS = 7, (3, 4)

Json = dict[str, Any]


def to_json_number(value: float) -> float | str:
    """Return a number that JSON can hold; NaN and infinities become the strings that JavaScript parses.

    >>> to_json_number(0.1), to_json_number(3.0), to_json_number(float("nan")), to_json_number(float("-inf"))
    (0.1, 3, 'NaN', '-Infinity')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def round_digits(value: float, digits: int = _DIGITS) -> float | str:
    """Round to significant digits, for JSON.

    >>> round_digits(1 / 3), round_digits(-2.0, 3)
    (0.3333333, -2)
    """
    return to_json_number(float(format_number(value, digits, "ascii")) if math.isfinite(value) else value)


def round_to_span(value: float, span: float) -> float | str:
    """Round to a hundred-thousandth of a span, a small part of a pixel, for JSON.

    >>> round_to_span(0.123456789, 0.5), round_to_span(123.456789, 1e-1), round_to_span(4.0, 8.0), round_to_span(0.0, 0)
    (0.123457, 123.456789, 4, 0)
    """
    if not math.isfinite(value) or not span or not math.isfinite(span):
        return to_json_number(value)
    return to_json_number(round(value, 5 - math.floor(math.log10(span))))


def array_to_json(array: Any) -> Json:
    """Return a scalar as its number, an array as shape, statistics and, if there are few, entries.

    >>> import numpy as np
    >>> array_to_json(np.float64(0.25))
    {'scalar': 0.25}
    >>> array_to_json(np.array([3.0, 4.0]))
    {'shape': [2], 'summary': 'rms 3.5  largest 4', 'entries': [3, 4]}
    """
    host = as_numpy(array)
    if host.shape == ():
        return {"scalar": to_json_number(float(host))}
    found: Json = {"shape": list(host.shape), "summary": summarize(host)}
    if 0 < host.size <= MAX_ENTRIES:
        found["entries"] = [_round_entry(float(v)) for v in host.reshape(-1)]
    return found


def _round_entry(value: float) -> float | str:
    """Round an entry, unless rounding it again for display would then change a digit."""
    short = round_digits(value)
    if isinstance(short, str) or all(f"{value:.{n}g}" == f"{short:.{n}g}" for n in _SHOWN_DIGITS):
        return short
    return to_json_number(value)


def summarize(array: Any) -> str:
    """Return an array's statistics in one line, or its alarm.

    >>> import numpy as np
    >>> summarize(np.array([[1.0, -1.0]])), summarize(np.array([np.nan, 1.0]))
    ('rms 1  largest 1', 'NaN: 1 of 2')
    """
    measured = summarize_array(array)
    if measured.alarm_text:
        return measured.alarm_text
    if 0 in measured.shape:
        return "empty"
    if measured.single is not None:
        return number(measured.single, 4)
    return measured.statistics(brief=True)


def contribution_to_json(array: Any) -> Json:
    """Return a contribution: the number, or an array's shape and statistics.

    >>> import numpy as np
    >>> contribution_to_json(np.float64(-0.25)), contribution_to_json(np.ones((3, 2)))
    ({'scalar': -0.25}, {'summary': '3×2, rms 1, largest 1'})
    """
    host = as_numpy(array)
    if host.shape == ():
        return {"scalar": round_digits(float(host), 17)}
    return {"summary": f"{format_shape(host.shape)}, {', '.join(summarize(host).split('  '))}"}
