"""``graphcore ops``: every registered operation with its formula, its rules and where it was defined.

Plain functions that are made of operations follow, with how they are called in the place of a formula.
"""

from __future__ import annotations

import argparse
import inspect
import pathlib
from collections.abc import Callable
from typing import Any

from ..arrays.registry import registry
from ..operations.operation import Op, op_named
from ..support.source_location import SourceLocation, definition_location
from .packs import add_load_to, list_packs, select_names


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("ops", help="list the registered operations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="OP", help="only these, each with its whole description")
    add_load_to(parser)
    parser.add_argument("--packs", action="store_true", help="list the op packs that are installed, and load none")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the list, or the operations that were named."""
    if options.packs:
        print(list_packs())
        return 0
    names = [*select_names(options), *([] if options.names or options.load else sorted(registry.functions))]
    if options.names:
        print("\n\n".join(describe(name) for name in names))
        return 0
    rows = [row(name) for name in names]
    widths = [max((len(cells[i]) for cells in rows), default=0) for i in range(3)]
    for cells in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), cells[3]]))
    return 0


def row(name: str) -> tuple[str, str, str, str]:
    """Return the row of an operation in the list, or of a function made of operations.

    >>> import ops
    >>> row("sigmoid")[:3], row("conv1d")[2]
    (('sigmoid', 'σ(z)', 'z local'), 'a function made of operations')
    """
    if name in registry.functions:
        function = registry.functions[name]
        return name, call(function), "a function made of operations", brief(definition_location(function))
    op = op_named(name)
    return name, formula(op), rules(op), brief(op.source)


def call(function: Callable[..., Any]) -> str:
    """Return the call of a function.

    >>> import ops
    >>> call(ops.conv1d)
    'conv1d(x, w, bias, stride=, padding=, dilation=, groups=)'
    """
    told = []
    for name, parameter in inspect.signature(function).parameters.items():
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        told.append(f"{star}{name}{'=' if parameter.kind is parameter.KEYWORD_ONLY else ''}")
    return f"{function.__name__}({', '.join(told)})"


def formula(op: Op) -> str:
    """Return the formula of an operation, with its own argument names.

    >>> import ops
    >>> formula(ops.sigmoid), formula(ops.add)
    ('σ(z)', 'x1 + x2')
    """
    from ..operations.notation import Written
    from ..symbolic.expression import Formula, placeholder

    fields = {value: Written(placeholder(i)) for i, value in enumerate(op.values)}
    written = op.notation.write(fields)
    return str(Formula(written.text, op.values))


def rules(op: Op) -> str:
    """Return the kind of rule of each argument.

    >>> import ops
    >>> rules(ops.where)
    'condition flat, x1 pullback, x2 pullback'
    """
    if op.is_composite:
        return "through the operations it is made of"
    return ", ".join(f"{value} {op.rules[value].kind if value in op.rules else 'NONE'}" for value in op.values)


def brief(origin: SourceLocation) -> str:
    """Return the file, as briefly as possible, and the line."""
    path = pathlib.Path(origin.file)
    return f"{path.parent.name}/{path.name}:{origin.line}"


def describe(name: str) -> str:
    """Return the whole description of an operation or function."""
    if name in registry.functions:
        function = registry.functions[name]
        lines = [
            call(function),
            "    a function made of operations",
            f"    defined at {definition_location(function)}",
            "",
        ]
        return "\n".join([*lines, *(inspect.getdoc(function) or "").splitlines()])
    op = op_named(name)
    lines = [f"{op.name}({', '.join([*op.values, *(f'{s}=' for s in op.settings)])})", f"    {formula(op)}"]
    lines += [f"    LaTeX: {op.notation}", f"    rules: {rules(op)}", f"    defined at {op.source}", ""]
    lines += [line.rstrip() for line in (op.__doc__ or "").splitlines()]
    return "\n".join(lines)
