"""Indexing with arrays, in two steps: first the slices, then a gather."""

from typing import Any

import numpy as np

from graphcore import Node, errors
from graphcore.extend import caller_location, function

from .creation import asarray
from .gather_scatter import gather
from .indexing import check_place, getitem, spelled_out
from .reordering import moveaxis

__all__ = ["entries"]


@function
def entries(x, key):
    """Return entries of an array: ``x[key]`` with integers, slices, ``...``, ``None`` and arrays of indices.

    Index arrays are lists, arrays or nodes of integers; masks are lists or arrays of booleans. Both follow numpy's
    rules. A mask that is a node is refused, since the number of entries it selects is unknown before running.

    >>> entries(np.array([[1.0, 2.0], [3.0, 4.0]]), ([1, 0, 1], slice(None, 1)))
    array([[3.],
           [1.],
           [3.]])
    """
    try:
        parts = [as_places(part) for part in (key if isinstance(key, tuple) else (key,))]
        plain, places, axes = taken_apart(parts, tuple(x.shape))
    except errors.GraphcoreError as error:
        what = x.describe() if isinstance(x, Node) else f"an array of shape {tuple(x.shape)}"
        raise type(error)(f"an index of {what}, is refused at {caller_location()}: {error}") from error
    if not places or any(part != slice(None) for part in plain):
        x = getitem(x, key=plain)
    if not places:
        return x
    found = gather(x, *places, axes=axes)
    ndim = max(place.ndim for place in places)
    if separated_by_dots(parts) and list(axes) == list(range(axes[0], axes[0] + len(axes))):
        found = moveaxis(found, tuple(range(axes[0], axes[0] + ndim)), tuple(range(ndim)))
    return found


def separated_by_dots(parts):
    """Return ``True`` if ``...`` separates index arrays: their axes come first then, even if it spans no axis."""
    kinds = [part is Ellipsis for part in parts if part is Ellipsis or is_placed(part)]
    return True in kinds[1:-1]


def taken_apart(parts, shape):
    """Return the index of the slices, the index arrays, and the axes that they index after slicing."""
    if not any(is_places(part) for part in parts):
        return tuple(parts), [], ()
    parts, masked = without_masks(parts)
    plain = spelled_out(tuple(slice(None) if is_places(part) else part for part in parts), len(shape))
    axes = axes_of_places(parts, len(plain))
    places = [part for part in parts if is_places(part)]
    known = iter(shape)
    lengths = [None if part is None else next(known) for part in plain]
    for axis, place, mask in zip(axes, places, masked, strict=True):
        check_places(place, lengths[axis], mask)
    return tuple(plain), places, tuple(axes)


def as_places(part):
    """Return an index array, given as a list or as an array of any library, as an array; other parts unchanged."""
    if isinstance(part, list):
        part = as_array(part)
    elif is_places(part) and not isinstance(part, Node):
        part = np.asarray(part)
    if not is_places(part):
        return part
    if part.dtype.kind not in "biu":
        raise errors.DtypeError(f"an index array has integers or booleans; got {part!r} of {part.dtype}")
    if part.dtype.kind == "b" and (isinstance(part, Node) or not part.ndim):
        raise errors.ShapeError(
            f"a mask that is a node selects a number of entries that depends on its values, and a node has a shape "
            f"before it has values: use where(mask, x, 0) instead of x[mask], or index with an array; got {part!r}"
        )
    return part


def as_array(nested):
    """Return a list of indices, which may contain nodes, as one array; all its rows have the same length.

    >>> as_array([[0, 2], [1, 1]])
    array([[0, 2],
           [1, 1]])
    """
    try:
        return asarray(nested, dtype=None if nested else "int64")
    except ValueError as error:
        raise errors.ShapeError(f"the rows of a list of indices have the same length; got {nested}") from error


def is_places(part):
    """Return ``True`` for an index array or a mask, as opposed to a number, a slice, ``...`` or None.

    >>> is_places(np.array([0, 2])), is_places(np.int64(2)), is_places(slice(2))
    (True, False, False)
    """
    return isinstance(part, (Node, np.ndarray)) or (hasattr(part, "dtype") and not isinstance(part, np.generic))


def is_placed(part):
    """Return ``True`` for what is an index array when others are present: an array, a mask or an integer."""
    return is_places(part) or (hasattr(type(part), "__index__") and not isinstance(part, bool))


def without_masks(parts):
    """Convert integers to index arrays, and each mask to the indices at which it is true.

    Also return the length of the mask that each index array comes from, or ``None``.

    >>> without_masks([np.array([True, False, True]), 1])
    ([array([0, 2]), array(1)], [3, None])
    """
    found: list[Any] = []
    lengths: list[Any] = []
    for part in parts:
        if is_places(part) and part.dtype.kind == "b":
            found += np.nonzero(part)
            lengths += part.shape
        elif is_placed(part):
            found.append(part if is_places(part) else np.asarray(part))
            lengths.append(None)
        else:
            found.append(part)
    return found, lengths


def axes_of_places(parts, ndim):
    """Return the axes of the index arrays, counting those of ``...`` and those missing at the end."""
    dots = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [i if i < dots else i + ndim - len(parts) for i, part in enumerate(parts) if is_places(part)]


def check_places(places, length, mask):
    """Refuse an index out of range, and a mask of the wrong length, if this is known before running."""
    if mask is not None and mask != length:
        raise errors.ShapeError(
            f"a mask of {mask} booleans needs an axis of length {mask}; this one has {length or 'any'}"
        )
    if isinstance(places, np.ndarray) and places.size:
        check_place(places.min(), length)
        check_place(places.max(), length)
