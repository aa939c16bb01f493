"""One file of it all: template, style and scripts put together, with a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:function|class|const|async function) (\w+)", re.MULTILINE)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: what could end a script or begin markup inside one, spelled as JSON also allows
_SPELLED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
#: fonts, images and connections are not in this list, and so not allowed
_POLICY = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


def assembled(places: Mapping[str, str], colours: str, data: Any) -> str:
    """The page. ``places`` are markup for the places of the template, ``data`` what the scripts read.

    >>> page = assembled({"title": "net"}, "", {"name": "</script>"})
    >>> "default-src 'none'" in page, "</script>" in page.partition('id="data">')[2].partition("</script>")[0]
    (True, False)
    """
    style, program = f"{colours}\n{asset('page.css')}", script()
    policy = _POLICY.format(script=fingerprint(program), style=fingerprint(style))
    filled = {"policy": policy, "style": style, "script": program, "data": embedded(data), **places}
    # in one go, so that nothing that is put in is taken for a place
    return _PLACE.sub(lambda place: filled.get(place[1], ""), asset("page.html"))


@cache
def asset(name: str) -> str:
    """A file that lies beside this one."""
    return (files(__package__) / "assets" / name).read_text("utf-8")


@cache
def script(first: str = "main") -> str:
    """All modules in one, each after those that it imports, and each with names of its own.

    >>> program = script()
    >>> program.index("const $camera = (() => {") < program.index("const $diagram = (() => {")
    True
    >>> "import" in program, "export" in program
    (False, False)
    """
    ordered: dict[str, None] = {}
    begun: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting[-1]
        begun.add(name)
        needed = [other for _, other in _IMPORT.findall(asset(f"{name}.js")) if other not in begun]
        if needed:
            waiting.append(needed[0])
        else:
            ordered.setdefault(waiting.pop())
    return "\n".join(_module(name) for name in ordered)


def _module(name: str) -> str:
    """A module as a function that is called once and returns what it exports."""
    text = asset(f"{name}.js")
    exported = ", ".join(_EXPORT.findall(text))
    inside = re.sub(r"^export ", "", _IMPORT.sub(r"const \1 = $\2;", text), flags=re.MULTILINE)
    return f"const ${name} = (() => {{\n{inside}return {{ {exported} }};\n}})();\n"


def fingerprint(text: str) -> str:
    """By which a browser knows what it may run.

    >>> fingerprint("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def embedded(data: Any) -> str:
    """JSON that can stand in a page, whatever words are in it.

    >>> embedded({"</script><b>": "\\u2028 ∂ & \\ud800"})
    '{"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e":"\\\\u2028 ∂ \\\\u0026 \\\\ud800"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, spelled in _SPELLED.items():
        text = text.replace(character, spelled)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def escaped(words: str) -> str:
    """A user's words as text of the page; what cannot be printed is spelled out.

    >>> escaped('<b>&"'), escaped("a\\nb"), escaped("\\ud800")
    ('&lt;b&gt;&amp;&quot;', 'a\\\\nb', '\\\\ud800')
    """
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)
    return html.escape(clean)
