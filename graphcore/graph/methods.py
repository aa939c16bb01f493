"""The methods that arrays have and that programs written for numpy call."""

from __future__ import annotations

from typing import Any

from ..arrays.registry import registry
from ..errors import ShapeError
from .numpy import arrangement, elementwise, indexing, products, reductions


class Methods:
    """Each method is the function of its name, in the Array API standard or in numpy.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x", shape=(2, 3))
    >>> x.sum(axis=0).shape, x.reshape(3, 2).shape, x.argmax(axis=1).dtype, x.cumsum().shape
    ((3,), (3, 2), dtype('int64'), (6,))
    """

    __slots__ = ()

    ndim: Any

    # -- reductions

    def sum(self, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
        """The sum along an axis, or of everything."""
        return apply("sum", self, axis=axis, dtype=dtype, keepdims=keepdims)

    def prod(self, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
        """The product along an axis, or of everything."""
        return apply("prod", self, axis=axis, dtype=dtype, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The average along an axis, or of everything."""
        return apply("mean", self, axis=axis, keepdims=keepdims)

    def std(self, axis: Any = None, *, ddof: float = 0, correction: Any = None, keepdims: bool = False) -> Any:
        """How far from the mean, on the whole."""
        return reductions.std(self, axis, ddof, keepdims, correction=correction)

    def var(self, axis: Any = None, *, ddof: float = 0, correction: Any = None, keepdims: bool = False) -> Any:
        """How spread out."""
        return reductions.var(self, axis, ddof, keepdims, correction=correction)

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The largest along an axis, or of everything."""
        return apply("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The smallest along an axis, or of everything."""
        return apply("min", self, axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Whether none along an axis, or of everything, is false or zero."""
        return apply("all", self, axis=axis, keepdims=keepdims)

    def any(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Whether one along an axis, or of everything, is true or other than zero."""
        return apply("any", self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: Any = None, dtype: Any = None) -> Any:
        """The total so far, along an axis or in row order."""
        return reductions.cumsum(self, axis, dtype)

    def cumprod(self, axis: Any = None, dtype: Any = None) -> Any:
        """The product so far, along an axis or in row order."""
        return reductions.cumprod(self, axis, dtype)

    # -- order and places

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The place of the largest entry."""
        return apply("argmax", self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The place of the smallest entry."""
        return apply("argmin", self, axis=axis, keepdims=keepdims)

    def argsort(self, axis: Any = -1) -> Any:
        """The places of the entries in order."""
        return indexing.argsort(self, axis)

    def take(self, indices: Any, axis: Any = None) -> Any:
        """The entries at some places."""
        return indexing.take(self, indices, axis)

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        """Each entry several times."""
        return registry.repeat(self, repeats, axis=axis)

    # -- entry by entry

    def clip(self, min: Any = None, max: Any = None) -> Any:  # noqa: A002  numpy's names
        """What lies between two bounds."""
        return apply("clip", self, min, max)

    def round(self, decimals: int = 0) -> Any:
        """The nearest number with so many decimals."""
        return elementwise.round_decimals(self, decimals)

    def astype(self, dtype: Any) -> Any:
        """The same numbers in another dtype."""
        return apply("astype", self, dtype=dtype)

    def copy(self) -> Any:
        """The node itself, which never changes."""
        return self

    # -- arrangement

    def reshape(self, *shape: Any) -> Any:
        """The same entries in another shape."""
        return apply("reshape", self, shape=shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Any:
        """All entries in one row."""
        return arrangement.ravel(self)

    def flatten(self) -> Any:
        """All entries in one row."""
        return arrangement.ravel(self)

    def squeeze(self, axis: Any = None) -> Any:
        """Without the axes of length 1."""
        return arrangement.squeeze(self, axis)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order, or the other way round."""
        return arrangement.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """Two axes, each in the place of the other."""
        return arrangement.swapaxes(self, axis1, axis2)

    @property
    def mT(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of the last two axes."""
        return apply("matrix_transpose", self)

    @property
    def T(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of a matrix; for stacks of matrices use ``mT``."""
        if self.ndim != 2:
            raise ShapeError(f".T is for matrices; {self!r} has {self.ndim} axes: use .mT or permute_dims")
        return self.mT

    def diagonal(self, offset: int = 0) -> Any:
        """The diagonal of a matrix."""
        return apply("diagonal", self, offset=offset)

    def trace(self, offset: int = 0) -> Any:
        """The sum of the diagonal of a matrix."""
        return apply("trace", self, offset=offset)

    def dot(self, other: Any) -> Any:
        """``np.dot`` of this and another."""
        return products.dot(self, other)


def apply(name: str, *args: Any, **settings: Any) -> Any:
    """The operation that bears a name in the Array API standard.

    >>> import graphcore as gc, ops
    >>> apply("exp", gc.Graph().input("x")).op
    <op exp(x)>
    """
    return registry[name](*args, **settings)
