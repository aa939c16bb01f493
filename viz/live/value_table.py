"""The table of all values and gradients: what is left of the page when scripts are off."""

from __future__ import annotations

from collections.abc import Sequence

from ..format.numbers import number, signed, times
from .html_bundle import escaped
from .json_values import Json

_HEAD = (
    '<div class="scroll"><table class="all"><thead><tr><th scope="col">name</th><th scope="col">formula</th>'
    '<th scope="col">value</th><th scope="col">gradient</th></tr></thead>'
)


def table(nodes: Sequence[Json], told: Sequence[Json]) -> str:
    """One row for each node, in order of computation, under the layers they stand in.

    >>> node = {"name": "<w>", "formula": "", "kind": "parameter", "scope": "", "symbol": "∂C/∂w"}
    >>> print(table([node], [{"value": {"one": 0.5}, "gradient": {"one": -2}}]).partition("<tbody>")[2])
    <tr data-place="0"><th scope="row">&lt;w&gt;</th><td class="kind">parameter</td><td class="n value">0.5</td><td class="n gradient">▼ −2</td></tr></tbody></table></div>
    """  # noqa: E501
    rows = []
    scope = ""
    for place, (node, numbers) in enumerate(zip(nodes, told, strict=True)):
        if node["scope"] != scope:
            scope = node["scope"]
            rows.append(f'<tr class="scope"><th colspan="4" scope="rowgroup">{escaped(scope)}</th></tr>')
        kind = f"<td>{escaped(node['formula'])}</td>" if node["formula"] else f'<td class="kind">{node["kind"]}</td>'
        value = _cell(numbers["value"], with_sign=False)
        gradient = _cell(numbers.get("gradient"), with_sign=True)
        rows.append(
            f'<tr data-place="{place}"><th scope="row">{escaped(node["name"])}</th>{kind}'
            f'<td class="n value">{value}</td><td class="n gradient">{gradient}</td></tr>'
        )
    return f"{_HEAD}<tbody>{''.join(rows)}</tbody></table></div>"


def _cell(quantity: Json | None, *, with_sign: bool) -> str:
    if quantity is None:
        return "none"
    if "one" in quantity:
        return (signed if with_sign else number)(float(quantity["one"]), 4)
    words = f"{times(tuple(quantity['shape']))}  {quantity['about']}"
    if "entries" not in quantity:
        return words
    return f"<details><summary>{words}</summary><pre>{_matrix(quantity)}</pre></details>"


def _matrix(quantity: Json) -> str:
    texts = [number(float(value), 4) for value in quantity["entries"]]
    wide = max(map(len, texts))
    columns = quantity["shape"][-1]
    lines = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    return "\n".join("  ".join(text.rjust(wide) for text in line) for line in lines)
