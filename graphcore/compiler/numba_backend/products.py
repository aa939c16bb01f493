"""The text of a matrix product, or of a stack of them: one call of BLAS each, transposes being passed to it.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.lowering import lowered
>>> from graphcore.compiler.specialising import specialised
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lowered(specialised(g.nodes, [C], [], {}))
>>> from graphcore.compiler.numba_backend.fusing import fused
>>> from graphcore.compiler.numba_backend.memory import laid_out
>>> done = fused(program)
>>> memory = laid_out(program, done)
>>> names = Names(lambda value: (value.name[0], "0"), lambda value: None)
>>> product = done.parts[0]
>>> product_text(product.args, product.value, done.places, names)[:2]
['for i in range(2):', '    for j in range(4):']
>>> is_large(product.value, done.places)
False
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..program import Value
from .fusing import is_by_columns
from .loops import Names
from .places import Place, place_of

#: a product of no more multiplications than this is written out
_FEW = 256
#: one of at least so many is numpy's
_MANY = 2_000_000


def is_large(value: Value, places: dict[Value, Place]) -> bool:
    """Whether a product takes so long that a call of numpy, whose BLAS is as a rule the newest, costs nothing."""
    return value.name == "matmul" and value.size * places[value.args[0]].shape[-1] >= _MANY


def product_text(args: Sequence[Value], out: Value, places: dict[Value, Place], names: Names) -> list[str]:
    """The lines that write a product. Nothing is added up where there is nothing to add."""
    array, first = names.array(out)
    a, b = (places[arg] for arg in args)
    if out.size == 0 or a.shape[-1] == 0:
        return [f"for i in range({out.size}):", f"    {array}[{first} + i] = {out.dtype}(0)"]
    matrix = (len(a.shape) > 1) + (len(b.shape) > 1)
    whole = place_of(out)
    stack = whole.shape[: len(whole.shape) - matrix]
    blocks = [_block(names, place, min(2, len(place.shape)), len(stack)) for place in (a, b)]
    if math.prod(whole.shape) * a.shape[-1] <= _FEW and not stack:
        return _summed(a, b, whole, names)
    if matrix == 0:
        return [f"{array}[{first}] = dot({', '.join(blocks)})"]
    lines = [f"for b{axis} in range({n}):" for axis, n in enumerate(stack) if n != 1]
    lines.append(f"dot({', '.join(blocks)}, {_block(names, whole, matrix, len(stack))})")
    return ["    " * level + line for level, line in enumerate(lines)]


def _summed(a: Place, b: Place, whole: Place, names: Names) -> list[str]:
    """A product so small that calling BLAS would take longer."""
    rows, columns = len(a.shape) > 1, len(b.shape) > 1
    walked = [f"for i in range({a.shape[0]}):"] if rows else []
    walked += [f"for j in range({b.shape[-1]}):"] if columns else []
    left = _entry(names, a, (("i", 0), ("k", 1)) if rows else (("k", 0),))
    right = _entry(names, b, (("k", 0), ("j", 1)) if columns else (("k", 0),))
    out = _entry(names, whole, tuple((axis, n) for n, axis in enumerate([*("i" * rows), *("j" * columns)])))
    dtype = whole.base.dtype
    body = ["s = float64(0)", f"for k in range({a.shape[-1]}):", f"    s += {left} * {right}", f"{out} = {dtype}(s)"]
    lines = ["    " * level + line for level, line in enumerate(walked)]
    return [*lines, *("    " * len(walked) + line for line in body)]


def _entry(names: Names, place: Place, axes: tuple[tuple[str, int], ...]) -> str:
    name, first = names.array(place.base)
    terms = [term for term in (first, str(place.offset)) if term != "0"]
    terms += [f"{index} * {place.strides[axis]}" for index, axis in axes if place.strides[axis]]
    return f"{name}[{' + '.join(terms) or '0'}]"


def _block(names: Names, place: Place, matrix: int, stacked: int) -> str:
    """One vector or matrix of a stack, as an expression; the stack's own axes are walked by b0, b1, ..."""
    name, first = names.array(place.base)
    mine = len(place.shape) - matrix
    shape = place.shape[mine:]
    terms = [term for term in (first, str(place.offset)) if term != "0"]
    stacks = enumerate(zip(place.shape[:mine], place.strides[:mine], strict=True), start=stacked - mine)
    terms += [f"b{axis} * {stride}" for axis, (length, stride) in stacks if length != 1 and stride]
    start = " + ".join(terms) or "0"
    flat = f"{name}[{start} : {start} + {math.prod(shape)}]"
    if matrix < 2:
        return flat
    if is_by_columns(place):
        return f"{flat}.reshape({shape[1]}, {shape[0]}).T"
    return f"{flat}.reshape({shape[0]}, {shape[1]})"
