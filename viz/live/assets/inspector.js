// The explanation of the selected node: the chain rule with its numbers, and the contributions.

import { formatQuantity } from "./tooltip.js";
import { select, data, on, state } from "./data.js";
import { draw, find, make } from "./dom.js";
import { hold } from "./handles.js";
import { display, typeset } from "./math_text.js";
import { formatNumber, parseNumber, formatSigned } from "./number_format.js";
import { KEYS } from "./keyboard_navigation.js";

const pane = find("inspector");

function show() {
  const row = state.selected;
  const parts = row === null ? makeIntroduction() : typeof row === "string" ? explainFold(row) : explainNode(row);
  pane.replaceChildren(...parts.filter(Boolean));
  pane.scrollTop = 0;
  reveal(pane.querySelector(".grid :is([aria-current], [aria-pressed='true'])"));
}

/** Scroll only the table, until the selected entry is in its middle. */
function reveal(cell) {
  if (!cell) return;
  const grid = cell.closest(".grid");
  const [inner, outer] = [cell.getBoundingClientRect(), grid.getBoundingClientRect()];
  grid.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  grid.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}

// -- nothing is selected

function makeIntroduction() {
  const hasNeurons = data.panels.some(({ parts }) => parts);
  const stroke = (colour, width, dash) => draw(
    "svg", { viewBox: "0 0 44 18", "aria-hidden": "true" },
    draw("path", { d: "M2 9H32", stroke: colour, "stroke-width": width, "stroke-dasharray": dash ? "5 3" : null }),
    draw("path", { d: "M32 4.5L41 9L32 13.5Z", fill: colour }),
  );
  return [
    make("h2", {}, "Where does this gradient come from?"),
    make("p", { class: "hint" }, "Click a box for the factors of its gradient and the paths to the cost. Point at a box or an arrow for its numbers."),
    make("ul", { class: "legend" },
      make("li", {}, stroke("var(--positive)", 4), make("span", {}, `▲ increasing it raises ${data.cost}`)),
      make("li", {}, stroke("var(--negative)", 4), make("span", {}, `▼ increasing it lowers ${data.cost}`)),
      make("li", {}, stroke("var(--line)", 1.4, true), make("span", {}, "no gradient")),
      make("li", {}, draw("svg", { viewBox: "0 0 44 18", "aria-hidden": "true" },
        ...[[2, 1], [8, 2.5], [15, 5]].map(([y, width]) => draw("path", { d: `M2 ${y}H41`, stroke: "var(--quiet)", "stroke-width": width }))),
      make("span", {}, "thicker = larger gradient")),
    ),
    make("p", { class: "hint" }, "Values flow along the arrows, gradients against them: from the cost back to every weight."),
    hasNeurons ? make("p", { class: "hint" }, "In the tab Neurons, click a neuron or a weight. Keyboard: ", KEYS) : null,
  ];
}

function explainFold(key) {
  const inside = data.nodes.map((node, row) => [node, row]).filter(([node]) => node.box === key);
  const text = document.getElementById(key)?.dataset.tooltip.split("\n") ?? [""];
  return [
    make("h2", {}, text[0]),
    ...text.slice(1).map((line) => make("p", { class: "kind" }, line)),
    make("h3", {}, "Inside"),
    make("ul", { class: "contributions" }, inside.slice(0, 60).map(([node, row]) => make("li", {},
      make("span", {}, make("button", { type: "button", class: "go", onclick: () => select(row) }, typeset(node.name))),
      make("span", {}, formatQuantity(state.view.nodes[row].gradient, true))))),
    inside.length > 60 ? make("p", { class: "hint" }, `and ${inside.length - 60} more in the table below`) : null,
  ];
}

// -- a node is selected

function explainNode(row) {
  const [node, details] = [data.nodes[row], state.view.nodes[row]];
  const title = node.formula && node.formula !== node.name ? `${node.name} = ${node.formula}` : node.name;
  const part = partTooltip(details);
  const ofEntry = state.entry ? details.entries?.[state.entry] : null;
  return [
    make("h2", {}, typeset(part ? part[0] : title)),
    ...(part ?? []).slice(1).map((line) => make("p", { class: "part" }, typeset(line))),
    ...(part ? [moveButton(node), ...(ofEntry ? chainRule(ofEntry) : []), make("h2", { class: "whole" }, "All of ", typeset(title))] : []),
    make("p", { class: "kind" }, [node.kind, node.type, node.scope].filter(Boolean).join(" · ")),
    make("dl", { class: "facts" },
      make("dt", {}, "value"), make("dd", {}, formatQuantity(details.value)),
      details.gradient ? [make("dt", {}, display(node.symbol)), make("dd", { class: tone(details.gradient) }, formatQuantity(details.gradient, true))] : null,
    ),
    part ? null : moveButton(node),
    ...entries(node, details, row),
    ...(part && ofEntry ? [] : chainRule(ofEntry ?? details.explanation)),
    ...contributions(details),
    ...examples(node),
  ];
}

/** The tooltip of the selected part of a picture if the part shows one entry of an array, else null. */
function partTooltip(details) {
  if ("scalar" in details.value || !state.part) return null;
  return document.getElementById(state.part)?.dataset.tooltip.split("\n") ?? null;
}

const tone = (quantity) => "scalar" in quantity ? (quantity.scalar > 0 ? "rises" : quantity.scalar < 0 ? "falls" : "") : "";

function moveButton(node) {
  const entry = state.entry ?? "";
  const line = state.view.lines.findIndex((l) => l.node === node.index && l.entry.join() === entry);
  if (line < 0) return null;
  const name = state.view.lines[line].name;
  return make("div", { class: "row" }, make("button", { type: "button", id: "drag-it", onclick: () => hold(line, true) }, `Move ${name} and watch the cost`));
}

function chainRule(why) {
  if (!why) return [make("p", { class: "hint" }, "In large networks the page explains only some nodes; use gc.explain(run, node).")];
  const parts = [make("h3", {}, "The chain rule")];
  for (const section of why.sections) {
    parts.push(make("p", { class: "chain" }, make("span", { class: "says" }, display(section.heading))));
    if (section.rows) parts.push(make("ul", { class: "factors" }, section.rows.map(factor)));
    if (section.result) parts.push(make("p", { class: "result" }, display(section.result)));
  }
  return parts;
}

function factor([what, value, meaning]) {
  const sign = /^[−-]/.test(value) ? "down" : /^\d/.test(value) && value !== "0" ? "up" : "";
  return make("li", { class: sign },
    make("span", {}, display(what)), make("span", { class: "value" }, value),
    meaning ? make("span", { class: "meaning" }, meaning) : null);
}

function contributions(details) {
  if (!details.contributions || details.contributions.length < 2) return [];
  return [
    make("h3", {}, "Contributions"),
    make("ul", { class: "contributions" },
      details.contributions.map(({ from, product: what, contribution }) => make("li", {}, make("span", {}, typeset(`from ${from}: ${what}`)), make("span", {}, formatQuantity(contribution)))),
      make("li", { class: "total" }, make("span", {}, "sum"), make("span", {}, formatQuantity(details.gradient))),
    ),
  ];
}

// -- the entries of an array

let shown = "gradient";

function entries(node, details, row) {
  if (!details.value.entries) return [];
  const pick = (what) => make("button", {
    type: "button", "aria-pressed": String(shown === what), onclick: () => { shown = what; show(); },
  }, what);
  const quantity = (shown === "gradient" && details.gradient) || details.value;
  return [
    make("h3", {}, "Entries"),
    details.gradient ? make("div", { class: "row" }, pick("gradient"), pick("value")) : null,
    details.entries ? make("p", { class: "hint" }, "Click an underlined entry to explain or move it.") : null,
    make("div", { class: "grid" }, table(quantity, details, row)),
  ];
}

function table(quantity, details, row) {
  const columns = quantity.shape.at(-1);
  const values = quantity.entries.map(parseNumber);
  const largest = Math.max(...values.map(Math.abs).filter(Number.isFinite), 0);
  const rows = [];
  for (let first = 0; first < values.length; first += columns) {
    const cells = values.slice(first, first + columns).map((value, column) => {
      const index = indices(first + column, quantity.shape);
      return make("td", {}, cell(value, largest, index.join(), details, row));
    });
    rows.push(make("tr", {}, quantity.shape.length > 1 ? make("th", { scope: "row" }, indices(first, quantity.shape).slice(0, -1).join()) : null, ...cells));
  }
  return make("table", {}, make("tbody", {}, rows));
}

function cell(value, largest, key, details, row) {
  const explains = details.entries && key in details.entries;
  const given = { class: "cell", title: `[${key}]` };
  const made = explains
    ? make("button", { ...given, type: "button", "aria-pressed": String(state.entry === key), onclick: () => select(row, state.entry === key ? null : key) }, formatNumber(value, 3))
    : make("span", { ...given, "aria-current": state.entry === key ? "true" : null }, formatNumber(value, 3));
  if (largest && value && Number.isFinite(value)) {
    const part = Math.round(30 * Math.sqrt(Math.abs(value) / largest));
    made.style.background = `color-mix(in srgb, var(--${value > 0 ? "positive" : "negative"}) ${part}%, var(--box))`;
  }
  return made;
}

function indices(flat, shape) {
  const found = [];
  for (const length of [...shape].reverse()) {
    found.unshift(flat % length);
    flat = Math.floor(flat / length);
  }
  return found;
}

// -- the gradient of each example

function examples(node) {
  const each = data.examples?.gradients?.[`${node.index}:${state.entry ?? ""}`];
  if (!each || state.example) return [];
  const more = data.examples.total > each.length ? `; shown: the first ${each.length} of ${data.examples.total}` : "";
  return [
    make("h3", {}, "Gradient of each example"),
    make("div", { class: "each" }, each.map((value, i) => make("span", {}, `${i}: ${formatSigned(parseNumber(value), 3)}`))),
    make("p", { class: "hint" }, `The gradient of the batch is the average over all examples${more}.`),
  ];
}

export function startInspector() {
  pane.hidden = false;
  on("selection", show);
  show();
}
