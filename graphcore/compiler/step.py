"""A compiled step: called with a feed, it gives what `backprop` would find, faster."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..arrays.namespace import type_of
from ..arrays.shaped_array import Shape, ShapedArray, as_dtype
from ..autodiff.feed import bind
from ..autodiff.gradient import evaluate
from ..autodiff.plan import plan_for
from ..errors import FeedError
from ..graph.node import Node
from .backends.backend import Backend, Compiled
from .backends.threads import check_threads, limit_threads
from .frontend.lower import lower
from .frontend.specialize import specialize
from .profiling import Profile, measure_machine

Feed = Mapping[Any, Any]


#: an input: its node, its name, its shape and its dtype
ExpectedInput = tuple[Node, str | None, Shape, np.dtype[Any]]


class Specialization(NamedTuple):
    """A program for inputs of certain types, made ready to run."""

    expected: list[ExpectedInput]
    compiled: Compiled
    #: the results without axes, which are given out as single numbers
    numbers: list[int]


class Step:
    """What `gc.compile` returns: ``step(feed)`` computes, ``step.source`` shows the program that did so last.

    Thread-safe: every call works in memory of its own.

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
        form: str,
        threads: int | None = None,
    ) -> None:
        self.outputs, self.wrt, self.backend = list(outputs), list(wrt), backend
        self._as_list, self._with_gradients = "list" in form, "gradients" in form
        self._threads = check_threads(threads)
        self._arrays = getattr(backend, "arrays", ())
        self._graph = outputs[0].graph
        self._order = plan_for(self._graph, tuple(dict.fromkeys((*outputs, *wrt))))
        self._inputs = [node for node in self._order if node.kind == "input"]
        self._parameters = [node for node in self._order if node.kind == "parameter"]
        self._specializations: dict[Any, Specialization] = {}
        self._last: Specialization | None = None
        self._compiling = threading.Lock()

    def __call__(self, feed: Feed | None = None, *, out: Any = None) -> Any:
        """Run the program for the shapes of this feed, which is compiled when they are met for the first time.

        Raises what `backprop` raises for a feed that does not fit. The results are the caller's own; what is given
        as ``out``, an earlier result of this step, is overwritten with the new one and returned.
        """
        try:
            specialization, inputs = self._prepare(feed)
            results = (
                self._run(specialization, inputs)
                if out is None
                else self._run_into(self._arrays_of(out), specialization, inputs)
            )
        except Exception:
            evaluate(self._order, feed)  # says what is wrong and where, if it is the network that fails
            raise
        return self._assemble(results, specialization.numbers)

    def of_one(self, node: Node | str, feed: Feed | None = None) -> Callable[[Any], Any]:
        """The step as a function of one of its inputs, with all others as they are fed here: for many calls in a row.

        Arrays of the shape and dtype that ``feed`` has for the node are taken as they are; anything else is fed as in a
        call of the step. What is fed otherwise is looked at once and must not be changed in place meanwhile.

        >>> import graphcore as gc, ops
        >>> g = gc.Graph()
        >>> x, y = g.input("x"), g.input("y")
        >>> cost = gc.compile(ops.square(x - y), wrt=[], backend="numpy").of_one(x, {x: 0.0, y: 1.0})
        >>> [float(cost(np.array(value))) for value in (1.0, 2.0, 3.0)]
        [0.0, 1.0, 4.0]
        """
        specialization, inputs = self._prepare(feed)
        node = self._graph[node] if isinstance(node, str) else node
        place = next((n for n, known in enumerate(self._inputs) if known is node), None)
        if place is None:
            names = ", ".join(repr(known.label) for known in self._inputs) or "none"
            raise FeedError(f"of_one takes an input that is computed with, which are {names}; got {node!r}")
        before, after, given = inputs[:place], inputs[place + 1 :], type_of(inputs[place])
        others = {n: a for n, a in zip(self._inputs, inputs, strict=True) if n is not node}

        def called(value: Any) -> Any:
            if type(value) is not np.ndarray or value.dtype != given.dtype or value.shape != given.shape:
                return self({**others, node: value})
            try:
                return self._assemble(self._run(specialization, [*before, value, *after]), specialization.numbers)
            except Exception:
                evaluate(self._order, {**others, node: value})
                raise

        return called

    @property
    def source(self) -> str:
        """The program, in generated names: ``x0`` is fed, ``p0`` is a parameter, ``r0`` a result."""
        specialization = self._current_specialization()
        if specialization is None:
            return "# nothing is compiled yet: a program is written for the shapes of the first feed"
        return specialization.compiled.source

    def profile(self, feed: Feed | None = None) -> Profile:
        """Where the time goes: the parts of the program with the time and memory of each, and what is possible here.

        Without a feed the shapes are those that were fed last, and the numbers are ones.

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
                raise FeedError("nothing is compiled yet, and some lengths are any: profile({...}) takes a feed")
            inputs = [np.ones(shape, dtype) for _, _, shape, dtype in specialization.expected]
        parameters = [node.data for node in self._parameters]
        with contextlib.nullcontext() if self._threads is None else limit_threads(self._threads):
            measure = specialization.compiled.measure(inputs, parameters)  # type: ignore[union-attr]
            return Profile(measure, specialization.compiled.memory, measure_machine())  # type: ignore[union-attr]

    def _current_specialization(self) -> Specialization | None:
        """The program for the shapes that were fed last, or for the only possible ones."""
        if self._last is None and not any(None in node.shape for node in self._inputs):
            self._last = self._specialize_to_types({node: node.type for node in self._inputs})
        return self._last

    # -- what is fed

    def _prepare(self, feed: Feed | None) -> tuple[Specialization, list[Any]]:
        """The program for a feed, and what it takes."""
        if self._last is not None:
            inputs = _match_feed(feed, self._last.expected, self._arrays)
            if inputs is not None:
                return self._last, inputs
        inputs = self._bind_feed(feed)
        return self._specialize(inputs), inputs

    def _bind_feed(self, feed: Feed | None) -> list[Any]:
        values, _ = bind(self._graph, self._order, feed, self.outputs)
        return [values[node] for node in self._inputs]

    def _specialize(self, inputs: list[Any]) -> Specialization:
        specialization = self._specialize_to_types({n: type_of(a) for n, a in zip(self._inputs, inputs, strict=True)})
        self._last = specialization
        return specialization

    def _specialize_to_types(self, types: dict[Node, ShapedArray]) -> Specialization:
        key = tuple(types.values())
        with self._compiling:
            found = self._specializations.get(key)
            if found is None:
                program = lower(specialize(self._order, self.outputs, self.wrt, types))
                expected = [(node, node.name, tuple(t.shape), t.dtype) for node, t in types.items()]
                numbers = [number for number, value in enumerate(program.results) if value.shape == ()]
                found = self._specializations[key] = Specialization(expected, self.backend.build(program), numbers)
        return found

    # -- what comes out

    def _run(self, specialization: Specialization, inputs: list[Any], into: list[Any] | None = None) -> list[Any]:
        parameters = [node.data for node in self._parameters]
        if self._threads is None:
            return specialization.compiled.run(inputs, parameters, into)
        with limit_threads(self._threads):
            return specialization.compiled.run(inputs, parameters, into)

    def _run_into(self, into: list[Any], specialization: Specialization, inputs: list[Any]) -> list[Any]:
        """Run, and write the results into these arrays: at the end, if one of them is read or written meanwhile."""
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
        return values, dict(zip(self.wrt, results[among:]))  # noqa: B905  in a hurry

    def _arrays_of(self, out: Any) -> list[Any]:
        """The arrays of an earlier result, in the order in which the program writes them."""
        values, gradients = out if self._with_gradients else (out, {})
        values = list(values) if self._as_list else [values]
        arrays = [*values, *(gradients.get(node) for node in self.wrt)]
        return [array if isinstance(array, np.ndarray) else None for array in arrays]

    def __repr__(self) -> str:
        names = ", ".join(node.label for node in self.outputs)
        return f"<compiled step of {names}: {len(self.wrt)} gradients, {self.backend.name}>"


def _match_feed(feed: Any, expected: list[ExpectedInput], arrays: tuple[type, ...]) -> list[Any] | None:
    """The fed arrays in order, if they are of the very types that were fed last; else ``None``."""
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
