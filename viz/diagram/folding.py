"""Folding: layers first, then runs of neighbouring nodes, are drawn as one box each."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from graphcore import Node
from graphcore.errors import did_you_mean, shorten

from ..errors import DrawError

#: up to this number of boxes everything is drawn
EVERYTHING = 60
#: the number of boxes that a folded level is cut into
PARTS = 24
#: the maximum number of boxes of a readable picture
READABLE = 300
#: up to this number of inputs have boxes of their own in a folded picture
_FEW = 8

Path = tuple[str, ...]


@dataclass(eq=False)
class Group:
    """Nodes in one box: a layer, or a part of a long run.

    >>> Group(("layer 1",), "layer 1").is_part
    False
    """

    #: the names of the scopes around it, and its own
    path: Path
    title: str
    is_part: bool = False
    members: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class FoldingPlan:
    """The boxes of a picture, the box of every node, and the clusters around every box.

    >>> plan_folding([], opened=(), fold=None).boxes
    []
    """

    #: in the order of computation
    boxes: list[Node | Group] = field(default_factory=list)
    home: dict[Node, Node | Group] = field(default_factory=dict)
    path: dict[Node | Group, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        """Boxes of several nodes."""
        return [box for box in self.boxes if isinstance(box, Group)]


@dataclass(eq=False)
class _Level:
    """One scope, or part of a long run, whose contents are not assigned yet."""

    path: Path
    scope: Path
    nodes: list[Node]
    is_part: bool = False


def plan_folding(
    nodes: Sequence[Node],
    *,
    opened: Iterable[str | Path],
    fold: bool | None,
    keep: Collection[Node] = (),
) -> FoldingPlan:
    """Assign nodes to boxes; ``fold=None`` folds if there are too many to read.

    ``opened`` names layers (``"layer 1"``, or ``("layer 1", "attention")`` and ``"layer 1/attention"`` for what is
    nested) and parts (``"part 3"``) whose contents are drawn. Nodes in ``keep`` are not put into parts.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> for i in range(100):
    ...     with g.scope(f"layer {i % 2}"):
    ...         x = ops.tanh(x)
    >>> [getattr(box, "title", box) for box in plan_folding(g.nodes, opened=(), fold=None).boxes]
    [<x (input): float64 ()>, 'layer 0', 'layer 1']
    >>> len(plan_folding(g.nodes, opened=["layer 1"], fold=None).boxes)
    52
    """
    if fold is False and len(nodes) > READABLE:
        raise DrawError(
            f"fold=False would draw {len(nodes)} boxes, more than the {READABLE} that are readable: leave fold out and "
            f"open single layers with open=(...), or draw one node with what it depends on"
        )
    folding = fold is True or (fold is None and len(nodes) > EVERYTHING)
    opened_names = _OpenedNames(opened)
    result = FoldingPlan()
    levels = deque([_Level((), (), list(nodes))])
    while levels:
        level = levels.popleft()
        for unit in _split_level(level, keep, opened_names, cut=folding):
            if isinstance(unit, Node):
                _add_box(result, unit, level.path)
            elif not opened_names.opens(unit.path) and folding:
                _add_box(result, _make_group(unit), level.path)
            elif folding and len(result.boxes) + sum(map(_count_at_most, (unit, *levels))) > READABLE:
                result.notes.append(f"{' / '.join(unit.path)} stays folded: the picture is full")
                _add_box(result, _make_group(unit), level.path)
            else:
                levels.append(unit)
    opened_names.refuse_unknown()
    position = {node: index for index, node in enumerate(nodes)}
    result.boxes.sort(key=lambda box: position[box] if isinstance(box, Node) else position[box.members[0]])
    return result


def _count_at_most(level: _Level) -> int:
    """Return an upper bound of the number of boxes of a level."""
    return min(len(level.nodes), EVERYTHING)


class _OpenedNames:
    """The names in ``open=``, with a record of those that were found."""

    def __init__(self, opened: Iterable[str | Path]) -> None:
        names = (opened,) if isinstance(opened, str) else opened
        self._names = {name if isinstance(name, str) else "/".join(name): False for name in names}
        self._seen: dict[str, None] = {}

    def opens(self, path: Path) -> bool:
        """Return True if this level, or one inside it, is to be opened."""
        name = "/".join(path)
        self._seen[name] = None
        if name in self._names:
            self._names[name] = True
        return name in self._names or any(n.startswith(name + "/") for n in self._names)

    def refuse_unknown(self) -> None:
        """Raise `DrawError` for a name that was not found."""
        for name, found in self._names.items():
            if not found:
                known = list(self._seen)
                listed = ", ".join(shorten(k, 30) for k in known[:12]) + (", …" if len(known) > 12 else "")
                raise DrawError(
                    f"open={shorten(name)!r} is not a layer of this picture; expected {listed or 'nothing'}"
                    f"{did_you_mean(name, known)}"
                )


def _add_box(result: FoldingPlan, box: Node | Group, path: Path) -> None:
    result.boxes.append(box)
    result.path[box] = path
    for node in (box,) if isinstance(box, Node) else box.members:
        result.home[node] = box


def _make_group(level: _Level) -> Group:
    return Group(level.path, level.path[-1], level.is_part, level.nodes)


def _split_level(
    level: _Level, keep: Collection[Node], opened_names: _OpenedNames, *, cut: bool
) -> list[Node | _Level]:
    """Split a level into its own nodes and scopes, or into parts if these are too many."""
    depth = len(level.scope)
    scopes: dict[str, _Level] = {}
    units: list[Node | _Level] = []
    for node in level.nodes:
        if len(node.scope) <= depth:
            units.append(node)
            continue
        name = node.scope[depth]
        if name not in scopes:
            scopes[name] = _Level((*level.path, name), node.scope[: depth + 1], [])
            units.append(scopes[name])
        scopes[name].nodes.append(node)
    return _split_into_parts(level, units, keep, opened_names) if cut and len(units) > EVERYTHING else units


def _split_into_parts(
    level: _Level, units: list[Node | _Level], keep: Collection[Node], opened_names: _OpenedNames
) -> list[Node | _Level]:
    """Group consecutive units into parts, which keeps the topological order."""
    few = [u for u in units if isinstance(u, Node) and u in keep]
    kept = set(few) if len(few) <= _FEW else set()
    size = -(-len(units) // PARTS)
    result: list[Node | _Level] = []
    part: list[Node] = []
    in_part = parts = 0
    for unit in (*units, None):
        if isinstance(unit, Node) and unit in kept:
            result.append(unit)
            continue
        opened = unit if isinstance(unit, _Level) and opened_names.opens(unit.path) else None
        if part and (in_part == size or opened or unit is None):
            parts += 1
            result.append(_Level((*level.path, f"part {parts}"), level.scope, part, is_part=True))
            part, in_part = [], 0
        if opened is not None:
            result.append(opened)
        elif unit is not None:
            part += [unit] if isinstance(unit, Node) else unit.nodes
            in_part += 1
    return result
