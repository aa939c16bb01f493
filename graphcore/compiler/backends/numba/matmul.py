"""The text of a matrix product, or of a stack of them: one call of BLAS each, transposes being passed to it.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lowered
>>> from graphcore.compiler.frontend.specialize import specialised
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lowered(specialised(g.nodes, [C], [], {}))
>>> from graphcore.compiler.backends.numba.fusion import fused
>>> from graphcore.compiler.backends.numba.storage import laid_out
>>> done = fused(program)
>>> memory = laid_out(program, done)
>>> names = Names(lambda value: (value.name[0], "0"), lambda value: None)
>>> product = done.parts[0]
>>> product_text(product.args, product.value, done.places, names)[:2]
['for i in range(2):', '    for j in range(4):']
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ir.program import Value
from .fusion import is_by_columns
from .loops import Names
from .strides import Place, place_of

#: a product of no more multiplications than this is written out
_FEW = 256


def product_text(args: Sequence[Value], out: Value, places: dict[Value, Place], names: Names) -> list[str]:
    """The lines that write a product. Nothing is added up where there is nothing to add."""
    array, first = names.array(out)
    a, b = (places[arg] for arg in args)
    if out.size == 0 or a.shape[-1] == 0:
        return [f"for i in range({out.size}):", f"    {array}[{first} + i] = {out.dtype}(0)"]
    matrix = (len(a.shape) > 1) + (len(b.shape) > 1)
    whole = place_of(out)
    stack = whole.shape[: len(whole.shape) - matrix]
    if math.prod(whole.shape) * a.shape[-1] <= _FEW and not stack:
        return _summed(a, b, whole, names)
    lines = [f"for b{axis} in range({n}):" for axis, n in enumerate(stack) if n != 1]
    lines.append(_called(a, b, whole, names))
    return ["    " * level + line for level, line in enumerate(lines)]


def _called(a: Place, b: Place, whole: Place, names: Names) -> str:
    """The call of BLAS for one product of a stack. What has one row or one column is a vector."""
    rows, columns = len(a.shape) > 1, len(b.shape) > 1
    m, k, n = a.shape[-2] if rows else 1, a.shape[-1], b.shape[-1] if columns else 1
    stacked = len(whole.shape) - rows - columns
    left, right = _operand(names, a, 1 + rows, stacked), _operand(names, b, 1 + columns, stacked)
    out = _operand(names, whole, rows + columns, stacked)
    bits = whole.base.dtype.itemsize * 8
    if m == n == 1:
        return f"{_entry_at(out)} = dot{bits}({k}, {left}, {right})"
    if n == 1:
        return f"matvec{bits}({m}, {k}, {left}, {is_by_columns(a)}, {right}, {out})"
    if m == 1:
        return f"matvec{bits}({n}, {k}, {right}, {not is_by_columns(b)}, {left}, {out})"
    return f"matmul{bits}({m}, {k}, {n}, {left}, {is_by_columns(a)}, {right}, {is_by_columns(b)}, {out})"


def _summed(a: Place, b: Place, whole: Place, names: Names) -> list[str]:
    """A product so small that calling BLAS would take longer."""
    rows, columns = len(a.shape) > 1, len(b.shape) > 1
    walked = [f"for i in range({a.shape[0]}):"] if rows else []
    walked += [f"for j in range({b.shape[-1]}):"] if columns else []
    left = names.entry(a, (("i", 0), ("k", 1)) if rows else (("k", 0),))
    right = names.entry(b, (("k", 0), ("j", 1)) if columns else (("k", 0),))
    out = names.entry(whole, tuple((axis, n) for n, axis in enumerate([*("i" * rows), *("j" * columns)])))
    dtype = whole.base.dtype
    body = ["s = float64(0)", f"for k in range({a.shape[-1]}):", f"    s += {left} * {right}", f"{out} = {dtype}(s)"]
    lines = ["    " * level + line for level, line in enumerate(walked)]
    return [*lines, *("    " * len(walked) + line for line in body)]


def _operand(names: Names, place: Place, axes: int, stacked: int) -> str:
    """An array and the first entry of one vector or matrix of a stack; the stack's axes are walked by b0, b1, ..."""
    name, first = names.array(place.base)
    mine = len(place.shape) - axes
    terms = [term for term in (first, str(place.offset)) if term != "0"]
    stacks = enumerate(zip(place.shape[:mine], place.strides[:mine], strict=True), start=stacked - mine)
    terms += [f"b{axis} * {stride}" for axis, (length, stride) in stacks if length != 1 and stride]
    return f"{name}, {' + '.join(terms) or '0'}"


def _entry_at(operand: str) -> str:
    return "{}[{}]".format(*operand.split(", "))
