"""All benchmarks of speed, or some: every table in a process of its own, and a plot.

python benchmarks/run.py [PART ...] [--rounds N] [--clock {wall,cpu}] [--plot FILE.png] [--json FILE]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from plotting import plot

HERE = pathlib.Path(__file__).parent
#: the parts whose tables are multiples of numpy, which a plot can show
RATIOS = ("mlp", "conv", "transformer", "neuron")
PARTS = (*RATIOS, "graphs", "building", "importing", "memory")


def found_by(part, options):
    """Run one script, which prints its table; what it found."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "found.json"
        subprocess.run([sys.executable, HERE / f"{part}.py", *options, "--json", file], check=True)  # noqa: S603  ours
        return json.loads(file.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--clock", choices=("wall", "cpu"))
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.png")
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    everything = {}
    for part in chosen.parts or PARTS:
        options = ["--rounds", str(chosen.rounds)] if chosen.rounds else []
        options += ["--clock", chosen.clock] if chosen.clock and part in RATIOS else []
        everything[part] = found_by(part, options)
        print(flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(everything, indent=1))
    if chosen.plot:
        plot({case: found for part in RATIOS for case, found in everything.get(part, {}).items()}, chosen.plot)


if __name__ == "__main__":
    main()
