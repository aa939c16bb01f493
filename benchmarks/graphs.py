"""Large graphs of single numbers: a deep chain and a wide fan-out, built, run and reversed.

    python benchmarks/graphs.py [--most N] [--rounds N]

Every figure is of a process of its own, seconds and the memory above what it had when the libraries were imported. What
finding the order takes is part of ``reverse``. ``networkx`` is a MultiDiGraph of as many nodes and named edges and
nothing else, filled by its own calls, and its ``run`` is its own sorting.
The others build while they run.
"""

import argparse
import json
import pathlib
import statistics

from measuring import table
from processes import alone

CHAIN = (1_000, 10_000, 100_000, 1_000_000)
FAN = (100, 1_000, 10_000, 100_000)
LIBRARIES = ("graphcore", "networkx", "torch", "autograd", "micrograd")
PARTS = ("build", "run", "reverse", "MB")


def measured(shape, number, library, rounds):
    """The medians of several processes."""
    found = []
    for _ in range(rounds):
        one = alone("graphs_alone.py", shape, number, library)
        if isinstance(one, str):
            return one
        found.append(one)
    return {part: statistics.median(one[part] for one in found) for part in found[0]}


def cells(found):
    """A row of the table: numbers with as many digits as mean something."""
    if isinstance(found, str):
        return {"build": found}
    row = {part: f"{value:.3g}" if part != "MB" else f"{value:.0f}" for part, value in found.items()}
    return row | {"all": f"{sum(value for part, value in found.items() if part != 'MB'):.3g}"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=CHAIN[-1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    rows, everything = {}, {}
    for shape, numbers in (("chain", CHAIN), ("fan-out", FAN)):
        for number in numbers:
            if number > chosen.most:
                continue
            rounds = min(chosen.rounds, 1 if number >= CHAIN[-1] else chosen.rounds)
            for library in LIBRARIES:
                found = measured(shape, number, library, rounds)
                everything[f"{shape} {number}"] = everything.get(f"{shape} {number}", {}) | {library: found}
                rows[f"{shape} {number:>9,}  {library}"] = cells(found)
    print("a graph of single numbers: seconds, and MB above the libraries\n")
    print(table(rows, ["build", "run", "reverse", "all", "MB"]))
    if chosen.json:
        chosen.json.write_text(json.dumps(everything))
