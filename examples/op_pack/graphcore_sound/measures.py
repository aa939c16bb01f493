"""Measures: operations that reduce a sound to one number."""

import ops
from graphcore import op
from ops.reduce import axes_of, spread
from ops.select import one_for_zero


@op(r"\operatorname{{rms}}({x:bare})")
def loudness(x, *, axis=-1, xp):
    """Return the root of the mean square along ``axis``. The derivative of silence is 0.

    It is convex, and 0 the smallest of the slopes at its corner.

    >>> loudness([[3.0, -3.0], [0.0, 0.0]])
    array([3., 0.])
    """
    return xp.sqrt(xp.mean(x * x, axis=axis))


@loudness.pullback("x")
def dloudness_dx(dout, x, out, axis, xp):
    scaled = dout / (ops.axis_size(x, axis=axis) * one_for_zero(out, xp))
    return x * spread(scaled, x, axis, keepdims=False, xp=xp)


@loudness.shape
def loudness_shape(x, axis):
    gone = axes_of(axis, len(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


@op(r"\cos({a:bare}, {b:bare})")
def likeness(a, b, *, xp):
    """Return the cosine of the angle between two sounds, whatever their volume: 1 if one is a multiple of the other.

    It has no rules: it is differentiated through the operations it is made of.

    >>> likeness([1.0, -1.0], [2.0, -2.0]), likeness([1.0, 0.0], [0.0, 1.0])
    (np.float64(1.0), np.float64(0.0))
    """
    return xp.mean(a * b, axis=-1) / (loudness(a) * loudness(b))


loudness.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])
loudness.example([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]], axis=0)
likeness.example([0.5, -1.5, 1.0], [0.25, 2.0, -0.5])
