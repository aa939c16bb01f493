"""Points at which torch's gradient is not that of the written policy (docs/kinks.md), each with the reason."""

import math

import numpy as np
import torch

import graphcore as gc
import ops

#: what, ours, torch's, the point, the gradient by the policy, and why
POINTS = [
    ("hypot", ops.hypot, torch.hypot, (0.0, 0.0), (0.0, 0.0), "a length is convex: the subgradient of least norm"),
    ("det", ops.det, torch.linalg.det, (np.arange(9.0).reshape(3, 3),),
     ([[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]],), "a singular matrix has cofactors; torch says 0"),
    ("relu", ops.relu, torch.relu, (math.nan,), (math.nan,), "NaN in, NaN out"),
    ("leaky_relu", ops.leaky_relu, torch.nn.functional.leaky_relu, (math.nan,), (math.nan,), "NaN in, NaN out"),
    ("hardtanh", ops.hardtanh, torch.nn.functional.hardtanh, (math.nan,), (math.nan,), "NaN in, NaN out"),
    ("where", lambda x: ops.where(x > 0, ops.sqrt(x), 0.0), lambda x: torch.where(x > 0, torch.sqrt(x), 0.0), (0.0,),
     (0.0,), "the branch that was not chosen has no say"),
    ("0 · sqrt", lambda x: 0.0 * ops.sqrt(x), lambda x: 0.0 * torch.sqrt(x), (0.0,), (0.0,), "a sensitivity of zero"),
    ("logsumexp", ops.logsumexp, lambda x: torch.logsumexp(x, 0), (np.array([math.inf, 0.0]),), ([1.0, 0.0],),
     "the largest takes it all"),
    ("clip", lambda x: ops.clip(x, -1.0, 1.0), lambda x: torch.clamp(x, -1.0, 1.0), (1.0,), (0.0,),
     "on a bound it is the bound that comes out, as in relu"),
    ("max_pool1d", lambda x: ops.max_pool1d(x, 2)[0, 0, 0], lambda x: torch.nn.functional.max_pool1d(x, 2)[0, 0, 0],
     (np.ones((1, 1, 2)),), ([[[0.5, 0.5]]],), "ties are split evenly, as in torch's own amax"),
    ("elu", lambda x: ops.elu(x, alpha=2.0), lambda x: torch.nn.functional.elu(x, alpha=2.0), (0.0,), (1.0,),
     "concave: the slope of least size"),
    ("pow", lambda y: ops.pow(0.0, y), lambda y: torch.pow(0.0, y), (0.0,), (-math.inf,), "the limit of x^y ln x"),
    ("log_softmax", lambda z: ops.log_softmax(z)[0], lambda z: torch.log_softmax(z, 0)[0],
     (np.array([-math.inf, -math.inf]),), ([0.5, -0.5],), "scores of the same infinity tie"),
    ("nuclear norm", lambda x: ops.matrix_norm(x, ord="nuc"), lambda x: torch.linalg.matrix_norm(x, "nuc"),
     (np.zeros((2, 2)),), (np.zeros((2, 2)),), "one of many subgradients: that of least norm"),
    ("atan2", ops.atan2, torch.atan2, (0.0, 0.0), (math.nan, math.nan), "no direction is nearer than another"),
]  # fmt: skip


def print_points():
    """Verify and print the list. Raises if ours is not what the policy says, or if torch agrees by now."""
    print("points at which torch differs from docs/kinks.md:")
    for name, ours, theirs, at, policy, why in POINTS:
        mine = gc.grad(ours, range(len(at)))(*at)
        tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in at]
        found = [gradient.numpy() for gradient in torch.autograd.grad(theirs(*tensors), tensors)]
        for one, said in zip(mine, policy, strict=True):
            np.testing.assert_allclose(one, said, atol=1e-12)
        if all(np.allclose(one, other, equal_nan=True) for one, other in zip(mine, found, strict=True)):
            raise AssertionError(f"{name}: torch agrees by now; take it off the list")
        print(f"  {name:12} at {brief(at):28} ours {brief(mine):32} torch {brief(found):20} {why}")


def brief(values):
    """Numbers on one line."""
    return ", ".join(np.array2string(np.round(np.asarray(v), 3), separator=",").replace("\n", "") for v in values)
