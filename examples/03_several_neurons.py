"""Several neurons per layer: layers as matrices, one single weight w_jk of them, and δ as in the textbooks."""

import pathlib
import sys

import numpy as np

import graphcore as gc
import viz
from ops import add_bias, matmul, sigmoid, squared_error

rng = np.random.default_rng(1)
g = gc.Graph("3-4-2")
x, y = g.input("x", shape=(3,)), g.input("y", shape=(2,))
a = x
for layer, (before, neurons) in enumerate([(3, 4), (4, 2)], start=1):
    with g.scope(f"layer {layer}"):
        w = g.parameter(f"w{layer}", rng.standard_normal((before, neurons)))
        b = g.parameter(f"b{layer}", rng.standard_normal(neurons))
        a = sigmoid(add_bias(matmul(a, w), b, name=f"z{layer}"), name=f"a{layer}")
C = squared_error(a, y, name="C")  # Σ_j (a_j − y_j)²

run = gc.backprop(C, {x: np.array([0.2, 0.9, 0.4]), y: np.array([1.0, 0.0])})

# One weight: from neuron k of layer 1 to neuron j of layer 2.
k, j = 2, 1
a1, a2, w2 = run.value["a1"], run.value["a2"], run.value["w2"]
factors = a1[k], a2[j] * (1 - a2[j]), 2 * (a2[j] - run.value["y"][j])
print(f"∂C/∂w2[{k},{j}] = a_k · σ′(z_j) · 2(a_j − y_j) = {factors[0]:.4f} · {factors[1]:.4f} · {factors[2]:.4f}")
print(f"            = {np.prod(factors):+.6f}, and the run says {run.grad['w2'][k, j]:+.6f}")

# A neuron of layer 1 influences the cost through every neuron of layer 2: add them up.
contributions = w2[k, :] * a2 * (1 - a2) * 2 * (a2 - run.value["y"])
print(
    f"∂C/∂a1[{k}] = {' '.join(f'{s:+.6f}' for s in contributions)} = {contributions.sum():+.6f}; "
    f"the run says {run.grad['a1'][k]:+.6f}"
)

# In the textbooks' letters: δ = ∂C/∂z, then ∂C/∂b = δ and ∂C/∂W = a δᵀ, and δ goes one layer back.
delta2 = 2 * (a2 - run.value["y"]) * a2 * (1 - a2)
delta1 = (w2 @ delta2) * a1 * (1 - a1)
for name, ours, theirs in [
    ("δ2", run.grad["z2"], delta2),
    ("δ1", run.grad["z1"], delta1),
    ("∂C/∂b2", run.grad["b2"], delta2),
    ("∂C/∂w2", run.grad["w2"], np.outer(a1, delta2)),
]:
    print(f"{name:7} agrees to {np.max(np.abs(ours - theirs)):.0e}")

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
folder.mkdir(parents=True, exist_ok=True)
viz.draw(run).save(folder / "several_neurons.svg")
print(f"\n{folder / 'several_neurons.svg'}")
