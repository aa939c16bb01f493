"""Import time: what a program pays before its first line, in processes of their own.

    python benchmarks/importing.py [--rounds N]

Milliseconds above those of a bare interpreter, medians of processes in turn; files are in the system's cache by then.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec

from measuring import table

IMPORTS = {
    "numpy": "numpy",
    "networkx": "networkx",
    "graphcore": "graphcore",
    "graphcore and ops": "graphcore, ops",
    "graphcore, ops and viz": "graphcore, ops, viz",
    "numba": "numba",
    "micrograd": "micrograd.engine",
    "autograd": "autograd.numpy",
    "mygrad": "mygrad",
    "pytensor": "pytensor.tensor",
    "jax": "jax.numpy",
    "torch": "torch",
}


def seconds_of(program):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  one of the lines above
    return time.perf_counter() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    programs = {"": "pass"}
    for name, modules in IMPORTS.items():
        if all(find_spec(module.strip().partition(".")[0]) for module in modules.split(",")):
            programs[name] = f"import {modules}"
    times = {name: [] for name in programs}
    for number in range(chosen.rounds + 1):
        for name, program in programs.items():
            taken = seconds_of(program)
            if number:
                times[name].append(taken)
    found = {name: statistics.median(taken) for name, taken in times.items()}
    bare = found.pop("")
    found = {name: seconds - bare for name, seconds in found.items()}
    print(f"import: milliseconds above the {bare * 1e3:.0f} ms of a bare interpreter\n")
    print(table({name: {"ms": f"{seconds * 1e3:.0f}"} for name, seconds in found.items()}, ["ms"]))
    if chosen.json:
        chosen.json.write_text(json.dumps({"import": found}))
