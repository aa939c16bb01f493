"""Checks of a rule as a function: linear in dout, the same in every memory layout, for shared arguments and every call.

The derivatives themselves are compared elsewhere, with dout a unit vector in fresh, contiguous arrays. Here the same
rules are given everything else that a run gives them, and have to agree with those derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..autodiff.executor import forward, reverse
from ..autodiff.plan import descendants, plan_for
from ..errors import CheckError
from ..graph.node import Node
from .reference import generic_values
from .report import Report
from .subject import CheckCase

#: sizes of dout, between which a rule that is linear has no preference
_SCALES = (1e-100, 1e-30, 1e-9, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e9, 1e30, 1e100)
#: what rounding may leave of a gradient for a dout of zero, in units of the largest derivative
_LEFT = 1e-14


def check_conduct(case: CheckCase, report: Report, where: str = "") -> Callable[[], None]:
    """Require the same derivatives for every dout, memory layout and call, and where two arguments are one node.

    Returns a check that the rules still give the same, for when they have been used elsewhere.

    >>> import graphcore as gc, ops
    >>> @gc.op(name="clipped")
    ... def clipped(x):
    ...     return 2.0 * x
    >>> @clipped.pullback("x")
    ... def dclipped_dx(dout, xp):
    ...     return 2.0 * xp.clip(dout, -10.0, 10.0)
    >>> gc.check(clipped, [0.5, 1.5])
    Traceback (most recent call last):
    graphcore.errors.CheckError: clipped: its rule for 'x' is not linear in dout: it returns, with dout near...
    """
    conduct = _Conduct(case, report, where)
    conduct.check_calls()
    conduct.check_linear()
    conduct.check_layouts()
    conduct.check_shared()
    return conduct.check_again


class _Conduct:
    """The rules of one case, as a function from dout to gradients."""

    def __init__(self, case: CheckCase, report: Report, where: str) -> None:
        self.case, self.report, self.where = case, report, where
        self.order = plan_for(case.graph, (case.out,))
        self.floats = case.floats
        self.wanted = descendants(self.floats, self.order)
        self.shape = np.shape(case.values[case.out])
        self.dout = np.asarray(generic_values(self.shape, 0.5), dtype=case.out.dtype)
        self.usual = self.vjp(self.dout)

    def vjp(self, dout: Any, values: dict[Node, Any] | None = None) -> dict[Node, Any]:
        """Return the gradient by every float argument."""
        found = reverse(self.order, values or self.case.values, dout, np, self.wanted)
        return {node: found[node] for node in self.floats if node in found}

    def check_linear(self) -> None:
        """Compare with the sum of the derivatives that belong to each entry of dout."""
        rows = self.case.rows(self.case.out, self.floats)
        axes = len(self.shape)
        nothing = self.vjp(np.zeros(self.shape, self.case.out.dtype))  # 0, or what rounding leaves of it
        for dout, what in self._douts():
            found = self.vjp(dout)
            for node, jacobian in zip(self.floats, rows, strict=True):
                with np.errstate(all="ignore"):
                    expected = np.tensordot(dout, jacobian, axes)
                    terms = np.tensordot(np.abs(dout), np.abs(jacobian), axes)
                    largest = float(np.max(np.abs(jacobian), initial=0.0, where=np.isfinite(jacobian)))
                    left = np.abs(nothing.get(node, 0.0))
                    left = np.where(left <= _LEFT * largest, 4 * left, 0.0)
                    left = left + 1e-13 * np.max(terms, initial=0.0, where=np.isfinite(terms))  # cancelled in between
                if node in found:
                    what_is_wrong = f"is not linear in dout: it returns, with dout {what}"
                    self._require(node, found[node], expected, terms, what_is_wrong, left)

    def _douts(self) -> Iterator[tuple[Any, str]]:
        dtype = self.case.out.dtype
        top = float(np.finfo(dtype).max) ** 0.4 if self.report.tolerance.is_exact else 1e9
        for scale in _SCALES:
            if 1 / top <= scale <= top:
                yield (self.dout * scale).astype(dtype), f"near {scale:g}"
        yield np.zeros(self.shape, dtype), "zero"
        spread = 10.0 ** np.linspace(-6.0, 6.0, self.dout.size).reshape(self.shape)
        yield (self.dout * spread).astype(dtype), "of many sizes"
        yield np.ones(self.shape, dtype), "one everywhere"

    def check_layouts(self) -> None:
        """Compare contiguous arrays with strided, reversed, transposed and repeated ones that hold the same numbers."""
        case = self.case
        for what, arrange in _layouts():
            inputs = {node: arrange(np.asarray(case.values[node])) for node in case.inputs}
            values = {**{n: v for n, v in case.values.items() if n.op is None}, **inputs}
            try:
                forward(self.order, values, np)
                self._require_result(values[case.out], f"for arguments {what}")
                values[case.out] = arrange(np.asarray(values[case.out]))
                found = [
                    self.vjp(arrange(self.dout)),
                    self.vjp(arrange(self.dout), values),
                    self.vjp(self.dout, values),
                ]
            except CheckError:
                raise
            except Exception as error:  # noqa: BLE001  an error is loud, and no wrong number
                self.report.note(f"not for arrays {what}: {type(error).__name__}: {error}"[:160])
                continue
            for gradients in found:
                self._require_all(gradients, self.usual, f"gives something else for arrays {what}")
        ones = np.ones(self.shape, self.dout.dtype)
        repeated = np.broadcast_to(np.ones((), self.dout.dtype), self.shape)
        self._require_all(
            self.vjp(repeated), self.vjp(ones), "gives something else for a dout that is one number repeated"
        )

    def check_calls(self) -> None:
        """Call again, after a call with other arguments, and with arrays that may be written to."""
        case = self.case
        mine = [np.array(array) for array in case.arrays]
        with np.errstate(all="ignore"):
            first = np.array(case.subject.call(mine))
            second = np.array(case.subject.call([np.array(array) for array in case.arrays]))
        for array, before, name in zip(mine, case.arrays, case.subject.arguments, strict=True):
            if not np.array_equal(array, before, equal_nan=array.dtype.kind == "f"):
                raise CheckError(f"{case.subject.name}: it writes into its argument {name!r}; compute a new array")
        if not np.array_equal(first, second, equal_nan=first.dtype.kind == "f"):
            raise CheckError(
                f"{case.subject.name}: it is not deterministic: called twice with the same arguments{self.where}, it "
                f"returned {first} and {second}; draw random numbers outside, and keep no state in a forward"
            )
        self._require_result(first, "called on arrays")
        others = [array * 1.25 + 0.125 if array.dtype.kind == "f" else array for array in case.arrays]
        try:
            with np.errstate(all="ignore"):
                case.subject.call(others)
        except Exception:  # noqa: BLE001, S110  the others may be outside of its domain
            pass
        self.check_again()

    def check_again(self) -> None:
        """Require the gradients of the first call."""
        self._require_all(
            self.vjp(self.dout), self.usual, "depends on earlier calls: it returns for the same arguments, after others"
        )

    def check_shared(self) -> None:
        """Compare two arguments that are one node with two that are equal."""
        case, places = self.case, [self.case.inputs.index(node) for node in self.floats]
        for i, j in ((i, j) for i in places for j in places if i < j):
            for array in {id(case.arrays[i]): case.arrays[i], id(case.arrays[j]): case.arrays[j]}.values():
                arrays = [array if k in {i, j} else other for k, other in enumerate(case.arrays)]
                names = " and ".join(repr(case.inputs[k].label) for k in (i, j))
                self._compare_shared(arrays, (i, j), names)

    def _compare_shared(self, arrays: list[Any], pair: tuple[int, int], names: str) -> None:
        subject = self.case.subject
        try:
            with np.errstate(all="ignore"):
                graph, inputs, _ = subject.build(arrays)
                apart = CheckCase.at(subject, arrays)
                shared = [inputs[pair[0]] if k == pair[1] else node for k, node in enumerate(inputs)]
                out = subject.call(shared)
                again = _Conduct(apart, self.report, self.where)
        except Exception:  # noqa: BLE001  not every two arguments may be of one shape
            return
        values = {node: apart.values[other] for node, other in zip(inputs, apart.inputs, strict=True)}
        plan = plan_for(graph, (out,))
        forward(plan, values, np)
        again._require_result(values[out], f"where {names} are one node")
        floats = [inputs[apart.inputs.index(node)] for node in again.floats]
        together = reverse(plan, values, again.dout, np, descendants(floats, plan))
        first, second = (apart.inputs[k] for k in pair)
        expected = sum(again.usual[node] for node in (first, second) if node in again.usual)
        terms = sum(np.abs(again.usual[node]) for node in (first, second) if node in again.usual)
        if inputs[pair[0]] in together:
            what = f"gives something else where {names} are one node"
            again._require(first, together[inputs[pair[0]]], expected, terms, what)
        same = {**apart.values, first: apart.values[second]}  # one array, two nodes
        again._require_all(
            again.vjp(again.dout, same), again.usual, f"gives something else where {names} are one array"
        )

    def _require_result(self, found: Any, when: str) -> None:
        expected = np.asarray(self.case.values[self.case.out])
        size = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected)) if expected.dtype.kind == "f" else 0.0
        off = self.report.tolerance.rounded(float(size))
        if np.shape(found) != expected.shape or not np.allclose(found, expected, rtol=0, atol=off, equal_nan=True):
            raise CheckError(
                f"{self.case.subject.name}: the result is {found} {when}{self.where}, and {expected} on contiguous "
                f"arrays of their own"
            )

    def _require_all(self, found: dict[Node, Any], expected: dict[Node, Any], what: str) -> None:
        for node, want in expected.items():
            self._require(node, found[node], want, np.max(np.abs(want), initial=0.0, where=np.isfinite(want)), what)

    def _require(self, node: Node, found: Any, expected: Any, terms: Any, what: str, left: Any = 0.0) -> None:
        if np.shape(found) != np.shape(self.case.values[node]):
            raise CheckError(
                f"{self.case.subject.name}: its rule for {node.label!r} returns the shape {np.shape(found)} for an "
                f"argument of shape {np.shape(self.case.values[node])}{self.where}"
            )
        with np.errstate(all="ignore"):
            off = np.abs(found - expected)
            coarse = float(np.finfo(np.asarray(found).dtype).eps) * 1e6  # 1e-9 in double precision
            close = off <= np.maximum(self.report.tolerance.rounded(terms), coarse * terms) + left + 1e-290
        wrong = np.isfinite(expected) & np.isfinite(terms) & ~close
        if np.any(wrong):
            entry = tuple(int(i) for i in np.argwhere(wrong)[0]) if np.ndim(wrong) else ()
            raise CheckError(
                f"{self.case.subject.name}: its rule for {node.label!r} {what}: {float(found[entry]):.12g} at "
                f"{list(entry)} instead of {float(np.broadcast_to(expected, np.shape(found))[entry]):.12g}{self.where}"
            )


def _layouts() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield ways to hold the same numbers in memory."""

    def strided(array: Any) -> Any:
        if not array.ndim:
            return array
        wide = np.full([2 * n for n in array.shape], 7, array.dtype)
        view = wide[(slice(None, None, 2),) * array.ndim]
        view[...] = array
        return view

    def reversed_(array: Any) -> Any:
        flip = (slice(None, None, -1),) * array.ndim
        return np.ascontiguousarray(array[flip])[flip] if array.ndim else array

    def transposed(array: Any) -> Any:
        return np.asfortranarray(array) if array.ndim else array

    yield "in Fortran order", transposed
    yield "with gaps between the entries", strided
    yield "with negative strides", reversed_
