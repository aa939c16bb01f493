"""One step of learning of a small convolution net, beside what its users would write elsewhere.

    python benchmarks/conv.py [--rounds N] [--only NAME ...]

32 images of 28 × 28 in float32; 8 filters of 5 × 5, relu, max pool 2 × 2, dense to 10, cross entropy, mean over the
batch.
"""

import conv_peers as peers
import numpy as np
from comparing import main
from frameworks import in_every_library

import graphcore as gc
import ops

FILTERS, SIZE, PLACES, CLASSES = 8, 5, 24, 10


class Net:
    """The numbers of a network: a kernel, its bias, weights, their bias, images, and ``y``, which names the classes."""

    dtype = "float32"

    def __init__(self, batch=32):
        rng = np.random.default_rng(0)
        dense = FILTERS * (PLACES // 2) ** 2
        shapes = [(FILTERS, 1, SIZE, SIZE), (FILTERS,), (dense, CLASSES), (CLASSES,)]
        scales = [1 / SIZE, 0.1, 1 / np.sqrt(dense), 0.1]
        self.parameters = [
            (rng.standard_normal(shape) * scale).astype("float32") for shape, scale in zip(shapes, scales, strict=True)
        ]
        self.x = rng.random((batch, 1, 28, 28)).astype("float32")
        self.y = rng.integers(0, CLASSES, batch)


def by_hand(net):
    """Numpy: all windows of a kernel as columns, and one matrix product."""
    kernel, bias, w, b = net.parameters

    def step(x=net.x, y=net.y):
        batch = len(x)
        seen = np.lib.stride_tricks.sliding_window_view(x[:, 0], (SIZE, SIZE), (1, 2))
        columns = seen.reshape(batch * PLACES * PLACES, SIZE * SIZE)
        z = columns @ kernel.reshape(FILTERS, -1).T + bias
        a = np.maximum(z, 0).reshape(batch, PLACES // 2, 2, PLACES // 2, 2, FILTERS)
        pooled = a.max(axis=(2, 4))
        flat = pooled.transpose(0, 3, 1, 2).reshape(batch, -1)
        scores = flat @ w + b
        scores = scores - scores.max(axis=1, keepdims=True)
        e = np.exp(scores)
        total = e.sum(axis=1, keepdims=True)
        every = np.arange(batch)
        cost = np.mean(np.log(total[:, 0]) - scores[every, y])
        delta = e / total
        delta[every, y] -= 1
        delta /= batch
        dflat = delta @ w.T
        dpooled = dflat.reshape(batch, FILTERS, PLACES // 2, PLACES // 2).transpose(0, 2, 3, 1)
        # what relu made 0 has no part in it, however many entries of a patch are the largest
        dz = (a == pooled[:, :, None, :, None]) * (a > 0) * dpooled[:, :, None, :, None]
        dz = dz.reshape(-1, FILTERS)
        dkernel = (dz.T @ columns).reshape(kernel.shape)
        return cost, [dkernel, dz.sum(axis=0), flat.T @ delta, delta.sum(axis=0)]

    return step


def graph_of(net):
    """graphcore."""
    g = gc.Graph()
    x = g.input("x", (None, 1, 28, 28), "float32")
    y = g.input("y", (None,), "int64")
    names = ("kernel", "bias", "w", "b")
    kernel, bias, w, b = (g.parameter(name, p) for name, p in zip(names, net.parameters, strict=True))
    a = ops.max_pool2d(ops.relu(ops.conv2d(x, kernel, bias)), 2)
    scores = ops.reshape(a, shape=(-1, len(net.parameters[2]))) @ w + b
    cost = ops.mean(ops.cross_entropy(scores, y), name="C")
    return cost, {x: net.x, y: net.y}, [kernel, bias, w, b]


NETS = {"convolution net, batch 32": Net}

if __name__ == "__main__":
    main("one step of learning, a convolution net", NETS, in_every_library(by_hand, graph_of, peers))
