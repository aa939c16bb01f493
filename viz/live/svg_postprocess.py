"""Post-process the SVG of Graphviz for the page: smaller, in order of computation, with ids and named colours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from ..diagram.diagram import Box, Diagram
from ..diagram.dot import write_dot
from ..render import engine
from ..render.theme import FONTS
from .palette import Palette

_TITLE = "{http://www.w3.org/1999/xlink}title"
_KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "points", "d", "x", "y", "font-size", "font-weight")
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


def render_diagrams(diagrams: Iterable[Diagram], palette: Palette, time_limit: float = engine.TIME_LIMIT) -> list[str]:
    """Return the SVG of each diagram, with ``class="g"`` on the parts that show a gradient.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import build_diagram
    >>> x = gc.Graph().input("x")
    >>> (svg,) = render_diagrams([build_diagram(gc.backprop(ops.square(x, name="C"), {x: 3.0}))], Palette())
    >>> svg[:4], 'id="node-0"' in svg, "style" in svg, "#0" in svg
    ('<svg', True, False, False)
    """
    diagrams = list(diagrams)
    sources = [write_dot(diagram, palette, label="") for diagram in diagrams]
    drawn = engine.render_all(sources, time_limit)
    return [palette.use_variables(_simplify(svg, diagram)) for svg, diagram in zip(drawn, diagrams, strict=True)]


def _simplify(drawn: bytes, diagram: Diagram) -> str:
    root = ET.fromstring(drawn)  # noqa: S314  the output of Graphviz
    whole = next(child for child in root if _tag(child) == "g")
    boxes = {box.key: box for box in diagram.boxes}
    made: dict[str, ET.Element] = {}
    for group in whole:
        if _tag(group) == "g":
            made[group.get("id", "")] = _group(group, boxes.get(group.get("id", "")))
    # Graphviz writes them in any order; an inner layer has a greater number than the one around it
    layers = sorted((g for g in made.values() if g.get("class", "").startswith("layer")), key=_number)
    arrows = [made[a.key] for a in diagram.arrows if a.key in made]
    width, height = (float(n) for n in (root.get("viewBox") or "0 0 1 1").split()[2:])
    svg = ET.Element(
        "svg",
        {
            "viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}",
            "class": "diagram", "font-family": FONTS, "role": "group", "aria-label": diagram.title,
        },
    )  # fmt: skip
    inner = ET.SubElement(svg, "g", {"transform": _translation(whole.get("transform", ""))})
    for name, groups in (
        ("layers", layers),
        ("arrows", arrows),
        ("boxes", [made[b.key] for b in diagram.boxes if b.key in made]),
    ):
        ET.SubElement(inner, "g", {"class": name}).extend(groups)
    return ET.tostring(svg, encoding="unicode")


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(layer: ET.Element) -> int:
    return int(layer.get("id", "").rpartition("-")[2])


def _translation(transform: str) -> str:
    return "".join(re.findall(r"translate\([^)]*\)", transform))


def _group(group: ET.Element, box: Box | None) -> ET.Element:
    """Return a box, an arrow or a layer without the wrappers that Graphviz puts around tooltips."""
    kind = [name for name in group.get("class", "").split() if name not in ("node", "edge", "cluster")]
    made = ET.Element("g", {"id": group.get("id", ""), "class": " ".join(kind)})
    ET.SubElement(made, "title").text = next((e.get(_TITLE) for e in group.iter() if e.get(_TITLE)), "")
    parts = list(_shapes(group))
    if box is not None:
        for part in _gradient_parts(parts, box):
            part.set("class", "g")
    made.extend(parts)
    return made


def _shapes(group: ET.Element) -> Iterator[ET.Element]:
    for element in group.iter():
        tag = _tag(element)
        if tag in ("text", "path", "polygon", "polyline", "ellipse"):
            yield _simplify_shape(element, tag)


def _simplify_shape(element: ET.Element, tag: str) -> ET.Element:
    """Return the same shape with fewer attributes."""
    kept = {name: value for name in _KEPT if (value := element.get(name)) is not None}
    for name in ("cx", "cy", "rx", "ry"):
        if tag == "ellipse":
            kept[name] = element.get(name, "0")
    if tag == "polygon" and (rectangle := _rectangle_of(kept["points"])):
        kept.pop("points")
        kept |= rectangle
        tag = "rect"
    if tag in ("rect", "text") and kept.get("stroke") == "none":
        del kept["stroke"]
    if tag == "text" and kept.get("font-weight") not in (None, "bold"):
        del kept["font-weight"]
    made = ET.Element(tag, kept)
    made.text = element.text
    return made


def _rectangle_of(points: str) -> dict[str, str]:
    """Return the rectangle equal to an axis-aligned polygon; empty for another polygon."""
    corners = set(points.split())
    across, down = ({corner.split(",")[axis] for corner in corners} for axis in (0, 1))
    if not len(corners) == 4 == 2 * len(across) == 2 * len(down):
        return {}
    (x0, x1), (y0, y1) = sorted(map(float, across)), sorted(map(float, down))
    return {"x": f"{x0:g}", "y": f"{y0:g}", "width": f"{x1 - x0:.6g}", "height": f"{y1 - y0:.6g}"}


def _gradient_parts(parts: list[ET.Element], box: Box) -> Iterator[ET.Element]:
    """Yield the parts of a box that show its gradient: the tinted row of a number, the right half of an array."""
    symbol = box.gradient_symbol
    if box.gradient is None or not symbol:
        return
    if box.gradient.single is not None and (box.value is None or box.value.single is not None):
        yield from _scalar_row(parts, symbol)
        return
    heading = next((p for p in parts if p.tag == "text" and _plain(p.text) == _plain(symbol)), None)
    if heading is None:
        return
    left, top = _corner(heading)
    size = float(heading.get("font-size", "9"))
    for part in parts[parts.index(heading) :]:
        x, y = _corner(part)
        if x >= left - 3 and y >= top - 2 * size and part.get("fill") != "none":
            yield part


def _scalar_row(parts: list[ET.Element], symbol: str) -> Iterator[ET.Element]:
    for i, part in enumerate(parts):
        if part.tag == "text" and _plain(part.text).startswith(f"{_plain(symbol)} = "):
            yield part
            before = i - 1
            while before > 0 and parts[before].tag != "text":
                yield parts[before]
                before -= 1
            for after in parts[i + 1 :]:
                if after.tag == "text":
                    yield after


def _plain(text: str | None) -> str:
    """Remove bidirectional control characters and no-break spaces."""
    return re.sub("[\u200e\u2068\u2069]", "", (text or "").replace("\u00a0", " "))


def _corner(part: ET.Element) -> tuple[float, float]:
    """Return about the upper left corner of a shape."""
    if part.get("x") is not None:
        return float(part.get("x", "0")), float(part.get("y", "0"))
    numbers = [float(n) for n in _NUMBER.findall(part.get("points") or part.get("d") or "")]
    return min(numbers[::2], default=0.0), min(numbers[1::2], default=0.0)
