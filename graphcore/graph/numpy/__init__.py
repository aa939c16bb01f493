"""numpy functions that the Array API standard names otherwise or does not have, made of registered operations.

One family per file: `elementwise`, `reductions`, `arrangement`, `joins`, `indexing`, `products`. A function of the
standard's name and arguments needs no entry here.

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
