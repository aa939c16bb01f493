"""Numbers as an explanation shows them: few digits, and a true minus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...autodiff.report import summary
from ...support import number_format


def format_number(value: Any) -> str:
    """Return a number as people write it.

    >>> format_number(-0.37051), format_number(3.0), format_number(1.5e-9), format_number(float("nan"))
    ('−0.3705', '3', '1.5·10⁻⁹', 'NaN')
    """
    return number_format.format_number(float(value) + 0.0)


def format_latex(value: Any) -> str:
    r"""Return a number in LaTeX.

    >>> format_latex(-0.37051), format_latex(1.5e-9)
    ('-0.3705', '1.5 \\cdot 10^{-9}')
    """
    return number_format.format_number(float(value) + 0.0, style="latex")


def format_index(entry: Iterable[Any]) -> str:
    """Return an index as it is written after a name; empty for a single number.

    >>> format_index((0, 2)), format_index(())
    ('[0,2]', '')
    """
    told = ",".join(map(str, entry))
    return f"[{told}]" if told else ""


def parenthesize(text: str) -> str:
    """Return a number as it stands in a product: a negative one in parentheses.

    >>> parenthesize("−2"), parenthesize("2")
    ('(−2)', '2')
    """
    return f"({text})" if text.startswith(("−", "-")) else text


def summarize(array: Any) -> str:
    """Return a number, or of an array its shape and size; of one that is the same everywhere, that number.

    >>> summarize(np.float64(0.5)), summarize(np.ones((3, 2))), summarize(np.array([3.0, 4.0]))
    ('0.5', '1 everywhere', '(2,) rms 3.5355')
    """
    if array.shape == ():
        return format_number(array)
    host = np.asarray(array)
    if host.size and np.all(host == host.flat[0]):
        return summarize_constant(format_number(host.flat[0]))
    return summary(array)


def summarize_constant(number: str) -> str:
    """Return the summary of an array whose entries are all the same number.

    >>> summarize_constant("1"), summarize_constant("0")
    ('1 everywhere', 'all zero')
    """
    return "all zero" if number == "0" else f"{number} everywhere"


def format_count(count: int) -> str:
    """Return a count as people read it, however large.

    >>> format_count(12345), format_count(2**60), format_count(10**5000)
    ('12 345', '1 152 921 504 606 846 976', 'about 10^5000')
    """
    if count.bit_length() > 100:
        return f"about 10^{round((count.bit_length() - 1) * 0.30102999566398120)}"
    return f"{count:,}".replace(",", " ")
