"""numpy's elementwise functions.

>>> import graphcore as gc, numpy as np, ops
>>> np.deg2rad(gc.Graph().input("angle")).op.name, np.fabs(gc.Graph().input("x")).op.name
('multiply', 'abs')
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .table import implements, operation

#: numpy's names for what the Array API standard, and so the registry, calls otherwise
ALIASES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "expit": "sigmoid",
    "fabs": "abs",
    "fix": "trunc",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "power": "pow",
    "right_shift": "bitwise_right_shift",
    "rint": "round",
    "true_divide": "divide",
}

#: functions of scipy.special that mean the same as the operations of that name
FOREIGN = frozenset({"cbrt", "erf", "erfc", "exp2", "expm1", "log1p", "logaddexp", "expit"})

#: what there is not on purpose, and why
UNSUPPORTED = {
    "fmax": "it passes over NaN without a word, and here NaN in gives NaN out: use np.maximum",
    "fmin": "it passes over NaN without a word, and here NaN in gives NaN out: use np.minimum",
    "nonzero": "how many there are is not known before it runs: use np.where with three arguments",
}


@implements(np.float_power)
def _float_power(x1: Any, x2: Any) -> Any:
    double = operation("astype")
    return operation("pow")(*(double(x, dtype="float64") if hasattr(x, "dtype") else np.float64(x) for x in (x1, x2)))


@implements(np.exp2)
def _exp2(x: Any) -> Any:
    return operation("pow")(2.0, x)


@implements(np.logaddexp2)
def _logaddexp2(x1: Any, x2: Any) -> Any:
    scaled = (operation("multiply")(x, math.log(2)) for x in (x1, x2))
    return operation("logaddexp")(*scaled) * (1 / math.log(2))


@implements(np.deg2rad, np.radians)
def _radians(x: Any) -> Any:
    return x * (math.pi / 180)


@implements(np.rad2deg, np.degrees)
def _degrees(x: Any) -> Any:
    return x * (180 / math.pi)


@implements(np.divmod)
def _divmod(x1: Any, x2: Any) -> Any:
    return operation("floor_divide")(x1, x2), operation("remainder")(x1, x2)


@implements(np.clip)
def _clip(
    a: Any,
    a_min: Any = np._NoValue,  # noqa: SLF001  numpy's own default
    a_max: Any = np._NoValue,  # noqa: SLF001
    *,
    min: Any = None,  # noqa: A002  numpy's name
    max: Any = None,  # noqa: A002
) -> Any:
    low = min if a_min is np._NoValue else a_min  # noqa: SLF001
    high = max if a_max is np._NoValue else a_max  # noqa: SLF001
    return operation("clip")(a, low, high)


@implements(np.round, np.around)
def round_decimals(a: Any, decimals: int = 0) -> Any:
    """Return the nearest number with so many decimals."""
    scale = 10.0**decimals
    return operation("round")(a * scale) / scale if decimals else operation("round")(a)


@implements(np.nan_to_num)
def _nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    where, largest = operation("where"), float(np.finfo(x.dtype).max)
    for condition, value in (
        (operation("isnan")(x), nan),
        (operation("equal")(x, math.inf), largest if posinf is None else posinf),
        (operation("equal")(x, -math.inf), -largest if neginf is None else neginf),
    ):
        x = where(condition, value, x)
    return x


@implements(np.isposinf)
def _isposinf(x: Any) -> Any:
    return operation("equal")(x, math.inf)


@implements(np.isneginf)
def _isneginf(x: Any) -> Any:
    return operation("equal")(x, -math.inf)


@implements(np.isclose)
def _isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08) -> Any:
    near = operation("less_equal")(operation("abs")(a - b), atol + rtol * operation("abs")(b))
    return operation("logical_or")(operation("equal")(a, b), operation("logical_and")(operation("isfinite")(b), near))


@implements(np.real, np.conjugate, np.real_if_close)
def _real(val: Any) -> Any:
    return val
