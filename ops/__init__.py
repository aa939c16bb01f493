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
from .linear import add_bias, matmul, matrix_transpose
from .reduce import count, max, mean, sum
from .shape import (
    astype,
    broadcast_to,
    concat,
    expand_dims,
    getitem,
    ones_like,
    part_of_concat,
    permute_dims,
    put_like,
    reshape,
    reshape_like,
    squeeze,
    zeros_like,
)

__all__ = [
    *("log_softmax", "relu", "sigmoid", "softmax", "softplus"),
    *("add", "divide", "multiply", "negative", "pow", "square", "subtract"),
    *("difference", "equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum", "not_equal", "where"),
    *("cross_entropy", "one_hot", "squared_error"),
    *("abs", "exp", "log", "sign", "sqrt", "tanh"),
    *("add_bias", "matmul", "matrix_transpose"),
    *("count", "max", "mean", "sum"),
    *("astype", "broadcast_to", "concat", "expand_dims", "getitem", "ones_like", "part_of_concat", "permute_dims"),
    *("put_like", "reshape", "reshape_like", "squeeze", "zeros_like"),
]
