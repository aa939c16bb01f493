"""The text of one loop over the entries of a shape, all indices worked out beforehand.

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
>>> names = Names(lambda value: ("m", "0") if value.shape else ("r", "0"), lambda value: None)
>>> print("\\n".join(loop_text(done.parts[1], done.places, memory.__contains__, names)))
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
from .expressions import GATHERED, word
from .fusion import Loop
from .strides import Place, in_order

Strides = tuple[int, ...]
#: lengths of rows of which the compiler would write out every entry
_SHORT = range(9, 128)


class Names(NamedTuple):
    """How a text refers to what is outside of it."""

    #: the name of the flat array in which a value lies, and where in it the first entry is
    array: Callable[[Value], tuple[str, str]]
    #: the expression for a single number; ``None`` for anything else
    number: Callable[[Value], str | None]

    def entry(self, place: Place, indices: Iterable[tuple[str, int]]) -> str:
        """One entry of what lies at a place, as an expression, given the index along some of its axes."""
        number = self.number(place.base)
        if number is not None:
            return number
        array, first = self.array(place.base)
        steps = ((index, place.strides[axis]) for index, axis in indices)
        terms = [term for term in (first, str(place.offset)) if term != "0"]
        terms += [index if step == 1 else f"{index} * {step}" for index, step in steps if step]
        return f"{array}[{' + '.join(terms) or '0'}]"


def loop_text(loop: Loop, places: dict[Value, Place], stored: Callable[[Value], bool], names: Names) -> list[str]:
    """The lines of a loop.

    Axes that no array tells apart are walked as one. What is the same along the last axes is read before these are
    walked. A sum is gathered in a variable, in double precision, along the last axes, and along others in its array.
    """
    loads = _loads(loop, places)
    stores = {v: in_order(loop.space) for v in loop.values if v.name not in REDUCTIONS and stored(v)}
    gathered = {v: _strides_of_gathered(v) for v in loop.values if v.name in REDUCTIONS}
    repeated = {arg: place.repeated_to(loop.space) for arg, place in loads.items()}
    nest = _Nest(loop.space, [*repeated.values(), *stores.values(), *gathered.values()])
    spoken: dict[Value, str] = {}
    for arg, place in loads.items():
        number = names.number(place.base)
        name = spoken[arg] = f"{'t' if number is None else 'c'}{len(spoken)}"
        if number is None:
            level = nest.level(repeated[arg])
            nest.before[level].append(f"{name} = {nest.entry(names.array(place.base), repeated[arg], place.offset)}")
        else:
            nest.first.append(f"{name} = {number}")
    for value in loop.values:
        if value.name in REDUCTIONS:
            _gather(nest, value, gathered[value], spoken[value.args[0]], names.array(value))
        else:
            spoken[value] = f"t{len(spoken)}"
            nest.inside.append(f"{spoken[value]} = {word(value, [spoken[a] for a in value.args])}")
    for value, strides in stores.items():
        nest.inside.append(f"{nest.entry(names.array(value), strides)} = {spoken[value]}")
    return nest.lines()


def _loads(loop: Loop, places: dict[Value, Place]) -> dict[Value, Place]:
    mine = set(loop.values)
    return {arg: places[arg] for value in loop.values for arg in value.args if arg not in mine}


def _strides_of_gathered(value: Value) -> Strides:
    """The strides of a reduction along the axes of what it reduces: 0 along those that are gathered."""
    shape, axes = value.args[0].shape, value.settings["axis"]
    return in_order(tuple(1 if axis in axes else int(n) for axis, n in enumerate(shape)))  # type: ignore[arg-type]


def _gather(nest: _Nest, value: Value, strides: Strides, entry: str, array: tuple[str, str]) -> None:
    """Gather the entries of a reduction."""
    start, adding = GATHERED[value.name]
    level = nest.level(strides)
    written = nest.entry(array, strides)
    in_array = 0 in nest.along(strides)[:level]
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
    """Loops inside each other, and what stands before, inside and after them."""

    def __init__(self, space: tuple[int, ...], strides: Sequence[Strides]) -> None:
        self._axes = _told_apart(space, strides)
        self.depth = depth = len(self._axes)
        self.first: list[str] = []
        self.inside: list[str] = []
        self.before: list[list[str]] = [[] for _ in range(depth + 1)]
        self.after: list[list[str]] = [[] for _ in range(depth + 1)]

    def along(self, strides: Strides) -> Strides:
        """The strides along the axes that are walked."""
        return tuple(strides[last] for _, last in self._axes)

    def level(self, strides: Strides) -> int:
        """How many of the axes are walked when an entry is known: those after it make no difference."""
        along = self.along(strides)
        return max((level for level, stride in enumerate(along, start=1) if stride), default=0)

    def entry(self, array: tuple[str, str], strides: Strides, offset: int = 0) -> str:
        """An entry of an array, as an expression."""
        name, first = array
        terms = [term for term in (first, str(offset)) if term != "0"]
        for axis, stride in enumerate(self.along(strides)):
            if stride:
                terms.append(f"i{axis}" if stride == 1 else f"i{axis} * {stride}")
        return f"{name}[{' + '.join(terms) or '0'}]"

    def lines(self) -> list[str]:
        """All lines, the loops over shapes without entries left out."""
        lines = list(self.first)
        for level, (length, _) in enumerate(self._axes):
            lines += _indented(self.before[level], level)
            hidden = 0 < level == self.depth - 1 and length in _SHORT
            lines += _indented([f"for i{level} in range({f'turns({length})' if hidden else length}):"], level)
        depth = self.depth
        lines += _indented([*self.before[depth], *self.inside, *self.after[depth]], depth)
        for level in reversed(range(depth)):
            lines += _indented(self.after[level], level)
        return lines


def _told_apart(space: tuple[int, ...], strides: Sequence[Strides]) -> list[tuple[int, int]]:
    """The axes to walk: for each its length, and the axis of the shape whose strides are its own.

    >>> _told_apart((2, 3, 4), [(12, 4, 1), (0, 0, 1)])
    [(6, 1), (4, 2)]
    """
    axes: list[tuple[int, int]] = []
    for axis, length in enumerate(space):
        if length == 1:
            continue
        if axes and all(s[axes[-1][1]] == s[axis] * length for s in strides):
            axes[-1] = (axes[-1][0] * length, axis)
        else:
            axes.append((length, axis))
    return axes


def _indented(lines: Sequence[str], level: int) -> list[str]:
    return ["    " * level + line for line in lines]
