"""Compiled steps, which compute from a feed what `backprop` computes, faster."""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays.namespace import type_of
from ..arrays.shaped_array import Shape, ShapedArray, as_dtype
from ..autodiff.feed import bind
from ..autodiff.gradient import evaluate
from ..autodiff.plan import plan_for
from ..errors import FeedError, ShapeError, shorten
from ..graph.node import Node
from .backends.backend import Backend, Compiled, get_backend
from .backends.threads import check_threads, limit_threads
from .frontend.lower import lower
from .frontend.specialize import specialize
from .ir.program import Program
from .profiling import Profile, measure_machine
from .program_cache import ProgramCache

Feed = Mapping[Any, Any]


#: an input: its node, name, shape and dtype
ExpectedInput = tuple[Node, str | None, Shape, np.dtype[Any]]


#: a shape that is not the first is computed by the stand-in of the backend in this many calls, then compiled
CALLS_OF_STAND_IN = 100


@dataclass
class Specialization:
    """A compiled program for inputs of fixed types."""

    expected: list[ExpectedInput]
    compiled: Compiled
    #: the results without axes, which are returned as scalars
    numbers: list[int]
    #: how many calls are left to the stand-in of the backend, and the program that is compiled after them
    calls_left: int = 0
    program: Program | None = None

    def release(self) -> None:
        """Free the memory that is kept between calls."""
        release = getattr(self.compiled, "release", None)  # backends of other packages may keep none
        if release is not None:
            release()


class ResultForm(enum.Flag):
    """The form of a step's result: one value or the list of all outputs, with or without the dict of gradients."""

    VALUE = 0
    LIST = enum.auto()
    GRADIENTS = enum.auto()


class Step:
    """A compiled step: ``step(feed)`` computes, ``step.source`` is the program that was run last.

    Thread-safe: every call works in memory of its own. The programs of the 64 shapes used last are kept, and the memory
    between calls of the 4 used last (`program_cache`).

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> step = gc.compile(ops.sum(ops.square(w * x), name="C"), backend="numpy")
    >>> cost, gradients = step({x: np.array([1.0, 3.0])})
    >>> float(cost), float(gradients[w]), "multiply" in step.source
    (40.0, 40.0, True)
    >>> step
    <compiled step of C: 1 gradients, numpy>
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        wrt: Sequence[Node],
        backend: Backend,
        *,
        form: ResultForm,
        threads: int | None = None,
        is_first: bool = True,
    ) -> None:
        self.outputs, self.wrt, self.backend = list(outputs), list(wrt), backend
        self._as_list, self._with_gradients = ResultForm.LIST in form, ResultForm.GRADIENTS in form
        self._threads = check_threads(threads)
        self._arrays = getattr(backend, "arrays", ())
        self._graph = outputs[0].graph
        self._order = plan_for(self._graph, tuple(dict.fromkeys((*outputs, *wrt))))
        self._inputs = [node for node in self._order if node.kind == "input"]
        self._parameters = [node for node in self._order if node.kind == "parameter"]
        self._specializations: ProgramCache[Specialization] = ProgramCache()
        #: replaced as a whole by other threads, so that a call reads it once
        self._last: Specialization | None = None
        self._stand_in: Backend | None = getattr(backend, "stand_in", None)
        self._is_first = is_first
        self._compiling = threading.Lock()

    def __call__(self, feed: Feed | None = None, *, out: Any = None) -> Any:
        """Run the program for the shapes of this feed, which is compiled at their first occurrence.

        With numba, whose compilation takes seconds, other shapes than the first are computed by the numpy backend in
        their first 100 calls and compiled after them: a last batch of another length does not interrupt an epoch.

        Raises the errors of `backprop` for an invalid feed. Results are never overwritten by later calls; an earlier
        result of this step that is passed as ``out`` is overwritten with the new one and returned.
        """
        try:
            specialization, inputs = self._prepare(feed)
            results = (
                self._run(specialization, inputs)
                if out is None
                else self._run_into(self._arrays_of(out), specialization, inputs)
            )
        except Exception:
            evaluate(self._order, feed)  # raises the error with its node, if the network fails
            raise
        return self._assemble(results, specialization.numbers)

    def of_one(self, node: Node | str, feed: Feed | None = None) -> Callable[[Any], Any]:
        """Return the step as a function of one input, with the others fixed to ``feed``: for many calls in a row.

        Arrays of the shape and dtype that ``feed`` has for the node are used without checks; anything else is fed as in
        a call of the step. The other arrays are checked once and must not be changed in place between calls.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x, y = g.input("x"), g.input("y")
        >>> cost = gc.compile(ops.square(x - y), wrt=[], backend="numpy").of_one(x, {x: 0.0, y: 1.0})
        >>> [float(cost(np.array(value))) for value in (1.0, 2.0, 3.0)]
        [0.0, 1.0, 4.0]
        """
        inputs = self._bind_feed(feed)
        specialization = self._specialize(inputs, is_repeated=True)
        node = self._graph[node] if isinstance(node, str) else node
        position = next((n for n, known in enumerate(self._inputs) if known is node), None)
        if position is None:
            names = ", ".join(repr(known.label) for known in self._inputs) or "none"
            raise FeedError(f"`node`: expected an input that the outputs depend on ({names}), got {node!r}")
        before, after, given = inputs[:position], inputs[position + 1 :], type_of(inputs[position])
        others = {n: a for n, a in zip(self._inputs, inputs, strict=True) if n is not node}

        def call(value: Any) -> Any:
            if type(value) is not np.ndarray or value.dtype != given.dtype or value.shape != given.shape:
                return self({**others, node: value})
            try:
                return self._assemble(self._run(specialization, [*before, value, *after]), specialization.numbers)
            except Exception:
                evaluate(self._order, {**others, node: value})
                raise

        return call

    @property
    def source(self) -> str:
        """The program in generated names: ``x0`` is an input, ``p0`` a parameter, ``r0`` a result."""
        specialization = self._current_specialization()
        if specialization is None:
            return "# nothing is compiled yet: the shapes of the first feed are needed"
        return specialization.compiled.source

    def profile(self, feed: Feed | None = None) -> Profile:
        """Return the time and memory of each part of the program, beside the limits of this machine.

        Without a feed, arrays of ones with the shapes of the last feed are used.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x, w = g.input("x", (None, 3)), g.parameter("w", np.ones((3, 2)))
        >>> step = gc.compile(ops.sum(ops.tanh(x @ w)), backend="numpy")
        >>> _ = step({x: np.ones((5, 3))})
        >>> [row.what for row in step.profile().rows]
        ['matmul', 'tanh', 'sum', 'cosh', 'multiply', 'divide', 'permute_dims', 'matmul']
        """
        if feed is not None:
            inputs = self._bind_feed(feed)
            specialization: Specialization | None = self._specialize(inputs)
        else:
            specialization = self._current_specialization()
            if specialization is None:
                raise FeedError("`feed`: nothing is compiled yet and lengths are unknown; profile(...) takes a feed")
            inputs = [np.ones(shape, dtype) for _, _, shape, dtype in specialization.expected]
        parameters = [node.data for node in self._parameters]
        with contextlib.nullcontext() if self._threads is None else limit_threads(self._threads):
            timings = specialization.compiled.measure(inputs, parameters)  # type: ignore[union-attr]
            return Profile(timings, specialization.compiled.memory, measure_machine())  # type: ignore[union-attr]

    def _current_specialization(self) -> Specialization | None:
        """Return the program for the shapes of the last feed, or for the only possible ones."""
        last = self._last
        if last is None and not any(None in node.shape for node in self._inputs):
            self._last = last = self._specialize_to_types({node: node.type for node in self._inputs})
        return last

    # -- feeds

    def _prepare(self, feed: Feed | None) -> tuple[Specialization, list[Any]]:
        """Return the program for a feed, and its inputs."""
        last = self._last
        if last is not None and not last.calls_left:
            inputs = _match_feed(feed, last.expected, self._arrays)
            if inputs is not None:
                return last, inputs
        inputs = self._bind_feed(feed)
        return self._specialize(inputs), inputs

    def _bind_feed(self, feed: Feed | None) -> list[Any]:
        values, _ = bind(self._order, feed)
        return [values[node] for node in self._inputs]

    def _specialize(self, inputs: list[Any], *, is_repeated: bool = False) -> Specialization:
        types = {n: type_of(a) for n, a in zip(self._inputs, inputs, strict=True)}
        self._last = specialization = self._specialize_to_types(types, is_repeated=is_repeated)
        return specialization

    def _specialize_to_types(self, types: dict[Node, ShapedArray], *, is_repeated: bool = False) -> Specialization:
        """Return the program for inputs of some types; with ``is_repeated`` not one of the stand-in."""
        key = tuple(types.values())
        with self._compiling:
            found = self._specializations.get(key)
            if found is None:
                is_first = is_repeated or (self._is_first and not self._specializations)
                found = self._specializations.add(key, self._build(types, is_first=is_first))
            elif found.program is not None and (is_repeated or found.calls_left == 1):
                compiled = self.backend.build(found.program)
                found = self._specializations.add(key, Specialization(found.expected, compiled, found.numbers))
            elif found.program is not None:
                found.calls_left -= 1
        return found

    def _build(self, types: dict[Node, ShapedArray], *, is_first: bool) -> Specialization:
        program = lower(specialize(self._order, self.outputs, self.wrt, types))
        program = program._replace(limits_threads=self._threads is None)
        expected = [(node, node.name, tuple(t.shape), t.dtype) for node, t in types.items()]
        numbers = [number for number, value in enumerate(program.results) if value.shape == ()]
        if is_first or self._stand_in is None:
            return Specialization(expected, self.backend.build(program), numbers)
        return Specialization(expected, self._stand_in.build(program), numbers, CALLS_OF_STAND_IN, program)

    def release(self) -> None:
        """Free the memory that is kept between calls; the next call allocates it again."""
        last = self._last
        if last is not None:
            last.release()

    # -- results

    def _run(self, specialization: Specialization, inputs: list[Any], into: list[Any] | None = None) -> list[Any]:
        parameters = [node.data for node in self._parameters]
        if self._threads is None:
            return specialization.compiled.run(inputs, parameters, into)
        with limit_threads(self._threads):
            return specialization.compiled.run(inputs, parameters, into)

    def _run_into(self, into: list[Any], specialization: Specialization, inputs: list[Any]) -> list[Any]:
        """Run, and write the results into these arrays: at the end, if they overlap inputs, parameters or others."""
        given = [array for array in into if array is not None]
        others = [*inputs, *(node.data for node in self._parameters)]
        if not any(np.may_share_memory(a, b) for n, a in enumerate(given) for b in (*given[:n], *others)):
            return self._run(specialization, inputs, into)
        results = self._run(specialization, inputs)
        for number, (result, array) in enumerate(zip(results, into, strict=True)):
            if array is not None and array.shape == result.shape and array.dtype == result.dtype:
                array[...] = result
                results[number] = array
        return results

    def _assemble(self, results: list[Any], numbers: list[int]) -> Any:
        for number in numbers:
            result = results[number]
            if type(result) is np.ndarray:
                results[number] = result[()]
        if not self._with_gradients:
            return results if self._as_list else results[0]
        among = len(self.outputs)
        values = results[:among] if self._as_list else results[0]
        return values, dict(zip(self.wrt, results[among:]))  # noqa: B905  costs time in every call

    def _arrays_of(self, out: Any) -> list[Any]:
        """Return the arrays of an earlier result, in the order in which the program writes them."""
        is_pair = isinstance(out, tuple) and len(out) == 2 and isinstance(out[1], Mapping)
        values, gradients = out if self._with_gradients and is_pair else (out, {})
        is_list = isinstance(values, (list, tuple)) and len(values) == len(self.outputs)
        if is_pair != self._with_gradients or is_list != self._as_list:
            form = f"a list of {len(self.outputs)} arrays" if self._as_list else "an array"
            form = f"a pair of {form} and a dict of gradients" if self._with_gradients else form
            raise ShapeError(f"`out`: expected an earlier result of this step, {form}, got {shorten(repr(out))}")
        values = list(values) if self._as_list else [values]
        arrays = [*values, *(gradients.get(node) for node in self.wrt)]
        return [array if isinstance(array, np.ndarray) else None for array in arrays]

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy or pickle is made: the graph is copied, and compiled again when the copy is called."""
        form = (ResultForm.LIST if self._as_list else ResultForm.VALUE) | (
            ResultForm.GRADIENTS if self._with_gradients else ResultForm.VALUE
        )
        return _compiled_again, (self.outputs, self.wrt, self.backend.name, form, self._threads)

    def __repr__(self) -> str:
        names = ", ".join(node.label for node in self.outputs)
        return f"<compiled step of {names}: {len(self.wrt)} gradients, {self.backend.name}>"


def _compiled_again(outputs: list[Node], wrt: list[Node], backend: str, form: ResultForm, threads: int | None) -> Step:
    return Step(outputs, wrt, get_backend(backend), form=form, threads=threads)


def _match_feed(feed: Any, expected: list[ExpectedInput], arrays: tuple[type, ...]) -> list[Any] | None:
    """Return the arrays of a feed in order if their types are the expected ones, else ``None``."""
    if type(feed) is not dict or len(feed) != len(expected):
        return None
    inputs = []
    for node, name, shape, dtype in expected:
        array: Any = feed.get(node)
        if array is None:
            array = feed.get(name)
        is_static = type(array) is np.ndarray or isinstance(array, arrays)
        if not is_static or array.shape != shape or (array.dtype is not dtype and as_dtype(array.dtype) != dtype):
            return None
        inputs.append(array)
    return inputs
