"""The programs of a step or a compiled function by the types that are fed, bounded in number and in memory.

A step that is fed arrays of many lengths would otherwise keep a program and its memory for each of them.
"""

from __future__ import annotations

import threading
from typing import Any, Generic, Protocol, TypeVar

#: the programs of this many keys are kept, those used last
MAX_PROGRAMS = 64
#: of these, this many keep the memory they work in between calls
MAX_WITH_MEMORY = 4


class Releasable(Protocol):
    """A program that can free the memory it keeps between calls, and allocates it again when it runs."""

    def release(self) -> None:
        """Free the memory that is kept between calls. Runs in progress in other threads are not disturbed."""


P = TypeVar("P", bound=Releasable)


class ProgramCache(Generic[P]):
    """Programs by key: the least recently used ones first lose their memory, and then are dropped. Thread-safe.

    >>> class Program:
    ...     memory = "kept"
    ...     def release(self):
    ...         self.memory = "freed"
    >>> cache = ProgramCache()
    >>> for length in range(100):
    ...     _ = cache.add(length, Program())
    >>> len(cache), cache.get(0), cache.get(98).memory, cache.get(50).memory
    (64, None, 'kept', 'freed')
    """

    def __init__(self) -> None:
        self._programs: dict[Any, P] = {}  # in order of their last use
        self._newest: P | None = None
        self._lock = threading.Lock()

    def get(self, key: Any) -> P | None:
        """Return the program of a key, which thereby is the one used last, or ``None``."""
        with self._lock:
            program = self._programs.get(key)
            if program is not None and program is not self._newest:
                self._put_last(key, program)
            return program

    def add(self, key: Any, program: P) -> P:
        """Keep the program of a key, in place of an earlier one, and return it."""
        with self._lock:
            self._put_last(key, program)
            while len(self._programs) > MAX_PROGRAMS:
                del self._programs[next(iter(self._programs))]
        return program

    def _put_last(self, key: Any, program: P) -> None:
        self._programs.pop(key, None)
        self._programs[key] = self._newest = program
        if len(self._programs) > MAX_WITH_MEMORY:
            list(self._programs.values())[-MAX_WITH_MEMORY - 1].release()

    def __len__(self) -> int:
        return len(self._programs)
