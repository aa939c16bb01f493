"""The few operations that the chain rule itself needs, whatever the network is made of.

They are operations like any other, so that what `reverse` writes as a graph can be differentiated again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..arrays.namespace import Array, Namespace, sum_axes
from ..errors import ShapeError
from .decorators import op
from .notation import PRODUCT


@op(
    r"{sensitivity} \odot {local}",
    level=PRODUCT,
    scalar=r"{sensitivity} \cdot {local}",
    elementwise=True,
)
def chain(sensitivity: Array, local: Array, depends: Array | None = None, *, xp: Namespace) -> Array:
    """Sensitivity times local derivative: the contribution of an edge, ``sensitivity · local``.

    It is 0, whatever the local derivative is, where ``depends`` is given and false: there the cost does not depend on
    the entry, so that the zero of the sensitivity is a structural one. Any other zero times infinity is NaN.

    >>> import numpy as np
    >>> chain(np.array([0.0, 2.0]), np.array([4.0, 3.0]), np.array([False, True]))
    array([0., 6.])
    """
    product = sensitivity * local
    return product if depends is None else xp.where(depends, product, xp.zeros_like(product))


# The derivative with respect to a sensitivity is not masked: what makes it 0 is part of its own formula.
@chain.local("sensitivity", zeros="factor")
def dchain_dsensitivity(local: Array) -> Array:
    return local


@chain.pullback("local", zeros=lambda depends: depends)
def dchain_dlocal(dout: Array, sensitivity: Array, depends: Array | None) -> Array:
    return chain(dout, sensitivity) if depends is None else chain(dout, sensitivity, depends)


chain.flat("depends")
chain.example([[0.5, -1.5], [0.0, 2.0]], [[1.5, 0.25], [3.0, -1.0]])
# with false entries it is no function to check: there the sensitivity cannot be another number than 0
chain.example([[0.5, -1.5], [0.0, 2.0]], [[1.5, 0.25], [3.0, -1.0]], [[True, True], [True, True]])


@op(
    r"{x1} \odot {x2}",
    level=PRODUCT,
    scalar=r"{x1} \cdot {x2}",
    example=([[0.5, -1.5], [0.0, 2.0]], [[1.5, 0.25], [3.0, -1.0]]),
    primitive=True,
)
def safe_multiply(x1: Array, x2: Array, *, xp: Namespace) -> Array:
    """Multiply: ``out = x1 · x2``, and 0 where ``x1`` is 0, whatever ``x2`` is.

    For a first factor of which every zero is a structural one, or a second that is finite unless a value of the network
    is NaN, as the slope of relu is.

    >>> safe_multiply([0.0, 2.0], [float("inf"), 3.0])
    array([0., 6.])
    """
    with np.errstate(invalid="ignore"):
        product = x1 * x2
        if xp is np:  # a sum of squares is NaN if one of them is
            total = np.vdot(product, product)
            if total == total:  # noqa: PLR0124
                return product
    return xp.where(xp.broadcast_to(x1, product.shape) == 0, xp.zeros_like(product), product)


@safe_multiply.local("x1")
def dsafe_multiply_dx1(x2: Array) -> Array:
    return x2


@safe_multiply.local("x2", zeros="made")
def dsafe_multiply_dx2(x1: Array) -> Array:
    return x1


@op("{x:bare}", local=lambda: 1, example=[0.5, -1.5], primitive=True)
def identity(x: Array) -> Array:
    """Return the same value as a variable of its own: what a derivative inside a derivative is taken with respect to.

    >>> import numpy as np
    >>> identity(np.float64(3.0))
    np.float64(3.0)
    """
    return x


@op("{x:bare}", dtype=lambda x, _like: x, shape="like", flat="like", example=([[0.5, -1.5], [0.25, 2.0]], [[1.0, 1.0]]))
def sum_like(x: Array, like: Array, *, xp: Namespace) -> Array:
    """Undo broadcasting: add up over the axes along which an array of the shape of ``like`` was repeated to give ``x``.

    >>> import numpy as np
    >>> sum_like(np.ones((4, 3)), np.zeros((1, 3)))
    array([[4., 4., 4.]])
    """
    whole, shape = tuple(x.shape), tuple(like.shape)
    if whole == shape:
        return x
    total = sum_axes(x, repeated_axes(whole, shape), xp)
    return total if tuple(total.shape) == shape else xp.reshape(total, shape)


@sum_like.pullback("x", zeros="moved")
def dsum_like_dx(dout: Array, x: Array) -> Array:
    return broadcast_like(dout, x)


@lru_cache(maxsize=1024)
def repeated_axes(whole: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes along which an array of one shape was repeated to give another. Raises `ShapeError`.

    >>> repeated_axes((4, 3), (1, 3)), repeated_axes((4, 3), (3,))
    ((0,), (0,))
    """
    if not repeats(whole, shape):
        raise ShapeError(f"{whole} is not what an array of shape {shape} is broadcast to")
    extra = len(whole) - len(shape)
    return (*range(extra), *[axis for axis in range(extra, len(whole)) if shape[axis - extra] != whole[axis]])


@lru_cache(maxsize=1024)
def repeats(whole: Any, part: Any) -> bool:
    """Return whether an array of the shape ``part`` can have been broadcast to the shape ``whole``.

    >>> repeats((4, 3), (1, 3)), repeats((4, 3), (3,)), repeats((3,), (4, 3)), repeats((4, 3), (4, 2))
    (True, True, False, False)
    """
    extra = len(whole) - len(part)
    return extra >= 0 and all(want in (have, 1) for have, want in zip(whole[extra:], part, strict=True))


@op("{x:bare}", dtype=lambda x, _like: x, shape="like", flat="like", example=([0.5, -1.5], [[1.0, 2.0], [3.0, 4.0]]))
def broadcast_like(x: Array, like: Array, *, xp: Namespace) -> Array:
    """Repeat ``x`` to the shape of ``like``, whatever that is when the graph runs.

    >>> import numpy as np
    >>> broadcast_like(np.array([1.0, 2.0]), np.zeros((2, 2)))
    array([[1., 2.],
           [1., 2.]])
    """
    return xp.broadcast_to(x, tuple(like.shape))


@broadcast_like.pullback("x", zeros="moved")
def dbroadcast_like_dx(dout: Array, x: Array) -> Array:
    return sum_like(dout, x)
