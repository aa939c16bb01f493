"""A computational graph in which every gradient can be seen, explained and trusted.

Build a `Graph` of nodes, run it with `backprop`, and read values, gradients and the contribution of every edge from the
run. Operations come with ``import ops``, pictures with ``import viz``; `op` defines an operation of your own and
`check` proves it.

>>> import graphcore as gc
>>> from ops import sigmoid, squared_error
>>> g = gc.Graph("one neuron")
>>> x, y = g.input("x"), g.input("y")
>>> w, b = g.parameter("w", 1.5), g.parameter("b", -0.4)
>>> a = sigmoid(w * x + b, name="a")
>>> run = gc.backprop(squared_error(a, y, name="C"), {x: 0.62, y: 1.0})
>>> round(float(run.cost), 6), round(float(run.grad[w]), 6)
(0.137283, -0.107157)
>>> g
<Graph 'one neuron': 8 nodes, 7 edges>
"""

from . import errors
from .checking import Report, check
from .checkpointing import checkpoint
from .compiler import Step, compile
from .explaining.apart import per_example
from .explaining.comparison import compare
from .explaining.curvature import hessian_at, hvp_at, jacobian_at
from .explaining.decomposition import paths
from .explaining.derivation import formula
from .explaining.diagnosis import diagnose
from .explaining.explanation import explain
from .explaining.nudging import nudge
from .functions import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .gradient import backprop, derivative, evaluate
from .graph import Graph
from .node import Node
from .notation import ATOM, POWER, PREFIX, PRODUCT, SUM
from .operation import Op, op
from .packs import OpPack, load_ops, op_packs
from .registration import registry
from .run import Edge, Run
from .tracing import Traced, trace

__version__ = "0.1.0"

__all__ = [
    "ATOM",
    "POWER",
    "PREFIX",
    "PRODUCT",
    "SUM",
    "Edge",
    "Graph",
    "Node",
    "Op",
    "OpPack",
    "Report",
    "Run",
    "Step",
    "Traced",
    "backprop",
    "check",
    "checkpoint",
    "compare",
    "compile",
    "derivative",
    "diagnose",
    "elementwise_grad",
    "errors",
    "evaluate",
    "explain",
    "formula",
    "grad",
    "hessian",
    "hessian_at",
    "hvp",
    "hvp_at",
    "jacobian",
    "jacobian_at",
    "jvp",
    "load_ops",
    "nudge",
    "op",
    "op_packs",
    "paths",
    "per_example",
    "registry",
    "trace",
    "value_and_grad",
    "vjp",
]
