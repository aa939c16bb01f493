"""What is told when the pointer rests on a part of an SVG: as a ``<title>``, which every browser shows."""

from __future__ import annotations

import re

_TOLD = re.compile(r'<title>[^<]*</title>\n<g id="a_[^"]*"><a xlink:title="([^"]*)">\n(.*?)</a>\n</g>\n', re.DOTALL)
#: Graphviz gives each part the name it has in DOT as its title, which tells a reader nothing
_NAMES = re.compile(r"<title>n\d+(?:&#45;&#45;n\d+)?</title>\n")
_IMAGE = re.compile(r'(<g id="image" class="node image")')


def titled(svg: bytes) -> bytes:
    """The SVG of Graphviz with its tooltips as titles, and without the names of DOT.

    >>> told = '<g id="e">\\n<title>n0</title>\\n<g id="a_e"><a xlink:title="w = 2">\\n<path/>\\n</a>\\n</g>\\n</g>'
    >>> print(titled(told.encode()).decode())
    <g id="e">
    <title>w = 2</title>
    <path/>
    </g>
    >>> titled(b"<title>n0&#45;&#45;n12</title>\\n<path/>")
    b'<path/>'
    """
    text = _TOLD.sub(r"<title>\1</title>\n\2", svg.decode("utf-8"))
    # pixels meet without a gap only if their edges are not smoothed
    return _IMAGE.sub(r'\1 shape-rendering="crispEdges"', _NAMES.sub("", text)).encode("utf-8")
