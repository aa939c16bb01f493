"""Elementwise sums, products and powers, with broadcasting."""

import numpy as np

from graphcore import POWER, PREFIX, PRODUCT, SUM, op
from graphcore.extend import safe_multiply

from .select import propagate_nan

__all__ = ["add", "divide", "multiply", "negative", "pow", "pow_log", "square", "subtract"]

NUMBERS = [[0.5, -1.5], [0.25, 2.0]]

#: meaning of the other factor of a product, by the kind of the argument that is nudged
OF_A_PRODUCT = {
    "parameter": "how active the input was",
    "beside a parameter": "how strong the connection is",
    "else": "the other factor",
}


@op("{x1} + {x2}", level=SUM, example=(NUMBERS, [1.5, 0.75]), primitive=True)
def add(x1, x2):
    """Add: ``out = x1 + x2``.

    >>> add([1.0, 2.0], 10.0)
    array([11., 12.])
    """
    return x1 + x2


@add.local("x1", "x2", meaning="passes the nudge through unchanged (×1)")
def dadd_dx():
    return 1


@op("{x1} - {x2:strict}", level=SUM, example=(NUMBERS, [1.5, 0.75]), primitive=True)
def subtract(x1, x2):
    """Subtract: ``out = x1 − x2``.

    >>> subtract([1.0, 2.0], 10.0)
    array([-9., -8.])
    """
    return x1 - x2


@subtract.local("x1", meaning="passes the nudge through unchanged (×1)")
def dsubtract_dx1():
    return 1


@subtract.local("x2", meaning="a nudge is turned around")
def dsubtract_dx2():
    return -1


@op(
    r"{x1} \odot {x2}",
    level=PRODUCT,
    scalar=r"{x1} \cdot {x2}",
    local={"x1": lambda x2: x2, "x2": lambda x1: x1},
    meaning=OF_A_PRODUCT,
    zeros="factor",
    example=(NUMBERS, [1.5, 0.75]),
    primitive=True,
)
def multiply(x1, x2):
    """Multiply elementwise: ``out = x1 · x2``.

    >>> multiply([1.0, 2.0], [3.0, 4.0])
    array([3., 8.])
    """
    return x1 * x2


@op(
    r"\frac{{{x1:bare}}}{{{x2:bare}}}",
    level=PRODUCT,
    local={"x1": lambda x2: 1 / x2, "x2": lambda x2, out: -out / x2},
    example=(NUMBERS, [1.5, -0.75]),
    primitive=True,
)
def divide(x1, x2):
    """Divide: ``out = x1 / x2``. A division by zero is infinite, 0/0 is NaN.

    >>> divide([1.0, 2.0], 4.0)
    array([0.25, 0.5 ])
    """
    return x1 / x2


@op("-{x:strict}", level=PREFIX, local=lambda: -1, meaning="a nudge is turned around", primitive=True)
def negative(x):
    """Negate: ``out = −x``.

    >>> negative([1.0, -2.0])
    array([-1.,  2.])
    """
    return -x


negative.example([0.5, -1.5])


@op("{x1:strict}^{{{x2:bare}}}", level=POWER, primitive=True)
def pow(x1, x2, *, xp):
    """Raise a base to an exponent: ``out = x1 ** x2``. A negative base needs an integer exponent, else NaN.

    ``x ** 0`` is 1 with derivative 0 for every x, zero included.

    >>> pow([1.0, 2.0, -3.0], 2.0)
    array([1., 4., 9.])
    """
    power = x1**x2
    root = xp is np and np.equal(x2, 0.5)
    if np.any(root):  # numpy may take a square root here, which is NaN for minus infinity
        return np.where(root & np.equal(x1, -np.inf), np.inf, power)[()]
    return power


@pow.local("x1")
def dpow_dx1(x1, x2):
    return safe_multiply(x2, pow(x1, x2 - 1))  # an exponent of 0 stays 0 where 1 / x is infinite


@pow.local("x2")
def dpow_dx2(x1, x2):
    return pow_log(x1, x2)


pow.example([[0.5, 1.5], [0.25, 2.0]], [2.0, -0.75])
pow.example([0.5, 1.5, 2.0], 0.0)


@op(r"{x1:strict}^{{{x2:bare}}} \ln({x1:bare})", level=PRODUCT, example=([[0.5, 1.5], [0.25, 2.0]], [2.0, -0.75]))
def pow_log(x1, x2, *, xp):
    """Return the derivative of a power by its exponent: ``out = x1 ** x2 · ln x1``. At ``x1 = 0`` 0 if the power is 0.

    >>> pow_log([0.5, 1.0, 2.0], 2.0)
    array([-0.1732868 ,  0.        ,  2.77258872])
    """
    logarithm = xp.log(x1)
    return safe_multiply(propagate_nan(x1, logarithm) ** x2, logarithm)


@pow_log.local("x1")
def dpow_log_dx1(x1, x2, out, xp):
    # NaN where the power has no logarithm
    return safe_multiply(propagate_nan(x1, out) ** (x2 - 1), safe_multiply(x2, xp.log(x1)) + 1)


@pow_log.local("x2")
def dpow_log_dx2(x1, out, xp):
    return safe_multiply(out, xp.log(x1))


@op("{x:strict}^2", level=POWER, local=lambda x: 2 * x, example=[0.5, -1.5, 0.0])
def square(x):
    """Square: ``out = x²``.

    >>> square([1.0, -2.0])
    array([1., 4.])
    """
    return x * x
