"""Numbers, percentages and names as text."""

from __future__ import annotations

from graphcore.errors import shorten
from graphcore.extend import format_number

UP, DOWN = "▲", "▼"


def number(value: float, digits: int = 3) -> str:
    """Format a number with a true minus, and a power of ten where it is very large or very small.

    >>> number(-0.17345), number(3.0), number(1.2e-7), number(float("nan")), number(float("-inf"))
    ('−0.173', '3', '1.2·10⁻⁷', 'NaN', '−∞')
    >>> number(123456.0), number(-0.0)
    ('1.23·10⁵', '0')
    """
    return format_number(value + 0.0, digits, positional_below=5)


def format_signed(value: float, digits: int = 3) -> str:
    """Format a number with the glyph of its sign, so that the sign is readable without colour.

    >>> format_signed(-0.173), format_signed(0.5), format_signed(0.0)
    ('▼ −0.173', '▲ 0.5', '0')
    >>> format_signed(float("nan"))
    'NaN'
    """
    glyph = f"{UP} " if value > 0 else f"{DOWN} " if value < 0 else ""
    return glyph + number(value, digits)


def format_percent(part: float) -> str:
    """Format a fraction in percent; it is rounded neither to 0 % nor to 100 %.

    >>> format_percent(0.12), format_percent(0.0), format_percent(0.0004), format_percent(0.9999), format_percent(1.0)
    ('12 %', '0 %', '<1 %', '>99 %', '100 %')
    >>> format_percent(0.005)
    '<1 %'
    """
    percent = part * 100
    if 0 < percent < 1:
        return "<1 %"
    return ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def format_sum(terms: list[float], digits: int = 3, most: int = 6) -> str:
    """Write out a sum; a long one is cut, with its number of terms.

    >>> format_sum([0.31, -0.12, 0.07])
    '0.31 − 0.12 + 0.07'
    >>> format_sum([1.0] * 9, most=3)
    '1 + 1 + 1 + … (9 terms)'
    """
    text = ""
    for term in terms[:most]:
        if text:
            text += " − " if term < 0 else " + "
            term = abs(term)  # noqa: PLW2901
        text += number(term, digits)
    return text + (f" + … ({len(terms)} terms)" if len(terms) > most else "")


def format_count(how_many: int, what: str) -> str:
    """Format a count with its noun.

    >>> format_count(1, "node"), format_count(12345, "node")
    ('1 node', '12 345 nodes')
    >>> format_count(2, "box")
    '2 boxes'
    """
    ending = "" if how_many == 1 else "es" if what.endswith("x") else "s"
    return f"{how_many:,} {what}{ending}".replace(",", " ")


def format_shape(shape: tuple[int | None, ...]) -> str:
    """Format a shape as ``784×30``; that of a vector with a noun, so that it is not read as a number.

    >>> format_shape((784, 30)), format_shape((None, 3)), format_shape((5,)), format_shape(())
    ('784×30', 'any×3', '5 entries', '')
    >>> format_shape((0, 3)), format_shape((1,)), format_shape((None,))
    ('0×3', '1 entry', 'any number of entries')
    """
    if len(shape) == 1:
        (length,) = shape
        return "any number of entries" if length is None else "1 entry" if length == 1 else f"{length} entries"
    return "×".join("any" if n is None else str(n) for n in shape)


def text(words: str, limit: int = 28) -> str:
    r"""Shorten a user's text so that it fits a box.

    >>> text("z1"), text("two\nlines"), text("a" * 100, 10)
    ('z1', 'two\\nlines', 'aaaaaaaaa…')
    """
    return shorten(words, limit)
