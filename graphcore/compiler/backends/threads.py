"""How many threads BLAS may use for matrix products."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from ...errors import MissingExtraError


def check_threads(threads: int | None) -> int | None:
    """A number of threads, made sure of.

    >>> check_threads(0)
    Traceback (most recent call last):
    ValueError: threads is a whole number from 1 on, or None, which leaves it to BLAS; got 0
    """
    if threads is None:
        return None
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads is a whole number from 1 on, or None, which leaves it to BLAS; got {threads!r}")
    if find_spec("threadpoolctl") is None:
        raise MissingExtraError("threads= needs threadpoolctl: pip install 'graphcore[fast]'")
    return threads


@contextlib.contextmanager
def limit_threads(threads: int) -> Iterator[None]:
    """Run what is inside with so many threads in every BLAS that is loaded, and put back what was set before.

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
    """Every BLAS that is loaded, found once; who loads another clears this cache.

    >>> {library.user_api for library in blas_libraries()}
    {'blas'}
    """
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  an extra

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
