// The table of all numbers: rows that choose, and cells that follow the example.

import { inWords } from "./card.js";
import { choose, data, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { number, revived } from "./numbers.js";

const rows = [...document.querySelectorAll(".all tr[data-place]")];

function cell(td, quantity, withSign) {
  const words = inWords(quantity, withSign);
  const pre = td.querySelector("pre");
  if (pre && quantity?.entries) {
    td.querySelector("summary").textContent = words;
    pre.textContent = matrix(quantity);
  } else td.textContent = words;
}

/** An array, line by line. */
export function matrix({ entries, shape }) {
  const texts = entries.map((value) => number(revived(value)));
  const wide = Math.max(...texts.map((text) => text.length));
  const columns = shape.at(-1);
  const lines = [];
  for (let i = 0; i < texts.length; i += columns) lines.push(texts.slice(i, i + columns).map((t) => t.padStart(wide)).join("  "));
  return lines.join("\n");
}

function refresh() {
  find("cost").textContent = `${data.cost} = ${number(revived(state.scene.cost))}`;
  for (const row of rows) {
    const node = state.scene.nodes[Number(row.dataset.place)];
    cell(row.querySelector(".value"), node.value, false);
    cell(row.querySelector(".gradient"), node.gradient, true);
  }
}

export function startTable() {
  for (const row of rows) {
    const place = Number(row.dataset.place);
    const head = row.querySelector("th");
    head.replaceChildren(make("button", { type: "button", class: "go", onclick: () => { choose(place); find("picture").scrollIntoView({ block: "start" }); } }, head.textContent));
  }
  on("scene", refresh);
  on("chosen", () => rows.forEach((row) => row.classList.toggle("chosen", Number(row.dataset.place) === state.chosen)));
}
