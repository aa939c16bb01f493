"""Programs of generated Python lines that work in memory of their own, one workspace for every thread at a time.

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

#: every piece of memory begins where vectors of so many bytes may be loaded whole
ALIGNMENT = 64


class SourceBuilder:
    """The lines of a program: some set memory aside, and a function ``step`` works in it."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.setup: list[str] = []
        self.body: list[str] = []
        #: what is timed by itself, where the lines call a clock
        self.parts: list[list[Value]] = []

    def text(self, program: Program) -> str:
        """All lines as a function that takes what is fed, what is held, and arrays for the results."""
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
        """Note that these values have been computed."""
        self.body.append(f"clock({len(self.parts)})")
        self.parts.append(values)

    def workspace(self, text: str) -> Callable[[], StepFunction]:
        """A function that makes steps, each with memory of its own."""
        # names of a module, since a function within a function would take long to compile if it had thousands
        code = compile(text, "<graphcore compiled step>", "exec")

        def made() -> StepFunction:
            scope = dict(self.scope)
            exec(code, scope)  # noqa: S102  generated names only
            return scope["step"]  # type: ignore[no-any-return]

        return made


class WorkspaceProgram:
    """A program that a backend has written as lines."""

    def __init__(self, program: Program, lines: SourceBuilder, text: str, source: str, memory: int) -> None:
        self.source, self.memory = source, memory
        self._workspace = lines.workspace(text)
        self._program = program
        self._idle: list[StepFunction] = []
        self._outputs = OutputBuffers.of(program)

    def run(self, inputs: list[Any], parameters: list[Any], out: list[Any] | None) -> list[Any]:
        """Compute in a workspace that no other thread is using."""
        results = self._outputs.take(out)
        try:
            step = self._idle.pop()
        except IndexError:
            step = self._workspace()
        try:
            dynamic = self.call(step, inputs, parameters, results)
        finally:
            self._idle.append(step)
        if dynamic is not None:
            results = [dynamic.get(number, r) for number, r in enumerate(results)]
        return results

    def call(self, step: StepFunction, inputs: list[Any], parameters: list[Any], results: list[Any]) -> Any:
        """Take one step; what it gives are the results whose lengths were not known before."""
        raise NotImplementedError

    def with_clock(self, program: Program) -> tuple[SourceBuilder, str]:
        """The same lines with a call of ``clock`` after everything that can be timed by itself."""
        raise NotImplementedError

    def measure(self, inputs: list[Any], parameters: list[Any]) -> list[Timing]:
        """How long each part takes."""
        lines, text = self.with_clock(self._program)
        clocks: list[Callable[[int], None]] = []
        lines.scope["clock"] = lambda number: clocks[-1](number)  # noqa: PLW0108  it is another in every round
        step, results = lines.workspace(text)(), self._outputs.take()

        def run(clock: Callable[[int], None]) -> None:
            clocks.append(clock)
            self.call(step, inputs, parameters, results)

        return measure_parts(run, lines.parts)


def allocate_aligned(size: int) -> Any:
    """So many bytes, beginning where vectors may be loaded whole.

    >>> allocate_aligned(3).shape, allocate_aligned(3).__array_interface__["data"][0] % 64
    ((3,), 0)
    """
    more = np.empty(size + ALIGNMENT, "u1")
    start = -more.__array_interface__["data"][0] % ALIGNMENT
    return more[start : start + size]
