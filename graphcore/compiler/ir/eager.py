"""Single instructions, computed at once on the arrays of any library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...arrays.namespace import Namespace, cast, device_of, read_only_view
from ...arrays.registry import registry
from ...operations.purity import can_merge
from .primitives import REDUCTIONS
from .program import Value


def as_function(value: Value, xp: Namespace = np) -> Callable[..., Any]:
    """Return the instruction or operation of a value as a function of its arguments' arrays.

    >>> x = Value(0, "input", "x0", (2,), np.dtype(float))
    >>> total = Value(1, "op", "sum", (), x.dtype)
    >>> total.args, total.settings = (x,), {"axis": (0,), "keepdims": False}
    >>> as_function(total)(np.array([1.0, 2.0]))
    np.float64(3.0)
    """
    op: Any = value.op
    arguments, settings = value.arguments, value.settings
    if value.name == "slice":
        return lambda x: op.compute((x,), arguments, settings, xp)
    if value.name == "scatter":
        key, shape = {"key": settings["key"]}, settings["shape"]
        return lambda part: op.compute(
            (part, xp.zeros(shape, dtype=part.dtype, device=device_of(part))), arguments, key, xp
        )
    if value.name != "call":
        return lambda *arrays: evaluate(value.name, arrays, settings, xp)

    def call(*arrays: Any) -> Any:
        if xp is np:  # read-only, since a forward that writes would change a feed or a parameter
            arrays = tuple(a[()] if a.ndim == 0 else read_only_view(a) for a in map(np.asarray, arrays))
        return op.check_single(op.compute(arrays, arguments, settings, xp))

    return call


def is_pure(value: Value) -> bool:
    """Return whether a value is the same whenever its arguments are."""
    return value.name != "call" or value.op is None or can_merge(value.op, value.settings)


def evaluate(name: str, arrays: Sequence[Any], settings: dict[str, Any], xp: Namespace = np) -> Any:
    """Compute an instruction other than ``slice`` and ``scatter``.

    >>> evaluate("multiply", [np.float64(2.0), np.float64(3.0)], {})
    np.float64(6.0)
    """
    with np.errstate(all="ignore"):
        if name in _SPECIAL:
            return _SPECIAL[name](xp, *arrays, **settings)
        if name in REDUCTIONS:
            return getattr(xp, name)(arrays[0], axis=settings["axis"], keepdims=settings["keepdims"])
        return getattr(xp, name)(*arrays)


def keep_zeros(sensitivity: Any, product: Any) -> None:
    """Set the product to 0 wherever the sensitivity is 0, also against an infinite or undefined local derivative.

    >>> product = np.array([np.nan, 6.0])
    >>> keep_zeros(np.array([0.0, 2.0]), product)
    >>> product
    array([0., 6.])
    """
    np.copyto(product, 0, where=np.broadcast_to(np.equal(sensitivity, 0), product.shape))


def _logistic(xp: Namespace, z: Any) -> Any:
    e = xp.exp(-xp.abs(z))
    return xp.where(z >= 0, xp.ones_like(e), e) / (1 + e)


#: instructions that are not functions of arrays alone under the same name in the namespace
_SPECIAL: dict[str, Callable[..., Any]] = {
    "astype": lambda xp, x, dtype: cast(x, dtype, xp),
    "broadcast_to": lambda xp, x, shape: xp.broadcast_to(x, shape),
    "permute_dims": lambda xp, x, axes: xp.permute_dims(x, axes),
    "pow": lambda xp, x1, x2: registry["pow"].compute((x1, x2), ("x1", "x2"), {}, xp),
    "reshape": lambda xp, x, shape: xp.reshape(x, shape),
    "safe_multiply": lambda xp, x1, x2: registry["safe_multiply"].compute((x1, x2), ("x1", "x2"), {}, xp),
    "logistic_complement": lambda xp, z: _logistic(xp, -z),
    "logistic": _logistic,
}
