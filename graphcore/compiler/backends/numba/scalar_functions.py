"""The names that generated loops use: functions of single numbers, inlined into the loops.

`exp` and the functions made of it are written out here, since a loop that calls the C library for each entry cannot be
vectorised. The argument is split as ``x = n ln 2 + r`` with ``|r| ≤ ½ ln 2``, where ln 2 is a sum of two numbers of
which the first has few digits, so that its multiples are exact (Cody and Waite, Software Manual for the Elementary
Functions, 1980). The series of ``eʳ`` is truncated where the rest is less than a rounding error.

>>> [float(f(np.float64(-0.5))) == float(g(-0.5)) for f, g in ((exp64, np.exp), (tanh64, np.tanh))]
[True, True]
>>> safe_multiply(0.0, np.inf), maximum(1.0, np.nan), sign(np.float64(-3.0), 1.0)
(0.0, nan, -1.0)
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    bool_,
    ceil,
    cos,
    float32,
    float64,
    floor,
    inf,
    int32,
    int64,
    isfinite,
    isinf,
    isnan,
    log,
    log1p,
    log2,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    trunc,
    uint8,
)

from .blas import dot32, dot64, matmul32, matmul64, matvec32, matvec64, one_thread, restore_threads

__all__ = [  # noqa: RUF022  as they are above
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "bool_", "ceil", "cos", "cosh32",
    "cosh64", "float32", "float64", "floor", "inf", "int32", "int64", "isfinite", "isinf", "isnan",
    "log", "log1p", "log2", "log10", "sin", "sinh", "sqrt", "tan", "trunc", "uint8", "exp32", "exp64",
    "expm1_32", "expm1_64", "tanh32", "tanh64", "logistic32", "logistic64", "sign", "maximum", "minimum",
    "safe_multiply", "where", "plus", "matmul32", "matmul64", "matvec32", "matvec64", "dot32", "dot64",
    "one_thread", "restore_threads", "flat", "trip_count",
]  # fmt: skip


@intrinsic
def trip_count(_context: Any, _number: Any) -> Any:
    """Return the trip count of a short loop, hidden from the compiler.

    It would otherwise unroll the loop and vectorise across rows, with entries gathered from distant addresses, which is
    ten times slower than going along each row.
    """

    def hidden(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        number = args[0].type
        unknown = builder.asm(ir.FunctionType(number, [number]), "", "=r,0", args, side_effect=False)
        return builder.and_(unknown, number(_SHORT))  # shows the compiler that it is not negative

    return types.int64(types.int64), hidden


def _binary_intrinsic(name: str) -> Any:
    """Return the larger or smaller of two floats as one LLVM instruction, which can be vectorised."""

    @intrinsic
    def of_two(_context: Any, a: Any, _b: Any) -> Any:
        def one(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
            kind = args[0].type
            return builder.call(
                builder.module.declare_intrinsic(name, [kind], ir.FunctionType(kind, [kind, kind])), args
            )

        return a(a, a), one

    return of_two


_larger, _smaller = _binary_intrinsic("llvm.maximum"), _binary_intrinsic("llvm.minimum")

inlined = njit(forceinline=True, error_model="numpy")
#: additions in any order, so that sums can be vectorised
reordered = njit(forceinline=True, error_model="numpy", fastmath={"reassoc"})

_SHORT = 0xFFFF  # more than any short trip count
_LN2 = Fraction("0.693147180559945309417232121458176568")


@intrinsic
def _as_float32(_context: Any, _bits: Any) -> Any:
    def same_bits(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), same_bits


@intrinsic
def _as_float64(_context: Any, _bits: Any) -> Any:
    def same_bits(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), same_bits


@intrinsic
def flat(_context: Any, array: Any, dtype: Any) -> Any:
    """Return the memory of an array as a flat array of a dtype.

    Without reference counting, as the array is alive until the function returns.
    """
    seen = types.Array(dtype.dtype, 1, "C", readonly=not array.mutable)

    def borrowed(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        given = context.make_array(array)(context, builder, args[0])
        made = context.make_array(seen)(context, builder)
        data = builder.bitcast(given.data, made.data.type)
        size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(seen.dtype)))
        length = builder.udiv(builder.mul(given.nitems, given.itemsize), size)
        populate_array(made, data=data, shape=[length], strides=[size], itemsize=size, meminfo=None)
        return made._getvalue()  # noqa: SLF001  as numba's own functions do

    return seen(array, dtype), borrowed


@inlined
def _power_of_two_32(k):
    return _as_float32((k + np.int32(127)) << np.int32(23))


@inlined
def _power_of_two_64(k):
    return _as_float64((np.int64(k) + np.int64(1023)) << np.int64(52))


def _define_exponentials(number: type, terms: int, bounds: tuple[float, float], ln2: float, power_of_two: Any) -> Any:
    """Define ``exp``, ``expm1``, ``tanh``, ``cosh`` and ``logistic`` of one dtype, without branches."""
    lowest, highest, half, one, two = map(number, (*bounds, 0.5, 1, 2))
    per_ln2, ln2_high, ln2_low = number(1 / math.log(2)), number(ln2), number(float(_LN2 - Fraction(ln2)))
    last = number(1 / math.factorial(terms))
    series = tuple(number(1 / math.factorial(k)) for k in range(terms - 1, 1, -1))
    far = number(40)  # above it, 1 is less than a rounding error of eˣ

    @inlined
    def split(x):
        """Return eʳ − 1, and 2ⁿ as two factors, since 2ⁿ may overflow or underflow."""
        near = x if x > lowest else lowest  # also for NaN, so that n is an integer
        near = near if near < highest else highest
        n = np.floor(near * per_ln2 + half)
        r = (near - n * ln2_high) - n * ln2_low
        p = last
        for c in series:
            p = p * r + c
        whole = np.int32(n)
        first = whole >> np.int32(1)
        return r + r * r * p, power_of_two(first), power_of_two(whole - first)

    @inlined
    def exp(x):
        rest, first, second = split(x)
        y = (one + rest) * first * second
        return y if x == x else x

    @inlined
    def expm1(x):
        rest, first, second = split(x)
        whole = (one + rest) * first * second
        scale = first * second
        y = whole if x > far else rest * scale + (scale - one)
        return x if x != x or x == 0 else y

    @inlined
    def tanh(x):
        m = expm1(-two * abs(x))
        y = -m / (m + two)
        return np.copysign(y, x) if x == x else x

    @inlined
    def cosh(x):
        e = exp(half * abs(x))  # its square may overflow where half of the square does not
        return half * e * e + half / e / e

    @inlined
    def logistic(x):
        e = exp(-abs(x))
        larger = one / (one + e)  # of σ(x) and σ(−x), which share its computation
        return larger if x >= 0 else e * larger

    return exp, expm1, tanh, cosh, logistic


exp32, expm1_32, tanh32, cosh32, logistic32 = _define_exponentials(
    np.float32, 7, (-104, 89), 0.693359375, _power_of_two_32
)
exp64, expm1_64, tanh64, cosh64, logistic64 = _define_exponentials(
    np.float64, 13, (-746, 710), 0.693145751953125, _power_of_two_64
)


@inlined
def safe_multiply(x1, x2):
    """Return a product that is 0 where its first argument is."""
    product = x1 * x2
    return product if product == product or x1 != 0 else abs(x1)


@inlined
def sign(x, one):
    """Return −1, 0 or 1 in the dtype of ``one``; NaN for NaN."""
    return one if x > 0 else -one if x < 0 else abs(x)


@inlined
def maximum(a, b):
    """Return the larger of two, NaN if one of them is."""
    return _larger(a, b)


@inlined
def minimum(a, b):
    """Return the smaller of two, NaN if one of them is."""
    return _smaller(a, b)


@inlined
def where(condition, a, b):
    """Return ``a`` where the condition holds, else ``b``."""
    return a if condition else b


@reordered
def plus(total, x):
    """Add an entry to a total, in any order."""
    return total + x
