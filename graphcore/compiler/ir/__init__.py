"""Intermediate representation: programs of instructions, simplification, memory planning.

>>> import numpy as np
>>> from graphcore.compiler.ir.simplify import Simplifier
>>> build = Simplifier()
>>> x = build.table.leaf("input", "x0", (), np.dtype(float))
>>> build.elementwise("negative", (build.elementwise("negative", (x,), {}, (), x.dtype),), {}, (), x.dtype) is x
True
"""
