"""``graphcore check [OP ...] [--load PACK]``: prove the rules of operations on their own examples."""

from __future__ import annotations

import argparse

from ..arrays.registry import registry
from ..checking import check
from ..errors import GraphcoreError
from .packs import add_load_to, select_names


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("check", help="prove the rules of operations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="OP", help="the operations to check (all)")
    add_load_to(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Check them all, print a line for each, and fail if one fails."""
    names = select_names(options)
    wrong = 0
    for name in names:
        try:
            print(check(registry[name]))
        except GraphcoreError as error:
            wrong += 1
            print(f"WRONG  {error}")
    print(f"{len(names) - wrong} of {len(names)} operations proven")
    return 1 if wrong else 0
