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
from .arrays.registry import registry
from .autodiff.gradient import backprop, derivative, evaluate
from .autodiff.run import Edge, Run
from .autodiff.tracing import Traced, trace
from .autodiff.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .checking import Report, check
from .compiler import Step, compile
from .explaining.chain_rule.derivation import formula
from .explaining.chain_rule.explanation import explain
from .explaining.diagnosis.diagnosis import diagnose
from .explaining.experiments.comparison import compare
from .explaining.experiments.curvature import hessian_at, hvp_at, jacobian_at
from .explaining.experiments.nudging import nudge
from .explaining.experiments.per_example import per_example
from .explaining.paths.paths import paths
from .graph.checkpointing import checkpoint
from .graph.graph import Graph
from .graph.node import Node
from .operations.decorators import op
from .operations.notation import ATOM, POWER, PREFIX, PRODUCT, SUM
from .operations.operation import Op
from .operations.packs import OpPack, load_ops, op_packs

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
