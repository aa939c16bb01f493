"""The gradient diagram as a page wants it: small, in order of computation, its parts findable, its colours by name."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from ..diagram.diagram import Box, Diagram
from ..diagram.dot import dot_of
from ..render import engine
from ..render.theme import FONTS
from .palette import Palette

_TITLE = "{http://www.w3.org/1999/xlink}title"
_KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "points", "d", "x", "y", "font-size", "font-weight")
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


def inlined(diagrams: Iterable[Diagram], palette: Palette, time_limit: float = engine.TIME_LIMIT) -> list[str]:
    """The SVG of each diagram, with ``class="g"`` on all that tells a gradient.

    >>> import graphcore as gc, ops
    >>> from viz.diagram.builder import diagram_of
    >>> x = gc.Graph().input("x")
    >>> (svg,) = inlined([diagram_of(gc.backprop(ops.square(x, name="C"), {x: 3.0}))], Palette())
    >>> svg[:4], 'id="node-0"' in svg, "style" in svg, "#0" in svg
    ('<svg', True, False, False)
    """
    diagrams = list(diagrams)
    sources = [dot_of(diagram, palette, label="") for diagram in diagrams]
    drawn = engine.render_all(sources, time_limit)
    return [palette.colours_in(_slimmed(svg, diagram)) for svg, diagram in zip(drawn, diagrams, strict=True)]


def _slimmed(drawn: bytes, diagram: Diagram) -> str:
    root = ET.fromstring(drawn)  # noqa: S314  Graphviz wrote it a moment ago
    whole = next(child for child in root if _tag(child) == "g")
    boxes = {box.key: box for box in diagram.boxes}
    made: dict[str, ET.Element] = {}
    for group in whole:
        if _tag(group) == "g":
            made[group.get("id", "")] = _group(group, boxes.get(group.get("id", "")))
    # Graphviz writes them in any order; a layer has a greater number than the one around it
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
    """A box, an arrow or a layer, without the wrappers that Graphviz puts around tooltips."""
    kind = [name for name in group.get("class", "").split() if name not in ("node", "edge", "cluster")]
    made = ET.Element("g", {"id": group.get("id", ""), "class": " ".join(kind)})
    told = next((e.get(_TITLE) for e in group.iter() if e.get(_TITLE)), "")
    ET.SubElement(made, "title").text = told
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
            yield _slim(element, tag)


def _slim(element: ET.Element, tag: str) -> ET.Element:
    """The same shape in fewer words."""
    kept = {name: value for name in _KEPT if (value := element.get(name)) is not None}
    for name in ("cx", "cy", "rx", "ry"):
        if tag == "ellipse":
            kept[name] = element.get(name, "0")
    if tag == "polygon" and (rectangle := _upright(kept["points"])):
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


def _upright(points: str) -> dict[str, str]:
    """The rectangle that a polygon is, if it stands upright; else nothing."""
    corners = set(points.split())
    across, down = ({corner.split(",")[axis] for corner in corners} for axis in (0, 1))
    if not len(corners) == 4 == 2 * len(across) == 2 * len(down):
        return {}
    (x0, x1), (y0, y1) = sorted(map(float, across)), sorted(map(float, down))
    return {"x": f"{x0:g}", "y": f"{y0:g}", "width": f"{x1 - x0:.6g}", "height": f"{y1 - y0:.6g}"}


def _gradient_parts(parts: list[ET.Element], box: Box) -> Iterator[ET.Element]:
    """What in a box tells its gradient: the tinted row of a number, the right half of an array's panel."""
    symbol = box.gradient_symbol
    if box.gradient is None or not symbol:
        return
    if box.gradient.single is not None and (box.value is None or box.value.single is not None):
        yield from _row_of_number(parts, symbol)
        return
    heading = next((p for p in parts if p.tag == "text" and _same(p.text, symbol)), None)
    if heading is None:
        return
    left, top = _corner(heading)
    size = float(heading.get("font-size", "9"))
    for part in parts[parts.index(heading) :]:
        x, y = _corner(part)
        if x >= left - 3 and y >= top - 2 * size and part.get("fill") != "none":
            yield part


def _row_of_number(parts: list[ET.Element], symbol: str) -> Iterator[ET.Element]:
    for place, part in enumerate(parts):
        if part.tag == "text" and _plain(part.text).startswith(f"{_plain(symbol)} = "):
            yield part
            before = place - 1
            while before > 0 and parts[before].tag != "text":
                yield parts[before]
                before -= 1
            for after in parts[place + 1 :]:
                if after.tag == "text":
                    yield after


def _same(words: str | None, symbol: str) -> bool:
    return _plain(words) == _plain(symbol)


def _plain(words: str | None) -> str:
    """Without the marks that keep scripts of different direction apart, and with plain blanks."""
    return re.sub("[\u200e\u2068\u2069]", "", (words or "").replace("\u00a0", " "))


def _corner(part: ET.Element) -> tuple[float, float]:
    """The upper left corner of a shape, nearly."""
    if part.get("x") is not None:
        return float(part.get("x", "0")), float(part.get("y", "0"))
    numbers = [float(n) for n in _NUMBER.findall(part.get("points") or part.get("d") or "")]
    return min(numbers[::2], default=0.0), min(numbers[1::2], default=0.0)
