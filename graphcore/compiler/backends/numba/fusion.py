"""Loop fusion: elementwise instructions over the same shape and the reductions of their results become one loop."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...ir.primitives import ELEMENTWISE, REDUCTIONS, VIEW_OPS
from ...ir.program import Program, Value
from .expressions import is_supported
from .strides import StridedView, apply_view_op, as_view

#: a loop gets at most this many statements, since longer ones take longer to compile than they save
_MAX_STATEMENTS = 48
#: the same in a large program, whose functions take offsets as arguments (see `kernels`): the compiler checks all pairs
#: of arrays for overlap before a loop, and does not vectorise one with too many pairs
_MAX_STATEMENTS_LARGE = 10
#: a program with more instructions than this is large
_LARGE = 400
#: the size of a vector register in bytes; a shorter last axis is not vectorised
_VECTOR = 64


@dataclass(eq=False)
class Loop:
    """Values that are computed together in one loop over all entries of a shape."""

    shape: tuple[int, ...]
    #: whether all arrays can be indexed by one flat axis; differs from True only for shapes with a short last axis
    is_flat: bool = True
    values: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Single:
    """A value that is computed by itself: a matrix product, or an operation that is called as it is."""

    value: Value
    args: tuple[Value, ...]

    @property
    def values(self) -> list[Value]:
        """The value, in a list."""
        return [self.value]


Part = Loop | Single


@dataclass
class FusedProgram:
    """A program as parts in the order in which they run, and the strided view of every value."""

    parts: list[Part] = field(default_factory=list)
    views: dict[Value, StridedView] = field(default_factory=dict)
    #: for every result the value that is computed in its array; ``None`` if the result is copied
    results: list[Value | None] = field(default_factory=list)
    #: equal parts of a large program share one function
    is_large: bool = False
    #: whether small matrix products are computed by one thread
    limits_threads: bool = True

    def base(self, value: Value) -> Value:
        """Return the value in whose memory the entries of a value lie."""
        return self.views[value].base if value in self.views else value


def fuse(program: Program) -> FusedProgram:
    """Fuse the values of a program into few loops.

    A value joins the first loop over its shape that comes after everything it reads.

    >>> import numpy as np
    >>> import graphcore as gc, ops
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> from graphcore.compiler.frontend.lower import lower
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (4, 3)), g.parameter("w", np.ones((3, 2)))
    >>> C = ops.sum(ops.tanh(x @ w))
    >>> found = fuse(lower(specialize(g.nodes, [C], [w], {})))
    >>> [[value.name for value in part.values] for part in found.parts]
    [['matmul'], ['tanh', 'sum', 'cosh', 'multiply', 'divide'], ['matmul']]
    """
    return _Fuser(program).done


class _Fuser:
    def __init__(self, program: Program) -> None:
        self.done = FusedProgram(limits_threads=program.limits_threads)
        self._number = program.values[-1].number if program.values else 0
        #: the number of the part that computes each value
        self._part: dict[Value, int] = {}
        #: the part numbers of the loops that may take more values, by shape and kind
        self._open: dict[tuple[tuple[int, ...], bool], list[int]] = defaultdict(list)
        self.done.is_large = sum(value.kind == "op" for value in program.values) > _LARGE
        self._max_statements = _MAX_STATEMENTS_LARGE if self.done.is_large else _MAX_STATEMENTS
        for value in program.values:
            self._add(value)
        taken: set[Value] = set()
        for value in program.results:
            written = self._choose_written(value, taken)
            self.done.results.append(written)
            taken |= {written} if written is not None else set()

    def _choose_written(self, value: Value, taken: set[Value]) -> Value | None:
        if not (value.is_static and is_supported(value)):
            return None
        view = self.done.views[value]
        base = view.base
        as_it_is = view.is_contiguous and view.offset == 0 and base.size == value.size
        if as_it_is and base in self._part and is_supported(base) and base not in taken:
            return base
        return self._copy(value)

    def _add(self, value: Value) -> None:
        views = self.done.views
        if value.kind != "op":
            views[value] = as_view(value)
        elif not is_supported(value) or value.name == "scatter":
            self._add_single(value, value.args)
        elif value.name in VIEW_OPS:
            view = apply_view_op(views[value.args[0]], value)
            if view is None:  # no strides give this order, so the entries are copied
                view = as_view(value)
                self._add_to_loop(value, views[value.args[0]].shape)
            views[value] = view
        elif value.name == "matmul":
            self._add_single(
                value,
                tuple(a if is_blas_compatible(views[a]) and views[a].base.shape else self._copy(a) for a in value.args),
            )
        else:
            reduces = value.name in REDUCTIONS
            self._add_to_loop(value, views[value.args[0]].shape if reduces else as_view(value).shape)
            views[value] = as_view(value)

    def _add_single(self, value: Value, args: tuple[Value, ...]) -> None:
        self._part[value] = len(self.done.parts)
        self.done.parts.append(Single(value, args))
        if value.is_static:
            self.done.views[value] = as_view(value)

    def _add_to_loop(self, value: Value, shape: tuple[int, ...]) -> None:
        is_flat = not _is_short(shape, value) or self._is_flat(value, shape)
        first = max((self._first_part_after(a, shape, is_flat=is_flat) for a in value.args), default=0)
        if value.after is not None:
            first = max(first, self._part.get(self.done.base(value.after), -1) + 1)
        open_loops = self._open[shape, is_flat]
        which = bisect_left(open_loops, first)
        if which == len(open_loops):
            open_loops.append(len(self.done.parts))
            self.done.parts.append(Loop(shape, is_flat))
        number = open_loops[which]
        loop = self.done.parts[number]
        loop.values.append(value)
        self._part[value] = number
        if len(loop.values) >= self._max_statements:
            open_loops.pop(which)

    def _first_part_after(self, arg: Value, shape: tuple[int, ...], *, is_flat: bool) -> int:
        """Return the number of the first part that may read an argument."""
        base = self.done.views[arg].base
        number = self._part.get(base)
        if number is None:
            return 0
        part = self.done.parts[number]
        is_same = isinstance(part, Loop) and (part.shape, part.is_flat) == (shape, is_flat)
        return number if base is arg and is_same and is_elementwise(arg) else number + 1

    def _is_flat(self, value: Value, shape: tuple[int, ...]) -> bool:
        """Return whether everything that is read and written is contiguous or a single number."""
        read = [self.done.views[arg] for arg in value.args]
        written = math.prod(shape) if is_elementwise(value) else 1
        return value.size == written and all(p.base.size == 1 or (p.shape == shape and p.is_contiguous) for p in read)

    def _copy(self, value: Value) -> Value:
        self._number += 1
        copy = Value(self._number, "op", "copy", value.shape, value.dtype)
        copy.args = (value,)
        self._add_to_loop(copy, self.done.views[value].shape)
        self.done.views[copy] = as_view(copy)
        return copy


def _is_short(shape: tuple[int, ...], value: Value) -> bool:
    """Return whether there are many rows, each shorter than a vector register.

    Instructions that broadcast along rows, such as the addition of a bias, then get a loop of their own, so that the
    others can be vectorised across rows.

    >>> import numpy as np
    >>> x = Value(0, "input", "x0", (32, 10), np.dtype("float32"))
    >>> _is_short((32, 10), x), _is_short((10, 32), x), _is_short((1, 10), x)
    (True, False, False)
    """
    entries, last = math.prod(shape), next((n for n in reversed(shape) if n != 1), 1)
    return last < entries and last * value.dtype.itemsize < _VECTOR <= entries * value.dtype.itemsize


def is_elementwise(value: Value) -> bool:
    """Return whether a loop computes one entry of the value per iteration."""
    return value.name in ELEMENTWISE or value.name == "copy"


def is_blas_compatible(view: StridedView) -> bool:
    """Return whether the matrices of a stack are stored by rows or by columns without gaps, as BLAS needs them."""
    if len(view.shape) < 2:
        return view.is_contiguous
    (m, n), (down, across) = view.shape[-2:], view.strides[-2:]
    by_rows = (n == 1 or across == 1) and (m == 1 or down == n)
    return by_rows or is_transposed(view)


def is_transposed(view: StridedView) -> bool:
    """Return whether the matrices of a stack are transposes of contiguous matrices.

    >>> import numpy as np
    >>> x = Value(0, "input", "x0", (2, 3), np.dtype(float))
    >>> is_transposed(as_view(x)), is_transposed(StridedView(x, 0, (3, 2), (1, 3)))
    (False, True)
    """
    if len(view.shape) < 2:
        return False
    (m, n), (down, across) = view.shape[-2:], view.strides[-2:]
    return m > 1 and n > 1 and down == 1 and across == m


def part_inputs(part: Part) -> Iterator[Value]:
    """Iterate over the values that a part reads and does not compute itself."""
    if isinstance(part, Single):
        return iter(part.args)
    mine = set(part.values)
    return (arg for value in part.values for arg in value.args if arg not in mine)
