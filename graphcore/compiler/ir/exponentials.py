"""Both sides of a sigmoid from one exponential, for a backend that computes one operation after the other.

A layer needs ``σ(z)`` on the way forward, and on the way back ``σ(z) · (1 − σ(z))``, whose second factor is ``σ(−z)``
because the subtraction would lose it. With ``e = e⁻ᶻ`` they are ``σ(z) = 1 / (1 + e)`` and ``σ(−z) = e · σ(z)``; where
``e`` is infinite these are ``eᶻ`` and 1. And ``−(x + b)`` is ``−b − x``, where only the smaller of the two is negated.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x, b = g.input("x", (3, 2)), g.parameter("b", np.zeros(2))
>>> C = ops.sum(ops.sigmoid(ops.add_bias(x, b)))
>>> program = lower(specialize(g.nodes, [C], [x], {}))
>>> [value.name for value in program.values if value.kind == "op"]
['add', 'sigmoid', 'sum', 'sigmoid_complement', 'multiply']
>>> [value.name for value in share_exponentials(program).values if value.kind == "op"]
['negative', 'subtract', 'exp', 'sigmoid_of', 'sum', 'other_side', 'multiply']
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from .primitives import SIGMOIDS
from .program import Program, Value, ValueTable, collect_live


def share_exponentials(program: Program) -> Program:
    """The same program, in which a sigmoid and its other side are computed from what they have in common."""
    users: dict[Value, set[Value]] = defaultdict(set)
    for value in program.values:
        for arg in value.args:
            users[arg].add(value)
    paired = {z for z in users if {user.name for user in users[z]}.issuperset(SIGMOIDS)}
    if not paired:
        return program
    again = _Rewriter()
    for value in program.values:
        if value.name in SIGMOIDS and value.args[0] in paired:
            again.side(value, alone=all(u.name in SIGMOIDS for u in users[value.args[0]]))
        else:
            again.copy(value)
    inputs, parameters, results = (
        [again.of[v] for v in some] for some in (program.inputs, program.parameters, program.results)
    )
    return Program(collect_live([*inputs, *parameters, *results]), inputs, parameters, results)


class _Rewriter:
    """Writes a program once more."""

    def __init__(self) -> None:
        self.values = ValueTable()
        self.of: dict[Value, Value] = {}
        #: by z, what its sigmoid is computed from, and the sigmoid
        self._sigmoids: dict[Value, tuple[Value, Value]] = {}

    def copy(self, value: Value) -> None:
        new = self.of[value] = self.values.leaf(value.kind, value.name, value.shape, value.dtype)
        new.args = tuple(self.of[arg] for arg in value.args)
        new.settings, new.op, new.arguments, new.array = value.settings, value.op, value.arguments, value.array

    def side(self, value: Value, *, alone: bool) -> None:
        (z,) = value.args
        if z not in self._sigmoids:
            minus_z = self._negative(z, alone=alone)
            e = self._elementwise("exp", z, minus_z)
            self._sigmoids[z] = e, self._elementwise("sigmoid_of", z, e, minus_z)
        e, sigmoid = self._sigmoids[z]
        self.of[value] = sigmoid if value.name == "sigmoid" else self._elementwise("other_side", z, e, sigmoid)

    def _negative(self, z: Value, *, alone: bool) -> Value:
        if alone and z.name == "add":
            small, large = sorted(z.args, key=lambda arg: arg.size)
            if small.size < large.size == z.size:
                return self._elementwise(
                    "subtract", z, self._elementwise("negative", small, self.of[small]), self.of[large]
                )
        return self._elementwise("negative", z, self.of[z])

    def _elementwise(self, name: str, like: Value, *args: Value) -> Value:
        return self.values.apply(name, args, {}, like.shape, like.dtype)


def fix_underflow(out: Any, z: Any, sign: int) -> None:
    """Where e⁻ᶻ is too large a number, so that σ(z) came out as 0, it is eᶻ.

    >>> out = np.zeros(2)
    >>> fix_underflow(out, np.array([710.0, np.inf]), -1)
    >>> out
    array([4.47628623e-309, 0.00000000e+000])
    """
    np.copyto(out, np.exp(sign * z), where=out == 0)


def fix_overflow(e: Any, product: Any) -> None:
    """Where ``e`` is infinite, ``e · σ`` is to be 1.

    >>> product = np.array([0.5, np.nan])
    >>> fix_overflow(np.array([1.0, np.inf]), product)
    >>> product
    array([0.5, 1. ])
    """
    np.copyto(product, 1, where=np.isinf(e))
