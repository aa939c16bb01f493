"""Kernels: consecutive parts as the source of one function, which contains only numbers and generated names.

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
>>> found = write_kernel(done.parts, done, storage, whole=True)
>>> found.shared, [value.name for value in found.read], len(found.written)
(['memory'], ['x0', 'p0'], 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...ir.program import Value
from .expressions import dtype_name, is_supported, literal
from .fusion import FusedProgram, Loop, Part, Single
from .loops import ArrayNames, write_loop
from .matmul import write_matmul
from .scatter import write_scatter
from .storage import Storage

#: the number of statements per kernel; compile time grows faster than linearly with it
_MAX_STATEMENTS = 60
#: a mask that shows the compiler that an offset is not negative: loops with negative indices are not vectorised
_NON_NEGATIVE = "0xffffffffffff"


@dataclass
class Kernel:
    """The source of a function, and its arguments."""

    source: str
    #: which of ``memory``, ``numbers`` and ``offsets`` it takes, before the arrays
    shared: list[str]
    #: the leaves and arrays that it reads, and the results that it writes
    read: list[Value]
    written: list[Value]
    #: the constants in ``numbers``, and the byte offsets of values in ``memory``
    numbers: list[Value]
    offsets: list[int] = field(default_factory=list)


def split_into_kernels(done: FusedProgram) -> list[list[Part]]:
    """Split the parts into runs that become one kernel each; an operation that Python calls is a run by itself.

    In a large program every part is a run by itself: many of them are equal, and equal kernels are compiled once.

    >>> split_into_kernels(FusedProgram())
    []
    """
    runs: list[list[Part]] = []
    room = 0
    for part in done.parts:
        alone = isinstance(part, Single) and not is_supported(part.value)
        if alone or room <= 0:
            runs.append([])
            room = 1 if done.is_large else _MAX_STATEMENTS
        runs[-1].append(part)
        room = 0 if alone else room - len(part.values)
    return runs


def write_kernel(parts: Sequence[Part], done: FusedProgram, storage: Storage, *, whole: bool) -> Kernel:
    """Write the kernel of some parts.

    Offsets in memory are literals in a small program (``whole``), and arguments in a large one, so that equal parts
    give equal kernels.
    """
    return _KernelWriter(parts, done, storage, whole=whole).write_kernel()


class _KernelWriter:
    def __init__(self, parts: Sequence[Part], done: FusedProgram, storage: Storage, *, whole: bool) -> None:
        self.parts, self.done, self.storage, self.whole = parts, done, storage, whole
        self.arrays: dict[Value, str] = {}
        self.results: dict[Value, str] = {}
        self.numbers: dict[Value, str] = {}
        #: the memory as an array of each dtype, and the offsets in it, in the order of their first use
        self.typed_arrays: dict[Any, str] = {}
        self.first: dict[tuple[int, Any], str] = {}

    def write_kernel(self) -> Kernel:
        names = ArrayNames(self._array, self._number)
        body: list[str] = []
        for part in self.parts:
            if isinstance(part, Loop):
                body += write_loop(part, self.done.views, self.storage.__contains__, names)
            elif part.value.name == "scatter":
                body += write_scatter(part.value, self.done.views, names)
            else:
                body += write_matmul(
                    part.args, part.value, self.done.views, names, limits_threads=self.done.limits_threads
                )
        shared = ["memory"] * bool(self.typed_arrays) + ["numbers"] * bool(self.numbers)
        shared += ["offsets"] * bool(self.first and not self.whole)
        lines = [f"def kernel({', '.join([*shared, *self.arrays.values(), *self.results.values()])}):"]
        flat = [(name, name, value.dtype) for value, name in self.arrays.items() if value.shape]
        flat += [(name, name, value.dtype) for value, name in self.results.items()]
        flat += [(view, "memory", dtype) for dtype, view in self.typed_arrays.items()]
        lines += [f"    {name} = flat({array}, {dtype_name(dtype)})" for name, array, dtype in flat]
        lines += [f"    {text}" for text in self._define_offsets()]
        lines += [f"    {line}" for line in body]
        offsets = [offset for offset, _ in self.first]
        return Kernel(
            "\n".join(lines) + "\n", shared, list(self.arrays), list(self.results), list(self.numbers), offsets
        )

    def _define_offsets(self) -> Iterator[str]:
        for number, ((offset, dtype), name) in enumerate(self.first.items()):
            shared = f"offsets[{number}] // {dtype.itemsize} & {_NON_NEGATIVE}"
            yield f"{name} = {offset // dtype.itemsize if self.whole else shared}"

    def _array(self, base: Value) -> tuple[str, str]:
        if base in self.storage.result:
            return self.results.setdefault(base, f"r{len(self.results)}"), "0"
        if base in self.storage.offset:
            view = self.typed_arrays.setdefault(base.dtype, f"m{len(self.typed_arrays)}")
            return view, self.first.setdefault((self.storage.offset[base], base.dtype), f"o{len(self.first)}")
        return self.arrays.setdefault(base, f"a{len(self.arrays)}"), "0"

    def _number(self, value: Value) -> str | None:
        if value.shape != () or value in self.storage:
            return None
        if value.kind != "constant":
            return self._array(value)[0]
        written = literal(value)
        if written is not None:
            return written
        self.numbers.setdefault(value, f"numbers[{len(self.numbers)}]")
        return f"{value.dtype}({self.numbers[value]})"
