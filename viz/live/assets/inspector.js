// The explanation of what is chosen: the chain rule with its numbers put in, and what arrived from where.

import { inWords } from "./card.js";
import { choose, data, on, state } from "./data.js";
import { draw, find, make } from "./dom.js";
import { hold } from "./handles.js";
import { display, typeset } from "./mathematics.js";
import { number, revived, signed } from "./numbers.js";
import { KEYS } from "./walking.js";

const pane = find("inspector");

function show() {
  const place = state.chosen;
  const parts = place === null ? welcome() : typeof place === "string" ? folded(place) : explained(place);
  pane.replaceChildren(...parts.filter(Boolean));
  pane.scrollTop = 0;
  reveal(pane.querySelector(".grid :is([aria-current], [aria-pressed='true'])"));
}

/** Scroll a table, and nothing else, until the chosen entry is in its middle. */
function reveal(cell) {
  if (!cell) return;
  const grid = cell.closest(".grid");
  const [inner, outer] = [cell.getBoundingClientRect(), grid.getBoundingClientRect()];
  grid.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  grid.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}

// -- nothing is chosen

function welcome() {
  const others = data.panels.length > 1 ? `; so does what is drawn behind the other ${data.panels.length > 2 ? "tabs" : "tab"}` : "";
  const pointing = `Pointing at a box or an arrow tells its numbers${others}.`;
  const walks = data.panels.some(({ parts }) => parts);
  const stroke = (colour, width, dash) => draw(
    "svg", { viewBox: "0 0 44 18", "aria-hidden": "true" },
    draw("path", { d: "M2 9H32", stroke: colour, "stroke-width": width, "stroke-dasharray": dash ? "5 3" : null }),
    draw("path", { d: "M32 4.5L41 9L32 13.5Z", fill: colour }),
  );
  return [
    make("h2", {}, "Why is a gradient what it is?"),
    make("p", { class: "hint" }, "Choose a box: its gradient is taken apart into the factors of the chain rule, and the paths along which it reaches the cost light up. " + pointing),
    make("ul", { class: "legend" },
      make("li", {}, stroke("var(--positive)", 4), make("span", {}, `▲ more of it raises ${data.cost}`)),
      make("li", {}, stroke("var(--negative)", 4), make("span", {}, `▼ more of it lowers ${data.cost}`)),
      make("li", {}, stroke("var(--line)", 1.4, true), make("span", {}, "hands nothing back")),
      make("li", {}, draw("svg", { viewBox: "0 0 44 18", "aria-hidden": "true" },
        ...[[2, 1], [8, 2.5], [15, 5]].map(([y, width]) => draw("path", { d: `M2 ${y}H41`, stroke: "var(--quiet)", "stroke-width": width }))),
      make("span", {}, "wider: hands more back")),
    ),
    make("p", { class: "hint" }, "Arrows point the way the values flow. Gradients travel against them, from the cost back to every weight."),
    walks ? make("p", { class: "hint" }, "Among the neurons, a neuron and a weight are explained as a box is. By keyboard: ", KEYS) : null,
  ];
}

function folded(key) {
  const inside = data.nodes.map((node, place) => [node, place]).filter(([node]) => node.box === key);
  const told = document.getElementById(key)?.dataset.told.split("\n") ?? [""];
  return [
    make("h2", {}, told[0]),
    ...told.slice(1).map((line) => make("p", { class: "kind" }, line)),
    make("h3", {}, "Inside"),
    make("ul", { class: "shares" }, inside.slice(0, 60).map(([node, place]) => make("li", {},
      make("span", {}, make("button", { type: "button", class: "go", onclick: () => choose(place) }, typeset(node.name))),
      make("span", {}, inWords(state.scene.nodes[place].gradient, true))))),
    inside.length > 60 ? make("p", { class: "hint" }, `and ${inside.length - 60} more, in the table below`) : null,
  ];
}

// -- a node is chosen

function explained(place) {
  const [node, told] = [data.nodes[place], state.scene.nodes[place]];
  const called = node.formula && node.formula !== node.name ? `${node.name} = ${node.formula}` : node.name;
  const part = tellsOfPart(told);
  const ofEntry = state.entry ? told.entries?.[state.entry] : null;
  return [
    make("h2", {}, typeset(part ? part[0] : called)),
    ...(part ?? []).slice(1).map((line) => make("p", { class: "part" }, typeset(line))),
    ...(part ? [dragging(node), ...(ofEntry ? chain(ofEntry) : []), make("h2", { class: "whole" }, "All of ", typeset(called))] : []),
    make("p", { class: "kind" }, [node.kind, node.about, node.scope].filter(Boolean).join(" · ")),
    make("dl", { class: "facts" },
      make("dt", {}, "value"), make("dd", {}, inWords(told.value)),
      told.gradient ? [make("dt", {}, display(node.symbol)), make("dd", { class: tone(told.gradient) }, inWords(told.gradient, true))] : null,
    ),
    part ? null : dragging(node),
    ...entries(node, told, place),
    ...(part && ofEntry ? [] : chain(ofEntry ?? told.why)),
    ...arrived(told),
    ...examples(node),
  ];
}

/** What is said of the chosen part of a picture that shows one number of an array; null if none is chosen. */
function tellsOfPart(told) {
  if ("one" in told.value || !state.part) return null;
  return document.getElementById(state.part)?.dataset.told.split("\n") ?? null;
}

const tone = (quantity) => "one" in quantity ? (quantity.one > 0 ? "rises" : quantity.one < 0 ? "falls" : "") : "";

function dragging(node) {
  const wanted = state.entry ?? "";
  const line = state.scene.lines.findIndex((l) => l.node === node.index && l.entry.join() === wanted);
  if (line < 0) return null;
  const name = state.scene.lines[line].name;
  return make("div", { class: "row" }, make("button", { type: "button", id: "drag-it", onclick: () => hold(line, true) }, `Move ${name} and watch the cost`));
}

function chain(why) {
  if (!why) return [make("p", { class: "hint" }, "Of what is folded, only some nodes are explained: gc.explain(run, node) explains any.")];
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

function arrived(told) {
  if (!told.arrived || told.arrived.length < 2) return [];
  return [
    make("h3", {}, "What arrives, and is added up"),
    make("ul", { class: "shares" },
      told.arrived.map(({ from, what, share }) => make("li", {}, make("span", {}, typeset(`from ${from}: ${what}`)), make("span", {}, inWords(share)))),
      make("li", { class: "total" }, make("span", {}, "together"), make("span", {}, inWords(told.gradient))),
    ),
  ];
}

// -- the entries of an array

let shown = "gradient";

function entries(node, told, place) {
  if (!told.value.entries) return [];
  const pick = (what) => make("button", {
    type: "button", "aria-pressed": String(shown === what), onclick: () => { shown = what; show(); },
  }, what);
  const quantity = (shown === "gradient" && told.gradient) || told.value;
  return [
    make("h3", {}, "Entry by entry"),
    told.gradient ? make("div", { class: "row" }, pick("gradient"), pick("value")) : null,
    told.entries ? make("p", { class: "hint" }, "An underlined entry is explained when it is chosen, and can be moved.") : null,
    make("div", { class: "grid" }, table(quantity, told, place)),
  ];
}

function table(quantity, told, place) {
  const columns = quantity.shape.at(-1);
  const values = quantity.entries.map(revived);
  const largest = Math.max(...values.map(Math.abs).filter(Number.isFinite), 0);
  const rows = [];
  for (let first = 0; first < values.length; first += columns) {
    const cells = values.slice(first, first + columns).map((value, column) => {
      const index = indices(first + column, quantity.shape);
      return make("td", {}, cell(value, largest, index.join(), told, place));
    });
    rows.push(make("tr", {}, quantity.shape.length > 1 ? make("th", { scope: "row" }, indices(first, quantity.shape).slice(0, -1).join()) : null, ...cells));
  }
  return make("table", {}, make("tbody", {}, rows));
}

function cell(value, largest, key, told, place) {
  const explains = told.entries && key in told.entries;
  const given = { class: "cell", title: `[${key}]` };
  const made = explains
    ? make("button", { ...given, type: "button", "aria-pressed": String(state.entry === key), onclick: () => choose(place, state.entry === key ? null : key) }, number(value, 3))
    : make("span", { ...given, "aria-current": state.entry === key ? "true" : null }, number(value, 3));
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

// -- what each example says

function examples(node) {
  const each = data.examples?.gradients?.[`${node.index}:${state.entry ?? ""}`];
  if (!each || state.place) return [];
  const more = data.examples.all > each.length ? `, the first ${each.length} of ${data.examples.all}` : "";
  return [
    make("h3", {}, "What each example says"),
    make("div", { class: "each" }, each.map((value, i) => make("span", {}, `${i}: ${signed(revived(value), 3)}`))),
    make("p", { class: "hint" }, `The gradient of the batch is their average${more}.`),
  ];
}

export function startInspector() {
  pane.hidden = false;
  on("chosen", show);
  show();
}
