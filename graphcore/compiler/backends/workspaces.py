"""Programs of generated Python lines that work in memory of their own, one workspace for every thread at a time.

>>> lines = Lines()
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
from ..profiling import Timing, timed
from .output_buffers import Results

Step = Callable[..., Any]

#: every piece of memory begins where vectors of so many bytes may be loaded whole
_ALIGNED = 64


class Lines:
    """The lines of a program: some set memory aside, and a function ``step`` works in it."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.setup: list[str] = []
        self.body: list[str] = []
        #: what is timed by itself, where the lines call a clock
        self.parts: list[list[Value]] = []

    def text(self, program: Program) -> str:
        """All lines as a function that takes what is fed, what is held, and arrays for the results."""
        arguments = [v.name for v in (*program.fed, *program.held)]
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

    def workspace(self, text: str) -> Callable[[], Step]:
        """A function that makes steps, each with memory of its own."""
        # names of a module, since a function within a function would take long to compile if it had thousands
        code = compile(text, "<graphcore compiled step>", "exec")

        def made() -> Step:
            scope = dict(self.scope)
            exec(code, scope)  # noqa: S102  generated names only
            return scope["step"]  # type: ignore[no-any-return]

        return made


class WorkingProgram:
    """A program that a backend has written as lines."""

    def __init__(self, program: Program, lines: Lines, text: str, source: str, memory: int) -> None:
        self.source, self.memory = source, memory
        self._workspace = lines.workspace(text)
        self._program = program
        self._idle: list[Step] = []
        self._results = Results.of(program)

    def run(self, fed: list[Any], held: list[Any], out: list[Any] | None) -> list[Any]:
        """Compute in a workspace that no other thread is using."""
        results = self._results.take(out)
        try:
            step = self._idle.pop()
        except IndexError:
            step = self._workspace()
        try:
            unforeseen = self.call(step, fed, held, results)
        finally:
            self._idle.append(step)
        if unforeseen is not None:
            results = [unforeseen.get(number, r) for number, r in enumerate(results)]
        return results

    def call(self, step: Step, fed: list[Any], held: list[Any], results: list[Any]) -> Any:
        """Take one step; what it gives are the results whose lengths were not known before."""
        raise NotImplementedError

    def clocked(self, program: Program) -> tuple[Lines, str]:
        """The same lines with a call of ``clock`` after everything that can be timed by itself."""
        raise NotImplementedError

    def timings(self, fed: list[Any], held: list[Any]) -> list[Timing]:
        """How long each part takes."""
        lines, text = self.clocked(self._program)
        clocks: list[Callable[[int], None]] = []
        lines.scope["clock"] = lambda number: clocks[-1](number)  # noqa: PLW0108  it is another in every round
        step, results = lines.workspace(text)(), self._results.take()

        def run(clock: Callable[[int], None]) -> None:
            clocks.append(clock)
            self.call(step, fed, held, results)

        return timed(run, lines.parts)


def memory_of(size: int) -> Any:
    """So many bytes, beginning where vectors may be loaded whole.

    >>> memory_of(3).shape, memory_of(3).__array_interface__["data"][0] % 64
    ((3,), 0)
    """
    more = np.empty(size + _ALIGNED, "u1")
    start = -more.__array_interface__["data"][0] % _ALIGNED
    return more[start : start + size]
