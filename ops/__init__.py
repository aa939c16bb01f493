"""The standard operations, one family per file; importing this package registers them all.

>>> import ops
>>> ops.sigmoid(0.0)
np.float64(0.5)
>>> ops.sigmoid.rules["z"]
<local rule dsigmoid_dz(out) of sigmoid with respect to z>
"""

from .activation import elu, leaky_relu, log_softmax, logsigmoid, relu, sigmoid, silu, softmax, softplus, softsign
from .arithmetic import add, divide, multiply, negative, pow, square, subtract
from .choice import difference, equal, greater, greater_equal, less, less_equal, maximum, minimum, not_equal, where
from .cost import absolute_error, binary_cross_entropy, cross_entropy, one_hot, squared_error
from .elementwise import abs, exp, log, sign, sqrt, tanh
from .exponential import expm1, log1p, log2, log10, logaddexp, reciprocal
from .indexing import getitem, put_like
from .linear import add_bias, matmul, matrix_transpose
from .reduce import count, max, mean, min, std, sum, var
from .rounding import ceil, floor, isfinite, isinf, isnan, round, trunc
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
    "absolute_error",
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
    "binary_cross_entropy",
    "broadcast_to",
    "ceil",
    "concat",
    "cos",
    "cosh",
    "count",
    "cross_entropy",
    "difference",
    "divide",
    "elu",
    "equal",
    "exp",
    "expand_dims",
    "expm1",
    "floor",
    "getitem",
    "greater",
    "greater_equal",
    "hypot",
    "isfinite",
    "isinf",
    "isnan",
    "leaky_relu",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logsigmoid",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "min",
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
    "reciprocal",
    "relu",
    "reshape",
    "reshape_like",
    "round",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "squared_error",
    "squeeze",
    "std",
    "subtract",
    "sum",
    "tan",
    "tanh",
    "trunc",
    "var",
    "where",
    "zeros_like",
]
