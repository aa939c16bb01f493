"""``graphcore draw FILE.py[:NAME] -o net.svg``: the gradient diagram of what a file made."""

from __future__ import annotations

import argparse

from .load import load


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("draw", help="draw the run, node or graph that a file makes", description=__doc__)
    parser.add_argument("target", metavar="FILE.py[:NAME]", help="a Python file, and the variable to draw")
    parser.add_argument("-o", "--out", default="net.svg", metavar="PICTURE", help=".svg, .png, .pdf or .dot (net.svg)")
    parser.add_argument("--theme", default="light", help="light, dark or print")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Draw it and say where it is."""
    import viz

    viz.draw(load(options.target), theme=options.theme).save(options.out)
    print(options.out)
    return 0
