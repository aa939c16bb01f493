"""What can be written with nodes: operators, and the methods and functions that arrays have."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import numpy_protocol
from .errors import ShapeError
from .registration import Registry, registry


class Operators:
    """Each operator, method and numpy function looks its operation up by its name in the Array API standard.

    >>> import graphcore as gc, numpy as np, ops
    >>> x = gc.Graph().input("x", shape=(2, 3))
    >>> (x @ x.T).shape, np.exp(x).op.name, x.sum(axis=0).shape, x.reshape(3, 2).shape
    ((2, 2), 'exp', (3,), (3, 2))
    >>> 2.0 - x
    <subtract#7 = subtract: float64 (2, 3)>
    """

    __slots__ = ()

    shape: Any
    ndim: Any
    dtype: Any

    def __array_namespace__(self, *, api_version: str | None = None) -> Registry:
        """The namespace of nodes is the registry of operations."""
        return registry

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        """``np.exp(node)`` and ``array * node`` find their operation by name."""
        return numpy_protocol.ufunc(ufunc, method, args, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """``np.sum(node, axis=0)`` and ``np.where(...)`` find their operation by name."""
        return numpy_protocol.function(func, args, kwargs)

    def __add__(self, other: Any) -> Any:
        return _apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return _apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _apply("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        return _apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _apply("matmul", other, self)

    def __mod__(self, other: Any) -> Any:
        return _apply("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _apply("remainder", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", other, self)

    def __and__(self, other: Any) -> Any:
        return _apply(self._connective("and"), self, other)

    def __or__(self, other: Any) -> Any:
        return _apply(self._connective("or"), self, other)

    def __xor__(self, other: Any) -> Any:
        return _apply(self._connective("xor"), self, other)

    def __invert__(self) -> Any:
        return _apply(self._connective("not"), self)

    def _connective(self, word: str) -> str:
        """What ``&``, ``|``, ``^`` and ``~`` mean for true and false; for whole numbers they mean bits."""
        return f"logical_{word}" if self.dtype.kind == "b" else f"bitwise_{word.replace('not', 'invert')}"

    def __neg__(self) -> Any:
        return _apply("negative", self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return _apply("abs", self)

    def __gt__(self, other: Any) -> Any:
        return _apply("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return _apply("greater_equal", self, other)

    def __lt__(self, other: Any) -> Any:
        return _apply("less", self, other)

    def __le__(self, other: Any) -> Any:
        return _apply("less_equal", self, other)

    def __getitem__(self, key: Any) -> Any:
        return _apply("getitem", self, key=key if isinstance(key, tuple) else (key,))

    @property
    def mT(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of the last two axes."""
        return _apply("matrix_transpose", self)

    @property
    def T(self) -> Any:  # noqa: N802  the standard's name
        """The transpose of a matrix; for stacks of matrices use ``mT``."""
        if self.ndim != 2:
            raise ShapeError(f".T is for matrices; {self!r} has {self.ndim} axes: use .mT or permute_dims")
        return self.mT

    # -- the methods that arrays have and that programs written for numpy call

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The sum along an axis, or of everything."""
        return _apply("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The average along an axis, or of everything."""
        return _apply("mean", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The largest along an axis, or of everything."""
        return _apply("max", self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Any:
        """The same entries in another shape."""
        return _apply("reshape", self, shape=shape[0] if len(shape) == 1 else shape)

    def squeeze(self, axis: Any = None) -> Any:
        """Without the axes of length 1."""
        return numpy_protocol.squeeze(self, axis)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order, or the other way round."""
        return numpy_protocol.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def dot(self, other: Any) -> Any:
        """``np.dot`` of this and another."""
        return numpy_protocol.dot(self, other)

    def astype(self, dtype: Any) -> Any:
        """The same numbers in another dtype."""
        return _apply("astype", self, dtype=dtype)


def _apply(name: str, *args: Any, **settings: Any) -> Any:
    """The operation that bears a name in the Array API standard."""
    return registry[name](*args, **settings)
