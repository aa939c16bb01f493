"""What a neuron does with its weighted sum."""

from graphcore import op

from .reduce import axes_of


@op(r"\sigma({z:bare})")
def sigmoid(z, *, xp):
    """Squash the whole number line into (0, 1): ``out = σ(z) = 1 / (1 + e⁻ᶻ)``. Never overflows.

    >>> sigmoid([-1000.0, 0.0, 2.0])
    array([0.        , 0.5       , 0.88079708])
    """
    return 0.5 * xp.tanh(0.5 * z) + 0.5


@sigmoid.local("z")
def dsigmoid_dz(out):
    return out * (1 - out)


@op(r"\operatorname{{relu}}({z:bare})")
def relu(z, *, xp):
    """Let through what is positive: ``out = max(z, 0)``. At the kink the derivative is 0, the least subgradient.

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return xp.maximum(z, xp.zeros_like(z))


@relu.local("z")
def drelu_dz(out, xp):
    return xp.sign(out)


@op(r"\operatorname{{softplus}}({z:bare})")
def softplus(z, *, xp):
    """A relu with a rounded corner: ``out = ln(1 + eᶻ)``. Never overflows.

    >>> softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return xp.maximum(z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))


@softplus.local("z")
def dsoftplus_dz(z):
    return sigmoid(z)


@op(r"\operatorname{{softmax}}({z:bare})")
def softmax(z, *, axis=-1, xp):
    """Shares that add up to 1: ``out_j = e^{z_j} / Σ_k e^{z_k}`` along ``axis``. Never overflows.

    >>> softmax([0.0, 1000.0, 1000.0])
    array([0. , 0.5, 0.5])
    """
    e = xp.exp(z - xp.max(z, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)


@softmax.pullback("z")
def dsoftmax_dz(dout, out, axis, xp):
    return out * (dout - xp.sum(dout * out, axis=axis, keepdims=True))


@op(r"\ln \operatorname{{softmax}}({z:bare})")
def log_softmax(z, *, axis=-1, xp):
    """The logarithm of `softmax`, exact where the share itself is too small for a float.

    >>> log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    shifted = z - xp.max(z, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


@log_softmax.pullback("z")
def dlog_softmax_dz(dout, out, axis, xp):
    return dout - xp.exp(out) * xp.sum(dout, axis=axis, keepdims=True)


@softmax.shape
@log_softmax.shape
def softmax_shape(z, axis):
    axes_of(axis, len(z))  # refuses an axis that is not there
    return z


sigmoid.example([[0.5, -1.5], [0.25, 2.0]])
relu.example([[0.5, -1.5], [0.25, 2.0]])
softplus.example([[0.5, -1.5], [0.25, 2.0]])
softmax.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
softmax.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
log_softmax.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
