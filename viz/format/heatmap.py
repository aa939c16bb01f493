"""Heat maps: an array reduced to a small grid of cells that keeps all extremes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

#: the maximum number of rows and columns of a grid
ROWS, COLUMNS = 12, 16

Cells = tuple[tuple[float, ...], ...]


def reduce_to_cells(array: NDArray[np.floating], rows: int = ROWS, columns: int = COLUMNS) -> Cells:
    """Reduce an array to at most ``rows × columns`` blocks, each represented by its entry of largest magnitude.

    The blocks are of one size (see `block_shape`). A block with a NaN in it is NaN, and one with an infinity is
    infinite. Leading axes are stacked; a vector is a row.

    >>> reduce_to_cells(np.array([[1.0, -2.0], [0.0, 3.0]]))
    ((1.0, -2.0), (0.0, 3.0))
    >>> reduce_to_cells(np.array([0.0, -5.0, 1.0, 2.0]), columns=2)
    ((-5.0, 2.0),)
    """
    if array.size == 0 or array.ndim == 0:
        return ()
    table = array.reshape(-1, array.shape[-1])
    block = block_shape(array.shape, rows, columns)
    with np.errstate(invalid="ignore"):
        high = _reduce_blocks(np.maximum, table, block)
        low = _reduce_blocks(np.minimum, table, block)
        extreme = np.where(high >= -low, high, low)
    return tuple(tuple(float(v) for v in row) for row in np.where(np.isnan(high), np.nan, extreme))


def _reduce_blocks(largest: np.ufunc, table: NDArray[np.floating], block: tuple[int, int]) -> NDArray[np.floating]:
    for axis, length in enumerate(block):
        if length > 1:
            table = largest.reduceat(table, np.arange(0, table.shape[axis], length), axis=axis)
    return table


def block_shape(shape: tuple[int, ...], rows: int = ROWS, columns: int = COLUMNS) -> tuple[int, int]:
    """Return how many rows and columns of an array one cell stands for; the last cells may stand for fewer.

    >>> block_shape((16, 16)), block_shape((12, 16)), block_shape((784, 30)), block_shape((100,))
    ((2, 1), (1, 1), (66, 2), (1, 7))
    """
    lengths = math.prod(shape[:-1]), shape[-1]
    return -(-lengths[0] // rows), -(-lengths[1] // columns)


def describe_blocks(shape: tuple[int, ...]) -> str:
    """Return what one cell of an array's heat map stands for; empty if every entry has a cell of its own.

    >>> describe_blocks((16, 16)), describe_blocks((784, 30)), describe_blocks((12, 16))
    ('cell: largest of 2×1', 'cell: largest of up to 66×2', '')
    """
    if not shape or 0 in shape or (block := block_shape(shape)) == (1, 1):
        return ""
    is_even = math.prod(shape[:-1]) % block[0] == shape[-1] % block[1] == 0
    return f"cell: largest of {'' if is_even else 'up to '}{block[0]}×{block[1]}"


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
