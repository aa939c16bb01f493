"""Bitwise operations on integers; they have no derivative."""

from graphcore import PRODUCT
from graphcore.extend import elementwise

__all__ = ["bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor"]

INTEGERS = [6, 5, 12], [3, 1, 2]


@elementwise(r"\operatorname{{and}}({x1:bare}, {x2:bare})", flat=("x1", "x2"), example=INTEGERS)
def bitwise_and(x1, x2):
    """Return the bits that are set in both.

    >>> bitwise_and([6, 5], 3)
    array([2, 1])
    """


@elementwise(r"\operatorname{{or}}({x1:bare}, {x2:bare})", flat=("x1", "x2"), example=INTEGERS)
def bitwise_or(x1, x2):
    """Return the bits that are set in one of the two, or in both.

    >>> bitwise_or([6, 5], 3)
    array([7, 7])
    """


@elementwise(r"\operatorname{{xor}}({x1:bare}, {x2:bare})", flat=("x1", "x2"), example=INTEGERS)
def bitwise_xor(x1, x2):
    """Return the bits that are set in one of the two, and not in both.

    >>> bitwise_xor([6, 5], 3)
    array([5, 6])
    """


@elementwise(r"\operatorname{{not}}({x:bare})", flat="x", example=[6, -5, 0])
def bitwise_invert(x):
    """Invert all bits: ``out = −x − 1`` for a signed integer.

    >>> bitwise_invert([0, 5])
    array([-1, -6])
    """


@elementwise(r"{x1} \ll {x2:strict}", level=PRODUCT, flat=("x1", "x2"), example=INTEGERS)
def bitwise_left_shift(x1, x2):
    """Shift the bits left by ``x2``: ``out = x1 · 2^x2``.

    >>> bitwise_left_shift([6, 5], 2)
    array([24, 20])
    """


@elementwise(r"{x1} \gg {x2:strict}", level=PRODUCT, flat=("x1", "x2"), example=INTEGERS)
def bitwise_right_shift(x1, x2):
    """Shift the bits right by ``x2``: ``out = ⌊x1 / 2^x2⌋``.

    >>> bitwise_right_shift([6, -5], 1)
    array([ 3, -3])
    """
