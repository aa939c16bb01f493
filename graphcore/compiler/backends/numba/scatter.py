"""The text of entries that are put back where they were taken from, among zeros: the gradient of an index.

>>> import graphcore as gc, numpy as np
>>> from graphcore.compiler.frontend.lower import lowered
>>> from graphcore.compiler.frontend.specialize import specialised
>>> from graphcore.compiler.backends.numba.fusion import fused
>>> g = gc.Graph()
>>> w = g.parameter("w", np.ones((4, 3)))
>>> C = (w[1:3, 0] @ np.array([5.0, 7.0])).named("C")
>>> program = lowered(specialised(g.nodes, [C], [w], {}))
>>> done = fused(program)
>>> put = done.parts[-1].value
>>> names = Names(lambda value: ("r" if value is put else "a", "0"), lambda value: None)
>>> print("\\n".join(put_text(put, done.places, names)))
for i in range(12):
    r[0 + i] = float64(0)
for i0 in range(2):
    r[3 + i0 * 3] = a[i0]
"""

from __future__ import annotations

from ...ir.program import Value
from .loops import Names
from .strides import Place, place_of, rearranged


def put_text(value: Value, places: dict[Value, Place], names: Names) -> list[str]:
    """The lines that write zeros, and then the entries over some of them."""
    (part,) = value.args
    there = rearranged(place_of(value), _taken_from(value, part))
    array, first = names.array(value)
    lines = [f"for i in range({value.size}):", f"    {array}[{first} + i] = {value.dtype}(0)"]
    if part.size:
        lines += ["    " * axis + f"for i{axis} in range({n}):" for axis, n in enumerate(part.shape)]
        indices = [(f"i{axis}", axis) for axis in range(len(part.shape))]
        inside = "    " * len(part.shape)
        lines.append(f"{inside}{names.entry(there, indices)} = {names.entry(places[part], indices)}")  # type: ignore[arg-type]
    return lines


def _taken_from(value: Value, part: Value) -> Value:
    taken = Value(value.number, "op", "getitem", part.shape, value.dtype)
    taken.args, taken.settings = (value,), {"key": value.settings["key"]}
    return taken
