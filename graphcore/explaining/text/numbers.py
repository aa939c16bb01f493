"""Numbers as an explanation shows them: few digits, and a true minus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...autodiff.report import summary

_DIGITS = 4


def plain(value: Any) -> str:
    """A number as people write it.

    >>> plain(-0.37051), plain(3.0), plain(1.5e-9), plain(float("nan")), plain(-0.0)
    ('−0.3705', '3', '1.5·10⁻⁹', 'NaN', '0')
    """
    text = f"{float(value) + 0.0:.{_DIGITS}g}".replace("nan", "NaN").replace("inf", "∞")
    mantissa, e, exponent = text.partition("e")
    if e:
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return mantissa.replace("-", "−") + "·10" + raised
    return text.replace("-", "−")


def latex(value: Any) -> str:
    r"""A number in LaTeX.

    >>> latex(-0.37051), latex(1.5e-9)
    ('-0.3705', '1.5 \\cdot 10^{-9}')
    """
    text = f"{float(value) + 0.0:.{_DIGITS}g}".replace("nan", r"\mathrm{NaN}").replace("inf", r"\infty")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text


def place(entry: Iterable[Any]) -> str:
    """Where an entry stands in an array, as it is written behind its name; nothing for a single number.

    >>> place((0, 2)), place(())
    ('[0,2]', '')
    """
    told = ",".join(map(str, entry))
    return f"[{told}]" if told else ""


def held(text: str) -> str:
    """A number as it stands in a product: a negative one in parentheses.

    >>> held("−2"), held("2")
    ('(−2)', '2')
    """
    return f"({text})" if text.startswith(("−", "-")) else text


def brief(array: Any) -> str:
    """A number, or of an array its shape and size; of one that is the same everywhere, that number.

    >>> brief(np.float64(0.5)), brief(np.ones((3, 2))), brief(np.array([3.0, 4.0]))
    ('0.5', '1 everywhere', '(2,) rms 3.5355')
    """
    if array.shape == ():
        return plain(array)
    host = np.asarray(array)
    if host.size and np.all(host == host.flat[0]):
        return f"{plain(host.flat[0])} everywhere"
    return summary(array)


def show_count(count: int) -> str:
    """A count as people read it, however large.

    >>> show_count(12345), show_count(2**60), show_count(10**5000)
    ('12 345', '1 152 921 504 606 846 976', 'about 10^5000')
    """
    if count.bit_length() > 100:
        return f"about 10^{round((count.bit_length() - 1) * 0.30102999566398120)}"
    return f"{count:,}".replace(",", " ")
