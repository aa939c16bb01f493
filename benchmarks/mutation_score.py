"""The number of deliberately wrong rules that are caught by gc.check and by the checkers of torch, jax, autograd.

    python benchmarks/mutation_score.py [--ours]

The kinds of situational_mutants.py are given to gc.check alone.

Ours is given an operation and its examples, or the arguments of the mutant. The peers, with their defaults, are given
the same arguments and the same wrong rule as a custom function; where their checker refuses the right rule, or cannot
express it, the mutant is not counted for them. Last, the right rules of the whole registry: nothing may be refused.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from mutants import MANY, Mutant, mutants
from peers import PEERS, passes
from situational_mutants import situational_mutants

import graphcore as gc


def caught_by_us(mutant: Mutant) -> bool:
    try:
        gc.check(mutant.op, *mutant.arrays, libraries=False, **mutant.settings)
    except gc.errors.CheckError:
        return True
    print(f"missed: {mutant.kind}, {mutant}", file=sys.stderr)
    return False


def cases_for_peers(mutant: Mutant) -> list[tuple[tuple, dict]]:
    """The same arguments, and for what needs many entries to be seen, as many as that."""
    if not mutant.kind.startswith("one entry"):
        return mutant.cases
    grown = []
    for arrays, settings in mutant.cases:
        size = max(np.size(a) for a in arrays)
        grown.append((tuple(np.tile(a, -(-MANY // size)) if np.size(a) == size else a for a in arrays), settings))
    return grown


def false_alarms() -> list[str]:
    alarms = []
    for op in gc.registry.values():
        if op.examples:
            try:
                gc.check(op)
            except gc.errors.GraphcoreError as error:
                alarms.append(str(error))
    return alarms


def main() -> None:
    peers = {} if "--ours" in sys.argv else PEERS
    total, caught, right = Counter(), Counter(), {}
    started = time.perf_counter()
    for mutant in situational_mutants():
        total[mutant.kind] += 1
        caught["gc.check", mutant.kind] += caught_by_us(mutant)
    for mutant in mutants():
        total[mutant.kind] += 1
        caught["gc.check", mutant.kind] += caught_by_us(mutant)
        cases = cases_for_peers(mutant)
        for name, peer in peers.items():
            key = (name, mutant.origin.name, repr(cases))
            if key not in right:
                right[key] = passes(peer, mutant.origin, cases)
            if right[key]:
                total[name, mutant.kind] += 1
                caught[name, mutant.kind] += not passes(peer, mutant.op, cases)
    names = ["gc.check", *peers]
    print(f"| wrong rule | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    sums = Counter()
    for kind in [kind for kind in total if isinstance(kind, str)]:
        cells = []
        for name in names:
            all_ = total[kind] if name == "gc.check" else total[name, kind]
            sums[name] += caught[name, kind]
            sums[name, "of"] += all_
            cells.append(f"{caught[name, kind]}/{all_}" if all_ else "–")
        print(f"| {kind} | {' | '.join(cells)} |")
    totals = [f"**{sums[name]}/{sums[name, 'of']}**" for name in names]
    print(f"| **in total** | {' | '.join(totals)} |")
    print(f"\n{time.perf_counter() - started:.0f} s for the mutants")
    alarms = false_alarms()
    print(f"{len(alarms)} false alarms in a registry of {len(gc.registry)} operations", *alarms, sep="\n")


if __name__ == "__main__":
    main()
