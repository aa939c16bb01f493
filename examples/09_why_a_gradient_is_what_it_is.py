"""The origin of a gradient: factor by factor, path by path, by a nudge, and example by example."""

import pathlib
import sys

import numpy as np

import graphcore as gc
import viz
from ops import add_bias, matmul, mean, sigmoid, squared_error

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
out.mkdir(exist_ok=True)

rng = np.random.default_rng(1)
g = gc.Graph("two layers")
x, y = g.input("x", (None, 2)), g.input("y", (None, 1))
a = x
for layer, (rows, columns) in enumerate([(2, 3), (3, 1)], 1):
    W = g.parameter(f"W{layer}", rng.normal(size=(rows, columns)))
    b = g.parameter(f"b{layer}", np.zeros(columns))
    a = sigmoid(add_bias(matmul(a, W), b, name=f"z{layer}"), name=f"a{layer}")
C = mean(squared_error(a, y), name="C")
run = gc.backprop(C, {x: [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], y: [[1.0], [1.0], [0.0]]})

print("one weight, with the numbers of that very weight\n")
print(gc.explain(run, "W1", (0, 2)))
viz.explain(run, "W1", (0, 2)).save(out / "why_one_weight.svg")

print("\nthe recursion of the textbooks\n")
print(gc.formula(C, "W1"))

print("\nan actual nudge\n")
print(gc.nudge(run, "W1", 0.1, (0, 2)))
viz.number_lines(run, "W1", 0.1, (0, 2)).save(out / "a_nudge.svg")

print("\nthe training examples that pull at it\n")
each = gc.per_example(run)
print(each.pulls("W1", (0, 2)))

right = np.allclose(gc.formula(C, "W1").evaluate(run), run.grad["W1"], rtol=1e-12)
average = np.allclose(each.grad["W1"].mean(axis=0), run.grad["W1"], rtol=1e-12)
print(f"\nthe formula gives the gradient: {right}; the examples' mean is the gradient: {average}")
