"""Cost functions: one cost per training example."""

import numpy as np

from graphcore import errors, op
from graphcore.extend import broadcast, float_op, safe_multiply, show_shape

from .activation import hardtanh, log_softmax, sigmoid, softmax, softplus
from .elementwise import abs_derivative
from .select import one_for_zero, propagate_nan

__all__ = [
    "absolute_error", "binary_cross_entropy", "cross_entropy", "huber", "kl_divergence", "log_loss", "one_hot",
    "squared_error",
]  # fmt: skip

#: meaning of the first factor of every gradient
ERROR = "how wrong the output is"


@float_op(r"\sum_j \left({a:bare} - {y:strict}\right)_j^2", scalar=r"\left({a:bare} - {y:strict}\right)^2")
def squared_error(a, y, *, xp):
    """Return the squared error ``out = Σ_j (a_j − y_j)²`` over the last axis. A single number is its own neuron.

    >>> squared_error([[1.0, 0.0], [0.5, 0.5]], [[1.0, 1.0], [0.5, 1.0]])
    array([1.  , 0.25])
    """
    one_cost_per_example(a.shape, y.shape)
    difference = a - y
    return xp.sum(difference * difference, axis=-1) if difference.ndim else difference * difference


@squared_error.pullback("a", meaning=ERROR)
def dsquared_error_da(dout, a, y, xp):
    return 2 * (a - y) * over_the_neurons(dout, a, y, xp)


@squared_error.pullback("y")
def dsquared_error_dy(dout, a, y, xp):
    return -2 * (a - y) * over_the_neurons(dout, a, y, xp)


squared_error.example([[0.5, -1.5], [0.25, 2.0]], [[1.0, 0.0], [0.5, 1.0]])
squared_error.example(0.5, 1.0)


@float_op(r"\sum_j \left|{a:bare} - {y:strict}\right|_j", scalar=r"\left|{a:bare} - {y:strict}\right|")
def absolute_error(a, y, *, xp):
    """Return the absolute error, in which large errors count linearly: ``out = Σ_j |a_j − y_j|``.

    >>> absolute_error([[1.0, 0.0], [0.5, 0.5]], [[1.0, 1.0], [0.5, 1.0]])
    array([1. , 0.5])
    """
    one_cost_per_example(a.shape, y.shape)
    size = xp.abs(a - y)
    return xp.sum(size, axis=-1) if size.ndim else size


@absolute_error.pullback("a", meaning=ERROR)
def dabsolute_error_da(dout, a, y, xp):
    return abs_derivative(a - y) * over_the_neurons(dout, a, y, xp)


@absolute_error.pullback("y")
def dabsolute_error_dy(dout, a, y, xp):
    return -xp.sign(a - y) * over_the_neurons(dout, a, y, xp)


absolute_error.example([[0.5, -1.5], [0.25, 2.0]], [[1.0, 0.0], [0.5, 1.0]])
absolute_error.example(0.5, 1.0)


@float_op(r"\sum_j H({a:bare} - {y:strict})_j", scalar=r"H({a:bare} - {y:strict})")
def huber(a, y, *, delta=1.0, xp):
    """Return the Huber loss, quadratic for small and linear for large errors: with ``d_j = a_j − y_j``,
    ``out = Σ_j d_j²/2`` where ``|d_j| ≤ δ``, and ``δ (|d_j| − δ/2)`` beyond.

    >>> huber([[1.5, 5.0]], [[1.0, 1.0]])
    array([3.625])
    """
    one_cost_per_example(a.shape, y.shape)
    if not delta > 0:
        raise errors.ShapeError(f"huber: delta, the bound of small errors, is positive; got {delta!r}")
    size = xp.abs(a - y)
    near = xp.minimum(size, delta * xp.ones_like(size))
    each = near * (size - 0.5 * near)
    return xp.sum(each, axis=-1) if each.ndim else each


@huber.pullback("a")
def dhuber_da(dout, a, y, delta, xp):
    return hardtanh(a - y, low=-delta, high=delta) * over_the_neurons(dout, a, y, xp)


@huber.pullback("y")
def dhuber_dy(dout, a, y, delta, xp):
    return -hardtanh(a - y, low=-delta, high=delta) * over_the_neurons(dout, a, y, xp)


huber.example([[0.5, 0.75], [0.25, 0.125]], [[0.25, 0.5], [0.5, 0.25]])
huber.example(0.5, 0.25)
huber.example([[0.5, -1.5], [0.25, 2.0]], [[1.0, 0.0], [0.5, 0.0]])


@float_op(
    r"-\sum_j \left({y:strict} \ln {a:strict} + (1 - {y:strict}) \ln(1 - {a:strict})\right)_j",
    scalar=r"-{y:strict} \ln {a:strict} - (1 - {y:strict}) \ln(1 - {a:strict})",
    level=1,
)
def log_loss(a, y, *, xp):
    """Return the cross-entropy of probabilities: ``out = −Σ_j y_j ln a_j + (1 − y_j) ln(1 − a_j)``.

    0 ln 0 counts as 0: at ``a = 0`` with ``y = 0`` cost and derivative by ``a`` are finite, and with ``y > 0`` both are
    infinite; outside of [0, 1] both are NaN. `binary_cross_entropy` takes logits and loses no digits.

    >>> log_loss([[0.5, 0.5]], [[1.0, 0.0]])
    array([1.38629436])
    """
    one_cost_per_example(a.shape, y.shape)
    a = probability(a, xp)
    each = -safe_multiply(y, xp.log(a)) - safe_multiply(1 - y, xp.log1p(-a))
    return xp.sum(each, axis=-1) if each.ndim else each


@log_loss.pullback("a")
def dlog_loss_da(dout, a, y, xp):
    a = probability(a, xp)
    return safe_multiply(over_the_neurons(dout, a, y, xp), safe_multiply(1 - y, 1 / (1 - a)) - safe_multiply(y, 1 / a))


@log_loss.pullback("y")
def dlog_loss_dy(dout, a, y, xp):
    return safe_multiply(over_the_neurons(dout, a, y, xp), xp.log1p(-a) - xp.log(a) + xp.zeros_like(y))


log_loss.example([[0.5, 0.75], [0.25, 0.125]], [[0.25, 0.5], [0.5, 0.25]])
log_loss.example(0.5, 0.25)


@float_op(
    r"\sum_j {y:strict}_j \ln \frac{{{y:bare}_j}}{{{a:bare}_j}}", scalar=r"{y:strict} \ln \frac{{{y:bare}}}{{{a:bare}}}"
)
def kl_divergence(a, y, *, xp):
    """Return the divergence of the distribution ``a`` from ``y``: ``out = Σ_j y_j ln(y_j / a_j)``.

    Both are probabilities. The term of ``y_j = 0`` is 0; there the derivative by ``y_j`` is −∞.

    >>> kl_divergence([[0.5, 0.5]], [[1.0, 0.0]])
    array([0.69314718])
    """
    one_cost_per_example(a.shape, y.shape)
    each = safe_multiply(y, xp.log(one_for_zero(y, xp)) - xp.log(a))
    return xp.sum(each, axis=-1) if each.ndim else each


@kl_divergence.pullback("a")
def dkl_divergence_da(dout, a, y, xp):
    return -safe_multiply(over_the_neurons(dout, a, y, xp), safe_multiply(y, 1 / propagate_nan(a, xp.log(a))))


@kl_divergence.pullback("y")
def dkl_divergence_dy(dout, a, y, xp):
    return safe_multiply(over_the_neurons(dout, a, y, xp), xp.log(y) - xp.log(a) + 1)


kl_divergence.example([[0.5, 0.75], [0.25, 0.125]], [[0.25, 0.5], [0.5, 0.25]])
kl_divergence.example(0.5, 0.25)


@float_op(
    r"\sum_j \operatorname{{BCE}}(\sigma({z:bare}), {y:bare})_j",
    scalar=r"\operatorname{{BCE}}(\sigma({z:bare}), {y:bare})",
)
def binary_cross_entropy(z, y, *, xp):
    """Return the cross-entropy of logits: ``out = −Σ_j y_j ln σ(z_j) + (1 − y_j) ln σ(−z_j)``.

    Computed from ``z``, before the sigmoid, it neither overflows nor loses digits.

    >>> binary_cross_entropy([[0.0, 1000.0]], [[1.0, 1.0]])
    array([0.69314718])
    """
    one_cost_per_example(z.shape, y.shape)
    each = safe_multiply(y, softplus(-z)) + safe_multiply(1 - y, softplus(z))  # 0 · ∞ counts as 0
    return xp.sum(each, axis=-1) if each.ndim else each


@binary_cross_entropy.pullback("z", meaning=ERROR)
def dbinary_cross_entropy_dz(dout, z, y, xp):
    return (sigmoid(z) - y) * over_the_neurons(dout, z, y, xp)


@binary_cross_entropy.pullback("y")
def dbinary_cross_entropy_dy(dout, z, y, xp):
    return safe_multiply(over_the_neurons(dout, z, y, xp), xp.zeros_like(y) - z)


@binary_cross_entropy.shape
def binary_cross_entropy_shape(z, y):
    return one_cost_per_example(z, y)


binary_cross_entropy.example([[0.5, -1.5], [0.25, 2.0]], [[1.0, 0.0], [0.5, 1.0]])
binary_cross_entropy.example(0.5, 1.0)


@op(r"-\sum_j {y:strict}_j \ln \operatorname{{softmax}}({z:bare})_j")
def cross_entropy(z, y, *, xp):
    """Return the cross-entropy ``out = −Σ_j y_j ln softmax(z)_j`` over the last axis, from the logits ``z``.

    ``y`` is a distribution over the classes, of the shape of ``z``, or integer labels of the classes, with one axis
    less. The term of a class of probability zero is 0 even where its logit is minus infinity.

    >>> cross_entropy([[0.0, 0.0]], [1]), cross_entropy([[0.0, 0.0]], [[0.5, 0.5]])
    (array([0.69314718]), array([0.69314718]))
    """
    return -xp.sum(safe_multiply(as_distribution(y, z), log_softmax(z)), axis=-1)


@cross_entropy.pullback("z", meaning=ERROR)
def dcross_entropy_dz(dout, z, y, xp):
    target = as_distribution(y, z)
    return xp.expand_dims(dout, axis=-1) * (softmax(z) * xp.sum(target, axis=-1, keepdims=True) - target)


@cross_entropy.pullback("y")
def dcross_entropy_dy(dout, z, xp):
    return -safe_multiply(xp.expand_dims(dout, axis=-1), log_softmax(z))


cross_entropy.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], [[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
cross_entropy.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], [2, 1])


@op(
    r"\mathbf{{1}}_{{{labels:bare}}}",
    dtype=lambda _labels, like: like,
    flat=("labels", "like"),
    example=([2, 1], [[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]]),
)
def one_hot(labels, like, *, xp):
    """Return 1 at the class of each label, 0 elsewhere; the number of classes and the dtype are those of ``like``.

    A label out of range is refused, or NaN where values are not available, as inside jax.jit.

    >>> one_hot([2, 0], [[0.0, 0.0, 0.0]])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    one_hot_shape((), tuple(like.shape))
    number = like.shape[-1]
    labels = xp.astype(labels, xp.int64)
    unknown = (labels < 0) | (labels >= number)
    if xp is np and np.any(unknown):
        wrong = np.extract(unknown, labels)[0]
        raise errors.ShapeError(f"the label {wrong} names none of the {number} classes, which are 0 to {number - 1}")
    certain = xp.astype(xp.equal(xp.expand_dims(labels, axis=-1), xp.arange(number, dtype=xp.int64)), like.dtype)
    nowhere = xp.expand_dims(unknown, axis=-1)
    return xp.where(xp.broadcast_to(nowhere, certain.shape), xp.full_like(certain, float("nan")), certain)


@one_hot.shape
def one_hot_shape(labels, like):
    if not like:
        raise errors.ShapeError(
            "`like`: expected an array with an entry for each class on its last axis, got one number; "
            "write one_hot(labels, np.zeros(number))"
        )
    return (*labels, like[-1])


def as_distribution(y, z):
    """Return targets as a distribution, whether they are labels or probabilities."""
    named = "float" not in str(y.dtype)
    if not z.ndim or y.ndim != z.ndim - named:
        raise errors.ShapeError(
            f"z has {z.ndim} axes, the last one for the classes; y has {y.ndim} and should have {z.ndim - named}, "
            + ("one number that names the class of each example" if named else "a probability for each class")
            + ("; for labels of classes declare y with dtype='int64'" if not named and y.ndim == z.ndim - 1 else "")
        )
    if named and any(None not in pair and pair[0] != pair[1] for pair in zip(y.shape, z.shape[:-1], strict=True)):
        raise errors.ShapeError(
            f"there is one label for each row of scores; z has the shape {show_shape(tuple(z.shape))} and y "
            f"{show_shape(tuple(y.shape))}"
        )
    if named and "bool" in str(y.dtype):
        raise errors.DtypeError("a label is an integer, not a boolean; pass y as integers or as probabilities")
    if not named:
        one_cost_per_example(z.shape, y.shape)
    return one_hot(y, z) if named else y


@squared_error.shape
@absolute_error.shape
@huber.shape
@log_loss.shape
@kl_divergence.shape
def one_cost_per_example(a, y):
    """Return the shape of the costs. Each neuron of ``a`` has its own target in ``y``: nothing is broadcast.

    Targets with fewer axes are those of every example, and a single number is that of every neuron.
    """
    for one, other in zip(reversed(a), reversed(y), strict=False):
        if one != other and None not in (one, other):
            raise errors.ShapeError(
                f"the outputs have the shape {show_shape(a)} and the targets {show_shape(y)}; along the last axis lie "
                f"the neurons, along those before it the examples, and there must be as many of both: expand_dims, "
                f"reshape or broadcast_to makes it so"
            )
    return broadcast(a, y)[:-1]


def probability(a, xp):
    """Return numbers from 0 to 1 unchanged, and NaN for any other."""
    return propagate_nan(a, xp.sqrt(a * (1 - a)))


def over_the_neurons(dout, a, y, xp):
    """Repeat the sensitivity of each example for each of its neurons.

    Multiply it by infinite derivatives with `safe_multiply`, so that an example with sensitivity 0 contributes 0.
    """
    return xp.expand_dims(dout, axis=-1) if a.ndim or y.ndim else dout
