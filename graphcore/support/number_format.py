"""Numbers as text: the same digits in plain ASCII, in Unicode and in LaTeX."""

from __future__ import annotations

from typing import Any, Literal

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(
    value: Any,
    digits: int = 4,
    style: Literal["ascii", "unicode", "latex"] = "unicode",
    *,
    positional_below: int = 0,
) -> str:
    r"""Return a number in so many significant digits.

    ``"unicode"`` has a true minus and a raised exponent. Exponents from 0 up to ``positional_below`` are written out.

    >>> format_number(-0.37051), format_number(1.5e-9), format_number(float("nan"))
    ('−0.3705', '1.5·10⁻⁹', 'NaN')
    >>> format_number(-1234567.0, 5, "ascii"), format_number(1.5e-9, style="latex")
    ('-1.2346e+06', '1.5 \\cdot 10^{-9}')
    >>> format_number(1234.0, 3), format_number(1234.0, 3, positional_below=5)
    ('1.23·10³', '1230')
    """
    text = f"{float(value):.{digits}g}"
    if style == "ascii":
        return text
    mantissa, _, exponent = text.partition("e")
    if exponent and 0 <= int(exponent) < positional_below:
        mantissa, exponent = f"{float(text):.0f}", ""
    if style == "latex":
        mantissa = mantissa.replace("nan", r"\mathrm{NaN}").replace("inf", r"\infty")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    mantissa = mantissa.replace("nan", "NaN").replace("inf", "∞").replace("-", "−")
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}" if exponent else mantissa
