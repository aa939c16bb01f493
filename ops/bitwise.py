"""Bitwise operations on integers; they have no derivative."""

from graphcore import PRODUCT
from graphcore.extend import elementwise

__all__ = ["bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor"]

bitwise_and = elementwise(
    "bitwise_and",
    r"\operatorname{{and}}({x1:bare}, {x2:bare})",
    """Return the bits that are set in both.

    >>> bitwise_and([6, 5], 3)
    array([2, 1])
    """,
    arity=2,
    example=([6, 5, 12], [3, 1, 2]),
    flat=("x1", "x2"),
)

bitwise_or = elementwise(
    "bitwise_or",
    r"\operatorname{{or}}({x1:bare}, {x2:bare})",
    """Return the bits that are set in one of the two, or in both.

    >>> bitwise_or([6, 5], 3)
    array([7, 7])
    """,
    arity=2,
    example=([6, 5, 12], [3, 1, 2]),
    flat=("x1", "x2"),
)

bitwise_xor = elementwise(
    "bitwise_xor",
    r"\operatorname{{xor}}({x1:bare}, {x2:bare})",
    """Return the bits that are set in one of the two, and not in both.

    >>> bitwise_xor([6, 5], 3)
    array([5, 6])
    """,
    arity=2,
    example=([6, 5, 12], [3, 1, 2]),
    flat=("x1", "x2"),
)

bitwise_invert = elementwise(
    "bitwise_invert",
    r"\operatorname{{not}}({x:bare})",
    """Invert all bits: ``out = −x − 1`` for a signed integer.

    >>> bitwise_invert([0, 5])
    array([-1, -6])
    """,
    example=[6, -5, 0],
    flat="x",
)

bitwise_left_shift = elementwise(
    "bitwise_left_shift",
    r"{x1} \ll {x2:strict}",
    """Shift the bits left by ``x2``: ``out = x1 · 2^x2``.

    >>> bitwise_left_shift([6, 5], 2)
    array([24, 20])
    """,
    arity=2,
    example=([6, 5, 12], [3, 1, 2]),
    level=PRODUCT,
    flat=("x1", "x2"),
)

bitwise_right_shift = elementwise(
    "bitwise_right_shift",
    r"{x1} \gg {x2:strict}",
    """Shift the bits right by ``x2``: ``out = ⌊x1 / 2^x2⌋``.

    >>> bitwise_right_shift([6, -5], 1)
    array([ 3, -3])
    """,
    arity=2,
    example=([6, 5, 12], [3, 1, 2]),
    level=PRODUCT,
    flat=("x1", "x2"),
)
