"""The jax backend: programs under ``jax.jit``, on the devices that jax finds.

>>> import graphcore as gc, ops
>>> g = gc.Graph()
>>> x, w = g.input("x", (2,)), g.parameter("w", 3.0)
>>> step = gc.compile(ops.sum(ops.square(w * x)), backend="jax")
>>> float(step({x: np.array([1.0, 2.0])})[0])
45.0
>>> type(step({x: jnp.asarray([1.0, 2.0], "float64")})[0]).__name__ if jax.config.jax_enable_x64 else "ArrayImpl"
'ArrayImpl'
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import io_callback

from ..ir.eager import as_function, is_pure
from ..ir.program import Program, Value
from ..profiling import Timing
from .array_library import LibraryProgram

name = "jax"
arrays = (jax.Array,)


class JaxProgram(LibraryProgram):
    """A program under ``jax.jit``. float64 stays float64."""

    def __init__(self, program: Program) -> None:
        with jax.enable_x64(True):  # noqa: FBT003  jax's own signature
            super().__init__(program, jnp)
        self._compiled = jax.jit(self.compute)

    def as_function(self, value: Value, xp: Any) -> Callable[..., Any]:
        """Return the instruction of a value; ``jax.jit`` would call an impure operation once, so numpy calls it."""
        if is_pure(value) or not value.is_static:
            return super().as_function(value, xp)
        call, result = as_function(value), jax.ShapeDtypeStruct(value.shape, value.dtype)
        return partial(io_callback, lambda *arrays: np.asarray(call(*map(np.asarray, arrays)), value.dtype), result)

    def convert(self, array: Any, value: Value, beside: Any) -> Any:  # noqa: ARG002  jax chooses devices
        """Return a jax array. Others are copied, as jax may read them later, when programs have written into them."""
        return jnp.asarray(array if isinstance(array, jax.Array) else np.array(array), dtype=value.dtype)

    def run(self, inputs: list[Any], parameters: list[Any], out: list[Any] | None) -> list[Any]:
        """Return the results, with 64-bit floats enabled."""
        with jax.enable_x64(True):  # noqa: FBT003
            return super().run(inputs, parameters, out)

    def compute_results(self, leaves: list[Any]) -> list[Any]:
        """Return the results as jax arrays."""
        return list(self._compiled(*leaves))

    def measure(self, inputs: list[Any], parameters: list[Any]) -> list[Timing]:
        """Return the time of each operation run by itself; ``jax.jit`` is faster on several together."""
        with jax.enable_x64(True):  # noqa: FBT003
            return super().measure(inputs, parameters)

    def arguments(self, value: Value, values: dict[Value, Any]) -> list[Any]:
        """Return a value's arguments, behind a barrier where a recomputed part begins: XLA would merge the copies."""
        arrays = super().arguments(value, values)
        if value.after is None or all(arg.after is value.after for arg in value.args):
            return arrays
        after = [values[value.after]] if value.after in values else []
        return list(jax.lax.optimization_barrier((*arrays, *after))[: len(arrays)])

    def wait_for(self, array: Any) -> Any:
        """Wait until an array is computed, and return it."""
        return jax.block_until_ready(array)

    def to_numpy(self, array: Any) -> Any:
        """Return a writable copy."""
        return np.array(array)


def build(program: Program) -> JaxProgram:
    """Make a program ready to run; jax compiles it at the first run."""
    return JaxProgram(program)
