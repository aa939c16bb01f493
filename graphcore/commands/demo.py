"""``graphcore demo``: train a network on handwritten digits, then draw its gradients and write its live page."""

from __future__ import annotations

import argparse
import itertools
import pathlib
import time
from typing import Any

import numpy as np

from ..autodiff.gradient import backprop, evaluate
from ..autodiff.run import Run
from ..data import Digits, load_digits
from ..graph.graph import Graph
from ..graph.node import Node
from .progress import Progress

_LAYERS = (64, 16, 16, 10)
_EPOCHS, _BATCH, _RATE = 40, 16, 4.0
_SEED = 0


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("demo", help="train a digit classifier and draw its gradients", description=__doc__)
    parser.add_argument("--out", default="gradients", metavar="DIR", help="where the pictures go (gradients)")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train, measure, draw, and say where the pictures are."""
    import viz

    digits = load_digits()
    rng = np.random.default_rng(_SEED)
    graph, cost = network(rng)
    print(
        f"training {'-'.join(map(str, _LAYERS))}, sigmoid layers, on {len(digits.training.labels)} handwritten digits"
    )
    began = time.perf_counter()
    train(graph, cost, digits.training, rng)
    right = accuracy(graph, digits.held_out)
    print(f"{right:.1%} of {len(digits.held_out.labels)} held-out digits right ({time.perf_counter() - began:.1f} s)")

    folder = pathlib.Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    batch = {"x": digits.held_out.images[:_BATCH], "y": digits.held_out.targets[:_BATCH]}
    for name, found in (("one_neuron_per_layer", one_neuron_per_layer()), ("digits_network", backprop(cost, batch))):
        for suffix in ("svg", "png"):
            path = folder / f"{name}.{suffix}"
            viz.draw(found).save(path)
            print(path)
        viz.page(found, folder / f"{name}.html")
        print(folder / f"{name}.html")
    return 0


def network(rng: Any) -> tuple[Graph, Node]:
    """Return the graph of the classifier and its cost, the mean over a batch of Σ_j (a_j − y_j)²."""
    from ops import add_bias, matmul, mean, sigmoid, squared_error

    graph = Graph("digits")
    a = graph.input("x", shape=(None, _LAYERS[0]), dtype="float32")
    y = graph.input("y", shape=(None, _LAYERS[-1]), dtype="float32")
    for layer, (before, neurons) in enumerate(itertools.pairwise(_LAYERS), start=1):
        with graph.scope(f"layer {layer}"):
            weights = rng.standard_normal((before, neurons)) / np.sqrt(before)
            w = graph.parameter(f"w{layer}", weights.astype("float32"))
            b = graph.parameter(f"b{layer}", np.zeros(neurons, dtype="float32"))
            z = add_bias(matmul(a, w), b, name=f"z{layer}")
            a = sigmoid(z, name=f"a{layer}")
    return graph, mean(squared_error(a, y), name="C")


def train(graph: Graph, cost: Node, digits: Digits, rng: Any) -> None:
    """Mini-batch gradient descent: step against the gradient of the average over a few examples, again and again."""
    targets = digits.targets
    epochs = Progress(list(range(1, _EPOCHS + 1)))
    for epoch in epochs:
        costs = []
        for chosen in np.array_split(rng.permutation(len(targets)), len(targets) // _BATCH):
            found = backprop(cost, {"x": digits.images[chosen], "y": targets[chosen]})
            for parameter in graph.parameters.values():
                parameter.value -= _RATE * found.grad[parameter]
            costs.append(found.cost)
        epochs.say(f"epoch {epoch} of {_EPOCHS}, cost {np.mean(costs):.4f}")


def accuracy(graph: Graph, digits: Digits) -> float:
    """Return the fraction of images whose most active output neuron is the right one."""
    outputs = evaluate(graph[f"a{len(_LAYERS) - 1}"], {"x": digits.images})
    return float(np.mean(np.argmax(outputs, axis=-1) == digits.labels))


def one_neuron_per_layer() -> Run:
    """Return the smallest deep network, 1-1-1-1, on one training example: the ink of an image, and if it is a 1."""
    from ops import sigmoid, squared_error

    example = load_digits("float64").training
    graph = Graph("one neuron per layer")
    a = graph.input("a0")
    y = graph.input("y")
    for layer, (weight, bias) in enumerate(((1.6, -0.3), (-1.2, 0.5), (2.1, -0.8)), start=1):
        with graph.scope(f"layer {layer}"):
            w, b = graph.parameter(f"w{layer}", weight), graph.parameter(f"b{layer}", bias)
            a = sigmoid((w * a + b).named(f"z{layer}"), name=f"a{layer}")
    cost = squared_error(a, y, name="C")
    return backprop(cost, {"a0": float(example.images[0].mean()), "y": float(example.labels[0] == 1)})
