"""Which nodes are drawn, and which are folded into one box: layers first, then runs of neighbours."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from graphcore import Node
from graphcore.errors import did_you_mean, shorten

from ..errors import DrawError

#: up to this many boxes everything is drawn
EVERYTHING = 60
#: how many boxes a folded level is cut into
PARTS = 24
#: nobody reads more boxes than this
READABLE = 300
#: so many inputs are worth a box of their own in a folded picture
_FEW = 8

Path = tuple[str, ...]


@dataclass(eq=False)
class Group:
    """Nodes that share a box: a layer, or a part of a long run.

    >>> Group(("layer 1",), "layer 1").is_part
    False
    """

    #: where it stands: the names of what it is in, and its own
    path: Path
    title: str
    is_part: bool = False
    members: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Plan:
    """What stands where in a picture: for every node its box, and for every box the clusters around it.

    >>> plan([], opened=(), fold=None).boxes
    []
    """

    #: in the order of computation
    boxes: list[Node | Group] = field(default_factory=list)
    home: dict[Node, Node | Group] = field(default_factory=dict)
    path: dict[Node | Group, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        """The boxes that hold several nodes."""
        return [box for box in self.boxes if isinstance(box, Group)]


@dataclass(eq=False)
class _Level:
    """One scope, or part of a long run, whose contents are to be placed."""

    path: Path
    scope: Path
    nodes: list[Node]
    is_part: bool = False


def plan(
    nodes: Sequence[Node],
    *,
    opened: Iterable[str | Path],
    fold: bool | None,
    keep: Collection[Node] = (),
) -> Plan:
    """Decide what is drawn. ``fold=None`` folds when there is more than can be read.

    ``opened`` names layers (``"layer 1"``, or ``("layer 1", "attention")`` and ``"layer 1/attention"`` for what is
    nested) and parts (``"part 3"``) whose contents are drawn. Nodes in ``keep`` are not put into parts.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x = g.input("x")
    >>> for i in range(100):
    ...     with g.scope(f"layer {i % 2}"):
    ...         x = ops.tanh(x)
    >>> [getattr(box, "title", box) for box in plan(g.nodes, opened=(), fold=None).boxes]
    [<x (input): float64 ()>, 'layer 0', 'layer 1']
    >>> len(plan(g.nodes, opened=["layer 1"], fold=None).boxes)
    52
    """
    if fold is False and len(nodes) > READABLE:
        raise DrawError(
            f"fold=False would draw {len(nodes)} boxes, and nobody can read more than {READABLE}: leave fold out, and "
            f"name what you want to see with open=(...); or draw one node, which shows only what it depends on"
        )
    folding = fold is True or (fold is None and len(nodes) > EVERYTHING)
    wanted = _Wanted(opened)
    result = Plan()
    levels = deque([_Level((), (), list(nodes))])
    while levels:
        level = levels.popleft()
        for unit in _units(level, keep, wanted, cut=folding):
            if isinstance(unit, Node):
                _place(result, unit, level.path)
            elif not wanted.opens(unit.path) and folding:
                _place(result, _as_group(unit), level.path)
            elif folding and len(result.boxes) + sum(map(_at_most, (unit, *levels))) > READABLE:
                result.notes.append(f"{' / '.join(unit.path)} stays folded: the picture is full")
                _place(result, _as_group(unit), level.path)
            else:
                levels.append(unit)
    wanted.refuse_unknown()
    place = {node: index for index, node in enumerate(nodes)}
    result.boxes.sort(key=lambda box: place[box] if isinstance(box, Node) else place[box.members[0]])
    return result


def _at_most(level: _Level) -> int:
    """How many boxes a level will need."""
    return min(len(level.nodes), EVERYTHING)


class _Wanted:
    """What the caller wants to see opened, and whether there is such a thing."""

    def __init__(self, opened: Iterable[str | Path]) -> None:
        names = (opened,) if isinstance(opened, str) else opened
        self._names = {name if isinstance(name, str) else "/".join(name): False for name in names}
        self._seen: dict[str, None] = {}

    def opens(self, path: Path) -> bool:
        """Whether this is to be opened, or something in it is."""
        name = "/".join(path)
        self._seen[name] = None
        if name in self._names:
            self._names[name] = True
        return name in self._names or any(n.startswith(name + "/") for n in self._names)

    def refuse_unknown(self) -> None:
        """Raise for a name that nothing bears."""
        for name, found in self._names.items():
            if not found:
                known = list(self._seen)
                listed = ", ".join(shorten(k, 30) for k in known[:12]) + (", …" if len(known) > 12 else "")
                raise DrawError(
                    f"open={shorten(name)!r} names no layer of this picture; what can be opened is "
                    f"{listed or 'nothing'}{did_you_mean(name, known)}"
                )


def _place(result: Plan, box: Node | Group, path: Path) -> None:
    result.boxes.append(box)
    result.path[box] = path
    for node in (box,) if isinstance(box, Node) else box.members:
        result.home[node] = box


def _as_group(level: _Level) -> Group:
    return Group(level.path, level.path[-1], level.is_part, level.nodes)


def _units(level: _Level, keep: Collection[Node], wanted: _Wanted, *, cut: bool) -> list[Node | _Level]:
    """What stands directly on a level: its own nodes, its scopes, and if these are too many, parts."""
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
    return _in_parts(level, units, keep, wanted) if cut and len(units) > EVERYTHING else units


def _in_parts(
    level: _Level, units: list[Node | _Level], keep: Collection[Node], wanted: _Wanted
) -> list[Node | _Level]:
    """Consecutive units together, so that what follows still comes after what it depends on."""
    few = [u for u in units if isinstance(u, Node) and u in keep]
    kept = set(few) if len(few) <= _FEW else set()
    size = -(-len(units) // PARTS)
    result: list[Node | _Level] = []
    part: list[Node] = []
    in_part = parts = 0
    for unit in (*units, None):
        if unit in kept:
            result.append(unit)  # type: ignore[arg-type]
            continue
        alone = isinstance(unit, _Level) and wanted.opens(unit.path)
        if part and (in_part == size or alone or unit is None):
            parts += 1
            result.append(_Level((*level.path, f"part {parts}"), level.scope, part, is_part=True))
            part, in_part = [], 0
        if alone:
            result.append(unit)  # type: ignore[arg-type]
        elif unit is not None:
            part += [unit] if isinstance(unit, Node) else unit.nodes
            in_part += 1
    return result
