"""``graphcore page FILE.py[:NAME] -o backprop.html``: the live page of what a file ran."""

from __future__ import annotations

import argparse

from ..autodiff.run import Run
from ..errors import GraphcoreError
from .load import load


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("page", help="write the live page of a run", description=__doc__)
    parser.add_argument("target", metavar="FILE.py[:NAME]", help="a Python file, and the variable that holds the run")
    parser.add_argument("-o", "--out", default="backprop.html", metavar="PAGE", help="an .html file (backprop.html)")
    parser.add_argument("--title", help="what stands above it, instead of the graph's name")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write it and say where it is."""
    import viz

    found = load(options.target)
    if not isinstance(found, Run):
        raise GraphcoreError(
            f"{options.target} makes no run to show: assign one to a variable, as in run = gc.backprop(C, feed)"
        )
    viz.page(found, options.out, title=options.title)
    print(options.out)
    return 0
