"""One neuron per layer: three weights, three biases, and ∂C of every one of them by the chain rule."""

import pathlib
import sys

import graphcore as gc
import viz
from ops import sigmoid, squared_error

g = gc.Graph("one neuron per layer")
a = g.input("a0")
y = g.input("y")
for layer, (weight, bias) in enumerate([(1.6, -0.3), (-1.2, 0.5), (2.1, -0.8)], start=1):
    with g.scope(f"layer {layer}"):
        w = g.parameter(f"w{layer}", weight)
        b = g.parameter(f"b{layer}", bias)
        z = (w * a + b).named(f"z{layer}")
        a = sigmoid(z, name=f"a{layer}")
C = squared_error(a, y, name="C")

run = gc.backprop(C, {"a0": 0.62, "y": 1.0})
print(run)

# The chain rule for the last weight, by hand: ∂C/∂w3 = ∂z3/∂w3 · ∂a3/∂z3 · ∂C/∂a3
a2, a3 = run.value["a2"], run.value["a3"]
how_active_the_input_was = a2
how_responsive_the_neuron_is = a3 * (1 - a3)
how_wrong_the_output_is = 2 * (a3 - 1.0)
by_hand = how_active_the_input_was * how_responsive_the_neuron_is * how_wrong_the_output_is
print(f"\nby hand: {a2:.4f} × {how_responsive_the_neuron_is:.4f} × {how_wrong_the_output_is:.4f} = {by_hand:.6f}")
print(f"the run: {run.grad['w3']:.6f}")

# An actual nudge: how does the cost change when w1 grows by 0.01?
g["w1"].value += 0.01
nudged = gc.backprop(C, {"a0": 0.62, "y": 1.0})
print(f"\nnudge w1 by 0.01: ΔC = {nudged.cost - run.cost:+.3e}, predicted {0.01 * run.grad['w1']:+.3e}")

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "gradients")
folder.mkdir(parents=True, exist_ok=True)
viz.draw(run).save(folder / "one_neuron_per_layer.svg")
print(f"\n{folder / 'one_neuron_per_layer.svg'}")
