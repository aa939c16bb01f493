"""Python's operators and numpy's functions on nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.registry import Registry, registry
from ..errors import NoValueError, shorten
from .methods import apply
from .numpy import protocol


def _in_place(operator: str) -> Callable[[Any, Any], Any]:
    """Return an operator in place: refused on a parameter, and on any other node ``a = a + b``, as Python has it."""

    def refuse_on_parameter(self: Any, _other: Any) -> Any:
        if self.kind != "parameter":
            return NotImplemented
        name = self.label if self.label.isidentifier() else f"graph[{shorten(self.label)!r}]"
        raise NoValueError(
            f"`{operator}=` on {self.describe()}, would make another node and leave the parameter as it is: write "
            f"{shorten(name)}.value {operator}= ... to change its value, or a = a {operator} b to make a node"
        )

    return refuse_on_parameter


class Operators:
    """Each operator and numpy function looks its operation up by its name in the Array API standard.

    >>> import graphcore as gc, numpy as np, ops
    >>> x = gc.Graph().input("x", shape=(2, 3))
    >>> (x @ x.T).shape, np.exp(x).op.name, x[:, [0, 0, 2]].shape
    ((2, 2), 'exp', (2, 3))
    >>> 2.0 - x
    <subtract#7 = subtract: float64 (2, 3)>
    """

    __slots__ = ()

    dtype: Any

    def __array_namespace__(self, *, api_version: str | None = None) -> Registry:
        """Return the namespace of nodes is the registry of operations."""
        return registry

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        """``np.exp(node)`` and ``array * node`` find their operation by name."""
        return protocol.ufunc(ufunc, method, args, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """``np.sum(node, axis=0)`` and ``np.where(...)`` find their operation by name."""
        return protocol.function(func, args, kwargs)

    def __add__(self, other: Any) -> Any:
        return apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return apply("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return apply("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        return apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return apply("matmul", other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __round__(self, digits: int | None = None) -> Any:
        if digits:
            return apply("round", self * 10.0**digits) / 10.0**digits
        return apply("round", self)

    def __floor__(self) -> Any:
        return apply("floor", self)

    def __ceil__(self) -> Any:
        return apply("ceil", self)

    def __trunc__(self) -> Any:
        return apply("trunc", self)

    def __mod__(self, other: Any) -> Any:
        return apply("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        return apply("remainder", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return apply("floor_divide", other, self)

    def __and__(self, other: Any) -> Any:
        return apply(self._connective("and", other), self, other)

    def __or__(self, other: Any) -> Any:
        return apply(self._connective("or", other), self, other)

    def __xor__(self, other: Any) -> Any:
        return apply(self._connective("xor", other), self, other)

    def __rand__(self, other: Any) -> Any:
        return apply(self._connective("and", other), other, self)

    def __ror__(self, other: Any) -> Any:
        return apply(self._connective("or", other), other, self)

    def __rxor__(self, other: Any) -> Any:
        return apply(self._connective("xor", other), other, self)

    def __lshift__(self, other: Any) -> Any:
        return apply("bitwise_left_shift", self, other)

    def __rlshift__(self, other: Any) -> Any:
        return apply("bitwise_left_shift", other, self)

    def __rshift__(self, other: Any) -> Any:
        return apply("bitwise_right_shift", self, other)

    def __rrshift__(self, other: Any) -> Any:
        return apply("bitwise_right_shift", other, self)

    def __invert__(self) -> Any:
        return apply(self._connective("not", self), self)

    def _connective(self, word: str, other: Any) -> str:
        """Return the operation of ``&``, ``|``, ``^`` or ``~``: logical among booleans, bitwise beside an integer."""
        truths = self.dtype.kind == "b" and "bool" in str(getattr(other, "dtype", type(other)))
        return f"logical_{word}" if truths else f"bitwise_{word.replace('not', 'invert')}"

    __iadd__, __isub__, __imul__, __itruediv__ = map(_in_place, ("+", "-", "*", "/"))
    __ifloordiv__, __imod__, __ipow__, __imatmul__ = map(_in_place, ("//", "%", "**", "@"))
    __iand__, __ior__, __ixor__, __ilshift__, __irshift__ = map(_in_place, ("&", "|", "^", "<<", ">>"))

    def __neg__(self) -> Any:
        return apply("negative", self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return apply("abs", self)

    def __gt__(self, other: Any) -> Any:
        return apply("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return apply("greater_equal", self, other)

    def __lt__(self, other: Any) -> Any:
        return apply("less", self, other)

    def __le__(self, other: Any) -> Any:
        return apply("less_equal", self, other)

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in parts):
            return apply("getitem", self, key=parts)
        return registry.entries(self, parts)
