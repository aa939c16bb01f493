"""The Python function that calls the compiled kernels in order, and between them operations that numba lacks.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> print(NumbaProgram(program).source.partition("def f0")[0].strip())
memory = allocate_aligned(64)
def step(x0, p0, r0):
    f0(memory, x0, p0, r0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types
from numba.np.numpy_support import from_dtype

from ...ir.eager import as_function
from ...ir.primitives import VIEW_OPS
from ...ir.program import Program, Value
from ...ir.views import format_shape, format_view
from ..threads import OneThread, call_needs_one_thread, uses_threads
from ..workspaces import SourceBuilder, StepFunction, WorkspaceProgram, allocate_aligned
from .expressions import is_supported
from .fusion import Part, Single, fuse
from .kernels import Kernel, split_into_kernels, write_kernel
from .object_code import compile_cached
from .storage import plan_storage


class NumbaProgram(WorkspaceProgram):
    """A program as compiled kernels and a few lines of Python that call them."""

    def __init__(self, program: Program) -> None:
        host = _HostSource(program)
        text = host.text(program)
        super().__init__(program, host, text, "\n\n".join([text, *host.sources()]), host.storage.size)

    def call(self, step: StepFunction, inputs: list[Any], parameters: list[Any], results: list[Any]) -> Any:
        """Run one step. Kernels raise a TypeError for arrays that are not contiguous; these are copied."""
        try:
            return step(*inputs, *parameters, *results)
        except TypeError:
            arrays = [np.asarray(array, order="C") for array in (*inputs, *parameters)]
            return step(*arrays, *results)

    def with_clock(self, program: Program) -> tuple[SourceBuilder, str]:
        """Return the same parts, each in a kernel of its own."""
        host = _HostSource(program, with_clock=True)
        return host, host.text(program)


class _HostSource(SourceBuilder):
    """Source text of the Python function."""

    def __init__(self, program: Program, *, with_clock: bool = False) -> None:
        super().__init__()
        self.program, self.done = program, fuse(program)
        self.storage = plan_storage(program, self.done)
        self.scope |= {"allocate_aligned": allocate_aligned, "np": np}
        self.setup.append(f"memory = allocate_aligned({self.storage.size})")
        #: the names of kernels, by source and signature
        self.functions: dict[tuple[str, Any], str] = {}
        #: values that are numpy arrays in the Python function already
        self.known: set[Value] = set()

        self._write_all(
            [[part] for part in self.done.parts] if with_clock else split_into_kernels(self.done), with_clock=with_clock
        )

    def _write_all(self, runs: list[list[Part]], *, with_clock: bool) -> None:
        whole = not self.done.is_large
        for parts in runs:
            first = parts[0]
            if isinstance(first, Single) and not is_supported(first.value):
                self._call(first.value)
            else:
                self._write_kernel(parts, whole=whole)
            if with_clock:
                self.clock([value for part in parts for value in part.values])
        dynamic = []
        for number, (value, written) in enumerate(zip(self.program.results, self.done.results, strict=True)):
            if written is None and value.is_static:
                self.body.append(f"np.copyto(r{number}, {self._array(value)})")
            elif written is None:
                dynamic.append(f"{number}: np.array({self._array(value)})")
        if dynamic:
            self.body.append(f"return {{{', '.join(dynamic)}}}")

    def sources(self) -> list[str]:
        """Return the sources of the kernels."""
        return [text.replace("def kernel(", f"def {name}(") for (text, _), name in self.functions.items()]

    def _write_kernel(self, parts: Sequence[Part], *, whole: bool) -> None:
        found = write_kernel(parts, self.done, self.storage, whole=whole)
        key = (found.source, self._signature(found))
        name = self.functions.setdefault(key, f"f{len(self.functions)}")
        number = len(self.body)
        self.scope[name] = compile_cached(*key)
        self.scope[f"numbers{number}"] = np.array([float(v.array) for v in found.numbers])
        self.scope[f"offsets{number}"] = np.array(found.offsets, dtype=np.int64)
        given = [one if one == "memory" else f"{one}{number}" for one in found.shared]
        given += [self._leaf(v) for v in found.read]
        given += [f"r{self.storage.result[v]}" for v in found.written]
        self.body.append(f"{name}({', '.join(given)})")

    def _signature(self, found: Kernel) -> Any:
        """Return the types of a kernel's arguments; arrays that it reads may be read-only."""
        shared = [_SHARED_ARGUMENTS[name] for name in found.shared]
        read = [_read_only(from_dtype(v.dtype), len(v.shape)) if v.shape else from_dtype(v.dtype) for v in found.read]
        numbers = [self.storage.result[v] for v in found.written]
        results = [self.program.results[number] for number in numbers]
        return types.void(*shared, *read, *(types.Array(from_dtype(v.dtype), len(v.shape), "C") for v in results))

    def _leaf(self, value: Value) -> str:
        text = self._array(value)
        return f"{text}[()]" if value.shape == () else text

    def _call(self, value: Value) -> None:
        name = f"v{value.number}"
        self.scope[f"call{value.number}"] = _in_order(value)
        call = f"{name} = call{value.number}({', '.join(map(self._array, value.args))})"
        if self.program.limits_threads and call_needs_one_thread([arg.size for arg in value.args]) and uses_threads():
            if "OneThread" not in self.scope:
                self.scope["OneThread"] = OneThread
                self.setup.append("one_thread = OneThread()")
            call = f"with one_thread: {call}"
        self.body.append(call)
        self.known.add(value)

    def _array(self, value: Value) -> str:
        """Return the name of a value as a numpy array, and define it at its first use."""
        name = value.name if value.kind in ("input", "parameter") else f"v{value.number}"
        if value.kind in ("input", "parameter") or value in self.known:
            return name
        if value.kind == "constant":
            self.scope[name] = np.asarray(value.array, order="C")
        elif value in self.storage.result:
            self.body.append(f"{name} = r{self.storage.result[value]}.reshape({format_shape(value.shape)})")
        elif value in self.storage.offset:
            start = self.storage.offset[value]
            piece = f"memory[{start}:{start + value.nbytes}]"
            self.setup.append(f"{name} = {piece}.view({value.dtype.str!r}).reshape({format_shape(value.shape)})")
        elif value.name in VIEW_OPS:
            self.body.append(
                f"{name} = {format_view(value, self._array(value.args[0]))}".replace("broadcast_to", "np.broadcast_to")
            )
        self.known.add(value)
        return name


def _read_only(number: Any, axes: int) -> Any:
    return types.Array(number, axes, "C", readonly=True)


_SHARED_ARGUMENTS = {
    "memory": types.Array(types.uint8, 1, "C"),
    "numbers": _read_only(types.float64, 1),
    "offsets": _read_only(types.int64, 1),
}


def _in_order(value: Value) -> Callable[..., Any]:
    """Return an operation as a function whose result is contiguous and has the inferred shape and dtype."""
    call = np.errstate(all="ignore")(as_function(value))  # infinities and NaN are results, not warnings
    if not value.is_static:
        return call

    def call_in_order(*arrays: Any) -> Any:
        found = np.asarray(call(*arrays), value.dtype, order="C")
        if found.shape != value.shape:
            raise ValueError(f"expected a result of the inferred shape {value.shape}, got {found.shape}")
        return found

    return call_in_order
