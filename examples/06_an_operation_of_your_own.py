"""An operation defined outside the package: a forward, a rule, and the check that they agree."""

import numpy as np

import graphcore as gc
from ops import mean


@gc.op(r"\operatorname{{swish}}({z:bare})")
def swish(z, *, xp):
    """Let through what is positive, and a little of what is not: ``out = z · σ(z)``."""
    return z * (0.5 * xp.tanh(0.5 * z) + 0.5)


@swish.local("z")
def dswish_dz(z, out, xp):
    sigma = 0.5 * xp.tanh(0.5 * z) + 0.5
    return sigma + out * (1 - sigma)


print(gc.check(swish, np.array([-3.0, -0.5, 0.0, 0.5, 3.0])))

g = gc.Graph("with swish")
x = g.input("x", shape=(None,))
w = g.parameter("w", 0.7)
C = mean(swish(w * x, name="a"), name="C")
run = gc.backprop(C, {x: [1.0, -2.0, 3.0]})
print(f"C = {run.cost:.6f}, ∂C/∂w = {run.grad[w]:.6f}")

# The rule is written against the array API, so it writes formulas as well: here is the second derivative.
d2 = gc.derivative(gc.derivative(C, w), w)
print(f"∂²C/∂w² = {gc.evaluate(d2, {x: [1.0, -2.0, 3.0]}):.6f}")


# A wrong rule does not pass.
@gc.op(r"\operatorname{{slip}}({z:bare})")
def slip(z):
    return z * z * z


@slip.local("z")
def dslip_dz(z):
    return 3 * z * z * (1 + 1e-9)  # off by one part in a thousand million


try:
    gc.check(slip, np.array([0.5, 2.0]))
except gc.errors.CheckError as error:
    print("refused:", str(error).partition(", measured")[0])
