"""A logistic function and its complement from one exponential, for backends that compute one instruction at a time.

A layer with a sigmoid needs ``σ(z)`` in the forward pass and ``σ(z) · (1 − σ(z))`` in the backward pass. The second
factor is ``σ(−z)``, which is exact where the subtraction is not. With ``e = e⁻ᶻ`` they are ``σ(z) = 1 / (1 + e)`` and
``σ(−z) = e · σ(z)``; where ``e`` is infinite they are ``eᶻ`` and 1. For ``z = x + b`` with a small ``b`` the exponent
is ``−b − x``, which negates ``b`` alone. `docs/speed.md` states what this gains.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x, b = g.input("x", (3, 2)), g.parameter("b", np.zeros(2))
>>> C = ops.sum(ops.sigmoid(ops.add_bias(x, b)))
>>> program = lower(specialize(g.nodes, [C], [x], {}))
>>> [value.name for value in program.values if value.kind == "op"]
['add', 'logistic', 'sum', 'logistic_complement', 'multiply']
>>> [value.name for value in share_exponentials(program).values if value.kind == "op"]
['negative', 'subtract', 'exp', 'logistic_from_exp', 'sum', 'complement_from_exp', 'multiply']
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from .primitives import LOGISTIC
from .program import Program, Value, ValueTable, collect_live


def share_exponentials(program: Program) -> Program:
    """Return a program in which a logistic and its complement on the same argument share their exponential."""
    users: dict[Value, list[Value]] = defaultdict(list)
    for value in program.values:
        for arg in dict.fromkeys(value.args):
            users[arg].append(value)
    paired = {z for z in users if _is_pair([user for user in users[z] if user.name in LOGISTIC])}
    if not paired:
        return program
    rewriter = _Rewriter()
    for value in program.values:
        if value.name in LOGISTIC and value.args[0] in paired:
            rewriter.rewrite(value, only_use=len(users[value.args[0]]) == len(LOGISTIC))
        else:
            rewriter.copy(value)
    inputs, parameters, results = (
        [rewriter.new[v] for v in some] for some in (program.inputs, program.parameters, program.results)
    )
    live = collect_live([*inputs, *parameters, *results])
    return Program(live, inputs, parameters, results, program.limits_threads)


def _is_pair(users: list[Value]) -> bool:
    """Return whether they are one of each; a third one is recomputed so that nothing is kept for it."""
    return len(users) == len(LOGISTIC) and {user.name for user in users} == set(LOGISTIC)


class _Rewriter:
    """Builds the new program value by value."""

    def __init__(self) -> None:
        self.table = ValueTable()
        self.new: dict[Value, Value] = {}
        #: the exponential and the logistic of each argument
        self._shared: dict[Value, tuple[Value, Value]] = {}

    def copy(self, value: Value) -> None:
        new = self.new[value] = self.table.leaf(value.kind, value.name, value.shape, value.dtype)
        new.args = tuple(self.new[arg] for arg in value.args)
        new.settings, new.op, new.arguments, new.array = value.settings, value.op, value.arguments, value.array

    def rewrite(self, value: Value, *, only_use: bool) -> None:
        (z,) = value.args
        if z not in self._shared:
            exponent = self._negate(z, only_use=only_use)
            e = self._elementwise("exp", z, exponent)
            self._shared[z] = e, self._elementwise("logistic_from_exp", z, e, exponent)
        e, logistic = self._shared[z]
        complement = value.name == "logistic_complement"
        self.new[value] = self._elementwise("complement_from_exp", z, e, logistic) if complement else logistic

    def _negate(self, z: Value, *, only_use: bool) -> Value:
        if only_use and z.name == "add":
            small, large = sorted(z.args, key=lambda arg: arg.size)
            if small.size < large.size == z.size:
                negative = self._elementwise("negative", small, self.new[small])
                return self._elementwise("subtract", z, negative, self.new[large])
        return self._elementwise("negative", z, self.new[z])

    def _elementwise(self, name: str, like: Value, *args: Value) -> Value:
        return self.table.apply(name, args, {}, like.shape, like.dtype)


def fix_underflow(out: Any, z: Any, sign: int) -> None:
    """Replace a logistic of 0 by ``eᶻ``: the exponential ``e⁻ᶻ`` was infinite.

    >>> out = np.zeros(2)
    >>> fix_underflow(out, np.array([710.0, np.inf]), -1)
    >>> out
    array([4.47628623e-309, 0.00000000e+000])
    """
    np.copyto(out, np.exp(sign * z), where=out == 0)


def fix_overflow(e: Any, product: Any) -> None:
    """Set the product ``e · σ`` to 1 wherever ``e`` is infinite.

    >>> product = np.array([0.5, np.nan])
    >>> fix_overflow(np.array([1.0, np.inf]), product)
    >>> product
    array([0.5, 1. ])
    """
    np.copyto(product, 1, where=np.isinf(e))
