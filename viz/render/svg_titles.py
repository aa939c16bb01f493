"""Tooltips of SVG elements as ``<title>``, which every browser shows."""

from __future__ import annotations

import re

_TOOLTIP = re.compile(r'<title>[^<]*</title>\n<g id="a_[^"]*"><a xlink:title="([^"]*)">\n(.*?)</a>\n</g>\n', re.DOTALL)
#: the names of DOT, which Graphviz writes as titles and which mean nothing to readers
_NAMES = re.compile(r"<title>n\d+(?:&#45;&#45;n\d+)?</title>\n")
_IMAGE = re.compile(r'(<g id="image" class="node image")')


def add_titles(svg: bytes) -> bytes:
    """Turn the tooltips of Graphviz's SVG into titles, and remove the names of DOT.

    >>> svg_text = '<g id="e">\\n<title>n0</title>\\n<g id="a_e"><a xlink:title="w = 2">\\n<path/>\\n</a>\\n</g>\\n</g>'
    >>> print(add_titles(svg_text.encode()).decode())
    <g id="e">
    <title>w = 2</title>
    <path/>
    </g>
    >>> add_titles(b"<title>n0&#45;&#45;n12</title>\\n<path/>")
    b'<path/>'
    """
    text = _TOOLTIP.sub(r"<title>\1</title>\n\2", svg.decode("utf-8"))
    # without antialiasing, adjacent pixels have no gaps
    return _IMAGE.sub(r'\1 shape-rendering="crispEdges"', _NAMES.sub("", text)).encode("utf-8")
