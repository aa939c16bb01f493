"""The network as neurons: circles shaded by activation, weights by sign and size; and backpropagation step by step."""

import pathlib
import sys

import numpy as np

import graphcore as gc
import viz
from graphcore.data import load_digits
from ops import add_bias, matmul, mean, sigmoid, squared_error, tanh

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
out.mkdir(parents=True, exist_ok=True)


def network(name, sizes, activations, rng):
    g = gc.Graph(name)
    x, y = g.input("x", (None, sizes[0])), g.input("y", (None, sizes[-1]))
    a = x
    for layer, (before, after, squash) in enumerate(zip(sizes, sizes[1:], activations, strict=False), start=1):
        w = g.parameter(f"w{layer}", rng.standard_normal((before, after)) / np.sqrt(before))
        b = g.parameter(f"b{layer}", np.zeros(after))
        a = squash(add_bias(matmul(a, w), b, name=f"z{layer}"), name=f"a{layer}")
    return mean(squared_error(a, y), name="C")


def learn(cost, images, targets, rate, steps, rng, batch):
    g = cost.graph
    for _ in range(steps):
        chosen = rng.permutation(len(images))[:batch]
        run = gc.backprop(cost, {"x": images[chosen], "y": targets[chosen]})
        for parameter in g.parameters.values():
            parameter.value -= rate * run.grad[parameter]


rng = np.random.default_rng(7)

print("XOR: two hidden neurons are enough")
corners, answers = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
xor = network("XOR", (2, 2, 1), (tanh, sigmoid), rng)
learn(xor, corners, answers, 1.0, 60, rng, 4)
early = gc.backprop(xor, {"x": corners, "y": answers})
learn(xor, corners, answers, 1.0, 2000, rng, 4)
late = gc.backprop(xor, {"x": corners, "y": answers})
for run, when in ((early, "after 60 steps"), (late, "after 2060 steps")):
    said = " ".join(f"{a:.2f}" for a in run.value["a2"][:, 0])
    print(f"{when}: C = {run.cost:.4f}, and it says {said} to 00 01 10 11")
viz.network(early, example=2, title="XOR, half learned, asked 1 and 0").save(out / "xor_as_neurons.svg")

print("\nhandwritten digits, 64-16-16-10")
digits = load_digits("float64")
net = network("digits", (64, 16, 16, 10), (sigmoid, sigmoid, sigmoid), rng)
learn(net, digits.training.images, digits.training.targets, 3.0, 1500, rng, 32)
run = gc.backprop(net, {"x": digits.held_out.images[:16], "y": digits.held_out.targets[:16]})
right = np.mean(run.value["a3"].argmax(axis=1) == digits.held_out.labels[:16])
print(f"{right:.0%} of 16 digits that it has never seen are right")
viz.network(run, example=4, theme="dark").save(out / "digits_as_neurons.svg")

# What a line of that picture says: the gradient of one weight is a product of three, for each example.
k, j = 3, 5  # from neuron 3 of layer 1 to neuron 5 of layer 2
said, slope, blame = (
    run.value["a1"][:, k],
    run.edge(net.graph["z2"], net.graph["a2"], "z").local[:, j],
    run.grad["a2"][:, j],
)
print(
    f"∂C/∂w2[3,5] = {run.grad['w2'][k, j]:+.3e}; Σ activation in × σ′(z) × ∂C/∂a = {np.sum(said * slope * blame):+.3e}"
)

print("\nbackpropagation of one neuron, step by step")
g = gc.Graph("one neuron")
x, y, w, b = g.input("x"), g.input("y"), g.parameter("w", 1.5), g.parameter("b", -0.4)
a = sigmoid((w * x + b).named("z"), name="a")
steps = viz.frames(gc.backprop(squared_error(a, y, name="C"), {x: 0.62, y: 1.0}))
for frame in steps:
    print(f"{frame.at:3}  {frame.caption}")
steps[8].save(out / "one_step_back.svg")
try:
    steps.save(out / "step_by_step.gif", seconds=1.2, width=640)
except viz.DrawError as missing:  # Pillow is an extra
    print(missing)
for name in ("xor_as_neurons", "digits_as_neurons", "one_step_back"):
    print(out / f"{name}.svg")
