"""The memory of a step: a chain of layers in which every value would be kept, and the ways not to.

    python benchmarks/memory.py [--rounds N]

256 layers ``tanh(w a)`` of 262 144 numbers in float32, 1 MB each, w a single number: MB at the peak of a step above
what the process had before, and the seconds of a second step. Every figure is of a process of its own.
``checkpoint`` is 16 parts of 16 layers. What the compiled step of numba takes to be compiled is counted too.
"""

import argparse
import json
import pathlib
import statistics

from measuring import table
from processes import alone

WAYS = {
    "gc.backprop": "backprop",
    "gc.backprop, keep=[]": "keep-nothing",
    "gc.backprop, keep=[], checkpoint": "keep-nothing checkpoint",
    "gc.compile, numpy": "compiled-numpy",
    "gc.compile, numpy, checkpoint": "compiled-numpy checkpoint",
    "gc.compile, numba": "compiled-numba",
    "gc.compile, numba, checkpoint": "compiled-numba checkpoint",
    "numpy by hand": "by-hand",
    "autograd": "autograd",
    "torch": "torch",
    "torch, checkpoint": "torch checkpoint",
    "jax jit": "jax",
    "jax jit, checkpoint": "jax checkpoint",
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    rows, everything = {}, {}
    for name, way in WAYS.items():
        found = []
        for _ in range(chosen.rounds):
            one = alone("memory_alone.py", *way.split())
            if isinstance(one, str):
                rows[name] = {"MB": one}
                break
            found.append(one)
        else:
            everything[name] = {part: statistics.median(one[part] for one in found) for part in found[0]}
            rows[name] = {"MB": f"{everything[name]['MB']:.0f}", "seconds": f"{everything[name]['step']:.3f}"}
    print("a step through 256 layers of 1 MB each\n")
    print(table(rows, ["MB", "seconds"]))
    if chosen.json:
        chosen.json.write_text(json.dumps(everything))
