"""An index with arrays in it, in two steps: first its slices, then its places."""

import numpy as np

from graphcore import Node, errors
from graphcore.extend import caller_location, function

from .creation import asarray
from .gather_scatter import gather
from .indexing import check_place, getitem, spelled_out
from .reordering import moveaxis


@function
def entries(x, key):
    """Some of the entries: ``x[key]``, where whole numbers, slices, ``...`` and ``None`` may stand beside places.

    Places are lists, arrays or nodes of whole numbers, or masks, lists or arrays of truths; they follow numpy's rules.
    A mask that is a node is refused, since how many entries it lets through is not known before it runs.

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
    """Whether ``...`` stands between arrays of places: then what they find comes first, even if it is for no axis."""
    kinds = [part is Ellipsis for part in parts if part is Ellipsis or is_placed(part)]
    return True in kinds[1:-1]


def taken_apart(parts, shape):
    """The index that takes the slices, the arrays of places, and the axes that these are for when that is done."""
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
    """A list, or an array of whatever library, as an array; else what it was. What can be no places is refused."""
    if isinstance(part, list):
        part = as_array(part)
    elif is_places(part) and not isinstance(part, Node):
        part = np.asarray(part)
    if not is_places(part):
        return part
    if part.dtype.kind not in "biu":
        raise errors.DtypeError(f"an index is made of whole numbers or truths; got {part!r} of {part.dtype}")
    if part.dtype.kind == "b" and (isinstance(part, Node) or not part.ndim):
        raise errors.ShapeError(
            f"a mask that is a node lets through as many entries as its values will say, and a node has a shape before "
            f"it has values: use where(mask, x, 0) instead of x[mask], or index with an array; got {part!r}"
        )
    return part


def as_array(nested):
    """A list of places, some of which may be nodes, as one array; all its rows have the same length.

    >>> as_array([[0, 2], [1, 1]])
    array([[0, 2],
           [1, 1]])
    """
    try:
        return asarray(nested, dtype=None if nested else "int64")
    except ValueError as error:
        raise errors.ShapeError(f"the rows of a list of places have the same length; got {nested}") from error


def is_places(part):
    """Whether this part of an index is an array of places or a mask, as opposed to a number, a slice, ``...`` or None.

    >>> is_places(np.array([0, 2])), is_places(np.int64(2)), is_places(slice(2))
    (True, False, False)
    """
    return isinstance(part, (Node, np.ndarray)) or (hasattr(part, "dtype") and not isinstance(part, np.generic))


def is_placed(part):
    """Whether this part of an index is taken as places when others are: an array, a mask or a whole number."""
    return is_places(part) or (hasattr(type(part), "__index__") and not isinstance(part, bool))


def without_masks(parts):
    """An index with whole numbers as places, and each mask as the places where it is true.

    For each array of places the length of the mask it comes from is told, or ``None``.

    >>> without_masks([np.array([True, False, True]), 1])
    ([array([0, 2]), array(1)], [3, None])
    """
    found, lengths = [], []
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
    """On which axes the places are, when ``...`` or what is missing at the end has been spelled out."""
    dots = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [i if i < dots else i + ndim - len(parts) for i, part in enumerate(parts) if is_places(part)]


def check_places(places, length, mask):
    """Refuse a place that is not there, and a mask that does not fit, where this is known before anything runs."""
    if mask is not None and mask != length:
        raise errors.ShapeError(f"a mask of {mask} truths is for an axis of {mask}; this one has {length or 'any'}")
    if isinstance(places, np.ndarray) and places.size:
        check_place(places.min(), length)
        check_place(places.max(), length)
