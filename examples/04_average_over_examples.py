"""One training example is only one: the cost is the average over all, and so is its gradient."""

import numpy as np

import graphcore as gc
from ops import add_bias, matmul, mean, sigmoid, squared_error

rng = np.random.default_rng(2)
g = gc.Graph("a layer on a batch")
x, y = g.input("x", shape=(None, 3)), g.input("y", shape=(None, 2))
w, b = g.parameter("w", rng.standard_normal((3, 2))), g.parameter("b", np.zeros(2))
a = sigmoid(add_bias(matmul(x, w), b, name="z"), name="a")
each = squared_error(a, y, name="costs")  # one cost per example
C = mean(each, name="C")

images, labels = rng.random((5, 3)), np.eye(2)[[0, 1, 1, 0, 1]]
batch = gc.backprop(C, {x: images, y: labels})

print("example   cost      ∂C/∂w[0,0]")
single = []
for i in range(len(images)):  # the same graph takes a batch of one: its first length is "any"
    run = gc.backprop(C, {x: images[i : i + 1], y: labels[i : i + 1]})
    single.append(run.grad[w])
    print(f"{i:^7}   {run.cost:.5f}   {run.grad[w][0, 0]:+.5f}")
print(f"average   {batch.cost:.5f}   {np.mean(single, axis=0)[0, 0]:+.5f}")
print(f"batch     {batch.cost:.5f}   {batch.grad[w][0, 0]:+.5f}")
print(f"largest difference over all weights: {np.max(np.abs(np.mean(single, axis=0) - batch.grad[w])):.0e}")

up = [i for i, gradient in enumerate(single) if gradient[0, 0] < 0]
print(f"examples {up} would make w[0,0] grow, the others would make it shrink")
