"""Compiled plain functions: traced once for each structure and type of the arguments, then run as a step."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..arrays.incoming import unwrap
from ..arrays.namespace import is_array, type_of
from ..arrays.shaped_array import ShapedArray
from ..autodiff.retracing import trace_twice
from ..autodiff.tracing import tracing_to
from ..errors import DtypeError
from ..graph.node import Node
from ..support import pytree
from .backends.backend import Backend, get_backend
from .program_cache import ProgramCache
from .step import ResultForm, Step


class _TracedProgram(NamedTuple):
    """The step for arguments of one structure and type, its inputs, and the structure of the result."""

    step: Step | None
    inputs: list[Node]
    output: Any

    def release(self) -> None:
        """Free the memory that is kept between calls."""
        if self.step is not None:
            self.step.release()


class CompiledFunction:
    """A compiled function, called like the function itself.

    Arrays and floats may change from call to call. An integer, a boolean or a string is a constant of the program, and
    so is everything that the function reads outside of its arguments when it is traced. It is traced twice at first,
    and refused if it gave something else the second time: a random draw or a counter would be frozen in the program.
    The 64 programs used last are kept, and the memory between calls of the 4 used last.

    >>> import graphcore as gc, ops
    >>> slope = gc.compile(gc.grad(lambda x, n: np.sum(x**n)), backend="numpy")
    >>> slope(np.array([1.0, 2.0]), 3)
    array([ 3., 12.])
    >>> slope(np.array([1.0, 2.0]), 2)
    array([2., 4.])
    >>> slope
    <compiled <lambda>: 2 programs, numpy>
    """

    def __init__(self, function: Callable[..., Any], backend: Backend, threads: int | None) -> None:
        functools.update_wrapper(self, function, updated=())
        self._function, self._backend, self._threads = function, backend, threads
        self._programs: ProgramCache[_TracedProgram] = ProgramCache()
        self._tracing = threading.RLock()  # the function may call itself with constants

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return what the function returns. Inside a function that is being traced, call the function itself."""
        given = (args, named)
        if tracing_to(given) is not None:
            return self._function(*args, **named)
        leaves = [unwrap(leaf, f"an argument of {self._name}") for leaf in pytree.leaves(given)]
        dynamic = [leaf for leaf in leaves if _is_dynamic(leaf)]
        key = (_structure(given), *(_specialization_key(leaf) for leaf in leaves))
        try:
            program = self._programs.get(key)
        except TypeError as error:
            raise DtypeError(f"{self._name}: an argument is neither an array nor a constant: {error}") from error
        if program is None:
            with self._tracing:
                program = self._programs.get(key) or self._programs.add(key, self._trace(given, leaves, dynamic))
        step, inputs, output = program
        if step is None:
            return output
        values = iter(step(dict(zip(inputs, map(np.asarray, dynamic), strict=True))))
        return pytree.map_leaves(lambda leaf: next(values) if isinstance(leaf, Node) else leaf, output)

    def _trace(self, given: Any, leaves: list[Any], dynamic: list[Any]) -> _TracedProgram:
        def call_with(*nodes: Any) -> Any:
            rest = iter(nodes)
            args, named = pytree.unflatten(given, [next(rest) if _is_dynamic(leaf) else leaf for leaf in leaves])
            return self._function(*args, **named)

        call_with.__name__ = self._name
        traced = trace_twice(call_with, tuple(dynamic))
        nodes = [leaf for leaf in pytree.leaves(traced.output) if isinstance(leaf, Node)]
        if not nodes:
            return _TracedProgram(None, [], traced.output)
        is_first = not self._programs
        step = Step(nodes, [], self._backend, form=ResultForm.LIST, threads=self._threads, is_first=is_first)
        return _TracedProgram(step, list(traced.inputs), traced.output)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy or pickle is made: the function is compiled again, as it is then."""
        return _compiled_again, (self._function, self._backend.name, self._threads)

    @property
    def _name(self) -> str:
        return getattr(self._function, "__name__", type(self._function).__name__)

    def __repr__(self) -> str:
        return f"<compiled {self._name}: {len(self._programs)} programs, {self._backend.name}>"


def _compiled_again(function: Callable[..., Any], backend: str, threads: int | None) -> CompiledFunction:
    return CompiledFunction(function, get_backend(backend), threads)


def _is_dynamic(leaf: Any) -> bool:
    return isinstance(leaf, float) or is_array(leaf)


def _specialization_key(leaf: Any) -> Any:
    """Return the part of the cache key for an argument: type and shape of an array, else the value."""
    if is_array(leaf):
        return type_of(leaf)
    return ShapedArray((), np.dtype(float)) if isinstance(leaf, float) else (type(leaf), leaf)


def _structure(given: Any) -> str:
    return repr(pytree.map_leaves(lambda _: 0, given))
