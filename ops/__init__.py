"""The standard operations, one family per file; importing this package registers them all.

>>> import ops
>>> ops.sigmoid(0.0)
np.float64(0.5)
>>> ops.sigmoid.rules["z"]
<local rule dsigmoid_dz(out) of sigmoid with respect to z>
"""

from .activation import log_softmax, relu, sigmoid, softmax, softplus
from .arithmetic import add, divide, multiply, negative, pow, square, subtract
from .choice import difference, equal, greater, greater_equal, less, less_equal, maximum, minimum, not_equal, where
from .cost import cross_entropy, one_hot, squared_error
from .elementwise import abs, exp, log, sign, sqrt, tanh
from .indexing import getitem, put_like
from .linear import add_bias, matmul, matrix_transpose
from .reduce import count, max, mean, sum
from .shape import (
    astype,
    broadcast_to,
    concat,
    expand_dims,
    ones_like,
    part_of_concat,
    permute_dims,
    reshape,
    reshape_like,
    squeeze,
    zeros_like,
)
from .trigonometry import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, hypot, sin, sinh, tan

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "add_bias",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "broadcast_to",
    "concat",
    "cos",
    "cosh",
    "count",
    "cross_entropy",
    "difference",
    "divide",
    "equal",
    "exp",
    "expand_dims",
    "getitem",
    "greater",
    "greater_equal",
    "hypot",
    "less",
    "less_equal",
    "log",
    "log_softmax",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "one_hot",
    "ones_like",
    "part_of_concat",
    "permute_dims",
    "pow",
    "put_like",
    "relu",
    "reshape",
    "reshape_like",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "squared_error",
    "squeeze",
    "subtract",
    "sum",
    "tan",
    "tanh",
    "where",
    "zeros_like",
]
