"""The seam: what operations, op packs and pictures may use beyond ``import graphcore``.

Everything else in graphcore is internal and may change. Rules need the array helpers and the operations of the chain
rule; pictures need formulas, layers, paths and the executor's loops.

>>> from graphcore.extend import as_dtype, broadcast, show_shape
>>> show_shape(broadcast((None, 4), (4,)))
'(any, 4)'
>>> as_dtype("float32")
dtype('float32')
"""

from .arrays.namespace import asarray, cast, device_of, namespace_of, native_dtype
from .arrays.registry import registry
from .arrays.shaped_array import as_dtype, broadcast, show_shape
from .autodiff.executor import forward
from .autodiff.interpreters import PlanEdge
from .autodiff.plan import descendants
from .autodiff.run import Edge, Run
from .explaining.chain_rule.factors import local_value
from .explaining.chain_rule.layers import Connection, Layer, layers_of
from .explaining.diagnosis.dead_units import is_activation
from .explaining.experiments.batch import Batch, batch_of
from .explaining.experiments.nudging import Nudge
from .explaining.paths.path_graph import require_run, resolve_entry, resolve_node
from .explaining.paths.paths import Path, Paths
from .explaining.text.document import Row, Section
from .explaining.text.numbers import format_index, parenthesize
from .explaining.text.symbols import symbol_of
from .graph.node import Node
from .operations.core_ops import broadcast_like, safe_multiply
from .operations.decorators import elementwise, float_op
from .operations.functions import function
from .support.number_format import format_number
from .support.source_location import caller_location
from .symbolic.expression import Formula
from .symbolic.formulas import derivative_symbol, formula_of, local_formula

__all__ = [
    "Batch",
    "Connection",
    "Edge",
    "Formula",
    "Layer",
    "Node",
    "Nudge",
    "Path",
    "Paths",
    "PlanEdge",
    "Row",
    "Run",
    "Section",
    "as_dtype",
    "asarray",
    "batch_of",
    "broadcast",
    "broadcast_like",
    "caller_location",
    "cast",
    "derivative_symbol",
    "descendants",
    "device_of",
    "elementwise",
    "float_op",
    "format_index",
    "format_number",
    "formula_of",
    "forward",
    "function",
    "is_activation",
    "layers_of",
    "local_formula",
    "local_value",
    "namespace_of",
    "native_dtype",
    "parenthesize",
    "registry",
    "require_run",
    "resolve_entry",
    "resolve_node",
    "safe_multiply",
    "show_shape",
    "symbol_of",
]
