"""``graphcore ops``: every registered operation with its formula, its rules and where it was defined."""

from __future__ import annotations

import argparse
import pathlib

from ..operation import Op
from ..registration import registry
from .packs import add_load_to, chosen, listed


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("ops", help="list the registered operations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="OP", help="only these, each with its whole description")
    add_load_to(parser)
    parser.add_argument("--packs", action="store_true", help="list the op packs that are installed, and load none")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the list, or the operations that were asked for."""
    if options.packs:
        print(listed())
        return 0
    chosen_ops = [registry[name] for name in chosen(options)]
    if options.names:
        print("\n\n".join(described(op) for op in chosen_ops))
        return 0
    rows = [(op.name, formula(op), rules(op), source(op)) for op in chosen_ops]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))
    return 0


def formula(op: Op) -> str:
    """How it is written, with its own argument names.

    >>> import ops
    >>> formula(ops.sigmoid), formula(ops.add)
    ('σ(z)', 'x1 + x2')
    """
    from ..formulas import Formula
    from ..notation import Written
    from ..writing import placeholder

    fields = {value: Written(placeholder(i)) for i, value in enumerate(op.values)}
    written = op.notation.write(fields)
    return str(Formula(written.text, op.values))


def rules(op: Op) -> str:
    """What kind of rule each argument has.

    >>> import ops
    >>> rules(ops.where)
    'condition flat, x1 pullback, x2 pullback'
    """
    if op.is_composite:
        return "through the operations it is made of"
    return ", ".join(f"{value} {op.rules[value].kind if value in op.rules else 'NONE'}" for value in op.values)


def source(op: Op) -> str:
    """The file, as briefly as it can be told, and the line."""
    path = pathlib.Path(op.source.file)
    return f"{path.parent.name}/{path.name}:{op.source.line}"


def described(op: Op) -> str:
    """One operation at length."""
    lines = [f"{op.name}({', '.join([*op.values, *(f'{s}=' for s in op.settings)])})", f"    {formula(op)}"]
    lines += [f"    LaTeX: {op.notation}", f"    rules: {rules(op)}", f"    defined at {op.source}", ""]
    lines += [line.rstrip() for line in (op.__doc__ or "").splitlines()]
    return "\n".join(lines)
