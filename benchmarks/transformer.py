"""One step of learning of a small transformer block, beside what its users would write elsewhere.

    python benchmarks/transformer.py [--rounds N] [--only NAME ...]

8 sequences of length 32 with 64 features in float32: layer norm, attention with 4 heads, layer norm, two dense layers
with gelu (in its tanh form) between, both halves added to their input; squared error, mean over positions, sequences.
"""

import numpy as np
import transformer_peers as peers
from comparing import main
from frameworks import in_every_library
from transformer_by_hand import by_hand

import graphcore as gc
import ops

BATCH, PLACES, WIDTH, HEADS = 8, 32, 64, 4
EACH = WIDTH // HEADS

SHAPES = {
    "gain1": (WIDTH,),
    "shift1": (WIDTH,),
    "w_qkv": (WIDTH, 3 * WIDTH),
    "b_qkv": (3 * WIDTH,),
    "w_out": (WIDTH, WIDTH),
    "b_out": (WIDTH,),
    "gain2": (WIDTH,),
    "shift2": (WIDTH,),
    "w_up": (WIDTH, 4 * WIDTH),
    "b_up": (4 * WIDTH,),
    "w_down": (4 * WIDTH, WIDTH),
    "b_down": (WIDTH,),
}


class Net:
    """The numbers of a block, its input and what should come out of it."""

    dtype = "float32"
    heads = HEADS

    def __init__(self):
        rng = np.random.default_rng(0)
        self.parameters = [
            (rng.standard_normal(shape) * (shape[0] ** -0.5 if len(shape) == 2 else 0.1) + ("gain" in name)).astype(
                "float32"
            )
            for name, shape in SHAPES.items()
        ]
        self.x, self.y = rng.standard_normal((2, BATCH, PLACES, WIDTH)).astype("float32")


def graph_of(net):
    """graphcore."""
    g = gc.Graph()
    x = g.input("x", (BATCH, PLACES, WIDTH), "float32")
    y = g.input("y", (BATCH, PLACES, WIDTH), "float32")
    parameters = [g.parameter(name, p) for name, p in zip(SHAPES, net.parameters, strict=True)]
    gain1, shift1, w_qkv, b_qkv, w_out, b_out, gain2, shift2, w_up, b_up, w_down, b_down = parameters
    qkv = ops.layer_norm(x, gain1, shift1) @ w_qkv + b_qkv
    qkv = ops.permute_dims(ops.reshape(qkv, shape=(BATCH, PLACES, 3, HEADS, EACH)), axes=(2, 0, 3, 1, 4))
    found = ops.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])
    found = ops.reshape(ops.permute_dims(found, axes=(0, 2, 1, 3)), shape=(BATCH, PLACES, WIDTH))
    h = x + (found @ w_out + b_out)
    up = ops.gelu(ops.layer_norm(h, gain2, shift2) @ w_up + b_up, approximate="tanh")
    out = h + (up @ w_down + b_down)
    return ops.mean(ops.squared_error(out, y), name="C"), {x: net.x, y: net.y}, parameters


NETS = {"transformer block": Net}

if __name__ == "__main__":
    main("one step of learning, a transformer block", NETS, in_every_library(by_hand, graph_of, peers))
