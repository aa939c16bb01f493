"""The operations that made infinities and NaN of finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.run import Run
from ...errors import shorten
from ...graph.node import Node
from ...operations.operation import op_of
from ..text import numbers
from .findings import Finding, format_path


def find_non_finite(run: Run) -> list[Finding]:
    """Return the roots among the values, and, of what the values leave in order, those among the gradients.

    >>> import graphcore as gc, ops
    >>> w = gc.Graph().parameter("w", 0.0)
    >>> print(find_non_finite(gc.backprop(ops.sqrt(w, name="C")))[0].message.partition(";")[0])
    ∂C/∂w is ∞, though C is finite: the slope of sqrt at w = 0 is infinite
    """
    spoilt: set[Node] = set()  # the roots, and all that is made of them, also where it happens to be finite again
    harmless: set[Node] = set()
    roots = []
    for node in run.order:
        if not spoilt.isdisjoint(node.inputs):
            spoilt.add(node)
        elif node not in harmless and not _has_finite_value(run, node):
            extent = _extent(run, node)
            if _does_harm(run, extent):
                roots.append(node)
                spoilt.add(node)
            else:
                harmless |= extent
    return [*(_of_a_value(run, node, spoilt) for node in roots), *_gradient_roots(run, spoilt)]


def _extent(run: Run, root: Node) -> set[Node]:
    """Return a node whose value is not finite, and what it makes so: as far as its infinities and NaN spread.

    An infinity that was written or fed, such as that of a mask, is not blamed for what another operand's NaN spoils.
    """
    is_deliberate = root.op is None and not _has_nan(run, root)
    extent, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        for target in node.graph.successors(node):
            if target in extent or target not in run.value or _has_finite_value(run, target):
                continue
            if is_deliberate and any(_has_nan(run, s) for s in target.inputs if s not in extent):
                continue
            extent.add(target)
            waiting.append(target)
    return extent


def _does_harm(run: Run, extent: set[Node]) -> bool:
    """Return true if infinities and NaN spread to the cost or to gradients.

    Those of a mask that softmax makes zeros, or of a branch that ``where`` does not take, do neither.
    """
    if run.output in extent:
        return True
    behind = {target for node in extent for target in node.graph.successors(node) if target not in extent}
    if any(not _is_finite(_gradient(run, target)) for target in behind):
        # these gradients are spoilt nearer to the cost: by a result that was cut out of NaN, or by something else
        return any(_has_nan(run, node) for node in extent)
    around = extent.union(*(node.inputs for node in extent))
    return any(not _is_finite(_gradient(run, node)) for node in around)


def _has_finite_value(run: Run, node: Node) -> bool:
    return not node.type.is_float or _is_finite(run.value[node])


def _has_nan(run: Run, node: Node) -> bool:
    return node.type.is_float and bool(np.any(np.isnan(np.asarray(run.value[node], dtype=float))))


def _of_a_value(run: Run, node: Node, spoilt: set[Node]) -> Finding:
    """Return a value that is not finite although what it was made of is."""
    host = np.asarray(run.value[node])
    entry = _first(host)
    seen = numbers.format_number(host[entry])
    where = f" at {numbers.format_index(entry)}" if entry else ""
    spread = _spread(run, node, spoilt)
    also = f"; it spread along {format_path(spread)}" if len(spread) > 1 else ""
    if node.op is None:
        what = {"input": "was fed", "parameter": "holds"}.get(node.kind, "is")
        message = f"{shorten(node.label)} {what} {seen}{where}: {node.describe()}{also}"
    else:
        name = node.label if node.name is not None else "a result"
        of = _operands(run, node, entry)
        made_of = " and ".join(shorten(source.label) for source in dict.fromkeys(node.inputs))
        message = f"{shorten(name)} = {node.op.name} of {made_of} became {seen}{where}{of}; {node.describe()}{also}"
    return Finding("not finite", node, message, entry, host[entry], tuple(spread))


def _operands(run: Run, node: Node, entry: tuple[int, ...]) -> str:
    """Return the arguments of the entry, for an elementwise operation."""
    if not op_of(node).is_elementwise:
        sizes = [
            f"{shorten(s.label)} reaches {numbers.format_number(_largest(run.value[s]))}"
            for s in dict.fromkeys(node.inputs)
        ]
        return f", though {' and '.join(sizes)} at most"
    shape = tuple(run.value[node].shape)
    told = [
        f"{shorten(source.label)} is {numbers.format_number(value[entry])}"
        for source in dict.fromkeys(node.inputs)
        for value in (np.broadcast_to(np.asarray(run.value[source]), shape),)
    ]
    return f", where {' and '.join(told)}"


def _gradient_roots(run: Run, spoilt: set[Node]) -> list[Finding]:
    """Return findings for edges between finite values whose contribution is not finite though its gradient is."""
    found = []
    bad_gradients: set[Node] = set()
    for node in reversed(run.order):
        if not node.type.is_float or node in spoilt or _is_finite(_gradient(run, node)):
            continue
        bad_gradients.add(node)
        for target, arguments in node.graph.successors(node).items():
            if target not in run.value or target in spoilt or target in bad_gradients:
                continue
            if not _is_finite(_gradient(run, target)):
                continue
            found += [
                finding for argument in arguments if (finding := _of_an_edge(run, node, target, argument)) is not None
            ]
    return [_spread_back(finding, bad_gradients) for finding in found]


def _of_an_edge(run: Run, source: Node, target: Node, argument: str) -> Finding | None:
    edge = run.edge(source, target, argument)
    if edge.contribution is None or _is_finite(edge.contribution):
        return None
    op = op_of(target)
    local = None if edge.local is None else np.asarray(edge.local)
    symbol = f"∂{run.output.label}/∂{shorten(source.label)}"
    host = np.asarray(edge.contribution)
    entry = _first(host)
    seen, where = numbers.format_number(host[entry]), f" at {numbers.format_index(entry)}" if entry else ""
    if local is not None and not _is_finite(local):
        place = _first(local)
        at = np.broadcast_to(np.asarray(run.value[source]), local.shape)[place]
        slope = "infinite" if np.isinf(local[place]) else "not defined"
        why = f"the slope of {op.name} at {shorten(source.label)} = {numbers.format_number(at)} is {slope}"
        if np.isnan(host[entry]) and _meets_zero(local, _gradient(run, target)):
            symbol_of = "∞" if slope == "infinite" else "undefined"
            why = (
                f"0 · {symbol_of} at {shorten(target.label)}: {why} where the upstream gradient is 0; if the cost does "
                f"not depend on such entries, leave them out with where"
            )
    else:
        handed = numbers.format_number(_largest(_gradient(run, target)))
        why = f"{op.name} got an upstream gradient up to {handed}, and its contribution is too large for {source.dtype}"
    message = f"{symbol} is {seen}{where}, though {shorten(target.label)} is finite: {why}; {target.describe()}"
    return Finding("not finite", source, message, entry, host[entry] if local is None else local[_first(local)])


def _meets_zero(local: Any, dout: Any) -> bool:
    """Return whether an infinite or undefined local derivative stands where the upstream gradient is 0."""
    return bool(np.any(~np.isfinite(local) & (np.broadcast_to(np.asarray(dout), local.shape) == 0)))


def _spread(run: Run, node: Node, spoilt: set[Node]) -> list[Node]:
    """Return the path along which a bad value reached the cost."""
    path = [node]
    while True:
        after = [target for target in path[-1].graph.successors(path[-1]) if target in spoilt]
        if not after:
            return path
        bad = [target for target in after if target.type.is_float and not _is_finite(run.value[target])]
        path.append((bad or after)[0])


def _spread_back(finding: Finding, bad: set[Node]) -> Finding:
    """Return the finding together with all that it spoils, from the root backward to the parameters."""
    path, told = [finding.node], finding.message
    while True:
        before = [s for s in path[-1].inputs if s in bad]
        if not before:
            break
        path.append(before[0])
    if len(path) > 1:
        told += f"; it spread back along {format_path(path)}"
    return Finding(finding.kind, finding.node, told, finding.entry, finding.value, tuple(path))


def _gradient(run: Run, node: Node) -> Any:
    return run.grad[node] if node in run.grad else np.zeros(())


def _is_finite(array: Any) -> bool:
    return bool(np.all(np.isfinite(np.asarray(array, dtype=float))))


def _first(host: Any) -> tuple[int, ...]:
    """Return the first entry that is not finite."""
    return tuple(int(i) for i in np.argwhere(~np.isfinite(np.asarray(host)))[0]) if np.ndim(host) else ()


def _largest(array: Any) -> float:
    host = np.abs(np.asarray(array, dtype=float))
    return float(np.max(host, initial=0.0, where=np.isfinite(host)))
