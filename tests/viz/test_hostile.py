"""Hostile names are drawn as text, without any effect."""

import re
import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest

import graphcore as gc
import ops
import viz
from viz.render.markup import escape

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    '<b>&"\\',
    "two\nlines\r\x00\x1b[31m",
    "</script><script>alert(1)</script>",
    "-->",
    "]]>",
    "\\N\\G\\E\\l\\r\\n",
    "&lt;&#60;&amp;",
    "n:1",
    "<TABLE><TR><TD>",
    "\ud800",
    "\ufffe\uffff",
    "שלום עולם",
    "\u202eevil",
    "a" * 10_000,
    "\\" * 50,
    '" onload="alert(1)',
    "😀 e\u0301",
    "%s {0} $HOME",
]


def network(name):
    g = gc.Graph(name)
    with g.scope(name):
        x = g.input(name)
        z = (x * g.parameter("w", 2.0)).named("z" + name[:9000])
    return gc.backprop(ops.square(z + x), {x: 0.5})


def elements(svg):
    """Number of elements of each kind."""
    found = {}
    for element in ET.fromstring(svg).iter():
        found[element.tag] = found.get(element.tag, 0) + 1
    return found


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_adds_no_element_and_no_attribute(name):
    hostile, harmless = (viz.draw(network(n)).svg() for n in (name, "n"))
    assert set(elements(hostile)) == set(elements(harmless))
    for element in ET.fromstring(hostile).iter():
        assert not [key for key in element.attrib if key.lower().startswith("on")]
    ids = [{e.get("id") for e in ET.fromstring(svg).iter() if e.get("id")} for svg in (hostile, harmless)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", ['<b>&"\\', "\\N\\G\\E\\l\\r\\n", "&lt;&#60;&amp;", "n:1", "</script>", "-->"])
def test_a_hostile_name_is_shown_as_it_is(name):
    svg = ET.fromstring(viz.draw(network(name)).svg())
    bold = [text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight") == "bold"]
    assert name in bold
    tips = [a.get("{http://www.w3.org/1999/xlink}title") for a in svg.iter(f"{SVG}a")]
    assert any(tip.startswith(f"{name}\n") for tip in tips)


def test_a_long_name_is_short_in_the_box_and_longer_in_the_tooltip():
    svg = viz.draw(network("a" * 10_000)).svg()
    texts = [t.text for t in ET.fromstring(svg).iter(f"{SVG}text")]
    assert max(map(len, texts)) < 120
    assert any(re.fullmatch("a+…", t) for t in texts)
    assert "a" * 1500 in svg
    assert "a" * 2500 not in svg


def test_text_from_right_to_left_does_not_turn_the_formula_around():
    svg = viz.draw(network("שלום")).svg()
    assert "\u2068שלום\u2069" in svg
    assert "\u202e" not in viz.draw(network("\u202eevil")).svg()


def test_user_text_never_names_a_node_in_dot():
    source = viz.draw(network("n0 -> n1; evil")).source
    assert re.findall(r"^\t*(\S+) \[", source, re.MULTILINE)
    for line in source.splitlines():
        assert re.match(r"^(digraph|\t+(graph|node|edge|subgraph cluster_\d+|n\d+|\})|\})", line), line


def test_every_box_and_arrow_can_be_found_in_the_svg(nets):
    run = nets.neurons()
    root = ET.fromstring(viz.draw(run).svg())
    classes = {g.get("id"): g.get("class") for g in root.iter(f"{SVG}g")}
    for node in run.order:
        assert classes[f"node-{node.index}"].startswith("node box ")
    for edge in run.edges:
        place = edge.target.arguments.index(edge.argument)
        assert "arrow" in classes[f"edge-{edge.source.index}-{edge.target.index}-{place}"]


def test_no_letter_from_right_to_left_is_overlooked():
    for number in range(sys.maxunicode + 1):
        if unicodedata.bidirectional(chr(number)) in ("R", "AL", "AN") and chr(number).isprintable():
            assert escape(f"a {chr(number)}") == f"\u200ea \u2068{chr(number)}\u2069\u200e", hex(number)
