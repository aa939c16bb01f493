"""The number of arithmetic operations of a value: by its shape, or by running an operation that is called as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from .ir.eager import is_pure
from .ir.primitives import VIEW_OPS
from .ir.program import Value


def count_operations(value: Value) -> int:
    """Return the number of multiplications and additions of a matrix product, one for each entry of anything else.

    An operation that is called as it is, such as a convolution with padding, is run once on ones and counted.

    >>> import graphcore as gc, numpy as np, ops
    >>> from graphcore.compiler.frontend.lower import lower
    >>> from graphcore.compiler.frontend.specialize import specialize
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (2, 3, 8, 8)), g.parameter("w", np.ones((4, 3, 3, 3)))
    >>> out = ops.conv2d(x, w, padding=1)
    >>> (value,) = [v for v in lower(specialize(g.nodes, [out], [], {})).values if v.name == "call"]
    >>> count_operations(value) >= 2 * (2 * 4 * 8 * 8) * (3 * 3 * 3)
    True
    """
    if value.name in VIEW_OPS:
        return 0
    if value.name == "matmul":
        return 2 * value.size * int(value.args[0].shape[-1] or 0)
    counted = _count_in_forward(value) if value.name == "call" else 0
    return max([counted, value.size, *(arg.size for arg in value.args if arg.is_static)])


def _count_in_forward(value: Value) -> int:
    """Return the arithmetic of a forward on ones; 0 where it does not run on them."""
    if value.op is None or not is_pure(value) or not all(arg.is_static for arg in value.args):
        return 0
    shapes = [tuple(n for n in arg.shape if n is not None) for arg in value.args]
    counts: list[int] = []
    counting = _counting_arrays(counts)
    arrays = [np.ones(shape, a.dtype).view(counting) for shape, a in zip(shapes, value.args, strict=True)]
    try:
        with np.errstate(all="ignore"):
            value.op.compute(arrays, value.arguments, value.settings, np)
    except Exception:  # noqa: BLE001  ones may lie outside of its domain
        return 0
    return sum(counts)


def _counting_arrays(counts: list[int]) -> type[np.ndarray[Any, Any]]:
    """Return a class of arrays that append the number of operations of each ufunc that they take part in."""

    class CountingArray(np.ndarray[Any, Any]):
        def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (), **options: Any) -> Any:
            plain = [_as_plain(array) for array in inputs]
            if out:
                options["out"] = tuple(_as_plain(array) for array in out)
            result = getattr(ufunc, method)(*plain, **options)
            length = plain[0].shape[-1] if ufunc.signature is not None else 1  # a matrix product, along this axis
            size = np.size(plain[0]) if method in ("reduce", "accumulate", "reduceat") else np.size(result)
            counts.append(2 * size * length if ufunc.signature is not None else size)
            return result.view(CountingArray) if isinstance(result, np.ndarray) else result

    return CountingArray


def _as_plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else value
