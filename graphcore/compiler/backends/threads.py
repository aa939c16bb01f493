"""Limits on the threads of BLAS."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from ...errors import MissingExtraError


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

    >>> with limit_threads(1):
    ...     [library.get_num_threads() for library in blas_libraries()][:1]
    [1]
    """
    loaded = blas_libraries()
    before = [library.get_num_threads() for library in loaded]
    try:
        for library in loaded:
            library.set_num_threads(threads)
        yield
    finally:
        for library, number in zip(loaded, before, strict=True):
            library.set_num_threads(number)


@cache
def blas_libraries() -> list[Any]:
    """Return every loaded BLAS. The result is cached; the cache is cleared when another one is loaded.

    >>> {library.user_api for library in blas_libraries()}
    {'blas'}
    """
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  an extra

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
