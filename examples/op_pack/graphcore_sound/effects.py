"""Effects: operations that change a sound, sample by sample."""

import ops  # noqa: F401  registers the operations that the rules are written in
from graphcore import SUM, op


@op(r"\operatorname{{overdrive}}({x:bare})")
def overdrive(x, *, gain=4.0, xp):
    """Distort as a valve does: ``out = tanh(gain · x)``. Quiet samples are amplified, loud ones are clipped.

    >>> overdrive([0.0, 0.5, 50.0]).round(4)
    array([0.   , 0.964, 1.   ])
    """
    return xp.tanh(gain * x)


@overdrive.local("x")
def doverdrive_dx(out, gain):
    return gain * (1 - out) * (1 + out)


@op(r"(1 - {t:strict}) \, {a:strict} + {t:strict} \, {b:strict}", level=SUM)
def crossfade(a, b, t):
    """Fade from one sound to another: ``out = (1 − t) a + t b``, ``t`` running from 0 to 1.

    >>> crossfade([1.0, 1.0, 1.0], [5.0, 5.0, 5.0], [0.0, 0.5, 1.0])
    array([1., 3., 5.])
    """
    return (1 - t) * a + t * b


@crossfade.local("a")
def dcrossfade_da(t):
    return 1 - t


@crossfade.local("b")
def dcrossfade_db(t):
    return t


@crossfade.local("t")
def dcrossfade_dt(a, b):
    return b - a


overdrive.example([0.5, -0.25, 0.1])
overdrive.example([0.5, -0.25, 0.1], gain=1.5)
crossfade.example([0.5, -1.5, 1.0], [0.25, 2.0, -0.5], [0.1, 0.5, 0.75])
crossfade.example([[0.5, -1.5, 1.0], [1.0, 0.0, 2.0]], [0.25, 2.0, -0.5], 0.25)
