// The table of all numbers: rows select a node, and cells follow the example.

import { formatQuantity } from "./tooltip.js";
import { select, data, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { formatNumber, parseNumber } from "./number_format.js";

const rows = [...document.querySelectorAll(".all tr[data-row]")];

function updateCell(td, quantity, withSign) {
  const words = formatQuantity(quantity, withSign);
  const pre = td.querySelector("pre");
  if (pre && quantity?.entries) {
    td.querySelector("summary").textContent = words;
    pre.textContent = formatMatrix(quantity);
  } else td.textContent = words;
}

/** Format an array, one line per row. */
export function formatMatrix({ entries, shape }) {
  const texts = entries.map((value) => formatNumber(parseNumber(value)));
  const wide = Math.max(...texts.map((text) => text.length));
  const columns = shape.at(-1);
  const lines = [];
  for (let i = 0; i < texts.length; i += columns) lines.push(texts.slice(i, i + columns).map((t) => t.padStart(wide)).join("  "));
  return lines.join("\n");
}

function refresh() {
  find("cost").textContent = `${data.cost} = ${formatNumber(parseNumber(state.view.cost))}`;
  for (const row of rows) {
    const node = state.view.nodes[Number(row.dataset.row)];
    updateCell(row.querySelector(".value"), node.value, false);
    updateCell(row.querySelector(".gradient"), node.gradient, true);
  }
}

export function startTable() {
  for (const row of rows) {
    const index = Number(row.dataset.row);
    const head = row.querySelector("th");
    head.replaceChildren(make("button", { type: "button", class: "go", onclick: () => { select(index); find("picture").scrollIntoView({ block: "start" }); } }, head.textContent));
  }
  on("view", refresh);
  on("selection", () => rows.forEach((row) => row.classList.toggle("selected", Number(row.dataset.row) === state.selected)));
}
