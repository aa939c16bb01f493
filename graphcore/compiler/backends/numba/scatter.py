"""Source text of a scatter: entries among zeros, at the positions of a slice; the gradient of an index.

>>> import graphcore as gc, numpy as np
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> from graphcore.compiler.backends.numba.fusion import fuse
>>> g = gc.Graph()
>>> w = g.parameter("w", np.ones((4, 3)))
>>> C = (w[1:3, 0] @ np.array([5.0, 7.0])).named("C")
>>> program = lower(specialize(g.nodes, [C], [w], {}))
>>> done = fuse(program)
>>> put = done.parts[-1].value
>>> names = ArrayNames(lambda value: ("r" if value is put else "a", "0"), lambda value: None)
>>> print("\\n".join(write_scatter(put, done.views, names)))
for i in range(12):
    r[0 + i] = float64(0)
for i0 in range(2):
    r[3 + i0 * 3] = a[i0]
"""

from __future__ import annotations

from ...ir.program import Value
from .loops import ArrayNames
from .strides import StridedView, apply_view_op, as_view


def write_scatter(value: Value, views: dict[Value, StridedView], names: ArrayNames) -> list[str]:
    """Return the lines that write zeros, and then the entries over some of them."""
    (part,) = value.args
    there = apply_view_op(as_view(value), _slice_of(value, part))
    array, first = names.array(value)
    lines = [f"for i in range({value.size}):", f"    {array}[{first} + i] = {value.dtype}(0)"]
    if part.size:
        lines += ["    " * axis + f"for i{axis} in range({n}):" for axis, n in enumerate(part.shape)]
        indices = [(f"i{axis}", axis) for axis in range(len(part.shape))]
        inside = "    " * len(part.shape)
        lines.append(f"{inside}{names.entry(there, indices)} = {names.entry(views[part], indices)}")  # type: ignore[arg-type]
    return lines


def _slice_of(value: Value, part: Value) -> Value:
    taken = Value(value.number, "op", "slice", part.shape, value.dtype)
    taken.args, taken.settings = (value,), {"key": value.settings["key"]}
    return taken
