"""Error function, and the activation that is made of it.

numpy has no error function. scipy's is used where scipy is installed, and otherwise Python's own, elementwise.
"""

import importlib
import importlib.util
import math
import sys

import numpy as np

from graphcore.extend import float_op

from .activation import sigmoid

__all__ = ["erf", "erf_derivative", "erfc", "gelu"]


@float_op(local=lambda x: erf_derivative(x), example=[0.5, -1.25, 0.0])
def erf(x, *, xp):
    """Return the error function: ``out = 2/√π ∫₀ˣ e^(−t²) dt``.

    >>> erf([0.0, 1.0])
    array([0.        , 0.84270079])
    """
    return special("erf", x, xp)


@float_op(local=lambda x: -erf_derivative(x), example=[0.5, -1.25, 0.0])
def erfc(x, *, xp):
    """Return the complementary error function: ``out = 1 − erf x``, exact where the subtraction is not.

    >>> erfc([0.0, 10.0])
    array([1.00000000e+00, 2.08848758e-45])
    """
    return special("erfc", x, xp)


@float_op(
    r"\frac{{2}}{{\sqrt{{\pi}}}} e^{{-{x:strict}^2}}",
    level=3,
    local=lambda x, out: -2 * x * out,
    example=[0.5, -1.25, 0.0],
)
def erf_derivative(x, *, xp):
    """Return the derivative of `erf`: ``out = 2/√π e^(−x²)``.

    >>> erf_derivative([0.0, 1.0])
    array([1.12837917, 0.4151075 ])
    """
    return 2 / math.sqrt(math.pi) * xp.exp(-x * x)


@float_op
def gelu(z, *, approximate="none"):
    """Return the Gaussian error linear unit: ``out = z Φ(z)``, with the normal distribution function Φ.

    With ``approximate="tanh"``, ``out = z/2 (1 + tanh(√(2/π) (z + 0.044715 z³)))``.

    >>> gelu([-2.0, 0.0, 2.0])
    array([-0.04550026,  0.        ,  1.95449974])
    """
    return z * (0.5 * erfc(z * -math.sqrt(0.5)) if is_exact(approximate) else sigmoid(bend(z)))


@gelu.local("z")
def dgelu_dz(z, approximate, xp):
    if is_exact(approximate):
        return 0.5 * erfc(z * -math.sqrt(0.5)) + z * (erf_derivative(z * math.sqrt(0.5)) * (0.5 * math.sqrt(0.5)))
    near = xp.minimum(xp.maximum(z, -LEVEL * xp.ones_like(z)), LEVEL * xp.ones_like(z))
    share = sigmoid(bend(near))
    slope = 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * near * near)
    return share + near * share * sigmoid(-bend(near)) * slope


for form in ("none", "tanh"):
    gelu.example([[0.5, -1.5], [0.25, 2.0]], approximate=form)

#: beyond it the sigmoid is 0 or 1 in every float
LEVEL = 30.0


def bend(z):
    """Return the argument of the sigmoid in the tanh form: twice the argument of the tanh."""
    return 2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)


def is_exact(approximate):
    """Return ``True`` for the exact form. Raises `ValueError` for an unknown form."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is 'none' or 'tanh'; got {approximate!r}")
    return approximate == "none"


def special(name, x, xp):
    """Call a special function that the Array API standard lacks, in the array's own library."""
    library = type(x).__module__.partition(".")[0]
    if library == "torch":
        return getattr(sys.modules["torch"].special, name)(x)
    if library in ("jax", "jaxlib"):
        return getattr(importlib.import_module("jax.scipy.special"), name)(x)
    found = by_scipy(name, x) if importlib.util.find_spec("scipy") else by_python(name, x)
    return xp.asarray(found, dtype=x.dtype)[()] if xp is np else xp.asarray(found, dtype=x.dtype)


def by_scipy(name, x):
    """Return the function of the whole array, by scipy."""
    return getattr(importlib.import_module("scipy.special"), name)(np.asarray(x))


def by_python(name, x):
    """Return the function elementwise, by Python's own.

    >>> by_python("erf", np.array([0.0, 1.0]))
    array([0.        , 0.84270079])
    """
    return np.vectorize(getattr(math, name), otypes=["float64"])(np.asarray(x))
