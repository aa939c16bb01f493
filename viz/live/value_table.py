"""The table of all values and gradients, which is also there without scripts."""

from __future__ import annotations

from collections.abc import Sequence

from ..format.numbers import format_shape, format_signed, number
from .html_bundle import escape
from .json_values import Json

_HEAD = (
    '<div class="scroll"><table class="all"><thead><tr><th scope="col">name</th><th scope="col">formula</th>'
    '<th scope="col">value</th><th scope="col">gradient</th></tr></thead>'
)


def render_table(nodes: Sequence[Json], details: Sequence[Json]) -> str:
    """Return a table with a row for each node, in order of computation, grouped by scope.

    >>> node = {"name": "<w>", "formula": "", "kind": "parameter", "scope": "", "symbol": "∂C/∂w"}
    >>> print(render_table([node], [{"value": {"scalar": 0.5}, "gradient": {"scalar": -2}}]).partition("<tbody>")[2])
    <tr data-row="0"><th scope="row">&lt;w&gt;</th><td class="kind">parameter</td><td class="n value">0.5</td><td class="n gradient">▼ −2</td></tr></tbody></table></div>
    """  # noqa: E501
    rows = []
    scope = ""
    for i, (node, numbers) in enumerate(zip(nodes, details, strict=True)):
        if node["scope"] != scope:
            scope = node["scope"]
            rows.append(f'<tr class="scope"><th colspan="4" scope="rowgroup">{escape(scope)}</th></tr>')
        kind = f"<td>{escape(node['formula'])}</td>" if node["formula"] else f'<td class="kind">{node["kind"]}</td>'
        rows.append(
            f'<tr data-row="{i}"><th scope="row">{escape(node["name"])}</th>{kind}'
            f'<td class="n value">{_cell(numbers["value"])}</td>'
            f'<td class="n gradient">{_cell(numbers.get("gradient"), with_sign=True)}</td></tr>'
        )
    return f"{_HEAD}<tbody>{''.join(rows)}</tbody></table></div>"


def _cell(array: Json | None, *, with_sign: bool = False) -> str:
    if array is None:
        return "no gradient"
    if "scalar" in array:
        return (format_signed if with_sign else number)(float(array["scalar"]), 4)
    summary = f"{format_shape(tuple(array['shape']))}  {array['summary']}"
    if "entries" not in array:
        return summary
    return f"<details><summary>{summary}</summary><pre>{_matrix(array)}</pre></details>"


def _matrix(array: Json) -> str:
    texts = [number(float(value), 4) for value in array["entries"]]
    width = max(map(len, texts))
    columns = array["shape"][-1]
    lines = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    return "\n".join("  ".join(text.rjust(width) for text in line) for line in lines)
