"""Broken networks, each for another reason, and the node where the problem begins."""

import numpy as np

import graphcore as gc
from ops import exp, log, mean, relu, sigmoid, squared_error

rng = np.random.default_rng(0)


def network(squash, scale=1.0, bias=0.0, depth=6):
    g = gc.Graph("deep")
    a, y = g.input("x", (None, 8)), g.input("y", (None, 8))
    for layer in range(1, depth + 1):
        W = g.parameter(f"W{layer}", rng.normal(size=(8, 8)) * scale / np.sqrt(8))
        b = g.parameter(f"b{layer}", np.full(8, bias))
        a = squash((a @ W + b).named(f"z{layer}"), name=f"a{layer}")
    C = mean(squared_error(a, y), name="C")
    return gc.backprop(C, {"x": rng.normal(size=(16, 8)), "y": rng.random((16, 8))})


print("small weights and sigmoids\n")
print(gc.diagnose(network(sigmoid, scale=0.3, depth=8)))

print("\nrelus with a bias that switches them off\n")
print(gc.diagnose(network(relu, bias=-2.0, depth=2)))

print("\na softmax written by hand\n")
g = gc.Graph("softmax by hand")
z = g.input("z", (None, 3))
h = exp(z, name="h")
p = (h / h.sum(axis=-1, keepdims=True)).named("p")
C = mean(-log(p[:, 0]), name="C")
found = gc.diagnose(gc.backprop(C, {z: [[1.0, 2.0, 3.0], [1.0, 2.0, 1000.0]]}))
print(found)
print(found[0].message.partition(";")[0])
