"""Caches of limited size, for results that every run or explanation of a graph reuses."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(dict[K, V]):
    """A dict of at most ``most`` entries, cleared when it is full, since every entry can be recomputed.

    >>> cache = BoundedCache(2)
    >>> for number in range(3):
    ...     cache[number] = number**2
    >>> cache
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
    """Return the bounded cache of a given name inside the cache of a graph or run; create it if needed.

    >>> cache = {}
    >>> bounded_cache(cache, "gains", 100)["x"] = 2.0
    >>> bounded_cache(cache, "gains", 100)
    {'x': 2.0}
    """
    found: BoundedCache[Any, Any] | None = cache.get(name)
    if found is None:
        found = cache[name] = BoundedCache(most)
    return found
