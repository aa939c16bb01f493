"""The fast backend: loops fused and compiled by numba, matrix products by BLAS, in one function where that can be."""

from __future__ import annotations

from ..program import Program
from .driver import NumbaProgram

name = "numba"


def build(program: Program) -> NumbaProgram:
    """Compile the program, or find it compiled."""
    return NumbaProgram(program)
