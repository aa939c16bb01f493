"""Digits far from zero: values and three derivatives of what neurons do, against mpmath, to |z| = 40."""

import mpmath
import pytest

import graphcore as gc
import ops


def squashed(z):
    return 1 / (1 + mpmath.exp(-z))


def rounded(z):
    return mpmath.log1p(mpmath.exp(z))


EXACT = {
    "sigmoid": squashed,
    "sigmoid_complement": lambda z: squashed(-z),
    "softplus": rounded,
    "logsigmoid": lambda z: -rounded(-z),
    "silu": lambda z: z * squashed(z),
    "mish": lambda z: z * mpmath.tanh(rounded(z)),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "tanh": mpmath.tanh,
    "softsign": lambda z: z / (1 + abs(z)),
    "elu": lambda z: z if z >= 0 else mpmath.expm1(z),
}
POINTS = [-40.0, -30.0, -10.0, -1.3, -0.1, 0.4, 3.0, 10.0, 30.0, 40.0]


@pytest.mark.parametrize("name", EXACT)
def test_no_digit_is_lost(name):
    f = getattr(ops, name)
    with mpmath.workdps(900 if name == "gelu" else 60):
        for order in range(3):
            for z in POINTS:
                exact = mpmath.diff(EXACT[name], mpmath.mpf(z), order)
                if abs(exact) > 1e-290:
                    assert float(abs(f(z) - exact) / abs(exact)) < 1e-11, (order, z)
            f = gc.grad(f)
