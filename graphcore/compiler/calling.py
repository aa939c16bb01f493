"""Operations that are called as they are, on arrays of numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .program import Value
from .vocabulary import REDUCTIONS, SIGMOIDS, UFUNCS


def called(value: Value) -> Callable[..., Any]:
    """The operation as a function of arrays, as numpy computes it, in memory that it fetches itself."""
    if value.name != "call":
        return lambda *arrays: computed(value.name, list(arrays), value.settings)
    op, arguments, settings = value.op, value.arguments, value.settings

    def call(*arrays: Any) -> Any:
        return op.compute([a[()] if a.ndim == 0 else a for a in map(np.asarray, arrays)], arguments, settings, np)  # type: ignore[union-attr]

    return call


def keep_zeros(sensitivity: Any, product: Any) -> None:
    """A sensitivity of zero stays zero when it meets an infinite or undefined local derivative.

    >>> product = np.array([np.nan, 6.0])
    >>> keep_zeros(np.array([0.0, 2.0]), product)
    >>> product
    array([0., 6.])
    """
    np.copyto(product, 0, where=np.broadcast_to(np.equal(sensitivity, 0), product.shape))



def computed(name: str, arrays: list[Any], settings: dict[str, Any]) -> Any:
    """An elementary operation on arrays of numpy, here and now.

    >>> computed("multiply", [np.float64(2.0), np.float64(3.0)], {})
    np.float64(6.0)
    """
    with np.errstate(all="ignore"):
        if name in UFUNCS:
            return UFUNCS[name](*arrays)
        if name == "astype":
            return np.astype(np.asarray(arrays[0]), settings["dtype"])
        if name == "where":
            return np.where(*arrays)
        if name in SIGMOIDS:
            return np.reciprocal(1 + np.exp(-arrays[0] if name == "sigmoid" else arrays[0]))
        if name == "permute_dims":
            return np.permute_dims(arrays[0], settings["axes"])
        if name in ("reshape", "broadcast_to"):
            return getattr(np, name)(arrays[0], settings["shape"])
        if name == "getitem":
            return arrays[0][settings["key"]]
        if name == "matmul":
            return np.matmul(*arrays)
        if name in REDUCTIONS:
            return REDUCTIONS[name].reduce(arrays[0], axis=settings["axis"], keepdims=settings["keepdims"])
        if name == "chain":
            product = np.asarray(np.multiply(*arrays))
            keep_zeros(arrays[0], product)
            return product
    raise KeyError(name)
