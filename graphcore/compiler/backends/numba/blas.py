"""Matrix products by OpenBLAS, called from compiled functions without Python.

The library is part of the package scipy-openblas32. It is usually newer and faster than the one of scipy, which numba
would use. Compiled code refers to its functions by name, so that the code can be cached on disk.

>>> a, b, out = np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7, 8]), np.zeros(4)
>>> matmul64(2, 2, 2, a, 0, False, b, 0, False, out, 0)  # [[1, 2], [3, 4]] @ [[5, 6], [7, 8]]
>>> out.tolist()
[19.0, 22.0, 43.0, 50.0]
>>> matvec64(2, 2, a, 0, True, b, 0, out, 1)  # [[1, 2], [3, 4]]ᵀ @ [5, 6]
>>> out.tolist(), dot64(2, a, 2, b, 0)
([19.0, 23.0, 34.0, 50.0], 39.0)
"""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import njit, types
from numba.core.cgutils import voidptr_t
from numba.extending import intrinsic

from .. import threads

_BY_ROWS, _NOT_TRANSPOSED, _TRANSPOSED = 101, 111, 112  # constants of cblas


def _load() -> ctypes.CDLL:
    # importing the package would load the library for the whole process
    package = importlib.util.find_spec("scipy_openblas32")
    folder = Path(package.submodule_search_locations[0], "lib")  # type: ignore[union-attr, index]
    file = next(f for f in sorted(folder.iterdir()) if f.suffix in (".so", ".dylib", ".dll"))
    library = ctypes.CDLL(str(file))
    threads.blas_libraries.cache_clear()  # another one is loaded
    return library


_LIBRARY = _load()


def _function(name: str, result: Any, *arguments: Any, prefix: str = "scipy_cblas_") -> Any:
    """Return a function of the library for compiled code."""
    symbol = f"graphcore_{name}"
    llvm.add_symbol(symbol, ctypes.cast(getattr(_LIBRARY, prefix + name), ctypes.c_void_p).value)
    return types.ExternalFunction(symbol, result(*arguments))


@intrinsic
def _entry(_context: Any, _array: Any, _first: Any) -> Any:
    """Return the address of an entry of an array."""

    def address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        return builder.bitcast(builder.gep(array.data, [args[1]]), voidptr_t)

    return types.voidptr(_array, types.int64), address


def _define_products(letter: str, number: Any, dtype: type) -> Any:
    """Define products of matrices, of a matrix and a vector, and of vectors, for one dtype.

    An operand is a flat array, the index of its first entry and, of a matrix, whether it is stored by columns.
    """
    size = types.int32
    operand = (types.voidptr, size)
    gemm = _function(f"{letter}gemm", types.void, *[size] * 6, number, *operand, *operand, number, *operand)
    gemv = _function(f"{letter}gemv", types.void, *[size] * 4, number, *operand, *operand, number, *operand)
    dot_ = _function(f"{letter}dot", number, size, *operand, *operand)
    one, zero, int32 = dtype(1), dtype(0), np.int32
    by_rows, not_transposed, transposed, step = map(np.int32, (_BY_ROWS, _NOT_TRANSPOSED, _TRANSPOSED, 1))

    @njit(forceinline=True, error_model="numpy")
    def matmul(m, k, n, a, a_first, a_by_columns, b, b_first, b_by_columns, out, out_first):
        """Compute ``(m, k) @ (k, n)``."""
        gemm(
            by_rows, transposed if a_by_columns else not_transposed, transposed if b_by_columns else not_transposed,
            int32(m), int32(n), int32(k), one,
            _entry(a, a_first), int32(m if a_by_columns else k),
            _entry(b, b_first), int32(k if b_by_columns else n), zero,
            _entry(out, out_first), int32(n),
        )  # fmt: skip

    @njit(forceinline=True, error_model="numpy")
    def matvec(m, k, a, a_first, a_by_columns, x, x_first, out, out_first):
        """Compute ``(m, k) @ (k,)``."""
        rows, columns = (k, m) if a_by_columns else (m, k)
        gemv(
            by_rows, transposed if a_by_columns else not_transposed, int32(rows), int32(columns), one,
            _entry(a, a_first), int32(columns), _entry(x, x_first), step, zero, _entry(out, out_first), step,
        )  # fmt: skip

    @njit(forceinline=True, error_model="numpy")
    def dot(k, a, a_first, b, b_first):
        """Compute ``(k,) @ (k,)``."""
        return dot_(int32(k), _entry(a, a_first), step, _entry(b, b_first), step)

    return matmul, matvec, dot


matmul32, matvec32, dot32 = _define_products("s", types.float32, np.float32)
matmul64, matvec64, dot64 = _define_products("d", types.float64, np.float64)


_get_threads = _function("get_num_threads", types.int32, prefix="scipy_openblas_")
_set_threads = _function("set_num_threads", types.void, types.int32, prefix="scipy_openblas_")


@njit(forceinline=True)
def one_thread():
    """Limit the library to one thread, and return how many it used."""
    threads = _get_threads()
    if threads > 1:
        _set_threads(np.int32(1))
    return threads


@njit(forceinline=True)
def restore_threads(threads):
    """Let the library use the threads that `one_thread` has returned."""
    if threads > 1:  # otherwise another Python thread has set it, and restores it
        _set_threads(threads)
