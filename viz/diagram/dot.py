"""Writes a diagram as DOT text, through the `graphviz` package."""

from __future__ import annotations

import graphviz

from ..format.numbers import text
from ..render.layout import ANYWHERE, Layout
from ..render.markup import cell, escape, font, row, table
from ..render.theme import FONTS, Theme, dim
from .cards import build_card
from .diagram import Arrow, Box, Diagram, Path
from .legend import build_heading

DIRECTIONS = ("TB", "LR", "BT", "RL")


def write_dot(
    diagram: Diagram,
    theme: Theme,
    direction: str = "TB",
    *,
    label: str | None = None,
    layout: Layout = ANYWHERE,
) -> str:
    """Return the DOT text; the same diagram gives the same bytes.

    ``label`` replaces the heading; an empty one removes it. ``layout`` fixes the positions, computed for another
    diagram of boxes and arrows with the same keys.

    >>> from viz.diagram.diagram import Box, Diagram
    >>> from viz.render.theme import THEMES
    >>> text = write_dot(Diagram("net", [Box("node-0", "input", "input", "x")], []), THEMES["light"])
    >>> text.startswith("digraph gradients {"), "n0 [" in text, 'id="node-0"' in text
    (True, True, True)
    """
    dot = graphviz.Digraph(
        "gradients",
        graph_attr=_attributes(diagram, theme, direction, label, layout),
        node_attr={"shape": "plain", "fontname": FONTS, "fontsize": "12"},
        edge_attr={"fontname": FONTS, "fontsize": "10.5", "fontcolor": theme.ink},
    )
    ids = {box.key: f"n{index}" for index, box in enumerate(diagram.boxes)}
    _clusters(dot, diagram, theme, ids, layout)
    deep = _find_shared_targets(diagram)
    for index, arrow in enumerate(diagram.arrows):
        # a layer's own parameters are one rank above their users; one rank more keeps layers below each other
        enters = not arrow.source_is_leaf and arrow.key in deep.get(arrow.target, ())
        _arrow(dot, arrow, diagram, theme, ids, index, 2 if enters else 1, layout)
    for index, corner in enumerate(layout.corners):
        dot.node(f"corner{index}", "", shape="point", width="0", height="0", style="invis", pos=corner)
    return str(dot.source)


def _attributes(diagram: Diagram, theme: Theme, direction: str, label: str | None, layout: Layout) -> dict[str, str]:
    head = build_heading(diagram, theme) if label is None else label
    return {
        "rankdir": direction,
        "bgcolor": theme.paper,
        "fontname": FONTS,
        "fontcolor": theme.ink,
        **({"label": f"<{head}>"} if head else {}),
        "labelloc": "t",
        "labeljust": "l",
        "nodesep": "0.3",
        "ranksep": "0.35",
        "pad": "0.15",
        "id": "gradients",
        "class": f"theme-{theme.name}",
        "tooltip": escape(diagram.title),
        **layout.graph,
    }


def _clusters(dot: graphviz.Digraph, diagram: Diagram, theme: Theme, ids: dict[str, str], layout: Layout) -> None:
    """Write the boxes in their clusters; a cluster is written at the position of its first box."""
    children: dict[Path, list[Box | Path]] = {(): []}
    for box in diagram.boxes:
        for depth in range(1, len(box.path) + 1):
            path = box.path[:depth]
            if path not in children:
                children[path] = []
                children[path[:-1]].append(path)
        children[box.path].append(box)
    number = {path: index for index, path in enumerate(children)}
    # innermost first, so that deep nesting needs no recursion
    made: dict[Path, graphviz.Digraph] = {}
    for path in sorted(children, key=len, reverse=True):
        here = dot
        if path:
            around = _cluster_attributes(path, number[path], theme)
            around |= layout.clusters.get(f"layer-{number[path]}", {})
            here = graphviz.Digraph(f"cluster_{number[path]}", graph_attr=around)
        for child in children[path]:
            if isinstance(child, Box):
                _box(here, child, diagram, theme, ids[child.key], layout)
            else:
                here.subgraph(made.pop(child))
        made[path] = here


def _cluster_attributes(path: Path, number: int, theme: Theme) -> dict[str, str]:
    return {
        "label": f"<{font(escape(text(path[-1], 40)), theme.quiet, 12)}>",
        "labelloc": "t",
        "labeljust": "r",
        "style": "rounded,dashed",
        "color": theme.line,
        "fontname": FONTS,
        "margin": "14",
        "id": f"layer-{number}",
        "class": "layer",
        "tooltip": escape(" / ".join(text(part, 200) for part in path)),
    }


def _box(dot: graphviz.Digraph, box: Box, diagram: Diagram, theme: Theme, name: str, layout: Layout) -> None:
    dot.node(
        name,
        f"<{build_card(box, diagram, dim(theme) if box.is_dimmed else theme)}>",
        id=box.key,
        tooltip=_tooltip(box.tooltip),
        **{"class": f"box {box.role}", **layout.boxes.get(box.key, {})},
    )


def _arrow(
    dot: graphviz.Digraph,
    arrow: Arrow,
    diagram: Diagram,
    theme: Theme,
    ids: dict[str, str],
    index: int,
    ranks: int,
    layout: Layout,
) -> None:
    theme = dim(theme) if arrow.is_dimmed else theme
    width = {"ahead": 1.0, "forward": 2.5}.get(arrow.passing, diagram.width(arrow))
    given = {
        "id": arrow.key,
        "class": f"arrow {_sign(arrow)}",
        "tooltip": _tooltip(arrow.tooltip),
        "labeltooltip": _tooltip(arrow.tooltip),
        "color": _colour(arrow, theme),
        "penwidth": f"{width:g}",
        "arrowsize": f"{0.75 - 0.07 * (width - 1):.2f}",
    }
    if not arrow.source_is_leaf:
        given["weight"] = "8"  # keeps the main path straight, with parameters beside it
    if ranks > 1:
        given["minlen"] = str(ranks)
    if arrow.is_zero and arrow.passing not in ("ahead", "forward"):
        given["style"] = "dashed"
    given |= layout.arrows.get(arrow.key, {})
    label = _label(arrow, theme)
    if label:
        given["label"] = f"<{label}>"
    dot.edge(ids[arrow.source], ids[arrow.target], key=str(index), **given)


def _find_shared_targets(diagram: Diagram) -> dict[str, set[str]]:
    """Return the boxes that arrows enter both from outside and inside their cluster, with the arrows from outside."""
    path = {box.key: box.path for box in diagram.boxes}
    inside = {a.target for a in diagram.arrows if path[a.source] == path[a.target]}
    entering: dict[str, set[str]] = {}
    for arrow in diagram.arrows:
        if arrow.target in inside and path[arrow.source] != path[arrow.target] and path[arrow.target]:
            entering.setdefault(arrow.target, set()).add(arrow.key)
    return entering


def _sign(arrow: Arrow) -> str:
    if arrow.contribution is None:
        return "flat" if arrow.is_zero else "unknown"
    if arrow.size == float("inf"):
        return "alarm"
    if arrow.is_zero:
        return "dead"
    return "mixed" if arrow.is_mixed else "positive" if arrow.contribution.positive > 0.5 else "negative"


def _colour(arrow: Arrow, theme: Theme) -> str:
    """Return blue, vermillion, or both in proportion to the positive and negative parts of the contribution."""
    if arrow.passing in ("ahead", "forward"):
        return theme.ink if arrow.passing == "forward" else theme.mix(theme.paper, theme.line, 0.6)
    sign = _sign(arrow)
    if sign == "mixed" and arrow.contribution is not None:
        return f"{theme.positive};{arrow.contribution.positive:.2f}:{theme.negative}"
    return {"positive": theme.positive, "negative": theme.negative, "alarm": theme.alarm}.get(sign, theme.line)


def _label(arrow: Arrow, theme: Theme) -> str:
    if arrow.passing in ("ahead", "forward"):
        return ""
    ground = theme.lit if arrow.passing == "back" else None
    ink, quiet = (theme.on(ground), theme.on(ground)) if ground else (theme.ink, theme.quiet)
    rows = [row(cell(font(escape(line), ink))) for line in arrow.lines if line]
    if arrow.term:
        rows.append(row(cell(font(escape(arrow.term), quiet, 9))))
    if not rows:
        return ""
    if ground:  # padded to the size of a label without fill
        return table(
            row(
                cell(
                    table(row(cell(table(*rows, cellpadding=1), cellpadding=3)), bgcolor=ground, style="ROUNDED"),
                    cellpadding=1,
                )
            )
        )
    return table(row(cell(table(*rows, cellpadding=1), cellpadding=4)))


def _tooltip(lines: list[str]) -> str:
    return "&#10;".join(escape(line) for line in lines)
