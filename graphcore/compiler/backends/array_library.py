"""Programs as functions of an array library, which runs or compiles them itself.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> class Plain(LibraryProgram):
...     def convert(self, array, value, beside):
...         return np.asarray(array)
...     def compute_results(self, leaves):
...         return self.compute(*leaves)
...     def to_numpy(self, array):
...         return array
>>> Plain(program, np).run([np.zeros((2, 3))], [np.ones((3, 4))], None)
[np.float64(0.0)]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...arrays.namespace import Namespace
from ..ir.eager import as_function, is_pure
from ..ir.program import Program, Value
from ..profiling import Timing, measure_parts

_NUMPY = (np.ndarray, np.generic)


class LibraryProgram:
    """A program as a function of a library's arrays; each library's backend is a subclass."""

    def __init__(self, program: Program, xp: Namespace) -> None:
        self.source = "\n".join(map(_format_line, program.values)) + "\n"
        self._program = program
        self.memory = 0  # not known: the library allocates it
        self._constants = {v: self.convert(v.array, v, None) for v in program.values if v.kind == "constant"}
        self._calls = [(v, self.as_function(v, xp)) for v in program.values if v.kind == "op"]
        #: whether every instruction gives the same result for the same arguments
        self.is_pure = all(map(is_pure, program.values))

    def as_function(self, value: Value, xp: Namespace) -> Callable[..., Any]:
        """Return the instruction or operation of a value as a function of the library's arrays."""
        return as_function(value, xp)

    def release(self) -> None:
        """Do nothing: the library holds the memory."""

    def run(self, inputs: list[Any], parameters: list[Any], out: list[Any] | None) -> list[Any]:  # noqa: ARG002
        """Return the results, as numpy arrays if all inputs are, else as arrays of the library.

        They are new arrays in any case; ``out`` is ignored.
        """
        results = self.compute_results(self.leaves(inputs, parameters))
        return [self.to_numpy(r) for r in results] if all(isinstance(a, _NUMPY) for a in inputs) else results

    def compute_results(self, leaves: list[Any]) -> list[Any]:
        """Return the results as arrays of the library."""
        raise NotImplementedError

    def to_numpy(self, array: Any) -> Any:
        """Return an array of the library as a writable numpy array."""
        raise NotImplementedError

    def convert(self, array: Any, value: Value, beside: Any) -> Any:
        """Return an array of the library, on the device of ``beside``."""
        raise NotImplementedError

    def compute(self, *leaves: Any) -> list[Any]:
        """Return the results for these inputs and parameters."""
        values = self._leaf_values(leaves)
        for value, call in self._calls:
            values[value] = call(*self.arguments(value, values))
        return [values[value] for value in self._program.results]

    def arguments(self, value: Value, values: dict[Value, Any]) -> list[Any]:
        """Return the arrays of a value's arguments."""
        return [values[arg] for arg in value.args]

    def constants_beside(self, leaves: Sequence[Any]) -> dict[Value, Any]:  # noqa: ARG002  for libraries with devices
        """Return the constants, on the device of the leaves."""
        return self._constants

    def _leaf_values(self, leaves: Sequence[Any]) -> dict[Value, Any]:
        return self.constants_beside(leaves) | dict(
            zip((*self._program.inputs, *self._program.parameters), leaves, strict=True)
        )

    def measure(self, inputs: list[Any], parameters: list[Any]) -> list[Timing]:
        """Return the time of each operation run by itself; the library may be faster on several together."""
        leaves = self.leaves(inputs, parameters)

        def run(clock: Callable[[int], None]) -> None:
            values = self._leaf_values(leaves)
            for number, (value, call) in enumerate(self._calls):
                values[value] = self.wait_for(call(*self.arguments(value, values)))
                clock(number)

        return measure_parts(run, [[value] for value, _ in self._calls])

    def wait_for(self, array: Any) -> Any:
        """Wait until an array is computed, and return it."""
        return array

    def leaves(self, inputs: list[Any], parameters: list[Any]) -> list[Any]:
        """Return inputs and parameters as arrays of the library."""
        given = [self.convert(array, value, None) for array, value in zip(inputs, self._program.inputs, strict=True)]
        beside = given[0] if given else None
        return given + [
            self.convert(array, value, beside)
            for array, value in zip(parameters, self._program.parameters, strict=True)
        ]


def _format_line(value: Value) -> str:
    name = f"v{value.number}"
    if value.kind != "op":
        return f"{name} = {value.name}  # {value.dtype} {value.shape}"
    return f"{name} = {value.name}({', '.join(f'v{arg.number}' for arg in value.args)})"
