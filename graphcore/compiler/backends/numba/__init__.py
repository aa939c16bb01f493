"""The fast backend: loops fused and compiled by numba, matrix products by BLAS, in one function where that can be.

>>> import graphcore as gc, numpy as np, ops
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x", (2, 3))
>>> C = ops.sum(ops.tanh(x @ g.parameter("w", np.ones((3, 4)))))
>>> program = lower(specialize(g.nodes, [C], [], {}))
>>> built = build(program)
>>> built.run([np.zeros((2, 3))], [np.ones((3, 4))], None)
[array(0.)]
>>> "for i0 in range(8)" in built.source  # one loop for all entries, and the sum is taken on the way
True
"""

from __future__ import annotations

from ...ir.program import Program
from .host import NumbaProgram

name = "numba"


def build(program: Program) -> NumbaProgram:
    """Compile the program, or find it compiled."""
    return NumbaProgram(program)
