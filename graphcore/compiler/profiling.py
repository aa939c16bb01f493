"""Profiles of compiled steps: the time of each part, beside the limits of the machine.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> timings = [([value], 2e-6) for value in program.values if value.kind == "op"]
>>> profile = Profile(timings, 64, Machine(1e11, 1e10))
>>> [(row.what, row.operations, row.bytes) for row in profile.rows]
[('matmul', 48, 208), ('tanh', 8, 128), ('sum', 8, 72)]
>>> round(profile.seconds * 1e6, 3), round(profile.rows[0].at_least * 1e9, 3)
(6.0, 20.8)
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..arrays.shaped_array import show_shape
from .ir.primitives import VIEW_OPS
from .ir.program import Value
from .operation_count import count_operations

#: a part of a program and its time in seconds
Timing = tuple[Sequence[Value], float]
#: called with the number of each part that has been computed
Clock = Callable[[int], None]


class Machine(NamedTuple):
    """The limits of a machine: multiplications and additions per second, and bytes moved per second."""

    operations: float
    bytes: float


class Row(NamedTuple):
    """One part of a step: its operations, its time, and the least time that the machine needs for it."""

    what: str
    shape: str
    seconds: float
    operations: int
    bytes: int
    at_least: float


class Profile:
    """The parts of a step in order, with the time and memory of each; ``print`` shows them as a table.

    ``seconds`` are medians over several runs in which every part is timed by itself. ``at_least`` is the longer of two
    times: of its arithmetic at the speed of a large matrix product, and of its reads and writes at the speed of a large
    copy, both measured on this machine. Data in a cache is read faster than that.
    """

    def __init__(self, timings: Sequence[Timing], memory: int, machine: Machine) -> None:
        readers: dict[Value, set[int]] = defaultdict(set)
        for number, (values, _) in enumerate(timings):
            for value in values:
                for arg in value.args:
                    readers[_skip_views(arg)].add(number)
        self.rows = [
            # a value that only its own part reads is not written to memory; one that no part reads is a result
            _make_row(values, seconds, {v for v in values if readers[v] != {number}}, machine)
            for number, (values, seconds) in enumerate(timings)
        ]
        #: bytes of memory for intermediate values
        self.memory = memory
        self.machine = machine

    @property
    def seconds(self) -> float:
        """The time of all parts together, in seconds."""
        return sum(row.seconds for row in self.rows)

    def __str__(self) -> str:
        head = ("", "shape", "µs", "share", "Gop/s", "GB/s", "at least")
        whole = self.seconds or 1.0
        lines = [
            (
                row.what,
                row.shape,
                f"{row.seconds * 1e6:.1f}",
                f"{row.seconds / whole:.0%}",
                f"{row.operations / row.seconds / 1e9:.2f}",
                f"{row.bytes / row.seconds / 1e9:.2f}",
                f"{row.at_least * 1e6:.1f}",
            )
            for row in self.rows
        ]
        least = sum(row.at_least for row in self.rows)
        lines.append(("all", "", f"{whole * 1e6:.1f}", "100%", "", "", f"{least * 1e6:.1f}"))
        widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
        shown = [
            "  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
            for line in (head, *lines)
        ]
        machine = f"{self.machine.operations / 1e9:.0f} Gop/s in a matrix product, {self.machine.bytes / 1e9:.0f} GB/s"
        end = f"memory for intermediate values: {self.memory:,} bytes; this machine: {machine} in a copy"
        return "\n".join([*(line.rstrip() for line in shown), end])

    __repr__ = __str__


def measure_parts(
    run: Callable[[Callable[[int], None]], Any], parts: Sequence[Sequence[Value]], rounds: int = 15
) -> list[Timing]:
    """Return the median time of each part of a run, which calls a clock after every part."""
    taken: list[list[float]] = [[] for _ in parts]
    for _ in range(rounds + 1):
        last = [time.perf_counter()]

        def clock(number: int, last: list[float] = last) -> None:
            now = time.perf_counter()
            taken[number].append(now - last[0])
            last[0] = time.perf_counter()

        run(clock)
    return [(part, statistics.median(times[1:])) for part, times in zip(parts, taken, strict=True)]


def _skip_views(value: Value) -> Value:
    while value.kind == "op" and value.name in VIEW_OPS:
        (value,) = value.args
    return value


def _make_row(values: Sequence[Value], seconds: float, written: set[Value], machine: Machine) -> Row:
    mine = {value for value in values if value.name not in VIEW_OPS}
    read = {arg for value in mine for arg in value.args if arg not in mine and arg.kind != "constant"}
    operations = sum(map(count_operations, values))
    moved = sum(value.nbytes for value in (*read, *(written & mine)) if value.is_static)
    largest = max(values, key=lambda value: value.size)
    shape = largest.args[0].shape if largest.args and largest.args[0].size > largest.size else largest.shape
    what = [value.op.name if value.op is not None else value.name for value in values]
    at_least = max(operations / machine.operations, moved / machine.bytes)
    return Row(_shorten(what), show_shape(tuple(shape)), max(seconds, 1e-9), operations, moved, at_least)


def _shorten(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


@cache
def measure_machine() -> Machine:
    """Return the limits of this machine with all threads of BLAS, measured once in a few hundredths of a second."""
    n, size = 512, 1 << 24
    a, out = np.ones((n, n), "float32"), np.empty((n, n), "float32")
    source, target = np.ones(size, "u1"), np.empty(size, "u1")
    return Machine(
        2 * n**3 / _best_time(lambda: np.dot(a, a, out)), 2 * size / _best_time(lambda: np.copyto(target, source))
    )


def _best_time(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(8):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
