"""The heaviest of many paths, found without looking at the rest.

The weight of a path is the sum of the absolute values of its contribution. Every edge has a *gain*: the largest ratio
of its contribution's weight to that of the upstream gradient. The product of the gains along a path is what the path
can weigh at most, the best product to the cost from every node is found in one backward pass, and paths are made in the
order of what they can weigh. Between single numbers the gain is the size of the local derivative, and that order is
exact.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...arrays.namespace import Array
from ...autodiff.interpreters import PlanEdge
from ...autodiff.run import Run
from ...support.bounded_cache import BoundedCache, bounded_cache
from .path_graph import PathGraph

#: how much of a large graph is looked at before the search says that it is not certain
_MOST_TRIED = 64
_MOST_WALKED = 400_000
_ROUNDING = 1e-9
#: so many gains of a run are remembered: an explanation needs all that lie between a node and the cost
_KEPT = 65536


class Gain(NamedTuple):
    """The logarithm of what an edge multiplies weights by, and how far that can be relied on."""

    log: float
    #: no path through it weighs more than this says
    is_bound: bool
    #: every path through it weighs what this says
    is_exact: bool
    #: between single numbers: the local derivative itself
    local: Array | None = None


def gain_of(run: Run, step: PlanEdge) -> Gain:
    """Return the gain of an edge.

    For elementwise rules it is the largest local derivative. A map of whole arrays, like a matrix, has no
    such number that is cheap to compute; then it is what the edge did to this run's gradient, which is no bound.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x", (2,))
    >>> run = gc.backprop(ops.sum(x * 3.0, name="C"), {x: [1.0, 2.0]})
    >>> [math.exp(gain_of(run, PlanEdge(*edge[:3])).log) for edge in run.edges if edge.source.type.shape]
    [3.0000000000000004, 2.0]
    """
    known: BoundedCache[PlanEdge, Gain] = bounded_cache(run.cache, "gains", _KEPT)
    gain = known.get(step)
    if gain is None:
        gain = known[step] = _gain_of(run, step)
    return gain


def _gain_of(run: Run, step: PlanEdge) -> Gain:
    source, target, argument = step
    if target.shape == ():
        back = run.edge_vjp(source, target, argument, 1.0)
        single = source.shape == ()
        return Gain(_log(_size(back)), is_bound=True, is_exact=single, local=back if single else None)
    edge = run.edge(source, target, argument)
    if edge.local is not None:
        return Gain(_log(np.max(np.abs(_host(edge.local)), initial=0.0)), is_bound=True, is_exact=False)
    if edge.contribution is None:  # nothing is known of its derivative, and using it says so
        return Gain(0.0, is_bound=False, is_exact=False)
    handed = _size(run.grad[target])
    return Gain(_log(_size(edge.contribution) / handed) if handed else 0.0, is_bound=False, is_exact=False)


class TopPaths:
    """The heaviest paths of all, each as its edges from the node to the cost.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> run = gc.backprop((2 * x + 3 * x + x).named("C"), {x: 1.0})
    >>> heaviest = TopPaths(run, PathGraph(run.order, x, run.output), limit=2)
    >>> [[step.target.label for step in path] for path in heaviest.paths], heaviest.is_certain
    ([['multiply#4', 'add#5', 'C'], ['multiply#2', 'add#5', 'C']], True)
    """

    def __init__(self, run: Run, path_graph: PathGraph, limit: int) -> None:
        self._path_graph, self._run = path_graph, run
        self._local: dict[PlanEdge, Array] = {}
        self._walked = 0
        self._is_exact = self._is_bound = True
        self._choices = self._best_first()
        #: whether no other path can be heavier than these, up to rounding
        self.is_certain = True
        found = sorted(self._search(limit), key=lambda one: -one[0])[:limit]
        #: the edges of each path, heaviest first, and the contribution of each
        self.paths = [path for _, path, _ in found]
        self.contributions = [self.contribution_of(path) if back is None else back for _, path, back in found]

    @np.errstate(all="ignore")
    def contribution_of(self, path: tuple[PlanEdge, ...]) -> Array:
        """Return the contribution of a path: the product along it, from the cost backward."""
        dout: Any = 1.0
        for step in reversed(path):
            local = self._local.get(step)
            if local is None:
                dout = self._run.edge_vjp(*step, dout)
            else:
                dout = local if type(dout) is float else self._run.product(dout, local, step.target)
        return dout

    # -- the search

    def _best_first(self) -> dict[Any, list[tuple[float, float, PlanEdge]]]:
        """For every node, the edges that leave it: what can be reached by each at most, its own gain, the edge."""
        best = {self._path_graph.end: 0.0}
        choices = {}
        for node in reversed(self._path_graph.out_edges):
            scored = []
            for step in self._path_graph.out_edges[node]:
                gain = gain_of(self._run, step)
                self._is_exact &= gain.is_exact or (gain.is_bound and node is self._path_graph.start)
                self._is_bound &= gain.is_bound
                if gain.local is not None:
                    self._local[step] = gain.local
                scored.append((_along(gain.log, best[step.target]), gain.log, step))
            scored.sort(key=lambda choice: -choice[0])
            best[node] = scored[0][0]
            choices[node] = scored
        return choices

    def _search(self, limit: int) -> list[tuple[float, tuple[PlanEdge, ...], Array | None]]:
        """Return the weight of each path, the path, and its contribution where it was computed."""
        found: list[tuple[float, tuple[PlanEdge, ...], Array | None]] = []
        at_most = limit if self._is_exact else _MOST_TRIED + 5 * limit
        for most, path in self._in_order(at_most):
            if len(found) >= limit:
                if self._is_exact:
                    break
                lightest = heapq.nlargest(limit, (weight for weight, *_ in found))[-1]
                if self._is_bound and most <= lightest + _ROUNDING * max(1.0, abs(most)):
                    break
                if len(found) >= _MOST_TRIED + 4 * limit or self._walked > _MOST_WALKED:
                    self.is_certain = False
                    break
            back = None if self._is_exact else self.contribution_of(path)
            found.append((most if back is None else _log(_size(back)), path, back))
        return found

    def _in_order(self, most: int) -> Iterator[tuple[float, tuple[PlanEdge, ...]]]:
        """Up to so many paths in the order of what they can weigh, each made on demand.

        A path is the best way on from some choice at some node. Taking it leaves behind, at every node that it
        passes, the next best choice there; one that as many others surpass is forgotten.
        """
        if not self._choices:
            return
        start = self._path_graph.start
        serial = 0
        # what it can weigh, its number, the path it leaves, after how many steps, what these weigh, where, which choice
        waiting: list[Any] = [(-self._choices[start][0][0], serial, [], 0, 0.0, start, 0)]
        best: list[float] = []
        while waiting:
            negative, _, before, length, so_far, node, place = heapq.heappop(waiting)
            path = before[:length]
            while node is not self._path_graph.end:
                choices = self._choices[node]
                if place + 1 < len(choices):
                    next_best = _along(so_far, choices[place + 1][0])
                    if len(best) < most or next_best > best[0]:
                        serial += 1
                        (heapq.heappush if len(best) < most else heapq.heapreplace)(best, next_best)
                        heapq.heappush(waiting, (-next_best, serial, path, len(path), so_far, node, place + 1))
                _, gain, step = choices[place]
                path.append(step)
                so_far, node, place = _along(so_far, gain), step.target, 0
            self._walked += len(path)
            yield -negative, tuple(path)


def _host(array: Array) -> Any:
    return np.asarray(array, dtype="float64")


def _size(array: Array) -> float:
    if array.shape == ():
        return abs(float(array))
    with np.errstate(all="ignore"):
        return float(np.sum(np.abs(_host(array))))


def _log(size: float) -> float:
    """Return the logarithm of a size; what is not a number counts as infinite, so that it is looked at first."""
    return -math.inf if size == 0 else math.log(size) if size < math.inf else math.inf


def _along(one: float, other: float) -> float:
    """Gains one after the other. Zero times infinite may be anything."""
    both = one + other
    return math.inf if math.isnan(both) else both
