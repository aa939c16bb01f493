"""From a feed to values: every input present, nothing superfluous, shapes and dtypes as declared."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays.incoming import check_real, unwrap
from ..arrays.namespace import (
    Array,
    Namespace,
    asarray,
    is_array,
    is_lossless,
    make_read_only,
    namespace_of,
    read_only_view,
)
from ..arrays.shaped_array import as_dtype, is_compatible, show_shape
from ..errors import DtypeError, FeedError, GraphError, ShapeError, did_you_mean, shorten
from ..graph.node import GraphOfNodes, Node
from .plan import Plan

_AS_IT_IS = contextlib.nullcontext()


def bind(
    plan: Plan, feed: Mapping[Any, Any] | None, *, for_record: bool = False
) -> tuple[dict[Node, Array], Namespace]:
    """Return the values of all inputs, parameters and constants of a plan, and the array library that will compute.

    The arrays that are fed choose the library; parameters and constants follow. Fed arrays are copied, so that a
    buffer that is reused changes no run; so are parameters ``for_record``, as programs write into them.

    >>> import graphcore as gc
    >>> g = gc.Graph()
    >>> x, w = g.input("x", shape=(None,)), g.parameter("w", 2.0)
    >>> from graphcore.autodiff.plan import plan_for
    >>> plan = plan_for(g, (x, w))
    >>> values, xp = bind(plan, {"x": [1.0, 3.0]})
    >>> values[x], values[w], xp.__name__
    (array([1., 3.]), np.float64(2.0), 'numpy')
    >>> bind(plan, {})
    Traceback (most recent call last):
    graphcore.errors.FeedError: the feed lacks input 'x' of float64 (any,), made at ...
    """
    given = _by_node(plan.graph, {} if feed is None else feed)
    leaves = plan.leaves
    _check_complete(leaves, given, plan.outputs)
    given = {node: _as_numbers(node, value) for node, value in given.items()}
    held = {node: node.data for node in leaves if node.kind != "input"}
    xp = namespace_of(*given.values(), *(value for value in held.values() if not isinstance(value, np.generic)))
    values = {node: _checked(node, value, xp) for node, value in given.items()}
    for node, value in held.items():
        values[node] = value if node.kind == "constant" and xp is np else _held(node, value, xp, copy=for_record)
    return values, xp


def _held(node: Node, value: Array, xp: Namespace, *, copy: bool) -> Array:
    """Return the value of a parameter or constant for a run, in which nothing writes into it."""
    if namespace_of(value) is not xp:
        return asarray(value, xp, node.dtype, copy=True)
    if copy and node.kind == "parameter":
        return make_read_only(asarray(value, xp, copy=True))
    return read_only_view(value)[()] if xp is np else value


def _by_node(graph: GraphOfNodes, feed: Mapping[Any, Any]) -> dict[Node, Any]:
    if not isinstance(feed, Mapping):
        raise FeedError(f"a feed is a dict from inputs, or their names, to arrays; got {type(feed).__name__}")
    given: dict[Node, Any] = {}
    for key, value in feed.items():
        if isinstance(key, Node):
            if key.graph is not graph:
                raise GraphError(f"the feed holds a node of another graph: {key.describe()}, of {key.graph!r}")
            node = key
        elif isinstance(key, str) and key in graph:
            node = graph[key]
        else:
            shown = shorten(key) if isinstance(key, str) else key
            raise FeedError(
                f"the feed holds {shown!r}, which is no input of {graph!r}; "
                f"its inputs are {_list(graph.inputs) or 'none'}{did_you_mean(key, graph.inputs)}"
            )
        if node.kind != "input":
            advice = f"set it with {shorten(node.label)}.value = ..." if node.kind == "parameter" else "it is computed"
            raise FeedError(f"the feed holds {node.describe()}; only inputs are fed, and {advice}")
        if node in given:
            raise FeedError(f"the feed holds {shorten(node.label)!r} twice, as a node and by name")
        given[node] = value
    return given


def _check_complete(leaves: list[Node], given: dict[Node, Any], outputs: Sequence[Node]) -> None:
    needed = [node for node in leaves if node.kind == "input"]
    absent = [node for node in needed if node not in given]
    if absent:
        raise FeedError(f"the feed lacks {'; '.join(node.describe() for node in absent)}")
    if len(given) > len(needed):
        also = _inputs_of_costs(outputs)
        extra = [node for node in given if node not in needed and node not in also]
        if not extra:
            return
        raise FeedError(
            f"the feed holds {'; '.join(node.describe() for node in extra)}, on which no output depends; "
            f"leave it out (needed: {_list([n.label for n in needed]) or 'nothing'})"
        )


def _inputs_of_costs(outputs: Sequence[Node]) -> set[Node]:
    """Return inputs that may be fed to a derivative although it does not depend on them: those of its cost."""
    also: set[Node] = set()
    waiting = list(outputs)
    while waiting:
        output = waiting.pop()
        for (cost, _), written in output.graph.derivatives.items():
            if written is output and cost is not output:
                also |= {node for node in output.graph.ancestors([cost]) if node.kind == "input"}
                waiting.append(cost)
    return also


def _as_numbers(node: Node, value: Any) -> Any:
    """Return what is fed, a table as an array. Refuse what is no array of numbers, such as ``None`` or a date."""
    if isinstance(value, Node):
        raise FeedError(f"{node.describe()}, is fed a node ({value.describe()}); feed numbers: gc.evaluate gives them")
    what = f"the feed of {node.describe()}"
    value = unwrap(value, what)
    check_real(value, what)
    return value


def _checked(node: Node, value: Any, xp: Namespace) -> Array:
    known = is_array(value)
    if known and as_dtype(value.dtype) != node.dtype and not _is_wider_integer(node.dtype, as_dtype(value.dtype)):
        raise DtypeError(
            f"{node.describe()}, is fed {value.dtype}; convert it where it is made (.astype('{node.dtype}')), "
            f"or declare the input with dtype='{as_dtype(value.dtype)}'"
        )
    try:
        with np.errstate(all="ignore") if not known else _AS_IT_IS:
            array = asarray(value, xp, node.dtype, copy=True)
    except (TypeError, ValueError, OverflowError) as error:
        raise DtypeError(f"{node.describe()}, is fed {shorten(repr(value))}, which is no array of numbers") from error
    if not known and not is_lossless(node.dtype, value, array):
        raise DtypeError(f"{node.describe()}, is fed {shorten(repr(value))}, which {node.dtype} cannot hold")
    shape = tuple(array.shape)
    if not is_compatible(shape, node.shape):
        raise ShapeError(
            f"{node.describe()}, is fed an array of shape {show_shape(shape)}; expected {show_shape(node.shape)}"
        )
    return make_read_only(array)


def _is_wider_integer(dtype: np.dtype[Any], given: np.dtype[Any]) -> bool:
    """Return whether both are integers and the first has every value of the second, as int64 has of labels in uint8.

    Floats are not widened: float32 data for a float64 input is a mistake more often than not, and would slow every run.
    """
    return dtype.kind in "iu" and given.kind in "iu" and np.can_cast(given, dtype)


def _list(names: Any) -> str:
    return ", ".join(repr(shorten(name)) for name in names)
