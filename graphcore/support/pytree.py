"""Pytrees: nested tuples, lists and dicts of arrays and numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import ShapeError


def leaves(tree: Any) -> list[Any]:
    """Return the leaves of a pytree, in order.

    >>> leaves({"w": [1.0, 2.0], "b": (3.0, {"c": 4.0})})
    [1.0, 2.0, 3.0, 4.0]
    """
    return [leaf for _, leaf in paths(tree)]


def paths(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each leaf with its path.

    >>> list(paths({"w": [1.0, 2.0]}, "p"))
    [("p['w'][0]", 1.0), ("p['w'][1]", 2.0)]
    """
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield from paths(part, f"{path}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for i, part in enumerate(tree):
            yield from paths(part, f"{path}[{i}]")
    elif tree is not None:
        yield path, tree


def flatten_like(form: Any, tree: Any, what: str) -> list[Any]:
    """Return the leaves of a pytree in the order of those of ``form``, which must have the same keys and lengths.

    >>> flatten_like({"a": 1.0, "b": 2.0}, {"b": 20.0, "a": 10.0}, "the tangent")
    [10.0, 20.0]
    >>> flatten_like({"a": 1.0}, {"c": 10.0}, "the tangent")
    Traceback (most recent call last):
    graphcore.errors.ShapeError: the tangent: expected the keys ['a'], got ['c']
    """
    if isinstance(form, dict):
        keys = list(tree) if isinstance(tree, dict) else type(tree).__name__
        if not isinstance(tree, dict) or set(keys) != set(form):
            raise ShapeError(f"{what}: expected the keys {list(form)}, got {keys}")
        return [leaf for key, part in form.items() for leaf in flatten_like(part, tree[key], f"{what}[{key!r}]")]
    if isinstance(form, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(form):
            got = f"{len(tree)} parts" if isinstance(tree, (list, tuple)) else type(tree).__name__
            raise ShapeError(f"{what}: expected {len(form)} parts, got {got}")
        pairs = zip(form, tree, strict=True)
        return [leaf for i, (part, other) in enumerate(pairs) for leaf in flatten_like(part, other, f"{what}[{i}]")]
    return [] if form is None else [tree]


def map_leaves(f: Callable[[Any], Any], tree: Any) -> Any:
    """Apply ``f`` to every leaf and return a pytree of the same structure.

    >>> map_leaves(abs, {"w": [-1.0, 2.0], "b": (-3.0, None)})
    {'w': [1.0, 2.0], 'b': (3.0, None)}
    """
    if isinstance(tree, dict):
        twin = copy.copy(tree)  # preserves the type and its other data, such as the default of a defaultdict
        for key, part in tree.items():
            twin[key] = map_leaves(f, part)
        return twin
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(map_leaves(f, part) for part in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(map_leaves(f, part) for part in tree)
    return None if tree is None else f(tree)


def unflatten(tree: Any, new: Iterable[Any]) -> Any:
    """Return a pytree of the same structure with other leaves, in order.

    >>> unflatten({"w": [1.0, 2.0], "b": 3.0}, [10.0, 20.0, 30.0])
    {'w': [10.0, 20.0], 'b': 30.0}
    """
    rest = iter(new)
    return map_leaves(lambda _: next(rest), tree)
