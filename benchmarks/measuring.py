"""Helpers of the benchmarks: measuring several programs in turn, and a table of their ratios."""

import statistics
import time

#: the time on the wall, and the time that the processor worked for this process: on a shared machine the steadier one
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def medians(programs, rounds=15, seconds=0.02, clock="wall"):
    """Return the median time of each program in seconds: short rounds in turn, so that other load slows all alike."""
    now = CLOCKS[clock]
    often = {}
    for name, program in programs.items():
        program()
        start = now()
        program()
        often[name] = max(1, int(seconds / max(now() - start, 1e-9)))
    times = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            start = now()
            for _ in range(often[name]):
                program()
            times[name].append((now() - start) / often[name])
    return {name: statistics.median(found) for name, found in times.items()}


def table(rows, columns):
    """Return a plain table: one row per case, a dict by column."""
    widths = [max(len(column), 9) for column in columns]
    first = max(len(name) for name in rows)
    lines = [" " * first + "  " + "  ".join(c.rjust(w) for c, w in zip(columns, widths, strict=True))]
    for name, row in rows.items():
        cells = [row.get(column, "–").rjust(width) for column, width in zip(columns, widths, strict=True)]
        lines.append(name.ljust(first) + "  " + "  ".join(cells))
    return "\n".join(lines)
