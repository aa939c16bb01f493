"""What numpy calls otherwise than the Array API standard, or has beside it, made of the operations of the registry.

One family per file: `elementwise`, `reductions`, `arrangement`, `joins`, `indexing`, `products`. What bears the
standard's name and takes its arguments needs no entry here.

>>> import numpy as np
>>> ALIASES["arccos"], np.clip in IMPLEMENTATIONS
('acos', True)
"""

from . import arrangement, elementwise, indexing, joins, products, reductions
from .elementwise import ALIASES, FOREIGN, UNSUPPORTED
from .reductions import AXIS_METHODS
from .table import IMPLEMENTATIONS

__all__ = [
    "ALIASES",
    "AXIS_METHODS",
    "FOREIGN",
    "IMPLEMENTATIONS",
    "UNSUPPORTED",
    "arrangement",
    "elementwise",
    "indexing",
    "joins",
    "products",
    "reductions",
]
