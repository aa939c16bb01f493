"""The instructions of a program: functions of the Array API standard, and a few that it lacks.

An operation names its instruction itself (``@op(primitive=...)``). An operation without one is decomposed into others,
or called as it is.

>>> import ops
>>> ops.exp.primitive, ops.sigmoid.primitive, ops.softplus.primitive
('exp', 'logistic', None)
>>> {ops.exp.primitive, ops.sigmoid.primitive} <= ELEMENTWISE
True
"""

from __future__ import annotations

import numpy as np

#: elementwise functions that are one call of a numpy ufunc
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
#: ``1 / (1 + e⁻ᶻ)``, and what is left of it to 1
LOGISTIC = ("logistic", "logistic_complement")
#: elementwise, and more than one call of numpy; ``safe_multiply`` is 0 wherever its first argument is
COMPOUNDS = ("where", "safe_multiply", "astype", *LOGISTIC)
ELEMENTWISE = frozenset({*UFUNCS, *COMPOUNDS})

#: reductions along axes, each by the ufunc that combines two entries
REDUCTIONS: dict[str, np.ufunc] = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}

#: views: the same entries with another shape or order, without arithmetic
VIEW_OPS = frozenset({"reshape", "permute_dims", "broadcast_to", "slice"})

COMMUTATIVE = frozenset({"add", "multiply", "equal", "not_equal", "logical_and", "logical_or", "logical_xor"})

#: ``scatter`` writes entries among zeros, at the positions from which ``slice`` reads them
PRIMITIVES = frozenset({*ELEMENTWISE, *REDUCTIONS, *VIEW_OPS, "matmul", "scatter"})

#: functions that are lowered to instructions of another name
ALIASES = frozenset({"matrix_transpose", "expand_dims", "squeeze", "mean", "zeros_like", "ones_like", "identity"})
