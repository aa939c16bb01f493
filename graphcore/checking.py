"""Proves the rules of an operation, or the gradient of a function, against its forward, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import CheckError, MissingRuleError, OperationError
from .executor import Itself, forward, order_of, reached_from, reverse
from .graph import Graph
from .namespace import asarray
from .node import Node
from .numeric import complex_step, nudged, richardson
from .operation import Op
from .registration import registry

#: how far rule and measurement may differ, in units of the largest derivative
_EXACT = 1e-12
_MEASURED = 1e-8
#: a measurement with a larger error proves nothing by itself
_BLURRED = 1e-5


@dataclass
class Report:
    """What a check found out: how many entries of which derivatives were compared, how, and the worst difference.

    ``entries`` counts first derivatives, ``second`` second derivatives; ``worst`` is the largest difference relative to
    the largest derivative; ``methods`` counts the entries by the way they were measured.
    """

    subject: str
    entries: int = 0
    second: int = 0
    worst: float = 0.0
    methods: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        how = ", ".join(f"{count} by {method}" for method, count in self.methods.items())
        notes = "".join(f"; {note}" for note in self.notes)
        return (
            f"{self.subject}: {self.entries} first and {self.second} second derivatives agree "
            f"({how or 'none to compare'}; worst difference {self.worst:.1e}){notes}"
        )

    def __add__(self, other: Report) -> Report:
        methods = {
            m: self.methods.get(m, 0) + other.methods.get(m, 0) for m in dict.fromkeys([*self.methods, *other.methods])
        }
        notes = list(dict.fromkeys([*self.notes, *other.notes]))
        worst = max(self.worst, other.worst)
        return Report(self.subject, self.entries + other.entries, self.second + other.second, worst, methods, notes)


def check(operation: Op | Callable[..., Any], *arrays: Any, **settings: Any) -> Report:
    """Prove the rules of an operation, or raise `CheckError` saying which is wrong and where.

    Every entry of every float argument is nudged, and every entry of the result compared: by complex step where the
    forward is analytic (to 1e-12 of the largest derivative), else by Richardson extrapolation. At a kink the rule must
    lie between the derivatives to the left and to the right. The same is done for the second derivatives; the formula
    must give what the numbers give; shape and dtype must be what was foretold, and float32 must stay float32.

    Without arrays, the operation's own examples are used. A plain function of arrays may stand in for an operation;
    the gradient that its operations add up to is checked. Raises `CheckError` also if there is nothing to check.

    >>> import graphcore as gc, numpy as np, ops
    >>> report = gc.check(ops.sigmoid, np.array([0.5, -2.0]))
    >>> report.entries, report.second, report.worst < 1e-12
    (4, 4, True)
    >>> @gc.op(r"{x}^3", name="wrong_cube")
    ... def wrong_cube(x):
    ...     return x * x * x
    >>> @wrong_cube.local("x")
    ... def dwrong_cube_dx(x):
    ...     return 2 * x * x
    >>> gc.check(wrong_cube, np.array([0.5, -2.0]))
    Traceback (most recent call last):
    graphcore.errors.CheckError: wrong_cube: ∂out[0]/∂x[0] is 0.75, ...
    """
    subject = operation.name if isinstance(operation, Op) else getattr(operation, "__name__", "the function")
    if arrays:
        cases = [(arrays, settings)]
    elif isinstance(operation, Op) and operation.examples:
        cases = [(a, {**s, **settings}) for a, s in operation.examples]
    else:
        raise CheckError(f"{subject} has no examples: give arrays to check it on, as in gc.check({subject}, array)")
    report = Report(subject)
    for given, chosen in cases:
        report += _Check(subject, operation, given, chosen).run()
    return report


class _Check:
    """One check at one set of arguments."""

    def __init__(self, subject: str, f: Any, given: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.subject, self.f = subject, f
        self.names: tuple[str, ...] = tuple(f"argument {i}" for i in range(len(given)))
        if isinstance(f, Op):
            given, self.names, settings = f.signature.bind(given, settings)
        self.settings = settings
        self.arrays = [_example(array) for array in given]
        self.report = Report(subject)

    def run(self) -> Report:
        graph, inputs, out = self._build([a.dtype for a in self.arrays], unknown=False)
        values: dict[Node, Any] = dict(zip(inputs, self.arrays, strict=True))
        self._forward(order_of(graph, (out,)), values)
        self._check_foretold(out, values[out], "")
        self._check_unknown_lengths()
        floats = [node for node in inputs if node.type.is_float]
        if not out.type.is_float and not floats and not _is_flat(out):
            raise CheckError(f"{self.subject}: none of the arguments is a float, so there is nothing to check")
        if not out.type.is_float:
            self.report.notes.append(f"the result is {out.dtype}, which has no derivative")
            self._refuse_unsaid(out)
            return self.report
        if not floats:
            raise CheckError(f"{self.subject}: none of the arguments is a float, so there is nothing to check")
        if not sum(values[node].size for node in floats) * values[out].size:
            raise CheckError(f"{self.subject}: an empty array proves nothing; give arrays with entries")
        floats = [node for node in floats if not self._is_missing(out, node)]
        self._first_order(out, floats, values)
        self._second_order(graph, out, floats, values)
        self._check_float32()
        return self.report

    def _build(self, dtypes: list[Any], *, unknown: bool) -> tuple[Graph, list[Node], Node]:
        graph = Graph(f"check of {self.subject}")
        inputs = [
            graph.input(name, [None] * array.ndim if unknown else array.shape, dtype)
            for name, array, dtype in zip(self.names, self.arrays, dtypes, strict=True)
        ]
        out = self._call(inputs)
        if not isinstance(out, Node):
            raise CheckError(
                f"{self.subject} returned {type(out).__name__} for nodes, so its gradient cannot be followed"
            )
        return graph, inputs, out

    def _call(self, values: list[Any]) -> Any:
        if isinstance(self.f, Op) and not self.f.variadic:
            return self.f(**dict(zip(self.names, values, strict=True)), **self.settings)
        return self.f(*values, **self.settings)

    def _forward(self, order: list[Node], values: dict[Node, Any]) -> None:
        try:
            forward(order, values, np)
        except OperationError as error:
            raise CheckError(f"{self.subject}: {error}") from error

    # -- what was foretold

    def _check_foretold(self, node: Node, value: Any, when: str) -> None:
        shape = tuple(value.shape)
        fits = len(shape) == node.ndim and all(n in (None, m) for n, m in zip(node.shape, shape, strict=True))
        if not fits or value.dtype != node.dtype:
            raise CheckError(
                f"{self.subject}: the result was foretold as {node.type}{when}, and it is {value.dtype} {shape}; "
                f"mend its shape rule or its dtype"
            )

    def _check_unknown_lengths(self) -> None:
        try:
            graph, inputs, out = self._build([a.dtype for a in self.arrays], unknown=True)
        except Exception:  # noqa: BLE001  some operations need to know a length
            self.report.notes.append("not for arrays of unknown lengths")
            return
        values: dict[Node, Any] = dict(zip(inputs, self.arrays, strict=True))
        self._forward(order_of(graph, (out,)), values)
        self._check_foretold(out, values[out], " for unknown lengths")

    def _check_float32(self) -> None:
        low = [a.astype("float32") if a.dtype.kind == "f" else a for a in self.arrays]
        graph, inputs, out = self._build([a.dtype for a in low], unknown=False)
        values: dict[Node, Any] = {node: asarray(array, np) for node, array in zip(inputs, low, strict=True)}
        order = order_of(graph, (out,))
        forward(order, values, np)
        self._check_foretold(out, values[out], " for float32")
        if out.dtype != np.float32 and self.settings.get("dtype") is None:
            raise CheckError(f"{self.subject}: of float32 it makes {out.dtype}; write constants as Python numbers")
        for target in order:
            for source, argument in zip(target.inputs, target.arguments, strict=True):
                rule = target.op.rule_for(argument) if target.op is not None else None
                if rule is None or rule.function is None or not source.type.is_float:
                    continue
                with np.errstate(all="ignore"):
                    said = rule.ask(target, argument, values, np.ones_like(values[target]), np)
                if getattr(said, "dtype", None) == np.float64 and target.dtype == np.float32:
                    raise CheckError(
                        f"{self.subject}: the rule {rule.function.__name__} makes float64 of float32; "
                        f"write its constants as Python numbers"
                    )

    def _refuse_unsaid(self, out: Node) -> None:
        for argument in out.arguments:
            if out.op is not None and out.op.rule_for(argument) is None and not out.op.is_composite:
                raise CheckError(f"{self.subject}: no rule and no word about {argument!r}; say {out.op.name}.flat(...)")

    # -- derivatives

    def _first_order(self, out: Node, floats: list[Node], values: dict[Node, Any]) -> None:
        order = order_of(out.graph, (out,))
        rules = self._rows(out, order, floats, values)
        for node in floats:
            place = self.names.index(node.label)

            def f(x: Any, place: int = place) -> Any:
                return self._call([*self.arrays[:place], x, *self.arrays[place + 1 :]])

            self.report.entries += self._compare(node, "out", rules[node], f, values[node], analytic=True)

    def _second_order(self, graph: Graph, out: Node, floats: list[Node], values: dict[Node, Any]) -> None:
        """The gradient, written as a graph, against the numbers; then its own derivatives against its differences."""
        order = order_of(graph, (out,))
        reached = reached_from(floats, order)
        seed = graph.input("the sensitivity dout", out.shape, out.dtype)
        values[seed] = _generic(values[out].shape)
        try:
            written = reverse(out, order, Itself(), seed, registry, reached.__contains__)
        except MissingRuleError:
            raise
        except Exception as error:
            raise CheckError(
                f"{self.subject}: its rules cannot be followed on nodes, so it has no formula: {error}"
            ) from error
        numbers = reverse(out, order, values, values[seed], np, reached.__contains__)
        for node in floats:
            formula = written.get(node)
            if formula is None:
                continue
            after = order_of(graph, (formula,))
            forward(after, values, np)
            if not np.allclose(values[formula], numbers[node], rtol=1e-12, atol=1e-13, equal_nan=True):
                raise CheckError(
                    f"{self.subject}: the formula for the derivative with respect to {node.label!r} gives "
                    f"{values[formula]}, and the rule on numbers {numbers[node]}"
                )
            rules = self._rows(formula, after, floats, values)
            for other in floats:
                if other in rules:
                    f = self._evaluator(formula, after, other, values)
                    what = f"(∂out/∂{node.label})"
                    self.report.second += self._compare(other, what, rules[other], f, values[other], analytic=False)

    def _evaluator(self, node: Node, order: list[Node], wrt: Node, values: dict[Node, Any]) -> Callable[[Any], Any]:
        leaves = {n: values[n] for n in order if n.op is None}

        def f(x: Any) -> Any:
            trial = {**leaves, wrt: asarray(x, np)}
            forward(order, trial, np)
            return trial[node]

        return f

    def _rows(
        self, out: Node, order: list[Node], floats: list[Node], values: dict[Node, Any]
    ) -> dict[Node, dict[tuple[int, ...], Any]]:
        """For each argument, the derivative of each entry of ``out``, as the rules have it."""
        reached = reached_from(floats, order)
        rows: dict[Node, dict[tuple[int, ...], Any]] = {node: {} for node in floats}
        for entry in np.ndindex(values[out].shape):
            seed = np.zeros(values[out].shape, values[out].dtype)
            seed[entry] = 1
            found = reverse(out, order, values, asarray(seed, np), np, reached.__contains__)
            for node in floats:
                rows[node][entry] = np.asarray(found.get(node, np.zeros(values[node].shape)))
        return rows

    def _compare(
        self,
        node: Node,
        what: str,
        rows: dict[tuple[int, ...], Any],
        f: Callable[[Any], Any],
        x: Any,
        *,
        analytic: bool,
    ) -> int:
        compared = 0
        scale = max([1e-300, *(float(np.max(np.abs(row[np.isfinite(row)]), initial=0.0)) for row in rows.values())])
        for at in np.ndindex(np.shape(x)):
            measured = richardson(f, x, at)
            exact = complex_step(f, x, at) if analytic else None
            blur = np.maximum(measured.error, _MEASURED * scale)
            if exact is not None and np.all(np.abs(exact - measured.value) <= 100 * blur):
                want, tolerance, method = exact, np.full(np.shape(exact), _EXACT * scale), "complex step"
            else:
                want, tolerance, method = measured.value, np.minimum(10 * blur, _BLURRED * scale), "differences"
            for entry, row in rows.items():
                off, found_by = abs(row[at] - want[entry]), method
                if off <= tolerance[entry]:
                    self.report.worst = max(self.report.worst, float(off / scale))
                elif self._at_a_kink(f, x, at, entry, row[at], scale):
                    found_by = "both sides of a kink"
                elif not analytic and _jumps(f, x, at, entry):
                    continue  # where the first derivative jumps there is no second one
                else:
                    raise CheckError(
                        self._complaint(node, what, at, entry, row[at], want[entry], tolerance[entry], method)
                    )
                compared += 1
                self.report.methods[found_by] = self.report.methods.get(found_by, 0) + 1
        return compared

    def _at_a_kink(
        self, f: Any, x: Any, at: tuple[int, ...], entry: tuple[int, ...], said: float, scale: float
    ) -> bool:
        left, right = (richardson(f, x, at, side) for side in (-1, 1))
        low, high = sorted((left.value[entry], right.value[entry]))
        blur = max(left.error[entry], right.error[entry], _MEASURED * scale)
        return bool(blur < _BLURRED * scale and high - low > 100 * blur and low - blur <= said <= high + blur)

    def _is_missing(self, out: Node, node: Node) -> bool:
        """Whether the operation says that this rule does not exist yet."""
        if out.op is None or node not in out.inputs:
            return False
        rule = out.op.rule_for(out.arguments[out.inputs.index(node)])
        if rule is None or rule.kind != "missing":
            return False
        note = f"no rule yet for {node.label!r}: {rule.why}"
        if note not in self.report.notes:
            self.report.notes.append(note)
        return True

    def _complaint(
        self, node: Node, what: str, at: tuple[int, ...], entry: tuple[int, ...], got: Any, want: Any, tolerance: Any,
        method: str,
    ) -> str:  # fmt: skip
        rule = self.f.rule_for(node.label) if isinstance(self.f, Op) else None
        where = f" (rule {rule.function.__name__}, {rule.origin})" if rule is not None and rule.function else ""
        return (
            f"{self.subject}: ∂{what}{_index(entry)}/∂{node.label}{_index(at)} is {float(want):.12g}, "
            f"measured by {method} to ±{float(tolerance):.1g}, and the rule says {float(got):.12g}{where}"
        )


def _is_flat(out: Node) -> bool:
    """Whether the operation says of each argument that the derivative is zero, which whole numbers show as well."""
    rules = [] if out.op is None else [out.op.rule_for(argument) for argument in out.arguments]
    return bool(rules) and all(rule is not None and rule.kind == "flat" for rule in rules)


def _jumps(f: Callable[[Any], Any], x: Any, at: tuple[int, ...], entry: tuple[int, ...]) -> bool:
    """Whether a function has a step there: a difference that does not shrink with the nudge."""
    after, before, near_after, near_before = (
        float(np.asarray(f(nudged(x, at, by)))[entry]) for by in (1e-6, -1e-6, 1e-8, -1e-8)
    )
    step = abs(near_after - near_before)
    return step > 0.5 * abs(after - before) and step > 1e-6 * max(abs(after), abs(before))


def _index(entry: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, entry))}]" if entry else ""


def _example(array: Any) -> Any:
    """An example as an array: floats in double precision, whole numbers and truths as they are."""
    known = np.asarray(array)
    return asarray(known.astype("float64") if known.dtype.kind == "f" else known, np)


def _generic(shape: tuple[int, ...]) -> Any:
    """Numbers with nothing special about them."""
    return asarray(np.cos(1.7 * np.arange(1.0, 1.0 + np.prod(shape, dtype=int))).reshape(shape) + 0.1, np)
