"""Expressions of loops for one entry of each supported instruction."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir.primitives import VIEW_OPS
from ...ir.program import Value

_BOOL = np.dtype("bool")
_NUMBERS = {_BOOL, *(np.dtype(name) for name in ("float32", "float64", "int32", "int64"))}

_OPERATORS = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "pow": "{} ** {}",
    "negative": "-{}",
    "abs": "abs({})",
    "maximum": "maximum({}, {})",
    "minimum": "minimum({}, {})",
}
_COMPARISONS = {
    "equal": "{} == {}",
    "not_equal": "{} != {}",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
}
_LOGICAL = {
    "logical_and": "{} & {}",
    "logical_or": "{} | {}",
    "logical_xor": "{} ^ {}",
    "logical_not": "not {}",
}
_WRITTEN_OUT = {"exp": ("exp32", "exp64"), "expm1": ("expm1_32", "expm1_64"), "tanh": ("tanh32", "tanh64"),
         "cosh": ("cosh32", "cosh64"),
         "logistic": ("logistic32", "logistic64")}  # fmt: skip
#: functions that numba takes from the C library
_C_LIBRARY = {
    "sqrt": "sqrt", "log": "log", "log1p": "log1p", "log2": "log2", "log10": "log10", "sin": "sin", "cos": "cos",
    "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "sinh": "sinh",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "floor": "floor", "ceil": "ceil",
    "trunc": "trunc", "isnan": "isnan", "isinf": "isinf", "isfinite": "isfinite",
}  # fmt: skip

#: the initial value of each reduction, and the expression that combines it with an entry
ACCUMULATORS = {
    "sum": ("0", "plus({}, {})"),
    "prod": ("1", "{} * {}"),
    "max": ("-inf", "maximum({}, {})"),
    "min": ("inf", "minimum({}, {})"),
}


def is_supported(value: Value) -> bool:
    """Return whether the backend has an expression for an instruction on these dtypes; any other is called as it is.

    >>> x = Value(0, "input", "x0", (3,), np.dtype("float16"))
    >>> half = Value(1, "op", "exp", (3,), x.dtype)
    >>> half.args = (x,)
    >>> is_supported(half)
    False
    """
    if value.kind != "op":
        return value.dtype in _NUMBERS
    if value.name == "call" or not all(a.dtype in _NUMBERS and a.is_static for a in (value, *value.args)):
        return False
    return value.name in VIEW_OPS or _has_expression(value)


def _has_expression(value: Value) -> bool:
    name, dtype, given = value.name, value.dtype, [a.dtype for a in value.args]
    if name in _COMPARISONS:
        return given[0] == given[1]
    if name in _LOGICAL:
        return all(d == _BOOL for d in given)
    if name == "astype":
        return dtype.kind == "f" or (given[0].kind in "bi" and dtype.kind == "i")
    if name == "where":
        return given[1:] == [dtype, dtype]
    if name == "copy":
        return True
    if name == "scatter":
        return given == [dtype]
    integers_too = name in ("add", "subtract", "multiply", "negative")
    if given[0].kind != "f" and not (integers_too and given[0].kind == "i"):
        return False
    return all(d == given[0] for d in given) and (dtype == given[0] or name in ("isnan", "isinf", "isfinite"))


def expression(value: Value, args: list[str]) -> str:
    """Return the expression for one entry of a value.

    >>> x = Value(0, "input", "x0", (3,), np.dtype("int32"))
    >>> double = Value(1, "op", "add", (3,), x.dtype)
    >>> double.args = (x, x)
    >>> expression(double, ["t0", "t0"])
    'int32(t0 + t0)'
    """
    name, dtype = value.name, value.dtype
    if name in ("copy", *VIEW_OPS):
        return args[0]
    if name == "astype":
        return f"{dtype}({args[0]})"
    if name in ("where", "safe_multiply"):
        return f"{name}({', '.join(args)})"
    if name == "sign":
        return f"sign({args[0]}, {dtype}(1))"
    if name == "logistic_complement":
        name, args = "logistic", [f"-{args[0]}"]
    if name in _WRITTEN_OUT:
        return f"{_WRITTEN_OUT[name][dtype.itemsize == 8]}({args[0]})"
    if name in _C_LIBRARY:
        return f"{_C_LIBRARY[name]}({', '.join(args)})"
    if name in _COMPARISONS or name in _LOGICAL:
        return (_COMPARISONS.get(name) or _LOGICAL[name]).format(*args)
    text = _OPERATORS[name].format(*args)
    return f"{dtype}({text})" if dtype.kind == "i" else text


def literal(value: Value) -> str | None:
    """Return the literal of a constant in a loop; ``None`` for one that is passed as an argument.

    Each literal makes another function to compile, so only the most common floats are literals.

    >>> half = Value(0, "constant", "", (), np.dtype("float32"))
    >>> half.array = np.float32(0.5)
    >>> literal(half)
    'float32(0.5)'
    """
    number = value.array[()]
    if value.dtype == _BOOL:
        return str(bool(number))
    if value.dtype.kind == "i":
        return f"{value.dtype}({int(number)})"
    plain = number in (0, 1, -1, 2, 0.5) and not (number == 0 and np.signbit(number))
    return f"{value.dtype}({float(number)!r})" if plain else None


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Return the name of a dtype in a loop."""
    return "bool_" if dtype == _BOOL else dtype.name
