"""Answers that are kept because the same is asked again and again: by every run of a graph, by every explanation."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(dict[K, V]):
    """A dict that holds so many answers; when it is full it forgets them all, since each can be found again.

    >>> memory = BoundedCache(2)
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


def bounded_cache(cache: dict[Any, Any], name: str, most: int) -> BoundedCache[Any, Any]:
    """What is remembered under a name in the cache of a graph or a run.

    >>> cache = {}
    >>> bounded_cache(cache, "gains", 100)["x"] = 2.0
    >>> bounded_cache(cache, "gains", 100)
    {'x': 2.0}
    """
    found: BoundedCache[Any, Any] | None = cache.get(name)
    if found is None:
        found = cache[name] = BoundedCache(most)
    return found
