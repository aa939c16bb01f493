"""If squared error were replaced by cross-entropy, which part of the formulas would change? Only the first factor."""

import numpy as np

import graphcore as gc
from graphcore.extend import local_formula
from ops import add_bias, cross_entropy, matmul, mean, squared_error

rng = np.random.default_rng(3)
g = gc.Graph("one layer, two costs")
x, y = g.input("x", shape=(None, 4)), g.input("y", shape=(None, 3))
w, b = g.parameter("w", rng.standard_normal((4, 3))), g.parameter("b", np.zeros(3))
z = add_bias(matmul(x, w), b, name="z")
costs = {
    "squared error": mean(squared_error(z, y, name="errors"), name="C_squared"),
    "cross-entropy": mean(cross_entropy(z, y, name="surprises"), name="C_entropy"),
}

feed = {x: rng.random((6, 4)), y: np.eye(3)[[0, 1, 2, 2, 1, 0]]}
runs = {name: gc.backprop(cost, feed) for name, cost in costs.items()}

for name, run in runs.items():
    first = next(edge for edge in run.edges if edge.source is z)
    print(f"{name}: C = {run.cost:.4f}")
    print(f"    the first factor, back to z: {local_formula(first.target, first.argument)}")
    for edge in run.edges:
        if edge.source in (w, b) or edge.target is z:
            print(f"    {edge.source.label} → {edge.target.label}: {local_formula(edge.target, edge.argument)}")

# From z backward the two runs use the same rules on the same numbers: what differs is only δ = ∂C/∂z.
for name, run in runs.items():
    same = np.allclose(run.grad[w], run.value[x].T @ run.grad[z], rtol=1e-12)
    print(f"{name}: ∂C/∂w is xᵀ δ: {same}; |δ| = {np.linalg.norm(run.grad[z]):.4f}")
