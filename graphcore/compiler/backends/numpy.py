"""The numpy backend: a sequence of numpy calls that write into preallocated memory.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> built = build(program)
>>> built.run([np.zeros((2, 3))], [np.ones((3, 4))], None)
[array(0.)]
>>> print(built.source.partition("def")[2])
 step(x0, p0, r0):
    dot(x0, p0, v2)
    tanh(v2, v3)
    v4 = r0
    add_reduce(v3, None, None, v4, False)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.eager import as_function, keep_zeros
from ..ir.exponentials import fix_overflow, fix_underflow, share_exponentials
from ..ir.primitives import REDUCTIONS, UFUNCS, VIEW_OPS
from ..ir.program import Program, Value
from ..ir.views import format_index, format_shape, format_view
from .numpy_storage import plan_storage
from .threads import OneThread, call_needs_one_thread, matmul_sizes, needs_one_thread, uses_threads
from .workspaces import SourceBuilder, StepFunction, WorkspaceProgram, allocate_aligned

name = "numpy"


def build(program: Program) -> NumpyProgram:
    """Write the source of a program and make it ready to run."""
    return NumpyProgram(program)


class NumpyProgram(WorkspaceProgram):
    """A program as numpy calls."""

    def __init__(self, program: Program) -> None:
        program = share_exponentials(program)
        written = _NumpySource(program)
        text = written.text(program)
        super().__init__(program, written, text, text, sum(written.storage.plan.sizes))

    def call(self, step: StepFunction, inputs: list[Any], parameters: list[Any], results: list[Any]) -> Any:
        """Run one step. Infinities and NaN are results and raise no warnings."""
        with np.errstate(all="ignore"):
            return step(*inputs, *parameters, *results)

    def with_clock(self, program: Program) -> tuple[SourceBuilder, str]:
        """Return the same calls, each of them timed."""
        written = _NumpySource(program, with_clock=True)
        return written, written.text(program)


#: rows of at most this many entries are summed by BLAS, whose order of summation is less exact
_MAX_DOT_SUM = 256


_NO_PRODUCT = (0, 0, 0)


class _NumpySource(SourceBuilder):
    """Source text of a program in generated names; arrays and functions are names in its scope."""

    def __init__(self, program: Program, *, with_clock: bool = False) -> None:
        super().__init__()
        self.program, self.storage = program, plan_storage(program)
        self.scope |= {
            "allocate_aligned": allocate_aligned,
            "broadcast_to": np.broadcast_to,
            "keep_zeros": keep_zeros,
            "fix_overflow": fix_overflow,
            "fix_underflow": fix_underflow,
            "inf": np.inf,
        }
        #: values whose arrays are the same at every call; views of them are made once
        self.fixed: set[Value] = set()

        self._with_clock = with_clock
        self._limits_threads = program.limits_threads and uses_threads()
        self._write_all()

    def _write_all(self) -> None:
        storage = self.storage
        self.setup += [f"m{number} = allocate_aligned({size})" for number, size in enumerate(storage.plan.sizes)]
        for value, released in zip(self.program.values, storage.plan.released, strict=True):
            written = len(self.body)
            self._write(value)
            if self._with_clock and len(self.body) > written:
                self.clock([value])
            self.body += [f"{variable_name(gone)} = None" for gone in released if gone.name == "call"]
        dynamic = []
        for number in storage.copied:
            value = self.program.results[number]
            if value.is_static:
                self._call("copyto", np.copyto, f"r{number}", variable_name(value))
            else:
                dynamic.append(f"{number}: array({variable_name(value)})")
        if dynamic:
            self.scope["array"] = np.array
            self.body.append(f"return {{{', '.join(dynamic)}}}")

    def _write(self, value: Value) -> None:
        name = variable_name(value)
        if value.kind == "constant":
            self.scope[name] = value.array
            self.fixed.add(value)
        elif value.kind == "op":
            if self.storage.is_written(value):
                self._allocate(value)
                self._compute(value)
            elif value.name in VIEW_OPS:
                fixed = value.args[0] in self.fixed
                (self.setup if fixed else self.body).append(
                    f"{name} = {format_view(value, variable_name(value.args[0]))}"
                )
                self.fixed |= {value} if fixed else set()
            else:
                self.scope[f"call{value.number}"] = as_function(value)
                needed = call_needs_one_thread([arg.size for arg in value.args])
                call = f"{name} = call{value.number}({', '.join(map(variable_name, value.args))})"
                self.body.append(self._limit_threads(call, needed=needed))

    def _allocate(self, value: Value) -> None:
        name = variable_name(value)
        if value in self.storage.result:
            self.body.append(f"{name} = r{self.storage.result[value]}")
            return
        piece = f"m{self.storage.plan.buffer[value]}"
        self.setup.append(f"{name} = {piece}.view({value.dtype.str!r}).reshape({format_shape(value.shape)})")
        self.fixed.add(value)

    def _compute(self, value: Value) -> None:
        out, args = variable_name(value), [variable_name(a) for a in value.args]
        if value in self.storage.reshape_copies:
            into = f"{out}_" if value in self.fixed else f"{out}.reshape({format_shape(value.args[0].shape)})"
            if value in self.fixed:
                self.setup.append(f"{into} = {out}.reshape({format_shape(value.args[0].shape)})")
            self._call("copyto", np.copyto, into, *args)
        elif value.name == "pow" and not _is_exact_power(value.args[1]):
            self.scope[f"call{value.number}"] = as_function(value)
            self._call("copyto", np.copyto, out, f"call{value.number}({', '.join(args)})")
        elif value.name in UFUNCS:
            ufunc = UFUNCS[value.name]
            by_name = value.name in ("maximum", "minimum")  # numpy deprecates a positional out for these
            self._call(ufunc.__name__, ufunc, *args, f"out={out}" if by_name else out)
        elif value.name in REDUCTIONS:
            self._reduce(value, out, *args)
        else:
            getattr(self, f"_{value.name}")(value, out, *args)

    def _matmul(self, value: Value, out: str, a: str, b: str) -> None:
        # with a single entry, np.dot calls a BLAS function that skips zeros, and with them 0 · NaN
        flat = all(len(a.shape) == 2 and a.size > 1 for a in value.args)
        self._call(
            "dot" if flat else "matmul",
            np.dot if flat else np.matmul,
            a,
            b,
            out,
            product=matmul_sizes(*(arg.shape for arg in value.args)),
        )

    def _logistic(self, value: Value, out: str, z: str) -> None:
        self._call("negative", np.negative, z, out)
        self._call("exp", np.exp, out, out)
        self._write_logistic(value, out, out, z, 1)

    def _logistic_complement(self, value: Value, out: str, z: str) -> None:
        self._call("exp", np.exp, z, out)
        self._write_logistic(value, out, out, z, -1)

    def _logistic_from_exp(self, value: Value, out: str, e: str, minus_z: str) -> None:
        self._write_logistic(value, out, e, minus_z, -1)

    def _write_logistic(self, value: Value, out: str, e: str, exponent: str, sign: int) -> None:
        """Write ``1 / (1 + e)``. Where the sum of squares of ``e`` is infinite, tiny results are corrected."""
        one, far = f"one_{value.dtype}", f"far_{e}"
        self.scope[one] = np.ones((), value.dtype)
        self._call(f"{far} = vdot", np.vdot, e, e, function="vdot", product=(1, value.size, 1))
        self._call("add", np.add, e, one, out)
        self._call("reciprocal", np.reciprocal, out, out)
        self.body.append(f"if not {far} < inf: fix_underflow({out}, {exponent}, {sign})")

    def _complement_from_exp(self, _value: Value, out: str, e: str, sigmoid: str) -> None:
        self._call("multiply", np.multiply, e, sigmoid, out)
        self.body.append(f"if not far_{e} < inf: fix_overflow({e}, {out})")

    def _safe_multiply(self, value: Value, out: str, x1: str, x2: str) -> None:
        self._call("multiply", np.multiply, x1, x2, out)
        # the product is corrected only if it contains a NaN, which its sum of squares shows
        self._call("total = vdot", np.vdot, out, out, function="vdot", product=(1, value.size, 1))
        self.body.append(f"if total != total: keep_zeros({x1}, {out})")

    def _where(self, value: Value, out: str, condition: str, x1: str, x2: str) -> None:
        buffer = self.storage.plan.buffer
        if not (value in buffer and buffer[value] == buffer.get(value.args[2])):
            self._call("copyto", np.copyto, out, x2)
        self._call("copyto", np.copyto, out, x1, "'same_kind'", condition)

    def _astype(self, _value: Value, out: str, x: str) -> None:
        self._call("copyto", np.copyto, out, x, "'unsafe'")

    def _scatter(self, value: Value, out: str, part: str) -> None:
        self._call("copyto", np.copyto, out, "0")
        lines = self.setup if value in self.fixed else self.body
        lines.append(f"{out}_ = {out}[{format_index(value.settings['key'])}]")
        self._call("copyto", np.copyto, f"{out}_", part)

    def _reduce(self, value: Value, out: str, x: str) -> None:
        ufunc, axes, shape = REDUCTIONS[value.name], value.settings["axis"], value.args[0].shape
        if value.name == "sum" and len(shape) == 2 and (axes == (0,) or (axes == (1,) and shape[1] <= _MAX_DOT_SUM)):  # type: ignore[operator]
            ones = f"ones_{value.dtype}_{shape[axes[0]]}"
            self.scope[ones] = np.ones(shape[axes[0]], value.dtype)
            into = out if len(value.shape) == 1 else f"{out}.reshape(-1)"
            self._call("dot", np.dot, *((ones, x) if axes == (0,) else (x, ones)), into, product=(1, *shape))  # type: ignore[arg-type]
            return
        axis = "None" if len(axes) == len(shape) else str(axes[0]) if len(axes) == 1 else format_shape(axes)
        self._call(f"{ufunc.__name__}_reduce", ufunc.reduce, x, axis, "None", out, str(value.settings["keepdims"]))

    def _call(
        self,
        text: str,
        called: Any,
        *args: str,
        function: str | None = None,
        product: tuple[int, int, int] = _NO_PRODUCT,
    ) -> None:
        self.scope[function or text] = called
        self.body.append(self._limit_threads(f"{text}({', '.join(args)})", needed=needs_one_thread(*product)))

    def _limit_threads(self, line: str, *, needed: bool) -> str:
        if not (needed and self._limits_threads):
            return line
        if "OneThread" not in self.scope:
            self.scope["OneThread"] = OneThread
            self.setup.append("one_thread = OneThread()")
        return f"with one_thread: {line}"


def _is_exact_power(exponent: Value) -> bool:
    """Return whether numpy computes the power itself: for 0.5 it may take a square root, which is NaN for −∞."""
    return exponent.kind == "constant" and not np.any(exponent.array == 0.5)


def variable_name(value: Value) -> str:
    """Return the name of a value in a generated program."""
    return value.name if value.kind in ("input", "parameter") else f"v{value.number}"
