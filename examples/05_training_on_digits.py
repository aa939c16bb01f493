"""All the ∂C/∂w and ∂C/∂b together are the gradient; stepping against it, again and again, is learning."""

import pathlib
import sys

import numpy as np

import graphcore as gc
import viz
from graphcore.data import load_digits
from ops import add_bias, matmul, mean, relu, sigmoid, squared_error

digits = load_digits()
rng = np.random.default_rng(0)
g = gc.Graph("digits")
x, y = g.input("x", shape=(None, 64), dtype="float32"), g.input("y", shape=(None, 10), dtype="float32")
with g.scope("hidden"):
    w1 = g.parameter("w1", (rng.standard_normal((64, 32)) / 8).astype("float32"))
    b1 = g.parameter("b1", np.zeros(32, dtype="float32"))
    a1 = relu(add_bias(matmul(x, w1), b1, name="z1"), name="a1")
with g.scope("output"):
    w2 = g.parameter("w2", (rng.standard_normal((32, 10)) / 6).astype("float32"))
    b2 = g.parameter("b2", np.zeros(10, dtype="float32"))
    a2 = sigmoid(add_bias(matmul(a1, w2), b2, name="z2"), name="a2")
C = mean(squared_error(a2, y), name="C")

images, targets = digits.training.images, digits.training.targets
for epoch in range(1, 16):
    costs = []
    for chosen in np.array_split(rng.permutation(len(images)), 90):
        run = gc.backprop(C, {x: images[chosen], y: targets[chosen]})
        for parameter in g.parameters.values():
            parameter.value -= 1.0 * run.grad[parameter]
        costs.append(run.cost)
    if epoch % 5 == 0:
        guesses = gc.evaluate(a2, {x: digits.held_out.images}).argmax(axis=1)
        right = np.mean(guesses == digits.held_out.labels)
        print(f"epoch {epoch:2}: cost {np.mean(costs):.4f}, {right:.1%} of the held-out digits right")

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
folder.mkdir(parents=True, exist_ok=True)
run = gc.backprop(C, {x: images[:32], y: targets[:32]})
viz.draw(run).save(folder / "training_on_digits.svg")
print(folder / "training_on_digits.svg")
