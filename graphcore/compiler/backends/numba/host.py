"""What calls the compiled functions one after the other, and between them what only Python can do.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lowered
>>> from graphcore.compiler.frontend.specialize import specialised
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lowered(specialised(g.nodes, [C], [], {}))
>>> print(NumbaProgram(program).source.partition("def f0")[0].strip())
memory = memory_of(64)
def step(x0, p0, r0):
    f0(memory, x0, p0, r0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types
from numba.np.numpy_support import from_dtype

from ...ir.eager import called
from ...ir.primitives import ARRANGEMENTS
from ...ir.program import Program, Value
from ...ir.views import lengths, view_text
from ..workspaces import Lines, Step, WorkingProgram, memory_of
from .disk_cache import compiled
from .expressions import is_spoken
from .fusion import Part, Single, fused
from .kernels import Segment, divided, segment
from .storage import laid_out


class NumbaProgram(WorkingProgram):
    """A program as compiled functions, and a few lines of Python that call them."""

    def __init__(self, program: Program) -> None:
        driver = _Driver(program)
        text = driver.text(program)
        super().__init__(program, driver, text, "\n\n".join([text, *driver.sources()]), driver.memory.size)

    def call(self, step: Step, fed: list[Any], held: list[Any], results: list[Any]) -> Any:
        """Take one step. The compiled functions want their arrays in order, and say so of those that are not."""
        try:
            return step(*fed, *held, *results)
        except TypeError:
            arrays = [np.asarray(array, order="C") for array in (*fed, *held)]
            return step(*arrays, *results)

    def clocked(self, program: Program) -> tuple[Lines, str]:
        """The same parts, each of them a function of its own."""
        driver = _Driver(program, clocked=True)
        return driver, driver.text(program)


class _Driver(Lines):
    """Writes the lines of Python."""

    def __init__(self, program: Program, *, clocked: bool = False) -> None:
        super().__init__()
        self.program, self.done = program, fused(program)
        self.memory = laid_out(program, self.done)
        self.scope |= {"memory_of": memory_of, "np": np}
        self.setup.append(f"memory = memory_of({self.memory.size})")
        #: the names of functions, by text and types of the arguments
        self.functions: dict[tuple[str, Any], str] = {}
        #: values that are arrays of Python's by now
        self.known: set[Value] = set()

        self._write_all([[part] for part in self.done.parts] if clocked else divided(self.done), clocked=clocked)

    def _write_all(self, runs: list[list[Part]], *, clocked: bool) -> None:
        whole = not self.done.is_large
        for parts in runs:
            first = parts[0]
            if isinstance(first, Single) and not is_spoken(first.value):
                self._call(first.value)
            else:
                self._segment(parts, whole=whole)
            if clocked:
                self.clock([value for part in parts for value in part.values])
        unforeseen = []
        for number, (value, written) in enumerate(zip(self.program.results, self.done.results, strict=True)):
            if written is None and value.is_known:
                self.body.append(f"np.copyto(r{number}, {self._array(value)})")
            elif written is None:
                unforeseen.append(f"{number}: np.array({self._array(value)})")
        if unforeseen:
            self.body.append(f"return {{{', '.join(unforeseen)}}}")

    def sources(self) -> list[str]:
        """The text of the functions that the lines call."""
        return [text.replace("def segment(", f"def {name}(") for (text, _), name in self.functions.items()]

    def _segment(self, parts: Sequence[Part], *, whole: bool) -> None:
        found = segment(parts, self.done, self.memory, whole=whole)
        key = (found.source, self._signature(found))
        name = self.functions.setdefault(key, f"f{len(self.functions)}")
        number = len(self.body)
        self.scope[name] = compiled(*key)
        self.scope[f"numbers{number}"] = np.array([float(v.array) for v in found.numbers])
        self.scope[f"offsets{number}"] = np.array(found.offsets, dtype=np.int64)
        given = [one if one == "memory" else f"{one}{number}" for one in found.handed]
        given += [self._leaf(v) for v in found.read]
        given += [f"r{self.memory.result[v]}" for v in found.written]
        self.body.append(f"{name}({', '.join(given)})")

    def _signature(self, found: Segment) -> Any:
        """The types of a function's arguments: what it reads may be closed to changes."""
        handed = [_HANDED[name] for name in found.handed]
        read = [_closed(from_dtype(v.dtype), len(v.shape)) if v.shape else from_dtype(v.dtype) for v in found.read]
        numbers = [self.memory.result[v] for v in found.written]
        results = [self.program.results[number] for number in numbers]
        return types.void(*handed, *read, *(types.Array(from_dtype(v.dtype), len(v.shape), "C") for v in results))

    def _leaf(self, value: Value) -> str:
        text = self._array(value)
        return f"{text}[()]" if value.shape == () else text

    def _call(self, value: Value) -> None:
        name = f"v{value.number}"
        self.scope[f"call{value.number}"] = _in_order(value)
        self.body.append(f"{name} = call{value.number}({', '.join(map(self._array, value.args))})")
        self.known.add(value)

    def _array(self, value: Value) -> str:
        """A value as an array of Python's."""
        name = value.name if value.kind in ("fed", "held") else f"v{value.number}"
        if value.kind in ("fed", "held") or value in self.known:
            return name
        if value.kind == "constant":
            self.scope[name] = np.asarray(value.array, order="C")
        elif value in self.memory.result:
            self.body.append(f"{name} = r{self.memory.result[value]}.reshape({lengths(value.shape)})")
        elif value in self.memory.offset:
            start = self.memory.offset[value]
            piece = f"memory[{start}:{start + value.nbytes}]"
            self.setup.append(f"{name} = {piece}.view({value.dtype.str!r}).reshape({lengths(value.shape)})")
        elif value.name in ARRANGEMENTS:
            self.body.append(
                f"{name} = {view_text(value, self._array(value.args[0]))}".replace("broadcast_to", "np.broadcast_to")
            )
        self.known.add(value)
        return name


def _closed(number: Any, axes: int) -> Any:
    return types.Array(number, axes, "C", readonly=True)


_HANDED = {
    "memory": types.Array(types.uint8, 1, "C"),
    "numbers": _closed(types.float64, 1),
    "offsets": _closed(types.int64, 1),
}


def _in_order(value: Value) -> Callable[..., Any]:
    """The operation as a function whose result lies in order, with the shape and dtype that were foretold."""
    call = np.errstate(all="ignore")(called(value))  # infinities and NaN are results
    if not value.is_known:
        return call

    def call_in_order(*arrays: Any) -> Any:
        found = np.asarray(call(*arrays), value.dtype, order="C")
        if found.shape != value.shape:
            raise ValueError(f"the shape {found.shape} where {value.shape} was foretold")
        return found

    return call_in_order
