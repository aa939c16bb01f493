"""Fixtures of the tests of pictures: networks to draw, and a reader of DOT text."""

import html
import re
from types import SimpleNamespace

import numpy as np
import pytest

import graphcore as gc
import ops


def neurons():
    """One neuron per layer, three layers, scalar by scalar."""
    g = gc.Graph("one neuron per layer")
    a, y = g.input("x"), g.input("y")
    for layer, (w, b) in enumerate([(0.6, -0.2), (-1.3, 0.4), (1.7, 0.1)], 1):
        with g.scope(f"layer {layer}"):
            weighted = g.parameter(f"w{layer}", w) * a
            z = (weighted + g.parameter(f"b{layer}", b)).named(f"z{layer}")
            a = ops.sigmoid(z, name=f"a{layer}")
    cost = ops.squared_error(a, y, name="C₀")
    return gc.backprop(cost, {"x": 0.8, "y": 1.0})


def square():
    """The first picture: two edges from x to x · x."""
    g = gc.Graph("square")
    x = g.input("x")
    return gc.backprop((x * x).named("C"), {x: 3.0})


def paths():
    """Several paths to one cost, one of them through a relu that is switched off."""
    g = gc.Graph("paths")
    h = g.input("h")
    u = ops.relu(h * 2.0 - 1.9, name="u")
    v = (h * h).named("v")
    k = ops.exp(-h, name="k")
    return gc.backprop((u + v - k * 3.0).named("C"), {h: 0.7})


def layers(batch=5):
    """A 3-4-2 network on a batch."""
    rng = np.random.default_rng(0)
    g = gc.Graph("two layers")
    x = a = g.input("x", (None, 3))
    y = g.input("y", (None, 2))
    for layer, (n, m) in enumerate(((3, 4), (4, 2)), 1):
        with g.scope(f"layer {layer}"):
            z = a @ g.parameter(f"W{layer}", rng.normal(size=(n, m))) + g.parameter(f"b{layer}", rng.normal(size=m))
            a = ops.sigmoid(z.named(f"z{layer}"), name=f"a{layer}")
    cost = ops.mean(ops.squared_error(a, y), name="C")
    return gc.backprop(cost, {x: rng.normal(size=(batch, 3)), y: rng.normal(size=(batch, 2))})


def chain(length, scope=None):
    """A long chain of scalar neurons; ``scope`` says in which layer each stands."""
    g = gc.Graph("chain")
    a = g.input("x")
    for i in range(length):
        if scope is None:
            a = ops.tanh(g.parameter(f"w{i}", 1.1) * a, name=f"a{i}")
        else:
            with g.scope(scope(i)):
                a = ops.tanh(g.parameter(f"w{i}", 1.1) * a, name=f"a{i}")
    return gc.backprop(ops.square(a, name="C"), {"x": 0.8})


@pytest.fixture(scope="session")
def nets():
    """Networks that are drawn in the tests."""
    return SimpleNamespace(neurons=neurons, square=square, paths=paths, layers=layers, chain=chain)


# -- reading a DOT text the way a person reads the picture: what each box says, and each arrow

_EDGE = re.compile(r"^\t*(n\d+) -> (n\d+) \[(.*)\]$")
_NODE = re.compile(r"^\t*(n\d+) \[label=<(.*)> (class=.*|id=.*|tooltip=.*)\]$")


def words_of(markup):
    return [html.unescape(t).replace("\u00a0", " ") for t in re.findall(r">([^<>]+)<", markup)]


def boxes_of(source):
    """By the name in the picture's ids, what stands in each box."""
    found = {}
    for line in source.splitlines():
        match = _NODE.match(line)
        if match:
            key = re.search(r'id="?(node-\d+|fold-[\d-]+)"?', match[3])[1]
            found[key] = words_of(match[2])
    return found


def arrows_of(source):
    """By the id of each arrow, its attributes, with the words of the label under "words"."""
    found = {}
    for line in source.splitlines():
        match = _EDGE.match(line)
        if match:
            label = re.search(r"label=<(<.*>)>(?: |$)", match[3])
            rest = match[3].replace(label[0], "") if label else match[3]
            given = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"]+)', rest)}
            given["words"] = words_of(label[1]) if label else []
            given["ends"] = match[1], match[2]
            found[given["id"]] = given
    return found


@pytest.fixture(scope="session")
def read():
    """Reader of DOT text, box by box and arrow by arrow."""
    return SimpleNamespace(boxes=boxes_of, arrows=arrows_of)
