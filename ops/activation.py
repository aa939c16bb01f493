"""Activation functions: sigmoid, relu, softmax and their relatives."""

from graphcore import SUM, errors, op
from graphcore.extend import float_op

from .reduce import accumulation_dtype, axes_of, max_keepdims
from .select import difference

__all__ = [
    "elu", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid", "mish", "relu", "selu", "sigmoid",
    "sigmoid_complement", "silu", "softmax", "softplus", "softsign",
]  # fmt: skip

NUMBERS = [[0.5, -1.5], [0.25, 2.0]]
SCORES = [[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]]

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

#: meaning of the slope of an activation
RESPONSE = "how responsive the neuron is"


@float_op(
    r"\sigma({z:bare})",
    local=lambda z, out: out * sigmoid_complement(z),
    meaning=RESPONSE,
    example=NUMBERS,
    primitive="logistic",
)
def sigmoid(z, *, xp):
    """Map the real line to (0, 1): ``out = σ(z) = 1 / (1 + e⁻ᶻ)``. Never overflows.

    >>> sigmoid([-1000.0, 0.0, 2.0])
    array([0.        , 0.5       , 0.88079708])
    """
    e = xp.exp(-xp.abs(z))  # at most 1: nothing overflows, and small results keep all their digits
    return xp.where(z >= 0, 1.0, e) / (1 + e)


@float_op(
    r"1 - \sigma({z:bare})",
    level=SUM,
    local=lambda z, out: -out * sigmoid(z),
    example=NUMBERS,
    primitive="logistic_complement",
)
def sigmoid_complement(z, *, xp):
    """Return ``out = 1 − σ(z) = σ(−z)``, exact where σ(z) is too near to 1 for the subtraction.

    >>> sigmoid_complement([0.0, 40.0])
    array([5.00000000e-01, 4.24835426e-18])
    """
    e = xp.exp(-xp.abs(z))
    return xp.where(z >= 0, e, 1.0) / (1 + e)


@op(local=lambda out, xp: xp.sign(out), meaning="whether the neuron is switched on", zeros="made", example=NUMBERS)
def relu(z, *, xp):
    """Return the positive part: ``out = max(z, 0)``. At the kink the derivative is 0, the least subgradient.

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return xp.maximum(z, xp.zeros_like(z))


@float_op(local=lambda z: sigmoid(z), meaning=RESPONSE, example=NUMBERS)
def softplus(z, *, xp):
    """Return a smooth `relu`: ``out = ln(1 + eᶻ)``. Never overflows.

    >>> softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return xp.maximum(z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))


@float_op(example=NUMBERS)
def leaky_relu(z, *, slope=0.01, xp):
    """Return a `relu` with a small slope below zero: ``out = z`` where positive, ``slope · z`` elsewhere.

    At the kink the derivative is the number of least size between the two slopes.

    >>> leaky_relu([-2.0, 3.0])
    array([-0.02,  3.  ])
    """
    return xp.where(z >= 0, z, slope * z)


@leaky_relu.local("z", meaning=RESPONSE)
def dleaky_relu_dz(z, slope, xp):
    up, down = xp.maximum(xp.sign(z), xp.zeros_like(z)), xp.maximum(xp.sign(-z), xp.zeros_like(z))
    least = sorted((slope, 0.0, 1.0))[1]
    return up + slope * down + least * (1 - up - down)


@float_op(example=NUMBERS)
def elu(z, *, alpha=1.0, xp):
    """Return the exponential linear unit: ``out = z`` where positive, ``α(eᶻ − 1)`` elsewhere.

    Unless ``α`` is 1 there is a kink at 0, where the derivative is the smaller of ``α`` and 1.

    >>> elu([-1.0, 3.0])
    array([-0.63212056,  3.        ])
    """
    return xp.where(z >= 0, z, alpha * xp.expm1(xp.minimum(z, xp.zeros_like(z))))


@elu.local("z", meaning=RESPONSE)
def delu_dz(z, alpha, xp):
    straight = z > 0 if alpha < 1 else z >= 0
    return xp.where(straight, xp.ones_like(z), alpha * xp.exp(xp.minimum(z, xp.zeros_like(z))))


@float_op(local=lambda z, xp: SELU_SCALE * delu_dz(z, SELU_ALPHA, xp), example=NUMBERS)
def selu(z):
    """Return the scaled exponential linear unit: ``out = λ elu(z)`` with ``α = 1.6733`` and ``λ = 1.0507``.

    The kink at 0 is concave, and its derivative there is the smaller, ``λ``. The constants are those of G. Klambauer et
    al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    >>> selu([-1.0, 1.0])
    array([-1.11133074,  1.05070099])
    """
    return SELU_SCALE * elu(z, alpha=SELU_ALPHA)


@float_op(
    local=lambda z, low, high, xp: xp.sign(relu(z - low)) * xp.sign(relu(high - z)), zeros="made", example=NUMBERS
)
def hardtanh(z, *, low=-1.0, high=1.0, xp):
    """Clip to ``low`` and ``high``, a piecewise linear tanh. At both kinks the derivative is 0.

    >>> hardtanh([-2.0, 0.5, 2.0])
    array([-1. ,  0.5,  1. ])
    """
    if not low <= high:
        raise errors.ShapeError(f"hardtanh: low is no more than high; got low={low!r} and high={high!r}")
    return xp.minimum(xp.maximum(z, low * xp.ones_like(z)), high * xp.ones_like(z))


@float_op(example=NUMBERS)
def mish(z, *, xp):
    """Return the mish activation: ``out = z tanh(ln(1 + eᶻ))``.

    >>> mish([-2.0, 0.0, 2.0])
    array([-0.25250148,  0.        ,  1.94395896])
    """
    return z * xp.tanh(softplus(z))


@mish.local("z")
def dmish_dz(z, xp):
    near = xp.minimum(z, 300 * xp.ones_like(z))  # beyond, the second term is 0, and cosh would overflow
    return xp.tanh(softplus(z)) + near * (xp.cosh(softplus(near)) ** -2.0 * sigmoid(near))


@float_op(local=lambda z: sigmoid(z) * (1 + z * sigmoid_complement(z)), meaning=RESPONSE, example=NUMBERS)
def silu(z):
    """Return the sigmoid linear unit: ``out = z · σ(z)``.

    >>> silu([-2.0, 0.0, 2.0])
    array([-0.23840584,  0.        ,  1.76159416])
    """
    return z * sigmoid(z)


@float_op(local=lambda z, xp: (1 + xp.abs(z)) ** -2.0, meaning=RESPONSE, example=NUMBERS)
def softsign(z, *, xp):
    """Map the real line to (−1, 1), with slower saturation than tanh: ``out = z / (1 + |z|)``.

    >>> softsign([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75])
    """
    return z / (1 + xp.abs(z))


@float_op(r"\ln \sigma({z:bare})", local=lambda z: sigmoid(-z), example=NUMBERS)
def logsigmoid(z, *, xp):
    """Return the logarithm of `sigmoid`, exact where that is too small for a float.

    >>> logsigmoid([-1000.0, 0.0])
    array([-1.00000000e+03, -6.93147181e-01])
    """
    return xp.minimum(z, xp.zeros_like(z)) - xp.log1p(xp.exp(-xp.abs(z)))


@float_op
def softmax(z, *, axis=-1, xp):
    """Normalize scores to a distribution: ``out_j = e^{z_j} / Σ_k e^{z_k}`` along ``axis``. Never overflows.

    Scores of plus infinity share the total evenly, and so do scores that are all minus infinity.

    >>> softmax([0.0, 1000.0, 1000.0])
    array([0. , 0.5, 0.5])
    """
    e = xp.astype(xp.exp(difference(z, max_keepdims(z, axis, xp))), accumulation_dtype(z, xp))
    return xp.astype(e / xp.sum(e, axis=axis, keepdims=True), z.dtype)


@softmax.pullback("z", meaning=RESPONSE)
def dsoftmax_dz(dout, out, axis, xp):
    return out * (dout - xp.sum(dout * out, axis=axis, keepdims=True))


softmax.example(SCORES)
softmax.example(SCORES, axis=0)


@float_op(r"\ln \operatorname{{softmax}}({z:bare})", example=SCORES)
def log_softmax(z, *, axis=-1, xp):
    """Return the logarithm of `softmax`, exact where that is too small for a float, infinite scores included.

    >>> log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    shifted = difference(z, max_keepdims(z, axis, xp))
    total = xp.sum(xp.astype(xp.exp(shifted), accumulation_dtype(z, xp)), axis=axis, keepdims=True)
    return shifted - xp.astype(xp.log(total), z.dtype)


@log_softmax.pullback("z")
def dlog_softmax_dz(dout, out, axis, xp):
    return dout - xp.exp(out) * xp.sum(dout, axis=axis, keepdims=True)


@softmax.shape
@log_softmax.shape
def softmax_shape(z, axis):
    axes_of(axis, len(z))  # refuses an axis out of range
    return z
