"""Bundle template, style and scripts into one HTML file, under a policy that allows nothing else to run."""

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
_FIELD = re.compile(r"\{\{(\w+)\}\}")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: characters that could end a script or begin markup inside one, as JSON escapes
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
#: fonts, images and connections are not listed, and so not allowed
_POLICY = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


def assemble_page(fields: Mapping[str, str], colours: str, data: Any) -> str:
    """Return the page: ``fields`` are markup for the template, ``data`` is the JSON that the scripts read.

    >>> page = assemble_page({"title": "net"}, "", {"name": "</script>"})
    >>> "default-src 'none'" in page, "</script>" in page.partition('id="data">')[2].partition("</script>")[0]
    (True, False)
    """
    style, script = f"{colours}\n{read_asset('page.css')}", bundle_scripts()
    policy = _POLICY.format(script=csp_hash(script), style=csp_hash(style))
    filled = {"policy": policy, "style": style, "script": script, "data": embed_json(data), **fields}
    # a single pass, so that inserted text is never itself taken for a field
    return _FIELD.sub(lambda field: filled.get(field[1], ""), read_asset("page.html"))


@cache
def read_asset(name: str) -> str:
    """Read a file of the folder ``assets``."""
    return (files(__package__) / "assets" / name).read_text("utf-8")


@cache
def bundle_scripts(first: str = "main") -> str:
    """Return all JavaScript modules as one script, each after those that it imports and in a scope of its own.

    >>> script = bundle_scripts()
    >>> script.index("const $camera = (() => {") < script.index("const $diagram = (() => {")
    True
    >>> "import" in script, "export" in script
    (False, False)
    """
    ordered: dict[str, None] = {}
    begun: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting[-1]
        begun.add(name)
        needed = [other for _, other in _IMPORT.findall(read_asset(f"{name}.js")) if other not in begun]
        if needed:
            waiting.append(needed[0])
        else:
            ordered.setdefault(waiting.pop())
    return "\n".join(_wrap_module(name) for name in ordered)


def _wrap_module(name: str) -> str:
    """Return a module as a function that is called once and returns its exports."""
    text = read_asset(f"{name}.js")
    exported = ", ".join(_EXPORT.findall(text))
    inside = re.sub(r"^export ", "", _IMPORT.sub(r"const \1 = $\2;", text), flags=re.MULTILINE)
    return f"const ${name} = (() => {{\n{inside}return {{ {exported} }};\n}})();\n"


def csp_hash(text: str) -> str:
    """Return the hash by which a content security policy allows an inline script or style.

    >>> csp_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def embed_json(data: Any) -> str:
    """Return JSON that is safe inside a script element, for any strings in it.

    >>> embed_json({"</script><b>": "\\u2028 ∂ & \\ud800"})
    '{"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e":"\\\\u2028 ∂ \\\\u0026 \\\\ud800"}'
    """
    text = dump_json(data)
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def dump_json(data: Any) -> str:
    """Return compact JSON.

    >>> dump_json({"∂": [1, 2]})
    '{"∂":[1,2]}'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def escape(text: str) -> str:
    """Escape a user's text for HTML, and spell out characters that cannot be printed.

    >>> escape('<b>&"'), escape("a\\nb"), escape("\\ud800")
    ('&lt;b&gt;&amp;&quot;', 'a\\\\nb', '\\\\ud800')
    """
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return html.escape(clean)
