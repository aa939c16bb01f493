"""Heat maps: an array reduced to a small grid of cells that keeps all extremes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: the maximum number of rows and columns of a grid
ROWS, COLUMNS = 12, 16

Cells = tuple[tuple[float, ...], ...]


def reduce_to_cells(array: NDArray[np.floating], rows: int = ROWS, columns: int = COLUMNS) -> Cells:
    """Reduce an array to at most ``rows × columns`` blocks, each represented by its entry of largest magnitude.

    A block with a NaN in it is NaN, and one with an infinity is infinite. Leading axes are stacked; a vector is a row.

    >>> reduce_to_cells(np.array([[1.0, -2.0], [0.0, 3.0]]))
    ((1.0, -2.0), (0.0, 3.0))
    >>> reduce_to_cells(np.array([0.0, -5.0, 1.0, 2.0]), columns=2)
    ((-5.0, 2.0),)
    """
    if array.size == 0 or array.ndim == 0:
        return ()
    table = array.reshape(-1, array.shape[-1])
    with np.errstate(invalid="ignore"):
        high = _reduce_axis(np.maximum, table, rows, columns)
        low = _reduce_axis(np.minimum, table, rows, columns)
        extreme = np.where(high >= -low, high, low)
    return tuple(tuple(float(v) for v in row) for row in np.where(np.isnan(high), np.nan, extreme))


def _reduce_axis(largest: np.ufunc, table: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    for axis, most in enumerate((rows, columns)):
        length = table.shape[axis]
        if length > most:
            table = largest.reduceat(table, np.arange(most) * length // most, axis=axis)
    return table


def scale_to_unit(value: float, largest: float) -> float:
    """Return the position of a value on the symmetric scale around 0: from −1 to 1.

    >>> scale_to_unit(-0.5, 2.0), scale_to_unit(2.0, 2.0), scale_to_unit(0.0, 0.0)
    (-0.25, 1.0, 0.0)
    >>> scale_to_unit(float("inf"), 2.0)
    1.0
    """
    if value == 0 or largest == 0:
        return 0.0
    return max(-1.0, min(1.0, value / largest))
