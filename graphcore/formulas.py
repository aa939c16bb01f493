"""Formulas for people: a node, or a local derivative, written in the names of the nodes it is made of.

They are written from the graph and from the registered rules, so they cannot say anything else than what is computed.
What is tidied up here (no ``1 ·``, no double transpose) is tidied for the reader only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import shorten
from .graph import Graph
from .node import Node, op_of
from .notation import SYMBOL, Written
from .operation import Op
from .plaintext import to_unicode
from .registration import registry

#: no formula is longer than anybody would read
_LONGEST = 400
_MOST_NODES = 100
#: names stand in a formula as characters of a private area, so that nobody's text is read as LaTeX
_FIRST_NAME = 0xF0000


@dataclass(frozen=True)
class Formula:
    """A piece of mathematics: ``str()`` gives it in Unicode, ``.latex`` in LaTeX.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x, b = g.input("w"), g.input("x"), g.input("b")
    >>> z = (w * x + b).named("z")
    >>> formula = formula_of(z)
    >>> print(formula), formula.latex
    w · x + b
    (None, 'w \\\\cdot x + b')
    """

    template: str
    names: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self._with_names(to_unicode(self.template), lambda name: shorten(name, 24))

    @property
    def latex(self) -> str:
        """The formula for a paper or a notebook."""
        return self._with_names(self.template, _latex_name)

    def _with_names(self, text: str, show: Callable[[str], str]) -> str:
        return re.sub("[\U000f0000-\U000ffffd]", lambda m: show(self.names[ord(m[0]) - _FIRST_NAME]), text)


def formula_of(node: Node) -> Formula:
    """How a node is computed, in terms of the named nodes before it.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> a, y = g.input("a"), g.input("y")
    >>> print(formula_of(ops.squared_error(a, y)))
    (a − y)²
    """
    writer = _Writer()
    expression = writer.write(node)
    return Formula(expression.written.text, tuple(writer.names))


def local_formula(target: Node, argument: str) -> Formula | None:
    """The local derivative of a node with respect to one argument, written from the registered rule.

    A rule that hands back the contribution is shown as the linear map it is, with ``·`` where the sensitivity goes in;
    if the result is a single number the sensitivity is left out. ``None`` where there is no rule to write.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None, 3)), g.parameter("w", [[1.0], [2.0], [3.0]])
    >>> z = ops.matmul(x, w)
    >>> print(local_formula(z, "a")), print(local_formula(z, "b"))
    □ wᵀ
    xᵀ □
    (None, None)
    >>> a = ops.sigmoid(z, name="a")
    >>> print(local_formula(a, "z"))
    a ⊙ (1 − σ(x w))
    """
    return route_formula([(target, argument)])


def route_formula(route: Sequence[tuple[Node, str]]) -> Formula | None:
    """The derivative of the last node of a route with respect to the argument by which it is entered first.

    A route is one edge after the other, each its target and argument; what lies between is written out.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> w, x, b = g.parameter("w", 2.0), g.input("x"), g.parameter("b", 1.0)
    >>> z = (w * x + b).named("z")
    >>> print(route_formula([(z.inputs[0], "x1"), (z, "x1")]))
    x
    """
    last = route[-1][0]
    rules = [op_of(target).rule_for(argument) for target, argument in route]
    if any(rule is None or rule.function is None for rule in rules):
        return Formula("0") if any(rule is not None and rule.kind == "flat" for rule in rules) else None
    scratch = Graph("formula")
    around = dict.fromkeys(node for target, _ in route for node in (*target.inputs, target))
    stand_in = {node: scratch.input(f"{i}", node.shape, node.dtype) for i, node in enumerate(around)}
    names = {inner: outer for outer, inner in stand_in.items()}
    whole = last.shape != () and any(rule.kind == "pullback" for rule in rules if rule is not None)
    dout: Any = scratch.input("dout", last.shape, last.dtype) if whole else scratch.constant(1.0, dtype=last.dtype)
    symbols = {dout: r"\square"} if whole else {}
    try:
        for (target, argument), rule in zip(reversed(route), reversed(rules), strict=True):
            answer = rule.ask(target, argument, stand_in, dout, registry)  # type: ignore[union-attr]
            dout = answer if rule.kind == "pullback" else _chained(dout, answer)  # type: ignore[union-attr]
    except Exception:  # noqa: BLE001  a rule that only knows arrays has no formula
        return None
    writer = _Writer(names, symbols)
    expression = writer.write(dout) if isinstance(dout, Node) else writer.number(dout)
    return Formula(expression.written.text, tuple(writer.names))


def _chained(dout: Any, local: Any) -> Any:
    """Sensitivity times local derivative, as it is written."""
    one = isinstance(dout, Node) and dout.kind == "constant" and dout.size == 1 and dout.held.item() == 1
    if one or not isinstance(dout, Node):
        return local if one or dout == 1 else dout * local
    return dout if not isinstance(local, Node) and local == 1 else dout * local


def derivative_symbol(target: Node) -> Formula | None:
    """``σ′(z)`` for an operation of one value that is written as a function; ``None`` for others.

    >>> import graphcore as gc, ops
    >>> z = gc.Graph().input("z")
    >>> print(derivative_symbol(ops.sigmoid(z)), derivative_symbol(ops.sigmoid(2 * z)))
    σ′(z) σ′(2 · z)
    """
    op = op_of(target)
    function = re.fullmatch(r"(.*?\w\}*)\(\{(\w+):bare\}\)", op.notation.template)
    if function is None or len(op.values) != 1 or op.settings:
        return None
    writer, source = _Writer(), target.inputs[0]
    inner = writer.write(source) if source.name is None and source.op is not None else writer.leaf(source)
    symbol = function[1].replace("{{", "{").replace("}}", "}")
    return Formula(f"{symbol}′({inner.written.text})", tuple(writer.names))


def placeholder(number: int) -> str:
    """What stands in a formula's template for its name of that number.

    >>> print(Formula(placeholder(0) + "^2", ("<b>",)))
    <b>²
    """
    return chr(_FIRST_NAME + number)


# -- writing


@dataclass(frozen=True)
class _Expression:
    """One part of a formula: what it is made of, and how it reads."""

    written: Written
    op: str = ""
    args: tuple[_Expression, ...] = ()
    number: float | None = None
    single: bool = False


class _Writer:
    """Writes nodes bottom up, in a loop; names are collected on the way."""

    def __init__(
        self, stands_for: Mapping[Node, Node] | None = None, symbols: Mapping[Node, str] | None = None
    ) -> None:
        self.names: list[str] = []
        self._stands_for, self._symbols = stands_for or {}, symbols or {}

    def write(self, root: Node) -> _Expression:
        done: dict[Node, _Expression] = {}
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in done:
                waiting.pop()
            elif node.op is None or (node.name is not None and node is not root) or len(done) > _MOST_NODES:
                done[waiting.pop()] = self.leaf(node)
            elif unread := [source for source in node.inputs if source not in done]:
                waiting += unread
            else:
                done[waiting.pop()] = self._apply(node, [done[source] for source in node.inputs])
        return done[root]

    def leaf(self, node: Node) -> _Expression:
        single = node.shape == ()
        if node in self._symbols:
            return _Expression(Written(self._symbols[node]), single=single)
        if node.kind == "constant" and node.name is None and node.size == 1:
            return self.number(node.held.item(), single=single)
        shown = self._stands_for.get(node, node)
        if shown is not node and shown.name is None and (shown.op is not None or shown.size == 1):
            return self.write(shown)
        self.names.append(shown.label)
        return _Expression(Written(placeholder(len(self.names) - 1)), single=single)

    def number(self, value: float, *, single: bool = True) -> _Expression:
        value = float(value)
        text = f"{value:.4g}".replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
        if "e" in text:
            mantissa, _, exponent = text.partition("e")
            text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
        return _Expression(
            Written(text, SYMBOL if value >= 0 and "cdot" not in text else 1), number=value, single=single
        )

    def _apply(self, node: Node, args: list[_Expression]) -> _Expression:
        op = op_of(node)
        single = node.shape == ()
        return self.build(op, args, node.arguments, node.settings, single)

    def build(
        self, op: Op, args: Sequence[_Expression], arguments: Sequence[str], settings: Mapping[str, Any], single: bool
    ) -> _Expression:
        tidy = self._tidied(op, args, settings, single)
        if tidy is not None:
            return tidy
        some_single = any(a.single for a in args) if op.is_elementwise else all(a.single for a in args)
        notation = op.scalar_notation if some_single else op.notation
        fields = {a: e.written for a, e in zip(arguments, args, strict=True)}
        if op.variadic:
            parts = [e.written.text for a, e in zip(arguments, args, strict=True) if "[" in a]
            fields[op.variadic] = Written(", ".join(parts))
        for absent in set(op.values) - set(fields):
            fields[absent] = Written("")
        written = notation.write(fields, lambda name: show_setting(settings.get(name)))
        if len(written.text) > _LONGEST:
            written = Written(r"\ldots")
        return _Expression(written, op.name, tuple(args), single=single)

    def _tidied(
        self, op: Op, args: Sequence[_Expression], settings: Mapping[str, Any], single: bool
    ) -> _Expression | None:
        """What the same thing is called by people; ``None`` if it is fine as it is."""
        through = op.notation.parts
        if len(through) == 1 and through[0][0] == "" and through[0][2] == "bare":
            return args[op.values.index(str(through[0][1]))]
        numbers = [a.number for a in args]
        if all(n is not None for n in numbers) and not op.variadic and not settings:
            with np.errstate(all="ignore"):
                value = np.asarray(op.compute([np.float64(n) for n in numbers], op.values[: len(numbers)], {}, np))
            if value.shape == () and np.isfinite(value):
                return self.number(value.item(), single=single)
        rewrite = _REWRITES.get(op.name)
        return rewrite(self, *args) if rewrite is not None else None

    def again(self, name: str, *args: _Expression) -> _Expression:
        """Write an operation of the registry on parts that are written already."""
        op = registry[name]
        return self.build(op, args, op.values, op.settings, all(a.single for a in args))


def _product(w: _Writer, a: _Expression, b: _Expression) -> _Expression | None:
    if a.number == 1:
        return b
    if b.number == 1:
        return a
    if 0 in (a.number, b.number):
        return w.number(0.0)
    if b.number is not None:
        return w.again("multiply", b, a)
    if a.number is not None and a.number < 0:
        return w.again("negative", w.again("multiply", w.number(-a.number), b))
    if a.op == "negative":
        return w.again("negative", w.again("multiply", a.args[0], b))
    for whole, part in ((a, b), (b, a)):
        if part.op == "divide" and part.args[0].number == 1:
            return w.again("divide", whole, part.args[1])
    return None


def _sum(w: _Writer, a: _Expression, b: _Expression) -> _Expression | None:
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    if b.op == "negative":
        return w.again("subtract", a, b.args[0])
    return None


def _difference(w: _Writer, a: _Expression, b: _Expression) -> _Expression | None:
    if b.number == 0:
        return a
    if a.number == 0:
        return w.again("negative", b)
    return None


def _quotient(_: _Writer, a: _Expression, b: _Expression) -> _Expression | None:
    return a if b.number == 1 else None


def _power(w: _Writer, a: _Expression, b: _Expression) -> _Expression | None:
    return a if b.number == 1 else w.number(1.0) if b.number == 0 else None


def _twice(name: str) -> Callable[[_Writer, _Expression], _Expression | None]:
    return lambda _, a: a.args[0] if a.op == name else None


def _choice(_: _Writer, condition: _Expression, a: _Expression, b: _Expression) -> _Expression | None:
    return None if condition.number is None else a if condition.number else b


_REWRITES: dict[str, Callable[..., _Expression | None]] = {
    "multiply": _product,
    "chain": _product,
    "add": _sum,
    "subtract": _difference,
    "divide": _quotient,
    "pow": _power,
    "where": _choice,
    "negative": _twice("negative"),
    "matrix_transpose": _twice("matrix_transpose"),
}


def show_setting(value: Any) -> str:
    """A setting as it is written: an index, an axis, a shape.

    >>> show_setting((slice(None), slice(1, 3), 0))
    ':, 1:3, 0'
    """
    if isinstance(value, tuple):
        return ", ".join(show_setting(v) for v in value)
    if isinstance(value, slice):
        ends = ["" if v is None else str(v) for v in (value.start, value.stop)]
        return ":".join(ends) + (f":{value.step}" if value.step is not None else "")
    return r"\ldots" if value is Ellipsis else str(value)


def _latex_name(name: str) -> str:
    r"""A user's name as LaTeX: a letter with an index, or with an entry behind it, as such; anything else as text."""
    plain = re.fullmatch(r"([A-Za-z])_?(\d*)(['′]*)(\[[\w,·]+\])?", name)
    if plain:
        return plain[1] + (f"_{{{plain[2]}}}" if plain[2] else "") + "'" * len(plain[3]) + (plain[4] or "")
    special = {"\\": r"\backslash ", "{": r"\{", "}": r"\}", "~": r"\sim ", "^": r"\hat{}"}
    return r"\text{" + "".join(special.get(c, "\\" + c if c in "#$%&_" else c) for c in shorten(name)) + "}"
