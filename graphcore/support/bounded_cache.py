"""Answers that are kept because the same is asked again and again: by every run of a graph, by every explanation."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memory(dict[K, V]):
    """A dict that holds so many answers; when it is full it forgets them all, since each can be found again.

    >>> memory = Memory(2)
    >>> for number in range(3):
    ...     memory[number] = number**2
    >>> memory
    {2: 4}
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self.most:
            self.clear()
        super().__setitem__(key, value)


def memory_in(cache: dict[Any, Any], name: str, most: int) -> Memory[Any, Any]:
    """What is remembered under a name in the cache of a graph or a run.

    >>> cache = {}
    >>> memory_in(cache, "gains", 100)["x"] = 2.0
    >>> memory_in(cache, "gains", 100)
    {'x': 2.0}
    """
    found: Memory[Any, Any] | None = cache.get(name)
    if found is None:
        found = cache[name] = Memory(most)
    return found
