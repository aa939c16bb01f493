"""An array as a small grid of cells that hides no extreme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: no grid has more rows and columns than this
ROWS, COLUMNS = 12, 16

Cells = tuple[tuple[float, ...], ...]


def cells(array: NDArray[np.floating], rows: int = ROWS, columns: int = COLUMNS) -> Cells:
    """The array in at most ``rows × columns`` blocks, each showing its entry of largest size.

    A block with a NaN in it is NaN, and one with an infinity is infinite. Leading axes are stacked; a vector is a row.

    >>> cells(np.array([[1.0, -2.0], [0.0, 3.0]]))
    ((1.0, -2.0), (0.0, 3.0))
    >>> cells(np.array([0.0, -5.0, 1.0, 2.0]), columns=2)
    ((-5.0, 2.0),)
    """
    if array.size == 0 or array.ndim == 0:
        return ()
    table = array.reshape(-1, array.shape[-1])
    with np.errstate(invalid="ignore"):
        high = _blocks(np.maximum, table, rows, columns)
        low = _blocks(np.minimum, table, rows, columns)
        extreme = np.where(high >= -low, high, low)
    return tuple(tuple(float(v) for v in row) for row in np.where(np.isnan(high), np.nan, extreme))


def _blocks(largest: np.ufunc, table: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    for axis, most in enumerate((rows, columns)):
        length = table.shape[axis]
        if length > most:
            table = largest.reduceat(table, np.arange(most) * length // most, axis=axis)
    return table


def position(value: float, largest: float) -> float:
    """Where a cell stands on the symmetric scale around 0: from −1 to 1.

    >>> position(-0.5, 2.0), position(2.0, 2.0), position(0.0, 0.0)
    (-0.25, 1.0, 0.0)
    >>> position(float("inf"), 2.0)
    1.0
    """
    if value == 0 or largest == 0:
        return 0.0
    return max(-1.0, min(1.0, value / largest))
