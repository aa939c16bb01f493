"""Writing a node in the names of the nodes it is made of, with the parentheses that are needed and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays.registry import registry
from ..graph.node import Node
from ..operations.notation import PRODUCT, SYMBOL, Written
from ..operations.operation import Op, op_named, op_of
from ..support.number_format import format_number
from .expression import FIRST_NAME, Expression, Formula, placeholder

#: the longest readable formula
_LONGEST = 400
_MOST_NODES = 100


#: what people write instead of an operation on written parts; ``None`` if it is fine as it is
Rewrite = Callable[..., Expression | None]


class LatexWriter:
    """Writes nodes bottom up, in a loop; names are collected meanwhile.

    ``rewrites`` has what people write instead of an operation, by its name; ``outer_nodes`` the node of a user's graph
    that a node stands for; ``symbols`` what some nodes are called instead.
    ``collect_terms``: what stands in a sum or a product twice is written once, as ``2 · x`` and ``x²``; a derivative is
    written so, and not what the user wrote.

    >>> import graphcore as gc, ops
    >>> from graphcore.symbolic.simplify import REWRITES
    >>> x = gc.Graph().input("x")
    >>> LatexWriter(REWRITES, symbols={x: r"\\theta"}).write(ops.sin(x) * 1.0).written.text
    '\\\\sin(\\\\theta)'
    """

    def __init__(
        self,
        rewrites: Mapping[str, Rewrite] | None = None,
        outer_nodes: Mapping[Node, Node] | None = None,
        symbols: Mapping[Node, str | Formula] | None = None,
        *,
        collect_terms: bool = False,
    ) -> None:
        self.names: list[str] = []
        self.collect_terms = collect_terms
        self._rewrites = {} if rewrites is None else rewrites
        self._stands_for = {} if outer_nodes is None else outer_nodes
        self._symbols = {} if symbols is None else symbols
        self._places: dict[str, str] = {}

    def write(self, root: Node) -> Expression:
        """Return a node, down to the named ones before it."""
        inside = _written_out(root)
        done: dict[Node, Expression] = {}
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in done:
                waiting.pop()
            elif node not in inside:
                done[waiting.pop()] = self.leaf(node)
            elif unread := [source for source in node.inputs if source not in done]:
                waiting += unread
            else:
                done[waiting.pop()] = self._apply(node, [done[source] for source in node.inputs])
        return done[root]

    def leaf(self, node: Node) -> Expression:
        """Return a node by what it is called."""
        single = node.shape == ()
        if node in self._symbols:
            return Expression(Written(self._adopted(self._symbols[node])), single=single)
        if node.kind == "constant" and node.name is None and node.size == 1:
            return self.number(node.data.item(), single=single)
        shown = self._stands_for.get(node, node)
        if shown is not node and shown.name is None and (shown.op is not None or shown.size == 1):
            return self.write(shown)
        if shown is node and node.op is not None and node.name is None and self._stands_for:
            return Expression(Written(r"\ldots"), single=single)  # too long to read
        return Expression(Written(self._place(shown.label)), single=single)

    def _place(self, name: str) -> str:
        """Return the placeholder of a name, the same wherever it occurs."""
        if name not in self._places:
            self._places[name] = placeholder(len(self.names))
            self.names.append(name)
        return self._places[name]

    def _adopted(self, symbol: str | Formula) -> str:
        """Return a symbol as it stands in this formula, its names among those of the formula."""
        if isinstance(symbol, str):
            return symbol
        return symbol.template.translate({FIRST_NAME + i: self._place(name) for i, name in enumerate(symbol.names)})

    def number(self, value: float, *, single: bool = True) -> Expression:
        """Return a number in four digits."""
        value = float(value)
        text = format_number(value, style="latex")
        return Expression(
            Written(text, SYMBOL if value >= 0 and "cdot" not in text else 1), number=value, single=single
        )

    def _apply(self, node: Node, args: list[Expression]) -> Expression:
        single = node.shape == ()
        if _is_outer_product(node) and all(part.number is None for part in args):
            product = op_named("matmul")
            return self.build(product, args, product.values, product.settings, single)
        return self.build(op_of(node), args, node.arguments, node.settings, single)

    def build(
        self, op: Op, args: Sequence[Expression], arguments: Sequence[str], settings: Mapping[str, Any], single: bool
    ) -> Expression:
        """Return an operation applied to what is written already."""
        tidy = self._tidied(op, args, settings, single)
        if tidy is not None:
            return tidy
        some_single = any(a.single for a in args) if op.is_elementwise else all(a.single for a in args)
        notation = op.scalar_notation if some_single else op.notation
        fields = {a: self._as_factor(op, notation.level, e) for a, e in zip(arguments, args, strict=True)}
        if op.variadic:
            parts = [e.written.text for a, e in zip(arguments, args, strict=True) if "[" in a]
            fields[op.variadic] = Written(", ".join(parts))
        for absent in set(op.values) - set(fields):
            fields[absent] = Written("")
        written = notation.write(fields, lambda name: show_setting(settings.get(name)))
        if len(written.text) > _LONGEST:
            written = Written(r"\ldots")
        return Expression(written, op.name, tuple(args), single=single)

    def _tidied(
        self, op: Op, args: Sequence[Expression], settings: Mapping[str, Any], single: bool
    ) -> Expression | None:
        """Return the simplified expression; ``None`` if there is no simpler one."""
        through = op.notation.parts
        if len(through) == 1 and through[0][0] == "" and through[0][2] == "bare":
            return args[op.values.index(str(through[0][1]))]
        numbers = [a.number for a in args]
        if all(n is not None for n in numbers) and not op.variadic and not settings:
            with np.errstate(all="ignore"):
                value = np.asarray(op.compute([np.float64(n) for n in numbers], op.values[: len(numbers)], {}, np))
            if value.shape == () and np.isfinite(value):
                return self.number(value.item(), single=single)
        rewrite = self._rewrites.get(op.name)
        return rewrite(self, *args) if rewrite is not None else None

    @staticmethod
    def _as_factor(op: Op, level: int, part: Expression) -> Written:
        """Keep a product of matrices inside an elementwise one, or the other way round, together."""
        mixed = level == part.written.level == PRODUCT and part.op and not part.single
        if mixed and registry[part.op].is_elementwise != op.is_elementwise and r"\frac" not in part.written.text[:5]:
            return Written(rf"\left({part.written.text}\right)")
        return part.written

    def apply(self, name: str, *args: Expression) -> Expression:
        """Write an operation of the registry on parts that are written already."""
        op = op_named(name)
        return self.build(op, args, op.values, op.settings, all(a.single for a in args))


def _written_out(root: Node) -> dict[Node, None]:
    """Return the nodes that a formula consists of, from the root down to what has a name, up to a limit."""
    found = [root] if root.op is not None else []
    inside = dict.fromkeys(found)
    for node in found:  # grows meanwhile
        for source in node.inputs:
            if source.op is not None and source.name is None and source not in inside and len(inside) < _MOST_NODES:
                inside[source] = None
                found.append(source)
    return inside


def _is_outer_product(node: Node) -> bool:
    """Return true for a vector as a column times one as a row, which is written as their product: ``u vᵀ``."""
    if op_of(node).name != "multiply" or any(not _is_made_a_matrix(source) for source in node.inputs):
        return False
    column, row = node.inputs
    return column.shape[-1] == 1 and row.shape[-2] == 1


def _is_made_a_matrix(node: Node) -> bool:
    """Return true for a vector with an axis of length 1 inserted, transposed or not."""
    if node.op is not None and node.op.name == "matrix_transpose" and node.name is None:
        (node,) = node.inputs
    return node.op is not None and node.op.name == "expand_dims" and node.name is None and node.ndim > 1


def show_setting(value: Any) -> str:
    """Return a setting as it is written: an index, an axis, a shape.

    >>> show_setting((slice(None), slice(1, 3), 0))
    ':, 1:3, 0'
    """
    if isinstance(value, tuple):
        return ", ".join(show_setting(v) for v in value)
    if isinstance(value, slice):
        ends = ["" if v is None else str(v) for v in (value.start, value.stop)]
        return ":".join(ends) + (f":{value.step}" if value.step is not None else "")
    return r"\ldots" if value is Ellipsis else str(value)
