"""A program in the words of an array library: the same rules, run or compiled by the library itself.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lowered
>>> from graphcore.compiler.frontend.specialize import specialised
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lowered(specialised(g.nodes, [C], [], {}))
>>> class Plain(LibraryProgram):
...     def taken(self, array, value, beside):
...         return np.asarray(array)
...     def results(self, leaves):
...         return self.compute(*leaves)
...     def as_numpy(self, array):
...         return array
>>> Plain(program, np).run([np.zeros((2, 3))], [np.ones((3, 4))], None)
[np.float64(0.0)]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...arrays.namespace import Namespace
from ..ir.eager import called
from ..ir.program import Program, Value
from ..profiling import Timing, timed

_NUMPY = (np.ndarray, np.generic)


class LibraryProgram:
    """A program as a function of a library's arrays; what is special to the library is added by its backend."""

    def __init__(self, program: Program, xp: Namespace) -> None:
        self.source = "\n".join(map(_line, program.values)) + "\n"
        self._program = program
        self.memory = 0  # the library keeps that to itself
        self._constants = {v: self.taken(v.array, v, None) for v in program.values if v.kind == "constant"}
        self._calls = [(v, called(v, xp)) for v in program.values if v.kind == "op"]
        #: the parameters as they were last, and what the library made of them: what is held is never changed in place
        self._held: list[tuple[Any, Any]] = [(None, None)] * len(program.held)

    def run(self, fed: list[Any], held: list[Any], out: list[Any] | None) -> list[Any]:  # noqa: ARG002
        """The results, of the kind that was fed: arrays of the library, or of numpy.

        They are new in any case: what is given as ``out`` is for the backends that write where they are told to.
        """
        results = self.results(self.leaves(fed, held))
        return [self.as_numpy(r) for r in results] if all(isinstance(a, _NUMPY) for a in fed) else results

    def results(self, leaves: list[Any]) -> list[Any]:
        """The results as arrays of the library."""
        raise NotImplementedError

    def as_numpy(self, array: Any) -> Any:
        """An array of the library as one of numpy's, open to changes."""
        raise NotImplementedError

    def taken(self, array: Any, value: Value, beside: Any) -> Any:
        """An array of the library, on the device of the one beside which it will be used."""
        raise NotImplementedError

    def compute(self, *leaves: Any) -> list[Any]:
        """The results, from what is fed and held."""
        values = self._given(leaves)
        for value, call in self._calls:
            values[value] = call(*(values[arg] for arg in value.args))
        return [values[value] for value in self._program.results]

    def _given(self, leaves: Sequence[Any]) -> dict[Value, Any]:
        return self._constants | dict(zip((*self._program.fed, *self._program.held), leaves, strict=True))

    def timings(self, fed: list[Any], held: list[Any]) -> list[Timing]:
        """How long each operation takes by itself, without what the library may gain by taking several together."""
        leaves = self.leaves(fed, held)

        def run(clock: Callable[[int], None]) -> None:
            values = self._given(leaves)
            for number, (value, call) in enumerate(self._calls):
                values[value] = self.waited_for(call(*(values[arg] for arg in value.args)))
                clock(number)

        return timed(run, [[value] for value, _ in self._calls])

    def waited_for(self, array: Any) -> Any:
        """An array whose computation is over."""
        return array

    def leaves(self, fed: list[Any], held: list[Any]) -> list[Any]:
        """What is fed and held as arrays of the library. A parameter is handed over again when it has changed."""
        given = [self.taken(array, value, None) for array, value in zip(fed, self._program.fed, strict=True)]
        beside = given[0] if given else None
        self._held = known = [
            before if array is before[0] else (array, self.taken(array, value, beside))
            for array, before, value in zip(held, self._held, self._program.held, strict=True)
        ]
        return given + [theirs for _, theirs in known]


def _line(value: Value) -> str:
    name = f"v{value.number}"
    if value.kind != "op":
        return f"{name} = {value.name}  # {value.dtype} {value.shape}"
    return f"{name} = {value.name}({', '.join(f'v{arg.number}' for arg in value.args)})"
