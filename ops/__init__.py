"""Standard operations, one family per file; importing this package registers them all.

A family lists its public names in its ``__all__``, and nowhere else.

>>> import ops
>>> ops.sigmoid(0.0)
np.float64(0.5)
>>> ops.sigmoid.rules["z"]
<local rule dsigmoid_dz(z, out) of sigmoid with respect to z>
"""
# ruff: noqa: F403  each family lists in __all__ what it exports

import warnings
from typing import TYPE_CHECKING

from graphcore import registry

from .activation import *
from .advanced_indexing import *
from .arithmetic import *
from .attention import *
from .bitwise import *
from .comparison import *
from .convolution import *
from .cost import *
from .creation import *
from .cumulative import *
from .determinant import *
from .elementwise import *
from .error_function import *
from .exponential import *
from .gather_scatter import *
from .indexing import *
from .linear import *
from .matrix import *
from .norm import *
from .normalization import *
from .pooling import *
from .products import *
from .reduce import *
from .reordering import *
from .rounding import *
from .select import *
from .shape import *
from .signs import *
from .singular_values import *
from .sliding_windows import *
from .solving import *
from .sorting import *
from .trigonometry import *

#: operations whose name has changed: the old name works for one version
_RENAMED = {
    "bell": "erf_derivative",
    "count": "axis_size",
    "from_mean": "center",
    "part_of_concat": "concat_slice",
    "put_like": "scatter_slice",
    "rest_of_sigmoid": "sigmoid_complement",
    "share": "safe_divide",
    "to_image": "conv_transpose",
    "to_kernel": "conv_weight_grad",
    "where_defined": "propagate_nan",
    "windows": "unfold",
}
registry.renamed |= _RENAMED

if not TYPE_CHECKING:  # type checkers read the names in the families, and report any other
    #: the names that the families export
    __all__ = [name for name in sorted(globals()) if getattr(globals()[name], "__module__", "").startswith("ops.")]

    def __getattr__(name):
        """Return the operation of a deprecated name."""
        if name in _RENAMED:
            warnings.warn(f"ops.{name} is now ops.{_RENAMED[name]}", DeprecationWarning, stacklevel=2)
            return globals()[_RENAMED[name]]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
