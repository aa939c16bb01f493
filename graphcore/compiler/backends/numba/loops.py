"""Source text of one loop over the entries of a shape, with flat indices.

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
>>> names = ArrayNames(lambda value: ("m", "0") if value.shape else ("r", "0"), lambda value: None)
>>> print("\\n".join(write_loop(done.parts[1], done.views, storage.__contains__, names)))
s1 = float64(0)
for i0 in range(8):
    t0 = m[i0]
    t1 = tanh64(t0)
    s1 = plus(s1, t1)
r[0] = float64(s1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ...ir.primitives import REDUCTIONS
from ...ir.program import Value
from .expressions import ACCUMULATORS, expression
from .fusion import Loop
from .strides import StridedView, contiguous_strides

Strides = tuple[int, ...]
#: lengths of rows that the compiler would unroll
_SHORT = range(9, 128)


class ArrayNames(NamedTuple):
    """The names of arrays and numbers in a kernel."""

    #: the name of the flat array of a value, and the index of its first entry
    array: Callable[[Value], tuple[str, str]]
    #: the expression for a single number; ``None`` for an array
    number: Callable[[Value], str | None]

    def entry(self, view: StridedView, indices: Iterable[tuple[str, int]]) -> str:
        """Return the expression for one entry of a view, given the indices along some of its axes."""
        number = self.number(view.base)
        if number is not None:
            return number
        array, first = self.array(view.base)
        steps = ((index, view.strides[axis]) for index, axis in indices)
        terms = [term for term in (first, str(view.offset)) if term != "0"]
        terms += [index if step == 1 else f"{index} * {step}" for index, step in steps if step]
        return f"{array}[{' + '.join(terms) or '0'}]"


def write_loop(
    loop: Loop, views: dict[Value, StridedView], is_stored: Callable[[Value], bool], names: ArrayNames
) -> list[str]:
    """Return the lines of a loop.

    Adjacent axes are merged where all strides allow it. Entries that do not depend on the last axes are read outside of
    the loops over these. A reduction is accumulated in a variable along the last axes, a sum in double precision, and
    in its array along others.
    """
    loads = _collect_loads(loop, views)
    stores = {v: contiguous_strides(loop.shape) for v in loop.values if v.name not in REDUCTIONS and is_stored(v)}
    reductions = {v: _reduction_strides(v) for v in loop.values if v.name in REDUCTIONS}
    repeated = {arg: view.broadcast_strides(loop.shape) for arg, view in loads.items()}
    nest = _Nest(loop.shape, [*repeated.values(), *stores.values(), *reductions.values()])
    names_of: dict[Value, str] = {}
    for arg, view in loads.items():
        number = names.number(view.base)
        name = names_of[arg] = f"{'t' if number is None else 'c'}{len(names_of)}"
        if number is None:
            level = nest.level(repeated[arg])
            nest.before[level].append(f"{name} = {nest.entry(names.array(view.base), repeated[arg], view.offset)}")
        else:
            nest.first.append(f"{name} = {number}")
    for value in loop.values:
        if value.name in REDUCTIONS:
            _write_reduction(nest, value, reductions[value], names_of[value.args[0]], names.array(value))
        else:
            names_of[value] = f"t{len(names_of)}"
            nest.inside.append(f"{names_of[value]} = {expression(value, [names_of[a] for a in value.args])}")
    for value, strides in stores.items():
        nest.inside.append(f"{nest.entry(names.array(value), strides)} = {names_of[value]}")
    return nest.lines()


def _collect_loads(loop: Loop, views: dict[Value, StridedView]) -> dict[Value, StridedView]:
    mine = set(loop.values)
    return {arg: views[arg] for value in loop.values for arg in value.args if arg not in mine}


def _reduction_strides(value: Value) -> Strides:
    """Return the strides of a reduction's result along the axes of its argument: 0 along reduced axes."""
    shape, axes = value.args[0].shape, value.settings["axis"]
    return contiguous_strides(tuple(1 if axis in axes else int(n) for axis, n in enumerate(shape)))  # type: ignore[arg-type]


def _write_reduction(nest: _Nest, value: Value, strides: Strides, entry: str, array: tuple[str, str]) -> None:
    """Write the lines that accumulate the entries of a reduction."""
    start, adding = ACCUMULATORS[value.name]
    level = nest.level(strides)
    written = nest.entry(array, strides)
    in_array = 0 in nest.walked_strides(strides)[:level]
    if in_array:
        nest.first += [f"for i in range({value.size}):", f"    {array[0]}[{array[1]} + i] = {value.dtype}({start})"]
    if level == nest.depth:
        nest.inside.append(f"{written} = {adding.format(written, entry)}" if in_array else f"{written} = {entry}")
        return
    total = f"s{sum(map(len, nest.before))}"
    wide = "float64" if value.name == "sum" else value.dtype
    nest.before[level].append(f"{total} = {wide}({start})")
    nest.inside.append(f"{total} = {adding.format(total, entry)}")
    found = adding.format(written, total) if in_array else total
    nest.after[level].append(f"{written} = {value.dtype}({found})")


class _Nest:
    """Nested loops, with the lines before, inside and after each of them."""

    def __init__(self, shape: tuple[int, ...], strides: Sequence[Strides]) -> None:
        self._axes = _merge_axes(shape, strides)
        self.depth = depth = len(self._axes)
        self.first: list[str] = []
        self.inside: list[str] = []
        self.before: list[list[str]] = [[] for _ in range(depth + 1)]
        self.after: list[list[str]] = [[] for _ in range(depth + 1)]

    def walked_strides(self, strides: Strides) -> Strides:
        """Return the strides along the merged axes."""
        return tuple(strides[last] for _, last in self._axes)

    def level(self, strides: Strides) -> int:
        """Return the number of outer loops that an entry depends on."""
        walked_strides = self.walked_strides(strides)
        return max((level for level, stride in enumerate(walked_strides, start=1) if stride), default=0)

    def entry(self, array: tuple[str, str], strides: Strides, offset: int = 0) -> str:
        """Return the expression for an entry of an array."""
        name, first = array
        terms = [term for term in (first, str(offset)) if term != "0"]
        for axis, stride in enumerate(self.walked_strides(strides)):
            if stride:
                terms.append(f"i{axis}" if stride == 1 else f"i{axis} * {stride}")
        return f"{name}[{' + '.join(terms) or '0'}]"

    def lines(self) -> list[str]:
        """Return all lines in order."""
        lines = list(self.first)
        for level, (length, _) in enumerate(self._axes):
            lines += _indent(self.before[level], level)
            hidden = 0 < level == self.depth - 1 and length in _SHORT
            lines += _indent([f"for i{level} in range({f'trip_count({length})' if hidden else length}):"], level)
        depth = self.depth
        lines += _indent([*self.before[depth], *self.inside, *self.after[depth]], depth)
        for level in reversed(range(depth)):
            lines += _indent(self.after[level], level)
        return lines


def _merge_axes(shape: tuple[int, ...], strides: Sequence[Strides]) -> list[tuple[int, int]]:
    """Merge axes where all strides allow it: the length of each merged axis, and the axis that has its strides.

    >>> _merge_axes((2, 3, 4), [(12, 4, 1), (0, 0, 1)])
    [(6, 1), (4, 2)]
    """
    axes: list[tuple[int, int]] = []
    for axis, length in enumerate(shape):
        if length == 1:
            continue
        if axes and all(s[axes[-1][1]] == s[axis] * length for s in strides):
            axes[-1] = (axes[-1][0] * length, axis)
        else:
            axes.append((length, axis))
    return axes


def _indent(lines: Sequence[str], level: int) -> list[str]:
    return ["    " * level + line for line in lines]
