"""Limits on the threads of BLAS.

BLAS distributes a product over the cores and waits for all of them. If another program keeps one of them busy, each
product waits until the operating system has given that core back: milliseconds, whatever the product itself takes.
Products that take less are therefore computed by one thread. `docs/speed.md` states the measurements.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from ...arrays.shaped_array import Shape
from ...errors import MissingExtraError

#: a product of fewer multiplications is computed by one thread
ONE_THREAD_BELOW = 1 << 30
#: BLAS itself does not distribute products of matrices, and of vectors, of so few multiplications
_NEVER_DISTRIBUTED, _NEVER_DISTRIBUTED_VECTORS = 1 << 16, 1 << 12
#: a call that reads this many entries may well take longer than a product of `ONE_THREAD_BELOW`
_LARGE_CALL = 1 << 20
#: how OpenBLAS names its functions, alone and in the packages of numpy
_NAMES = [(prefix, suffix) for prefix in ("scipy_openblas_", "openblas_") for suffix in ("64_", "")]


def needs_one_thread(m: int, k: int, n: int) -> bool:
    """Return whether BLAS might distribute ``(m, k) @ (k, n)`` although it is small.

    >>> needs_one_thread(128, 128, 128), needs_one_thread(10, 10, 10), needs_one_thread(2048, 2048, 2048)
    (True, False, False)
    """
    least = _NEVER_DISTRIBUTED if min(m, n) > 1 else _NEVER_DISTRIBUTED_VECTORS
    return least < m * k * n < ONE_THREAD_BELOW


def matmul_sizes(a: Shape, b: Shape) -> tuple[int, int, int]:
    """Return m, k and n of a product ``(m, k) @ (k, n)``, or of each product of a stack.

    >>> matmul_sizes((5, 2, 3), (3,)), matmul_sizes((3,), (5, 3, 4))
    ((2, 3, 1), (1, 3, 4))
    """
    m, n = a[-2] if len(a) > 1 else 1, b[-1] if len(b) > 1 else 1
    return m or 0, a[-1] or 0, n or 0


def call_needs_one_thread(sizes: list[int]) -> bool:
    """Return whether an operation that may call BLAS reads arrays of sizes for which one thread is enough.

    >>> call_needs_one_thread([300, 300 * 300]), call_needs_one_thread([9, 3]), call_needs_one_thread([])
    (True, False, False)
    """
    return _NEVER_DISTRIBUTED_VECTORS < max(sizes, default=0) < _LARGE_CALL


class OneThread:
    """A context in which the BLAS of numpy uses one thread: for one Python thread at a time, as a workspace is.

    Without effect for other libraries than OpenBLAS.

    >>> with OneThread():
    ...     numpy_threads()
    1
    """

    def __init__(self) -> None:
        self._get, self._set = _numpy_blas()
        self._before = 1

    def __enter__(self) -> None:
        self._before = self._get()
        if self._before > 1:
            self._set(1)

    def __exit__(self, *_: object) -> None:
        if self._before > 1:  # otherwise another Python thread has set it, and restores it
            self._set(self._before)


def numpy_threads() -> int:
    """Return how many threads the BLAS of numpy uses; 1 if it is not OpenBLAS."""
    return _numpy_blas()[0]()


@cache
def uses_threads() -> bool:
    """Return whether the BLAS of numpy uses several threads, when this is first requested."""
    return numpy_threads() > 1


@cache
def _numpy_blas() -> tuple[Callable[[], int], Callable[[int], None]]:
    """Return the functions that read and set the number of threads, found among the libraries that numpy has loaded."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.PyDLL(np.linalg._umath_linalg.__file__)  # noqa: SLF001
        for prefix, suffix in _NAMES:
            if hasattr(library, f"{prefix}set_num_threads{suffix}"):
                found = (getattr(library, f"{prefix}{what}_num_threads{suffix}") for what in ("get", "set"))
                return tuple(found)
    return (lambda: 1), (lambda _: None)


def check_threads(threads: int | None) -> int | None:
    """Return a number of threads if it is valid.

    >>> check_threads(0)
    Traceback (most recent call last):
    ValueError: threads must be a positive integer or None, got 0
    """
    if threads is None:
        return None
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    if find_spec("threadpoolctl") is None:
        raise MissingExtraError("threads= needs threadpoolctl: pip install 'graphcore[fast]'")
    return threads


@contextlib.contextmanager
def limit_threads(threads: int) -> Iterator[None]:
    """Limit the threads of every loaded BLAS inside the ``with`` block, and restore the limits after it.

    Several Python threads may be inside at the same time: the last one that leaves restores the limits.

    >>> with limit_threads(1):
    ...     [library.get_num_threads() for library in blas_libraries()][:1]
    [1]
    """
    with _lock:
        if not _limits:
            _before[:] = [(library, library.get_num_threads()) for library in blas_libraries()]
        _limits.append(threads)
        for library in blas_libraries():
            library.set_num_threads(threads)
    try:
        yield
    finally:
        with _lock:
            _limits.pop()
            for library, number in () if _limits else _before:
                library.set_num_threads(number)


_lock = threading.Lock()
#: the limits in effect, and the numbers of threads before the first of them
_limits: list[int] = []
_before: list[tuple[Any, int]] = []


@cache
def blas_libraries() -> list[Any]:
    """Return every loaded BLAS. The result is cached; the cache is cleared when another one is loaded.

    >>> {library.user_api for library in blas_libraries()}
    {'blas'}
    """
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  an extra

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
