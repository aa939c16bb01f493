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
        """Return the sum along an axis or of all entries."""
        return apply("sum", self, axis=axis, dtype=dtype, keepdims=keepdims)

    def prod(self, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
        """Return the product along an axis or of all entries."""
        return apply("prod", self, axis=axis, dtype=dtype, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return the mean along an axis or of all entries."""
        return apply("mean", self, axis=axis, keepdims=keepdims)

    def std(self, axis: Any = None, *, ddof: float = 0, correction: Any = None, keepdims: bool = False) -> Any:
        """Return the standard deviation."""
        return reductions.std(self, axis, ddof, keepdims, correction=correction)

    def var(self, axis: Any = None, *, ddof: float = 0, correction: Any = None, keepdims: bool = False) -> Any:
        """Return the variance."""
        return reductions.var(self, axis, ddof, keepdims, correction=correction)

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return the maximum along an axis or of all entries."""
        return apply("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return the minimum along an axis or of all entries."""
        return apply("min", self, axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return whether all entries, along an axis or in total, are nonzero."""
        return apply("all", self, axis=axis, keepdims=keepdims)

    def any(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return whether any entry, along an axis or in total, is nonzero."""
        return apply("any", self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: Any = None, dtype: Any = None) -> Any:
        """Return the cumulative sum, along an axis or in row order."""
        return reductions.cumsum(self, axis, dtype)

    def cumprod(self, axis: Any = None, dtype: Any = None) -> Any:
        """Return the cumulative product, along an axis or in row order."""
        return reductions.cumprod(self, axis, dtype)

    # -- order and indices

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return the index of the largest entry."""
        return apply("argmax", self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Return the index of the smallest entry."""
        return apply("argmin", self, axis=axis, keepdims=keepdims)

    def argsort(self, axis: Any = -1) -> Any:
        """Return the indices that sort the entries."""
        return indexing.argsort(self, axis)

    def take(self, indices: Any, axis: Any = None) -> Any:
        """Return the entries at given indices."""
        return indexing.take(self, indices, axis)

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        """Repeat each entry."""
        return registry.repeat(self, repeats, axis=axis)

    # -- elementwise

    def clip(self, min: Any = None, max: Any = None) -> Any:  # noqa: A002  numpy's names
        """Limit the entries to an interval."""
        return apply("clip", self, min, max)

    def round(self, decimals: int = 0) -> Any:
        """Round to a number of decimals."""
        return elementwise.round_decimals(self, decimals)

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:  # noqa: ARG002  a node is never changed
        """Convert to another dtype; ``copy`` has no effect."""
        return apply("astype", self, dtype=dtype)

    def copy(self) -> Any:
        """Return the node itself, which is immutable."""
        return self

    # -- arrangement

    def reshape(self, *shape: Any) -> Any:
        """Reshape, with the entries in row order."""
        return apply("reshape", self, shape=shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Any:
        """Flatten in row order."""
        return arrangement.ravel(self)

    def flatten(self) -> Any:
        """Flatten in row order."""
        return arrangement.ravel(self)

    def squeeze(self, axis: Any = None) -> Any:
        """Remove axes of length 1."""
        return arrangement.squeeze(self, axis)

    def transpose(self, *axes: Any) -> Any:
        """Permute the axes, or reverse them."""
        return arrangement.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """Swap two axes."""
        return arrangement.swapaxes(self, axis1, axis2)

    @property
    def mT(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of the last two axes."""
        return apply("matrix_transpose", self)

    @property
    def T(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of a matrix, or a vector or number as it is; for stacks of matrices use ``mT``."""
        if self.ndim > 2:
            raise ShapeError(
                f"`.T`: expected a matrix, a vector or a number, got {self!r} of {self.ndim} axes; write .mT to "
                f"transpose the matrices of a stack, np.transpose(x) to reverse all axes"
            )
        return self.mT if self.ndim == 2 else self

    def diagonal(self, offset: int = 0) -> Any:
        """Return the diagonal of a matrix."""
        return apply("diagonal", self, offset=offset)

    def trace(self, offset: int = 0) -> Any:
        """Return the sum of the diagonal of a matrix."""
        return apply("trace", self, offset=offset)

    def dot(self, other: Any) -> Any:
        """Return ``np.dot`` of this node and another."""
        return products.dot(self, other)


def apply(name: str, *args: Any, **settings: Any) -> Any:
    """Apply the operation of a given name in the Array API standard.

    >>> import graphcore as gc, ops
    >>> apply("exp", gc.Graph().input("x")).op
    <op exp(x)>
    """
    return registry[name](*args, **settings)
