"""The result of a traced function: numbers, arrays and nodes of its graph, in containers that are looked into."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.namespace import is_array
from ..arrays.shaped_array import as_dtype
from ..errors import DtypeError, GraphError
from ..graph.node import GraphOfNodes, Node
from ..support import pytree


def check_result(name: str, output: Any, graph: GraphOfNodes) -> None:
    """Refuse a result of a traced function that may hide a node, whose gradient would be zero without a word.

    >>> import graphcore as gc
    >>> x = gc.Graph().input("x")
    >>> check_result("f", (x, {"two": 2.0}), x.graph)
    >>> check_result("f", {x}, x.graph)
    Traceback (most recent call last):
    graphcore.errors.DtypeError: f: the result is a set; expected a number, an array or a node, or a tuple, list or ...
    """
    for path, leaf in pytree.paths(output, "the result"):
        if isinstance(leaf, Node):
            if leaf.graph is not graph:
                raise GraphError(
                    f"{name}: {path} is a node of another graph, {leaf.graph!r} ({leaf.describe()}), and would count "
                    f"as a constant; return what is computed from the arguments"
                )
        elif not _is_number(leaf):
            found = f"an array of {leaf.dtype}" if type(leaf) is np.ndarray else f"a {type(leaf).__name__}"
            raise DtypeError(
                f"{name}: {path} is {found}; expected a number, an array or a node, or a tuple, list or dict of them "
                f"(np.stack makes one node of several)"
            )


def _is_number(leaf: Any) -> bool:
    """Return whether a leaf is a real number or an array of them, and no array of objects or with a mask."""
    if isinstance(leaf, (bool, int, float)):
        return True
    if not is_array(leaf) or isinstance(leaf, np.ma.MaskedArray):
        return False
    try:
        as_dtype(leaf.dtype)
    except DtypeError:
        return False
    return True
