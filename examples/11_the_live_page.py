"""See the chain rule move: one HTML file with a handle on every number, to open from disk or to mail."""

import pathlib
import sys

import numpy as np

import graphcore as gc
import viz
from ops import add_bias, matmul, mean, sigmoid, squared_error

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
out.mkdir(exist_ok=True)

# one neuron per layer, as in the lesson
g = gc.Graph("one neuron per layer")
a, y = g.input("a0"), g.input("y")
for layer, (weight, bias) in enumerate([(1.6, -0.3), (-1.2, 0.5), (2.1, -0.8)], 1):
    with g.scope(f"layer {layer}"):
        w, b = g.parameter(f"w{layer}", weight), g.parameter(f"b{layer}", bias)
        a = sigmoid((w * a + b).named(f"z{layer}"), name=f"a{layer}")
C = squared_error(a, y, name="C")
neuron = viz.page(gc.backprop(C, {"a0": 0.6, "y": 1.0}), out / "one_neuron_per_layer.html")
print(f"one neuron per layer: {len(neuron.html.encode()) // 1000} kB")

# exclusive or: four training examples, and their average
rng = np.random.default_rng(3)
g = gc.Graph("exclusive or")
x, y = g.input("x", (None, 2)), g.input("y", (None, 1))
a = x
for layer, (rows, columns) in enumerate([(2, 3), (3, 1)], 1):
    with g.scope(f"layer {layer}"):
        W = g.parameter(f"W{layer}", rng.normal(size=(rows, columns)))
        b = g.parameter(f"b{layer}", np.zeros(columns))
        a = sigmoid(add_bias(matmul(a, W), b, name=f"z{layer}"), name=f"a{layer}")
C = mean(squared_error(a, y), name="C")
run = gc.backprop(C, {x: [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], y: [[0.0], [1.0], [1.0], [0.0]]})
page = viz.page(run, out / "exclusive_or.html")
print(f"exclusive or, with each of its examples: {len(page.html.encode()) // 1000} kB")

for name in ("one_neuron_per_layer", "exclusive_or"):
    text = (out / f"{name}.html").read_text("utf-8")
    alone = "default-src 'none'" in text and "https://" not in text
    print(f"{name}.html stands alone: {alone}")
