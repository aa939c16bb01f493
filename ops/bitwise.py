"""Whole numbers as rows of bits: what processors do with them, and no derivative can see."""

from graphcore import PRODUCT, op


@op(r"\operatorname{{and}}({x1:bare}, {x2:bare})", elementwise=True)
def bitwise_and(x1, x2, *, xp):
    """The bits that both have.

    >>> bitwise_and([6, 5], 3)
    array([2, 1])
    """
    return xp.bitwise_and(x1, x2)


@op(r"\operatorname{{or}}({x1:bare}, {x2:bare})", elementwise=True)
def bitwise_or(x1, x2, *, xp):
    """The bits that one of two has, or both.

    >>> bitwise_or([6, 5], 3)
    array([7, 7])
    """
    return xp.bitwise_or(x1, x2)


@op(r"\operatorname{{xor}}({x1:bare}, {x2:bare})", elementwise=True)
def bitwise_xor(x1, x2, *, xp):
    """The bits that one of two has, and not both.

    >>> bitwise_xor([6, 5], 3)
    array([5, 6])
    """
    return xp.bitwise_xor(x1, x2)


@op(r"\operatorname{{not}}({x:bare})", elementwise=True)
def bitwise_invert(x, *, xp):
    """The bits that it has not: ``out = −x − 1`` for a signed number.

    >>> bitwise_invert([0, 5])
    array([-1, -6])
    """
    return xp.bitwise_invert(x)


@op(r"{x1} \ll {x2:strict}", level=PRODUCT, elementwise=True)
def bitwise_left_shift(x1, x2, *, xp):
    """Every bit ``x2`` places up: ``out = x1 · 2^x2``.

    >>> bitwise_left_shift([6, 5], 2)
    array([24, 20])
    """
    return xp.bitwise_left_shift(x1, x2)


@op(r"{x1} \gg {x2:strict}", level=PRODUCT, elementwise=True)
def bitwise_right_shift(x1, x2, *, xp):
    """Every bit ``x2`` places down: ``out = ⌊x1 / 2^x2⌋``.

    >>> bitwise_right_shift([6, -5], 1)
    array([ 3, -3])
    """
    return xp.bitwise_right_shift(x1, x2)


for operation in (bitwise_and, bitwise_or, bitwise_xor, bitwise_left_shift, bitwise_right_shift):
    operation.flat("x1", "x2")
    operation.example([6, 5, 12], [3, 1, 2])
bitwise_invert.flat("x")
bitwise_invert.example([6, -5, 0])
