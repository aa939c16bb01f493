"""The subject of a check: an operation or a plain function, at some arrays, as a graph with all its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays.namespace import asarray
from ..autodiff.executor import forward, reverse
from ..autodiff.plan import descendants, plan_for
from ..errors import CheckError, OperationError
from ..graph.graph import Graph
from ..graph.node import Node
from ..operations.operation import Op
from ..operations.rules import Rule


class Subject:
    """An operation or a plain function, with its settings, and the names of the arguments it is given.

    >>> import graphcore as gc, ops
    >>> Subject(ops.clip, ([0.5, 2.0],), {"max": 1.0}).arguments
    ('x', 'max')
    """

    def __init__(self, f: Op | Callable[..., Any], given: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.f = f
        self.name = f.name if isinstance(f, Op) else getattr(f, "__name__", "the function")
        self.arguments: tuple[str, ...] = tuple(f"argument {i}" for i in range(len(given)))
        if isinstance(f, Op):
            given, self.arguments, settings = f.signature.bind(given, settings)
        self.settings = settings
        self.given = [_example(array) for array in given]

    @property
    def op(self) -> Op | None:
        """The operation, if it is one."""
        return self.f if isinstance(self.f, Op) else None

    def call(self, values: Sequence[Any]) -> Any:
        """Compute the result on arrays or nodes."""
        if isinstance(self.f, Op) and not self.f.variadic:
            return self.f(**dict(zip(self.arguments, values, strict=True)), **self.settings)
        return self.f(*values, **self.settings)

    def rule_for(self, argument: str) -> Rule | None:
        """Return the rule of an argument, or ``None``."""
        return self.op.rule_for(argument) if self.op is not None and argument in self.arguments else None

    def build(self, arrays: list[Any], *, unknown: bool = False) -> tuple[Graph, list[Node], Node]:
        """Build a graph with an input for every array, and the result."""
        graph = Graph(f"check of {self.name}")
        inputs = [
            graph.input(name, [None] * array.ndim if unknown else array.shape, array.dtype)
            for name, array in zip(self.arguments, arrays, strict=True)
        ]
        out = self.call(inputs)
        if not isinstance(out, Node):
            raise CheckError(f"{self.name} returned {type(out).__name__} for nodes, so its gradient cannot be followed")
        return graph, inputs, out


@dataclass
class CheckCase:
    """A subject at some arrays: the graph, and the value of every node.

    >>> import graphcore as gc, ops
    >>> subject = Subject(ops.square, ([0.5, 2.0],), {})
    >>> case = CheckCase.at(subject, subject.given)
    >>> case.rows(case.out, case.floats)
    [array([[1., 0.],
           [0., 4.]])]
    """

    subject: Subject
    arrays: list[Any]
    graph: Graph
    inputs: list[Node]
    out: Node
    values: dict[Node, Any]

    @classmethod
    def at(cls, subject: Subject, arrays: list[Any], *, unknown: bool = False) -> CheckCase:
        """Write the graph and run it."""
        graph, inputs, out = subject.build(arrays, unknown=unknown)
        values: dict[Node, Any] = {n: asarray(a, np) for n, a in zip(inputs, arrays, strict=True)}
        run(subject, plan_for(graph, (out,)), values)
        return cls(subject, arrays, graph, inputs, out, values)

    @property
    def floats(self) -> list[Node]:
        """The float inputs whose rule is not missing."""
        return [node for node in self.inputs if node.type.is_float and missing_rule(self.out, node) is None]

    def forward_of(self, by: list[Node]) -> Callable[[list[Any]], Any]:
        """Return the subject, as it is called on arrays, as a function of the values of some inputs."""
        positions = [self.inputs.index(node) for node in by]

        def f(given: list[Any]) -> Any:
            arrays = list(self.arrays)
            for position, array in zip(positions, given, strict=True):
                arrays[position] = array
            return self.subject.call(arrays)

        return f

    def rows(self, result: Node, by: list[Node]) -> list[Any]:
        """Compute the derivatives of a node by others from the rules: axes of the result first, then of the other."""
        order = plan_for(self.graph, (result,))
        wanted = descendants(by, order)
        shape = np.shape(self.values[result])
        found = [np.zeros((*shape, *np.shape(self.values[node]))) for node in by]
        for entry in [*np.ndindex(shape)] or [...]:  # of an empty result, the empty whole
            seed = np.zeros(shape)
            seed[entry] = 1
            gradients = reverse(order, self.values, asarray(seed, np), np, wanted)
            for node, row in zip(by, found, strict=True):
                if node in gradients:
                    row[entry] = gradients[node]  # no row in it for an empty result, and yet computed
        return found

    def function_of(self, result: Node, by: list[Node]) -> Callable[[list[Any]], Any]:
        """Return a node as a function of others, computed by the forwards alone."""
        order = plan_for(self.graph, (result,))
        leaves = {node: self.values[node] for node in order if node.op is None}

        def f(arrays: list[Any]) -> Any:
            trial = {**leaves, **dict(zip(by, arrays, strict=True))}
            forward(order, trial, np)
            return trial[result]

        return f


def run(subject: Subject, order: Iterable[Node], values: dict[Node, Any]) -> None:
    """Compute the remaining values; an `OperationError` fails the check."""
    try:
        forward(order, values, np)
    except OperationError as error:
        raise CheckError(f"{subject.name}: {error}") from error


def missing_rule(out: Node, node: Node) -> Rule | None:
    """Return the rule for an input if it is registered as missing, else ``None``."""
    if out.op is None or node not in out.inputs:
        return None
    rule = out.op.rule_for(out.arguments[out.inputs.index(node)])
    return rule if rule is not None and rule.kind == "missing" else None


def _example(array: Any) -> Any:
    """Convert an example to an array: floats to double precision, integers and booleans unchanged."""
    known = np.asarray(array)
    return asarray(known.astype("float64") if known.dtype.kind == "f" else known, np)
