"""The elementary operations: those that backends know by their names in the Array API standard, and what numpy has."""

from __future__ import annotations

import numpy as np

from ...arrays.protocols import Operation

#: entry by entry, and one call of numpy each
UFUNCS: dict[str, np.ufunc] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.true_divide,
    "pow": np.power,
    "negative": np.negative,
    "abs": np.absolute,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "logical_not": np.logical_not,
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
}
#: these are made of others, and common enough for an expression of their own
SIGMOIDS = ("sigmoid", "sigmoid_complement")
#: entry by entry, and more than one call
COMPOUNDS = ("where", "chain", "astype", "later", *SIGMOIDS)
ELEMENTWISE = frozenset({*UFUNCS, *COMPOUNDS})

#: from many numbers to few, as the reduction of a ufunc
REDUCTIONS: dict[str, np.ufunc] = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}

#: the same numbers in another arrangement: nothing is computed
VIEW_OPS = frozenset({"reshape", "permute_dims", "broadcast_to", "getitem"})

COMMUTATIVE = frozenset({"add", "multiply", "equal", "not_equal", "logical_and", "logical_or", "logical_xor"})

PRIMITIVES = frozenset({*ELEMENTWISE, *REDUCTIONS, *VIEW_OPS, "matmul", "scatter_slice"})

#: these are elementary under another name, or once lengths are known
ALIASES = frozenset({"matrix_transpose", "expand_dims", "squeeze", "mean", "zeros_like", "ones_like", "identity"})


def is_ours(op: Operation) -> bool:
    """Whether this is the standard operation of its name, and not what somebody put in its place.

    >>> import graphcore as gc, ops
    >>> is_ours(gc.registry["exp"])
    True
    """
    return op.__module__.partition(".")[0] in ("graphcore", "ops")
