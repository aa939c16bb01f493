"""Elementwise comparison and boolean logic, which have no derivative."""

from graphcore import op
from graphcore.extend import elementwise

__all__ = [
    "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_not", "logical_or",
    "logical_xor", "not_equal",
]  # fmt: skip

NUMBERS = [[0.5, -1.5], [0.25, 2.0]], [1.5, -1.5]
BOOLEANS = [True, False, True], [True, True, False]


@elementwise("{x1} = {x2}", level=0, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def equal(x1, x2):
    """Return ``True`` where two entries are equal.

    >>> equal([1.0, 2.0], [1.0, 3.0])
    array([ True, False])
    """


@elementwise(r"{x1} \ne {x2}", level=0, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def not_equal(x1, x2):
    """Return ``True`` where two entries differ.

    >>> not_equal([1.0, 2.0], [1.0, 3.0])
    array([False,  True])
    """


@op("{x1} > {x2}", level=0, elementwise=True, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def greater(x1, x2):
    """Return ``True`` where the first entry is larger.

    >>> greater([1.0, 4.0], [2.0, 3.0])
    array([False,  True])
    """
    return x1 > x2


@op(r"{x1} \ge {x2}", level=0, elementwise=True, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def greater_equal(x1, x2):
    """Return ``True`` where the first entry is larger or equal.

    >>> greater_equal([1.0, 3.0], [2.0, 3.0])
    array([False,  True])
    """
    return x1 >= x2


@op("{x1} < {x2}", level=0, elementwise=True, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def less(x1, x2):
    """Return ``True`` where the first entry is smaller.

    >>> less([1.0, 4.0], [2.0, 3.0])
    array([ True, False])
    """
    return x1 < x2


@op(r"{x1} \le {x2}", level=0, elementwise=True, flat=("x1", "x2"), example=NUMBERS, primitive=True)
def less_equal(x1, x2):
    """Return ``True`` where the first entry is smaller or equal.

    >>> less_equal([1.0, 3.0], [2.0, 3.0])
    array([ True,  True])
    """
    return x1 <= x2


@elementwise(r"{x1} \land {x2}", level=0, flat=("x1", "x2"), example=BOOLEANS, primitive=True)
def logical_and(x1, x2):
    """Return ``True`` where both are true.

    >>> logical_and([True, True], [True, False])
    array([ True, False])
    """


@elementwise(r"{x1} \lor {x2}", level=0, flat=("x1", "x2"), example=BOOLEANS, primitive=True)
def logical_or(x1, x2):
    """Return ``True`` where at least one is true.

    >>> logical_or([True, False], [True, False])
    array([ True, False])
    """


@elementwise(r"{x1} \oplus {x2}", level=0, flat=("x1", "x2"), example=BOOLEANS, primitive=True)
def logical_xor(x1, x2):
    """Return ``True`` where exactly one is true.

    >>> logical_xor([True, True], [True, False])
    array([False,  True])
    """


@elementwise(r"\lnot {x:strict}", level=1, flat="x", example=[True, False], primitive=True)
def logical_not(x):
    """Return ``True`` where the entry is false.

    >>> logical_not([True, False])
    array([False,  True])
    """
