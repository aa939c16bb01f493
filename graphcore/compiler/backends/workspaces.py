"""Programs of generated Python source, with one workspace of preallocated memory per running thread.

>>> lines = SourceBuilder()
>>> lines.setup.append("m = []")
>>> lines.body.append("m.append(1)")
>>> steps = lines.workspace("m = []\\ndef step():\\n    m.append(1)\\n    return m\\n")
>>> step, other = steps(), steps()
>>> step(), step(), other()
([1, 1], [1, 1], [1])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.program import Program, Value
from ..profiling import Timing, measure_parts
from .output_buffers import OutputBuffers

StepFunction = Callable[..., Any]

#: buffers start at multiples of this many bytes, as vector instructions prefer
ALIGNMENT = 64


class SourceBuilder:
    """Source under construction: lines that allocate memory, and a function ``step`` that works in it."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.setup: list[str] = []
        self.body: list[str] = []
        #: the parts that are timed, where the lines call a clock
        self.parts: list[list[Value]] = []

    def text(self, program: Program) -> str:
        """Return the source of a function of inputs, parameters and arrays for the results."""
        arguments = [v.name for v in (*program.inputs, *program.parameters)]
        arguments += [f"r{number}" for number in range(len(program.results))]
        return (
            "\n".join(
                [
                    *self.setup,
                    f"def step({', '.join(arguments)}):",
                    *(f"    {line}" for line in self.body or ["pass"]),
                ]
            )
            + "\n"
        )

    def clock(self, values: list[Value]) -> None:
        """Add a call of the clock after these values."""
        self.body.append(f"clock({len(self.parts)})")
        self.parts.append(values)

    def workspace(self, text: str) -> Callable[[], StepFunction]:
        """Compile the source, and return a function that makes steps with separate memory."""
        # at module level, since a closure with thousands of variables takes long to compile
        code = compile(text, "<graphcore compiled step>", "exec")

        def made() -> StepFunction:
            scope = dict(self.scope)
            exec(code, scope)  # noqa: S102  generated names only
            step: StepFunction = scope.pop("step")  # not in its own globals, so that it is freed when it is dropped
            return step

        return made


class WorkspaceProgram:
    """A program that a backend has written as Python source."""

    def __init__(self, program: Program, lines: SourceBuilder, text: str, source: str, memory: int) -> None:
        self.source, self.memory = source, memory
        self._workspace = lines.workspace(text)
        self._program = program
        self._idle: list[StepFunction] = []
        self._outputs = OutputBuffers.of(program)

    def run(self, inputs: list[Any], parameters: list[Any], out: list[Any] | None) -> list[Any]:
        """Return the results, computed in a workspace that no other thread is using."""
        idle = self._idle  # another list after `release`
        results = self._outputs.take(out)
        try:
            step = idle.pop()
        except IndexError:
            step = self._workspace()
        try:
            dynamic = self.call(step, inputs, parameters, results)
        finally:
            idle.append(step)
        if dynamic is not None:
            results = [dynamic.get(number, r) for number, r in enumerate(results)]
        return results

    def release(self) -> None:
        """Drop all workspaces, and the arrays that are kept for results."""
        self._idle, self._outputs = [], OutputBuffers.of(self._program)

    def call(self, step: StepFunction, inputs: list[Any], parameters: list[Any], results: list[Any]) -> Any:
        """Run one step; return the results whose shapes are not static, by number, or ``None``."""
        raise NotImplementedError

    def with_clock(self, program: Program) -> tuple[SourceBuilder, str]:
        """Return the same source with a call of ``clock`` after each part."""
        raise NotImplementedError

    def measure(self, inputs: list[Any], parameters: list[Any]) -> list[Timing]:
        """Return the time of each part."""
        lines, text = self.with_clock(self._program)
        clocks: list[Callable[[int], None]] = []
        lines.scope["clock"] = lambda number: clocks[-1](number)  # noqa: PLW0108  another one in every round
        step, results = lines.workspace(text)(), self._outputs.take()

        def run(clock: Callable[[int], None]) -> None:
            clocks.append(clock)
            self.call(step, inputs, parameters, results)

        return measure_parts(run, lines.parts)


def allocate_aligned(size: int) -> Any:
    """Allocate bytes that start at a multiple of `ALIGNMENT`.

    >>> allocate_aligned(3).shape, allocate_aligned(3).__array_interface__["data"][0] % 64
    ((3,), 0)
    """
    more = np.empty(size + ALIGNMENT, "u1")
    start = -more.__array_interface__["data"][0] % ALIGNMENT
    return more[start : start + size]
