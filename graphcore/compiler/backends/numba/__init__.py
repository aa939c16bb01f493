"""The numba backend: fused loops compiled by numba and matrix products by BLAS, in as few functions as possible.

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
>>> "for i0 in range(8)" in built.source  # one loop computes all entries and their sum
True
"""

from __future__ import annotations

from ...ir.program import Program
from .. import numpy as stand_in
from .host import NumbaProgram

__all__ = ["build", "name", "stand_in"]

name = "numba"


def build(program: Program) -> NumbaProgram:
    """Compile a program, or load it from the cache."""
    return NumbaProgram(program)
