"""The option ``--load PACK`` of commands that deal with operations, and the list of op packs."""

from __future__ import annotations

import argparse

from ..arrays.registry import registry
from ..operations.packs import load_ops, op_packs


def add_load_to(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument("--load", action="append", default=[], metavar="PACK", help="an op pack, and its operations")


def select_names(options: argparse.Namespace) -> list[str]:
    """Return the operations that a command is about: those named, else those of the packs loaded, else all."""
    import ops  # noqa: F401  registers the standard operations

    loaded = [name for pack in options.load for name in load_ops(pack)]
    return options.names or (loaded if options.load else list(registry))


def list_packs() -> str:
    """Return one line for each op pack that is installed."""
    packs = op_packs()
    width = max((len(pack.name) for pack in packs), default=0)
    lines = [
        f"{pack.name.ljust(width)}  {pack.distribution} {pack.version}{'  loaded' if pack.loaded else ''}"
        for pack in packs
    ]
    return "\n".join(lines or ["no op pack is installed"])
