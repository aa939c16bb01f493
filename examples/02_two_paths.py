"""A neuron that influences the cost through two others: its gradient is the sum over the edges that leave it."""

import pathlib
import sys

import graphcore as gc
import viz
from ops import sigmoid, squared_error

g = gc.Graph("two paths")
x = g.input("x")
targets = g.input("y1"), g.input("y2")
w = g.parameter("w", 0.8)
a = sigmoid(w * x, name="a")
costs = []
for j, (weight, y) in enumerate(zip((1.5, -0.7), targets, strict=True), start=1):
    out = sigmoid((g.parameter(f"w{j}", weight) * a).named(f"z{j}"), name=f"a{j}")
    costs.append(squared_error(out, y, name=f"C{j}"))
C = (costs[0] + costs[1]).named("C")

run = gc.backprop(C, {"x": 1.2, "y1": 1.0, "y2": 0.0})
contributions = [edge for edge in run.edges if edge.source is a]
for edge in contributions:
    print(f"through {edge.target.name}: ∂C/∂{edge.target.name} × ∂{edge.target.name}/∂a = {edge.contribution:+.6f}")
print(f"together:    ∂C/∂a = {sum(edge.contribution for edge in contributions):+.6f}")
print(f"in the run:  ∂C/∂a = {run.grad[a]:+.6f}")

# The smallest case of all: in x · x, x is used twice, and 2x is the sum of two x.
square = gc.Graph("x times x")
s = square.input("s")
run_square = gc.backprop((s * s).named("s2"), {s: 3.0})
print(f"\nd(s·s)/ds at 3 = {' + '.join(f'{e.contribution:g}' for e in run_square.edges)} = {run_square.grad[s]:g}")

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
folder.mkdir(parents=True, exist_ok=True)
viz.draw(run).save(folder / "two_paths.svg")
print(f"\n{folder / 'two_paths.svg'}")
