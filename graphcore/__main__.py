"""The command line: ``graphcore demo``, ``draw``, ``page``, ``explain``, ``ops``, ``check``, ``doctor``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from . import __version__
from .commands import check, demo, doctor, draw, explain, ops, page
from .errors import GraphcoreError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 with a message where something is wrong."""
    parser = argparse.ArgumentParser(prog="graphcore", description="See, explain and trust every gradient.")
    parser.add_argument("--version", action="version", version=f"graphcore {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (demo, draw, page, explain, ops, check, doctor):
        module.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        status = int(options.command(options))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at its end
        return 0
    except GraphcoreError as error:
        print(f"graphcore: {error}", file=sys.stderr)
        for note in getattr(error, "__notes__", ()):
            print(f"    {note}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
