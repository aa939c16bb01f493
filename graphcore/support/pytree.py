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
    waiting = [(path, tree)]
    while waiting:
        where, part = waiting.pop()
        if is_container(part):
            waiting += [(f"{where}[{key!r}]", child) for key, child in _children(part)][::-1]
        elif part is not None:
            yield where, part


def is_container(tree: Any) -> bool:
    """Return whether a pytree is not a leaf.

    >>> is_container([1.0]), is_container(1.0)
    (True, False)
    """
    return isinstance(tree, (dict, list, tuple))


def _children(tree: Any) -> list[tuple[Any, Any]]:
    return list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))


def _rebuild(tree: Any, parts: list[Any]) -> Any:
    """Return a container of the same type and keys with other parts."""
    if isinstance(tree, dict):
        twin = copy.copy(tree)  # preserves the type and its other data, such as the default of a defaultdict
        for key, part in zip(tree, parts, strict=True):  # update() of a Counter adds
            twin[key] = part
        return twin
    is_named = isinstance(tree, tuple) and hasattr(tree, "_fields")
    return type(tree)(*parts) if is_named else type(tree)(parts)


def flatten_like(form: Any, tree: Any, what: str) -> list[Any]:
    """Return the leaves of a pytree in the order of those of ``form``, which must have the same keys and lengths.

    >>> flatten_like({"a": 1.0, "b": 2.0}, {"b": 20.0, "a": 10.0}, "the tangent")
    [10.0, 20.0]
    >>> flatten_like({"a": 1.0}, {"c": 10.0}, "the tangent")
    Traceback (most recent call last):
    graphcore.errors.ShapeError: the tangent: expected the keys ['a'], got ['c']
    """
    found: list[Any] = []
    waiting = [(form, tree, what)]
    while waiting:
        part, other, where = waiting.pop()
        if is_container(part):
            _check_like(part, other, where)
            pairs = [(child, other[key], f"{where}[{key!r}]") for key, child in _children(part)]
            waiting += pairs[::-1]
        elif part is not None:
            found.append(other)
    return found


def _check_like(form: Any, tree: Any, what: str) -> None:
    if isinstance(form, dict):
        keys = list(tree) if isinstance(tree, dict) else type(tree).__name__
        if not isinstance(tree, dict) or set(keys) != set(form):
            raise ShapeError(f"{what}: expected the keys {list(form)}, got {keys}")
    elif not isinstance(tree, (list, tuple)) or len(tree) != len(form):
        got = f"{len(tree)} parts" if isinstance(tree, (list, tuple)) else type(tree).__name__
        raise ShapeError(f"{what}: expected {len(form)} parts, got {got}")


def map_leaves(f: Callable[[Any], Any], tree: Any) -> Any:
    """Apply ``f`` to every leaf and return a pytree of the same structure.

    >>> map_leaves(abs, {"w": [-1.0, 2.0], "b": (-3.0, None)})
    {'w': [1.0, 2.0], 'b': (3.0, None)}
    """
    # a stack in place of recursion: containers may be nested deeply
    opened: list[tuple[Any, Iterator[Any], list[Any]]] = [(None, iter([tree]), [])]
    while True:
        container, rest, done = opened[-1]
        for part in rest:
            if is_container(part):
                opened.append((part, iter([child for _, child in _children(part)]), []))
                break
            done.append(None if part is None else f(part))
        else:
            opened.pop()
            if not opened:
                return done[0]
            opened[-1][2].append(_rebuild(container, done))


def unflatten(tree: Any, new: Iterable[Any]) -> Any:
    """Return a pytree of the same structure with other leaves, in order.

    >>> unflatten({"w": [1.0, 2.0], "b": 3.0}, [10.0, 20.0, 30.0])
    {'w': [10.0, 20.0], 'b': 30.0}
    """
    rest = iter(new)
    return map_leaves(lambda _: next(rest), tree)
