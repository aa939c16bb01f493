"""One way of `memory.py` in this process: ``python memory_alone.py WAY [checkpoint]``."""

import sys

import numpy as np
import one_thread  # noqa: F401  before the libraries
from processes import Watch

WAY, CHECKPOINT = sys.argv[1], "checkpoint" in sys.argv
LAYERS, PART, ENTRIES = 256, 16, 1 << 18
X = np.linspace(0.1, 2, ENTRIES, dtype="float32")
W = np.float32(1.1)


def stacked(layer, w, a, checkpointed):
    """All layers, in parts if need be."""

    def part(w, a):
        for _ in range(PART):
            a = layer(w, a)
        return a

    for _ in range(LAYERS // PART):
        a = checkpointed(part)(w, a) if CHECKPOINT else part(w, a)
    return a


def by_hand():
    kept = [X]
    for _ in range(LAYERS):
        kept.append(np.tanh(W * kept[-1]))
    cost, da, dw = kept[-1].mean(), np.full_like(X, 1 / ENTRIES), 0.0
    while len(kept) > 1:
        a = kept.pop()
        dz = da * (1 - a * a)
        dw, da = dw + np.vdot(dz, kept[-1]), dz * W
    return cost, dw


def graph():
    import graphcore as gc
    import ops

    g = gc.Graph()
    x, w = g.input("x", X.shape, "float32"), g.parameter("w", W)
    return gc, ops.mean(stacked(lambda w, a: ops.tanh(w * a), w, x, gc.checkpoint)), {x: X}, w


def interpreted():
    gc, cost, feed, w = graph()

    def step():
        run = gc.backprop(cost, feed) if WAY == "backprop" else gc.backprop(cost, feed, keep=[])
        return run.cost, run.grad[w]

    return step


def compiled():
    gc, cost, feed, w = graph()
    compiled_step = gc.compile(cost, backend=WAY.partition("-")[2])

    def step():
        value, gradients = compiled_step(feed)
        return value, gradients[w]

    return step


def with_autograd():
    import autograd.numpy as anp
    from autograd import value_and_grad

    both = value_and_grad(lambda w: anp.mean(stacked(lambda w, a: anp.tanh(w * a), w, X, None)))
    return lambda: both(W)


def with_torch():
    import torch
    from torch.utils.checkpoint import checkpoint

    torch.set_num_threads(1)
    x, w = torch.from_numpy(X), torch.tensor(W, requires_grad=True)

    def checkpointed(part):
        return lambda w, a: checkpoint(part, w, a, use_reentrant=False)

    def step():
        cost = stacked(lambda w, a: torch.tanh(w * a), w, x, checkpointed).mean()
        return cost.detach(), torch.autograd.grad(cost, w)[0]

    return step


def with_jax():
    import jax
    import jax.numpy as jnp

    both = jax.jit(jax.value_and_grad(lambda w, x: stacked(lambda w, a: jnp.tanh(w * a), w, x, jax.checkpoint).mean()))
    return lambda: jax.block_until_ready(both(W, X))


MAKERS = {"backprop": interpreted, "keep-nothing": interpreted, "compiled": compiled, "by-hand": lambda: by_hand,
          "autograd": with_autograd, "torch": with_torch, "jax": with_jax}  # fmt: skip

if __name__ == "__main__":
    step = MAKERS[WAY.partition("-")[0] if WAY.startswith("compiled") else WAY]()
    if WAY.startswith("compiled"):
        import numba  # noqa: F401  as whoever uses it has done
    watch = Watch()
    cost, gradient = step()
    watch.lap("first")
    step()
    watch.lap("step")
    watch.stop()
    np.testing.assert_allclose((cost, gradient), by_hand(), rtol=2e-3)
    watch.report()
