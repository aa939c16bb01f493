"""``graphcore explain FILE.py[:NAME] NODE [ENTRY]``: why a gradient of what a file ran is what it is."""

from __future__ import annotations

import argparse

from ..autodiff.run import Run
from ..errors import GraphcoreError
from ..explaining.chain_rule.explanation import explain
from ..explaining.paths.paths import paths
from .load import load


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("explain", help="say why a gradient is what it is", description=__doc__)
    parser.add_argument("target", metavar="FILE.py[:NAME]", help="a Python file, and the variable that holds the run")
    parser.add_argument("node", metavar="NODE", help="the name of a node, as in w1")
    parser.add_argument("entry", nargs="?", metavar="ENTRY", help="one entry of an array, as in 0,2")
    parser.add_argument("--paths", type=int, metavar="N", help="list the N heaviest paths to the cost instead")
    parser.add_argument("--latex", action="store_true", help="as LaTeX")
    parser.add_argument("-o", "--out", metavar="PICTURE", help="draw it: .svg, .png, .pdf or .dot")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation, or draw it and say where it is."""
    found = load(options.target)
    if not isinstance(found, Run):
        raise GraphcoreError(
            f"{options.target} makes no run to explain: assign one to a variable, as in run = gc.backprop(C, feed)"
        )
    if options.paths is not None:
        print(paths(found, options.node, options.paths))
        return 0
    entry = None if options.entry is None else place(options.entry)
    if options.out:
        import viz

        print(viz.explain(found, options.node, entry).save(options.out))
        return 0
    why = explain(found, options.node, entry)
    print(why.latex if options.latex else why)
    return 0


def place(words: str) -> tuple[int, ...]:
    """Return an entry as it is written on a command line.

    >>> place("0,2"), place("(3)")
    ((0, 2), (3,))
    """
    try:
        return tuple(int(part) for part in words.strip("()[] ").split(",") if part.strip())
    except ValueError:
        raise GraphcoreError(f"{words!r} is no entry: expected integers, as in 0,2") from None
