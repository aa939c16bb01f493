"""Programs that compute the same thing: checked against hand-written numpy, timed in turn, reported as ratios."""

import argparse
import json
import pathlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import one_thread  # noqa: F401  before the libraries that it is for
from measuring import CLOCKS, medians, table
from threadpoolctl import threadpool_info, threadpool_limits

#: the program that all others are compared with
BASE = "numpy"


class Program(NamedTuple):
    """A program to compare: a function that takes a net and gives a step, and the library it needs.

    ``able`` is true for the nets that it supports. A step returns the cost and the list of the gradients.
    """

    write: Callable[[Any], Callable[[], Any]]
    library: str = "numpy"
    able: Callable[[Any], bool] = lambda _net: True


class Tolerance(NamedTuple):
    """Relative tolerance of a result, compared with numpy's."""

    float64: float = 1e-9
    float32: float = 1e-4


def agrees(found, expected, dtype):
    """Raise if a cost or a gradient is another than hand-written numpy's."""
    tolerance = getattr(Tolerance(), dtype)
    np.testing.assert_equal(len(found[1]), len(expected[1]), "the number of gradients")
    np.testing.assert_allclose(np.asarray(found[0]), expected[0], rtol=tolerance)
    for mine, theirs in zip(found[1], expected[1], strict=True):
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(np.asarray(mine), theirs, rtol=tolerance, atol=tolerance * scale)


def compared(net, programs, rounds, clock):
    """Return the median seconds of every program that can run; those left out are listed on stderr."""
    with threadpool_limits(1):
        expected = programs[BASE].write(net)()
        steps = {}
        for name, program in programs.items():
            if not program.able(net):
                continue
            try:
                step = program.write(net)
                agrees(step(), expected, net.dtype)
            except ImportError as missing:
                print(f"left out: {name}, {missing}", file=sys.stderr)
            except AssertionError:
                raise
            except Exception as failed:  # a peer that does not work here is no reason to stop
                if program.library in _OURS:
                    raise
                print(f"left out: {name}, {str(failed).strip().splitlines()[0][:200]}", file=sys.stderr)
            else:
                steps[name] = step
        return medians(steps, rounds, clock=clock)


def main(title, nets, programs):
    """Run the command line of a table: ``--rounds``, ``--only``, ``--nets`` and ``--json FILE``, for the seconds."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--only", nargs="*", default=[], choices=programs, metavar="NAME", help=", ".join(programs))
    parser.add_argument("--nets", nargs="*", default=[], choices=nets, metavar="NET", help="; ".join(nets))
    parser.add_argument("--json", type=pathlib.Path)
    chosen = parser.parse_args()
    wanted = {name: p for name, p in programs.items() if name == BASE or not chosen.only or name in chosen.only}
    asked = chosen.nets or nets
    found = {name: compared(nets[name](), wanted, chosen.rounds, chosen.clock) for name in asked}
    print(f"{title}; matrix products of numpy by {blas_of_numpy()}")
    print("seconds of numpy, and multiples of them: lower is faster\n")
    print(ratios(found, list(wanted)))
    if chosen.json:
        chosen.json.write_text(json.dumps(found))


def blas_of_numpy():
    """Return name, version and architecture of the BLAS that numpy calls, on which half of the time depends."""
    for one in threadpool_info():
        if one["user_api"] == "blas" and "numpy" in one["filepath"]:
            return f"{one['internal_api']} {one['version']} for {one.get('architecture')}"
    return "an unidentified BLAS"


def ratios(found, names):
    """Return a table with the time of numpy, and the others in multiples of it; what no row has is left out."""
    rows = {}
    for case, seconds in found.items():
        rows[case] = {name: f"{one / seconds[BASE]:.2f}" for name, one in seconds.items()}
        rows[case][BASE] = f"{seconds[BASE] * 1e6:.1f} µs"
    return table(rows, [name for name in names if any(name in row for row in rows.values())])


_OURS = ("numpy", "numba")
