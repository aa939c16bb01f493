"""Numbers, shares and names as they are written in a picture."""

from __future__ import annotations

from graphcore.errors import shorten
from graphcore.extend import format_number

UP, DOWN = "▲", "▼"


def number(value: float, digits: int = 3) -> str:
    """A number with a true minus, and a power of ten where it is very large or very small.

    >>> number(-0.17345), number(3.0), number(1.2e-7), number(float("nan")), number(float("-inf"))
    ('−0.173', '3', '1.2·10⁻⁷', 'NaN', '−∞')
    >>> number(123456.0), number(-0.0)
    ('1.23·10⁵', '0')
    """
    return format_number(value + 0.0, digits, positional_below=5)


def signed(value: float, digits: int = 3) -> str:
    """A number with the glyph of its sign, so that nobody needs the colour.

    >>> signed(-0.173), signed(0.5), signed(0.0)
    ('▼ −0.173', '▲ 0.5', '0')
    >>> signed(float("nan"))
    'NaN'
    """
    glyph = f"{UP} " if value > 0 else f"{DOWN} " if value < 0 else ""
    return glyph + number(value, digits)


def share(part: float) -> str:
    """A share in percent; a little is not nothing, and nearly all is not all.

    >>> share(0.12), share(0.0), share(0.0004), share(0.9999), share(1.0)
    ('12 %', '0 %', '<1 %', '>99 %', '100 %')
    >>> share(0.005)
    '<1 %'
    """
    percent = part * 100
    if 0 < percent < 1:
        return "<1 %"
    return ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def total(terms: list[float], digits: int = 3, most: int = 6) -> str:
    """A sum written out; of a long one, its beginning and how many terms there are.

    >>> total([0.31, -0.12, 0.07])
    '0.31 − 0.12 + 0.07'
    >>> total([1.0] * 9, most=3)
    '1 + 1 + 1 + … (9 terms)'
    """
    text = ""
    for term in terms[:most]:
        if text:
            text += " − " if term < 0 else " + "
            term = abs(term)  # noqa: PLW2901
        text += number(term, digits)
    return text + (f" + … ({len(terms)} terms)" if len(terms) > most else "")


def count(how_many: int, what: str) -> str:
    """A count with its noun.

    >>> count(1, "node"), count(12345, "node")
    ('1 node', '12 345 nodes')
    >>> count(2, "box")
    '2 boxes'
    """
    ending = "" if how_many == 1 else "es" if what.endswith("x") else "s"
    return f"{how_many:,} {what}{ending}".replace(",", " ")


def times(shape: tuple[int | None, ...]) -> str:
    """A shape as people write it.

    >>> times((784, 30)), times((None, 3)), times((5,)), times(())
    ('784×30', 'any×3', '5', '')
    >>> times((0, 3))
    '0×3'
    """
    return "×".join("any" if n is None else str(n) for n in shape)


def text(words: str, limit: int = 28) -> str:
    r"""A user's text, short enough for a box.

    >>> text("z1"), text("two\nlines"), text("a" * 100, 10)
    ('z1', 'two\\nlines', 'aaaaaaaaa…')
    """
    return shorten(words, limit)
