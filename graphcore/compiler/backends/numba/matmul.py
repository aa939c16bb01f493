"""Source text of a matrix product or of a stack of them: one BLAS call each, with transposes as flags.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> from graphcore.compiler.backends.numba.fusion import fuse
>>> from graphcore.compiler.backends.numba.storage import plan_storage
>>> done = fuse(program)
>>> storage = plan_storage(program, done)
>>> names = ArrayNames(lambda value: (value.name[0], "0"), lambda value: None)
>>> product = done.parts[0]
>>> write_matmul(product.args, product.value, done.views, names)[:2]
['for i in range(2):', '    for j in range(4):']
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ir.program import Value
from ..threads import matmul_sizes, needs_one_thread
from .fusion import is_transposed
from .loops import ArrayNames
from .strides import StridedView, as_view

#: a product of at most this many multiplications is written as loops
_MAX_UNROLLED = 256


def write_matmul(
    args: Sequence[Value],
    out: Value,
    views: dict[Value, StridedView],
    names: ArrayNames,
    *,
    limits_threads: bool = True,
) -> list[str]:
    """Return the lines of a product; it is 0 where the summed axis is empty."""
    array, first = names.array(out)
    a, b = (views[arg] for arg in args)
    if out.size == 0 or a.shape[-1] == 0:
        return [f"for i in range({out.size}):", f"    {array}[{first} + i] = {out.dtype}(0)"]
    matrix = (len(a.shape) > 1) + (len(b.shape) > 1)
    out_view = as_view(out)
    stack = out_view.shape[: len(out_view.shape) - matrix]
    if math.prod(out_view.shape) * a.shape[-1] <= _MAX_UNROLLED and not stack:
        return _write_unrolled(a, b, out_view, names)
    lines = [f"for b{axis} in range({n}):" for axis, n in enumerate(stack) if n != 1]
    lines.append(_write_blas_call(a, b, out_view, names))
    lines = ["    " * level + line for level, line in enumerate(lines)]
    if limits_threads and needs_one_thread(*matmul_sizes(a.shape, b.shape)):
        return ["threads = one_thread()", *lines, "restore_threads(threads)"]
    return lines


def _write_blas_call(a: StridedView, b: StridedView, out_view: StridedView, names: ArrayNames) -> str:
    """Return the BLAS call for one product of a stack. Matrices of one row or one column are vectors."""
    rows, columns = len(a.shape) > 1, len(b.shape) > 1
    m, k, n = a.shape[-2] if rows else 1, a.shape[-1], b.shape[-1] if columns else 1
    stacked = len(out_view.shape) - rows - columns
    left, right = _format_operand(names, a, 1 + rows, stacked), _format_operand(names, b, 1 + columns, stacked)
    out = _format_operand(names, out_view, rows + columns, stacked)
    bits = out_view.base.dtype.itemsize * 8
    if m == n == 1:
        return f"{_format_entry(out)} = dot{bits}({k}, {left}, {right})"
    if n == 1:
        return f"matvec{bits}({m}, {k}, {left}, {is_transposed(a)}, {right}, {out})"
    if m == 1:
        return f"matvec{bits}({n}, {k}, {right}, {not is_transposed(b)}, {left}, {out})"
    return f"matmul{bits}({m}, {k}, {n}, {left}, {is_transposed(a)}, {right}, {is_transposed(b)}, {out})"


def _write_unrolled(a: StridedView, b: StridedView, out_view: StridedView, names: ArrayNames) -> list[str]:
    """Return the loops of a product so small that a BLAS call would take longer."""
    rows, columns = len(a.shape) > 1, len(b.shape) > 1
    walked = [f"for i in range({a.shape[0]}):"] if rows else []
    walked += [f"for j in range({b.shape[-1]}):"] if columns else []
    left = names.entry(a, (("i", 0), ("k", 1)) if rows else (("k", 0),))
    right = names.entry(b, (("k", 0), ("j", 1)) if columns else (("k", 0),))
    out = names.entry(out_view, tuple((axis, n) for n, axis in enumerate([*("i" * rows), *("j" * columns)])))
    dtype = out_view.base.dtype
    body = ["s = float64(0)", f"for k in range({a.shape[-1]}):", f"    s += {left} * {right}", f"{out} = {dtype}(s)"]
    lines = ["    " * level + line for level, line in enumerate(walked)]
    return [*lines, *("    " * len(walked) + line for line in body)]


def _format_operand(names: ArrayNames, view: StridedView, axes: int, stacked: int) -> str:
    """Return an array and the index of the first entry of one operand of a stack, whose indices are b0, b1, ..."""
    name, first = names.array(view.base)
    mine = len(view.shape) - axes
    terms = [term for term in (first, str(view.offset)) if term != "0"]
    stacks = enumerate(zip(view.shape[:mine], view.strides[:mine], strict=True), start=stacked - mine)
    terms += [f"b{axis} * {stride}" for axis, (length, stride) in stacks if length != 1 and stride]
    return f"{name}, {' + '.join(terms) or '0'}"


def _format_entry(operand: str) -> str:
    return "{}[{}]".format(*operand.split(", "))
