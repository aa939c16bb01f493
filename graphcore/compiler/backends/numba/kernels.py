"""A run of parts as the text of one function, in which nothing but numbers and generated names appears.

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
>>> found = segment(done.parts, done, memory, whole=True)
>>> found.handed, [value.name for value in found.read], len(found.written)
(['memory'], ['x0', 'p0'], 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...ir.program import Value
from .expressions import dtype_word, is_spoken, literal
from .fusion import Fused, Loop, Part, Single
from .loops import Names, loop_text
from .matmul import product_text
from .scatter import put_text
from .storage import Memory

#: how many statements become one function: compiling one of twice as many takes more than twice as long
_MOST_STATEMENTS = 60
#: numba counts an index below 0 from the end; a loop that might meet one does not work on several entries at a time
_NOT_BELOW_0 = "0xffffffffffff"


@dataclass
class Segment:
    """A function as text, and what it is called with."""

    source: str
    #: which of ``memory``, ``numbers`` and ``offsets`` it is called with, before the arrays
    handed: list[str]
    #: the arrays from outside that it reads, and those that it writes: results
    read: list[Value]
    written: list[Value]
    #: single numbers that are handed to it, and where its values begin in memory
    numbers: list[Value]
    offsets: list[int] = field(default_factory=list)


def divided(done: Fused) -> list[list[Part]]:
    """The parts that become one function each; what Python has to call stands by itself.

    In a large program so does every part, since it is made of few kinds of them as a rule, each of which is compiled
    once.

    >>> divided(Fused())
    []
    """
    runs: list[list[Part]] = []
    room = 0
    for part in done.parts:
        alone = isinstance(part, Single) and not is_spoken(part.value)
        if alone or room <= 0:
            runs.append([])
            room = 1 if done.is_large else _MOST_STATEMENTS
        runs[-1].append(part)
        room = 0 if alone else room - len(part.values)
    return runs


def segment(parts: Sequence[Part], done: Fused, memory: Memory, *, whole: bool) -> Segment:
    """The function of some parts. Where values lie is written into it, if the program is small enough to be a
    ``whole``; else it is handed to it, so that the same parts are the same function wherever they stand."""
    return _SegmentText(parts, done, memory, whole=whole).segment()


class _SegmentText:
    def __init__(self, parts: Sequence[Part], done: Fused, memory: Memory, *, whole: bool) -> None:
        self.parts, self.done, self.memory, self.whole = parts, done, memory, whole
        self.arrays: dict[Value, str] = {}
        self.results: dict[Value, str] = {}
        self.numbers: dict[Value, str] = {}
        #: views of the memory by dtype, and the places in it, in the order in which they are met
        self.views: dict[Any, str] = {}
        self.first: dict[tuple[int, Any], str] = {}

    def segment(self) -> Segment:
        names = Names(self._array, self._number)
        body: list[str] = []
        for part in self.parts:
            if isinstance(part, Loop):
                body += loop_text(part, self.done.places, self.memory.__contains__, names)
            elif part.value.name == "scatter_slice":
                body += put_text(part.value, self.done.places, names)
            else:
                body += product_text(part.args, part.value, self.done.places, names)
        handed = ["memory"] * bool(self.views) + ["numbers"] * bool(self.numbers)
        handed += ["offsets"] * bool(self.first and not self.whole)
        lines = [f"def segment({', '.join([*handed, *self.arrays.values(), *self.results.values()])}):"]
        flat = [(name, name, value.dtype) for value, name in self.arrays.items() if value.shape]
        flat += [(name, name, value.dtype) for value, name in self.results.items()]
        flat += [(view, "memory", dtype) for dtype, view in self.views.items()]
        lines += [f"    {name} = flat({array}, {dtype_word(dtype)})" for name, array, dtype in flat]
        lines += [f"    {text}" for text in self._places()]
        lines += [f"    {line}" for line in body]
        offsets = [offset for offset, _ in self.first]
        return Segment(
            "\n".join(lines) + "\n", handed, list(self.arrays), list(self.results), list(self.numbers), offsets
        )

    def _places(self) -> Iterator[str]:
        for number, ((offset, dtype), name) in enumerate(self.first.items()):
            handed = f"offsets[{number}] // {dtype.itemsize} & {_NOT_BELOW_0}"
            yield f"{name} = {offset // dtype.itemsize if self.whole else handed}"

    def _array(self, base: Value) -> tuple[str, str]:
        if base in self.memory.result:
            return self.results.setdefault(base, f"r{len(self.results)}"), "0"
        if base in self.memory.offset:
            view = self.views.setdefault(base.dtype, f"m{len(self.views)}")
            return view, self.first.setdefault((self.memory.offset[base], base.dtype), f"o{len(self.first)}")
        return self.arrays.setdefault(base, f"a{len(self.arrays)}"), "0"

    def _number(self, value: Value) -> str | None:
        if value.shape != () or value in self.memory:
            return None
        if value.kind != "constant":
            return self._array(value)[0]
        written = literal(value)
        if written is not None:
            return written
        self.numbers.setdefault(value, f"numbers[{len(self.numbers)}]")
        return f"{value.dtype}({self.numbers[value]})"
