"""The bell curve and what comes of it: the error function and the unit that weighs its input by it.

numpy has no error function. scipy's is used where scipy is installed, and otherwise Python's own, entry by entry.
"""

import importlib
import importlib.util
import math
import sys

import numpy as np

from graphcore import op

from .activation import sigmoid


@op(r"\operatorname{{erf}}({x:bare})", promote_integers=True)
def erf(x, *, xp):
    """How much of a bell curve lies within ``x`` of its middle: ``out = 2/√π ∫₀ˣ e^(−t²) dt``.

    >>> erf([0.0, 1.0])
    array([0.        , 0.84270079])
    """
    return special("erf", x, xp)


@erf.local("x")
def derf_dx(x):
    return erf_derivative(x)


@op(r"\operatorname{{erfc}}({x:bare})", promote_integers=True)
def erfc(x, *, xp):
    """How much lies beyond: ``out = 1 − erf x``, exact where that is too near to 0 for the subtraction.

    >>> erfc([0.0, 10.0])
    array([1.00000000e+00, 2.08848758e-45])
    """
    return special("erfc", x, xp)


@erfc.local("x")
def derfc_dx(x):
    return -erf_derivative(x)


@op(r"\frac{{2}}{{\sqrt{{\pi}}}} e^{{-{x:strict}^2}}", level=3, promote_integers=True)
def erf_derivative(x, *, xp):
    """The bell curve itself: ``out = 2/√π e^(−x²)``, the slope of `erf`.

    >>> erf_derivative([0.0, 1.0])
    array([1.12837917, 0.4151075 ])
    """
    return 2 / math.sqrt(math.pi) * xp.exp(-x * x)


@erf_derivative.local("x")
def dbell_dx(x, out):
    return -2 * x * out


@op(r"\operatorname{{gelu}}({z:bare})", promote_integers=True)
def gelu(z, *, approximate="none"):
    """Let through as much as is likely: ``out = z Φ(z)``, Φ being the share of a bell curve that lies below ``z``.

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


#: beyond it the share is 0 or 1 in every float
LEVEL = 30.0


def bend(z):
    """What the tanh form squashes, for a sigmoid: twice the argument of the tanh."""
    return 2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)


def is_exact(approximate):
    """Whether the exact form is meant. Raises `ValueError` for what is no form."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is 'none' or 'tanh'; got {approximate!r}")
    return approximate == "none"


def special(name, x, xp):
    """A function that the Array API standard lacks, from where each array library has it."""
    library = type(x).__module__.partition(".")[0]
    if library == "torch":
        return getattr(sys.modules["torch"].special, name)(x)
    if library in ("jax", "jaxlib"):
        return getattr(importlib.import_module("jax.scipy.special"), name)(x)
    found = by_scipy(name, x) if importlib.util.find_spec("scipy") else by_python(name, x)
    return xp.asarray(found, dtype=x.dtype)[()] if xp is np else xp.asarray(found, dtype=x.dtype)


def by_scipy(name, x):
    """The whole array at once."""
    return getattr(importlib.import_module("scipy.special"), name)(np.asarray(x))


def by_python(name, x):
    """Entry by entry.

    >>> by_python("erf", np.array([0.0, 1.0]))
    array([0.        , 0.84270079])
    """
    return np.vectorize(getattr(math, name), otypes=["float64"])(np.asarray(x))


for function in (erf, erfc, erf_derivative):
    function.example([0.5, -1.25, 0.0])
for form in ("none", "tanh"):
    gelu.example([[0.5, -1.5], [0.25, 2.0]], approximate=form)
