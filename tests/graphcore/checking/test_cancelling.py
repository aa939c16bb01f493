"""Forwards that lose digits by cancelling: rules that are right must not be refused for the forward's rounding."""

import numpy as np
import pytest

import graphcore as gc

FORWARDS = {
    "z σ(z) with σ from tanh": (
        lambda z, *, xp: z * (0.5 * xp.tanh(0.5 * z) + 0.5),
        lambda z, out, xp: (0.5 * xp.tanh(0.5 * z) + 0.5) + out * (0.5 - 0.5 * xp.tanh(0.5 * z)),
    ),
    "1 − cos": (lambda z, *, xp: 1 - xp.cos(z), lambda z, xp: xp.sin(z)),
    "exp − 1": (lambda z, *, xp: xp.exp(z / 50) - 1, lambda z, xp: xp.exp(z / 50) / 50),
    "log(1 + z²)": (lambda z, *, xp: xp.log(1 + z * z), lambda z: 2 * z / (1 + z * z)),
    "√(1 + z²) − 1": (lambda z, *, xp: xp.sqrt(1 + z * z) - 1, lambda z, xp: z / xp.sqrt(1 + z * z)),
}


@pytest.mark.parametrize("name", FORWARDS)
@pytest.mark.parametrize("at", [[-3.0, -0.5, 0.0, 0.5, 3.0], [1e-6, -2e-4, 0.01], [7.5, -12.0]], ids=str)
def test_a_right_rule_of_a_forward_that_cancels(name, at):
    forward, rule = FORWARDS[name]
    op = gc.op(name="cancelling")(forward)
    op.local("z")(rule)
    gc.check(op, np.array(at), libraries=False)
