"""The backend that is always there: one call of numpy after the other, written into memory that is there already."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .planning import is_written, planned
from .program import Program, Value
from .vocabulary import ARRANGEMENTS, REDUCTIONS, UFUNCS

name = "numpy"


def build(program: Program) -> NumpyProgram:
    """Write the program and make it ready to run."""
    return NumpyProgram(program)


class NumpyProgram:
    """A program as Python source: ``workspace()`` sets memory aside and gives a step that works in it."""

    def __init__(self, program: Program) -> None:
        self.source, scope = _Source(program).written()
        exec(compile(self.source, "<graphcore compiled step>", "exec"), scope)  # noqa: S102  generated names only
        self._workspace: Callable[[], Callable[..., Any]] = scope["workspace"]
        self._idle: list[Callable[..., Any]] = []
        self._types: list[Any] = [(v.shape, v.dtype) if v.is_known else None for v in program.results]

    def run(self, fed: list[Any], held: list[Any], out: list[Any] | None) -> list[Any]:
        """Compute in a workspace that no other thread is using."""
        results = [None if t is None else np.empty(*t) for t in self._types]
        if out is not None:
            results = [_fitting(o, r) for o, r in zip(out, results, strict=True)]
        try:
            step = self._idle.pop()
        except IndexError:
            step = self._workspace()
        try:
            with np.errstate(all="ignore"):
                unforeseen = step(*fed, *held, *results)
        finally:
            self._idle.append(step)
        if unforeseen is not None:
            results = [unforeseen.get(number, r) for number, r in enumerate(results)]
        return results


def _fitting(given: Any, result: Any) -> Any:
    fits = given is not None and result is not None and given.shape == result.shape and given.dtype == result.dtype
    return given if fits and given.flags.c_contiguous and given.flags.writeable else result


class _Source:
    """Writes a program in generated names. Arrays and operations that it needs are handed to it by name."""

    def __init__(self, program: Program) -> None:
        self.program, self.plan = program, planned(program)
        self.scope: dict[str, Any] = {"empty": np.empty, "broadcast_to": np.broadcast_to, "keep_zeros": keep_zeros}
        self.setup: list[str] = []
        self.body: list[str] = []
        #: values whose arrays are the same at every call, so that views of them are made once
        self.standing: set[Value] = set()

    def written(self) -> tuple[str, dict[str, Any]]:
        plan = self.plan
        self.setup += [f"m{number} = empty({size}, 'u1')" for number, size in enumerate(plan.sizes)]
        for value in self.program.values:
            self._write(value)
            self.body += [f"{name_of(gone)} = None" for gone in plan.forgotten[value]]
        unforeseen = []
        for number in plan.copied:
            value = self.program.results[number]
            if value.is_known:
                self._call("copyto", np.copyto, f"r{number}", name_of(value))
            else:
                unforeseen.append(f"{number}: array({name_of(value)})")
        if unforeseen:
            self.scope["array"] = np.array
            self.body.append(f"return {{{', '.join(unforeseen)}}}")
        arguments = [v.name for v in (*self.program.fed, *self.program.held)]
        arguments += [f"r{number}" for number in range(len(self.program.results))]
        lines = [
            "def workspace():",
            *(f"    {line}" for line in self.setup),
            f"    def step({', '.join(arguments)}):",
            *(f"        {line}" for line in self.body or ["pass"]),
            "    return step",
        ]
        return "\n".join(lines) + "\n", self.scope

    def _write(self, value: Value) -> None:
        name = name_of(value)
        if value.kind == "constant":
            self.scope[name] = value.array
            self.standing.add(value)
        elif value.kind == "op":
            if is_written(value, self.plan):
                self._place(value)
                self._compute(value)
            elif value.name in ARRANGEMENTS:
                standing = value.args[0] in self.standing
                (self.setup if standing else self.body).append(f"{name} = {_view(value)}")
                self.standing |= {value} if standing else set()
            else:
                self.scope[f"call{value.number}"] = _called(value)
                self.body.append(f"{name} = call{value.number}({', '.join(map(name_of, value.args))})")

    def _place(self, value: Value) -> None:
        name = name_of(value)
        if value in self.plan.result:
            self.body.append(f"{name} = r{self.plan.result[value]}")
            return
        piece = f"m{self.plan.memory[value]}"
        self.setup.append(f"{name} = {piece}.view({value.dtype.str!r}).reshape({_lengths(value.shape)})")
        self.standing.add(value)

    def _compute(self, value: Value) -> None:
        out, args = name_of(value), [name_of(a) for a in value.args]
        if value in self.plan.rearranged:
            into = f"{out}_" if value in self.standing else f"{out}.reshape({_lengths(value.args[0].shape)})"
            if value in self.standing:
                self.setup.append(f"{into} = {out}.reshape({_lengths(value.args[0].shape)})")
            self._call("copyto", np.copyto, into, *args)
        elif value.name in UFUNCS:
            ufunc = UFUNCS[value.name]
            by_name = value.name in ("maximum", "minimum")  # which numpy will not have by place
            self._call(ufunc.__name__, ufunc, *args, f"out={out}" if by_name else out)
        elif value.name in REDUCTIONS:
            self._reduce(value, out, args[0])
        elif value.name == "matmul":
            # np.dot scales by a single number, and skips the scaling by 0, which makes NaN of an infinity
            flat = all(len(a.shape) == 2 and a.shape != (1, 1) for a in value.args)
            self._call("dot" if flat else "matmul", np.dot if flat else np.matmul, *args, out)
        elif value.name == "astype":
            self._call("copyto", np.copyto, out, args[0], "'unsafe'")
        elif value.name == "where":
            condition, x1, x2 = args
            if not (value in self.plan.memory and self.plan.memory[value] == self.plan.memory.get(value.args[2])):
                self._call("copyto", np.copyto, out, x2)
            self._call("copyto", np.copyto, out, x1, "'same_kind'", condition)
        else:
            self._call("multiply", np.multiply, *args, out)
            self._call("total = vdot", np.vdot, out, out, function="vdot")
            self.body.append(f"if total != total: keep_zeros({args[0]}, {out})")

    def _reduce(self, value: Value, out: str, x: str) -> None:
        ufunc, axes = REDUCTIONS[value.name], value.settings["axis"]
        name = f"{ufunc.__name__}_reduce"
        axis = str(axes[0]) if len(axes) == 1 else _lengths(axes)
        self._call(name, ufunc.reduce, x, axis, "None", out, str(value.settings["keepdims"]))

    def _call(self, text: str, called: Any, *args: str, function: str | None = None) -> None:
        self.scope[function or text] = called
        self.body.append(f"{text}({', '.join(args)})")


def keep_zeros(sensitivity: Any, product: Any) -> None:
    """A sensitivity of zero stays zero when it meets an infinite or undefined local derivative.

    >>> product = np.array([np.nan, 6.0])
    >>> keep_zeros(np.array([0.0, 2.0]), product)
    >>> product
    array([0., 6.])
    """
    np.copyto(product, 0, where=np.broadcast_to(np.equal(sensitivity, 0), product.shape))


def name_of(value: Value) -> str:
    """What a value is called in a generated program."""
    return value.name if value.kind in ("fed", "held") else f"v{value.number}"


def _called(value: Value) -> Callable[..., Any]:
    op, arguments, settings = value.op, value.arguments, value.settings

    def call(*arrays: Any) -> Any:
        return op.compute([a[()] if a.ndim == 0 else a for a in map(np.asarray, arrays)], arguments, settings, np)  # type: ignore[union-attr]

    return call


def _view(value: Value) -> str:
    x = name_of(value.args[0])
    if value.name == "permute_dims":
        axes = value.settings["axes"]
        return f"{x}.T" if axes == tuple(reversed(range(len(axes)))) else f"{x}.transpose({_lengths(axes)})"
    if value.name == "getitem":
        return f"{x}[{_key(value.settings['key'])}]"
    return (
        f"{x}.reshape({_lengths(value.shape)})"
        if value.name == "reshape"
        else f"broadcast_to({x}, {_lengths(value.shape)})"
    )


def _key(key: Any) -> str:
    parts = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis not in parts:
        parts.append(Ellipsis)  # a single entry is a view too
    return ", ".join(_key_part(part) for part in parts)


def _key_part(part: Any) -> str:
    if part is None or part is Ellipsis:
        return "None" if part is None else "..."
    if isinstance(part, slice):
        ends = [None if end is None else operator.index(end) for end in (part.start, part.stop, part.step)]
        return ":".join("" if end is None else str(end) for end in ends)
    return str(operator.index(part))


def _lengths(lengths: Any) -> str:
    return str(tuple(operator.index(n) for n in lengths))
