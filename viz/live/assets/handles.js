// Number lines: a handle for each number, and a curve for every quantity that it affects. The page evaluates no formula of
// the network; it interpolates between points that the network computed.

import { data, on, state } from "./data.js";
import { find, prefersReducedMotion, make } from "./dom.js";
import { valueAt, countDecimals, predict, findRange } from "./interpolation.js";
import { formatDecimals, formatNumber, parseNumber } from "./number_format.js";
import { plotCost } from "./cost_plot.js";
import { makeNumberLine, moveNumberLine } from "./number_line.js";

const SHOWN = 8;
const [list, curves] = [find("handles"), find("curves")];
let held = 0; // index of the held line
let shown = []; // indices of the visible lines
let to = 0; // position of the held handle
let rows = new Map();
let names = []; // the visible lines by name, the held one first: another example may have other lines

const lines = () => state.view.lines;

/** Select a handle, and scroll to it if another part of the page requests it. */
export function hold(line, fromElsewhere = false) {
  held = line;
  to = lines()[line].start;
  if (!shown.includes(line)) shown = [line, ...shown];
  build();
  if (fromElsewhere) {
    find("nudge").scrollIntoView({ behavior: prefersReducedMotion() ? "auto" : "smooth" });
    rows.get(line).querySelector(".knob").focus({ preventScroll: true });
  }
}

export function move(line, t) {
  if (line !== held) {
    const before = rows.get(held);
    held = line;
    if (before) moveNumberLine(before, lines()[rows.get("index of").get(before)].start);
    to = t;
    refresh();
  }
  const { grid } = lines()[line];
  to = Math.max(grid[0], Math.min(grid.at(-1), t));
  paint();
}

export const heldTo = () => ({ line: lines()[held], to });

// -- rendering

function build() {
  names = [lines()[held].name, ...shown.map((index) => lines()[index].name)];
  rows = new Map([["index of", new Map()]]);
  const made = shown.map((index) => {
    const line = lines()[index];
    const row = makeNumberLine(line.name, line.grid[0], line.grid.at(-1), { handle: true, start: line.start, onmove: (t) => move(index, t), about: kind(line) });
    rows.set(index, row);
    rows.get("index of").set(row, index);
    return row;
  });
  list.replaceChildren(...[picker()].filter(Boolean), ...made);
  refresh();
  paint();
}

const kind = (line) => data.nodes.find((node) => node.index === line.node)?.kind ?? "";

function picker() {
  if (lines().length <= shown.length) return null;
  const choice = make("select", { id: "pick", "aria-label": "Another number to move", onchange: () => hold(Number(choice.value)) },
    make("option", { value: "", disabled: true, selected: true }, "another number …"),
    lines().map((line, index) => (shown.includes(index) ? null : make("option", { value: index }, `${line.name} = ${formatNumber(parseNumber(line.start), 3)}`))));
  return make("div", { class: "picker" }, make("label", { for: "pick" }, "Move"), choice,
    make("span", {}, `${lines().length} can be moved`));
}

let curveRows = [];

/** Make the curves of another handle. */
function refresh() {
  const line = lines()[held];
  for (const [index, row] of rows) if (row.classList) row.classList.toggle("held", index === held);
  curveRows = line.curves.map((curve) => {
    const { low, high } = findRange(curve);
    const room = (high - low || Math.abs(low) || 1) * 0.06;
    return makeNumberLine(curve.name, low - room, high + room, { start: curve.start });
  });
  curves.replaceChildren(
    ...curveRows,
    make("p", { class: "fine" },
      `○ original value, ▼ predicted by the derivative, ● actual. The network computed ${line.grid.length} points; linear interpolation between them is off by at most ${formatDecimals(parseNumber(line.error), 2)} pixel. Each line has its own scale.`),
  );
}

function paint() {
  const line = lines()[held];
  const row = rows.get(held);
  const step = (line.grid.at(-1) - line.grid[0]) / 1000;
  moveNumberLine(row, to, { digits: Math.max(2, Math.ceil(-Math.log10(step))), change: to - line.start });
  line.curves.forEach((curve, i) => {
    const value = valueAt(line, curve, to);
    moveNumberLine(curveRows[i], value, {
      digits: countDecimals(curve, line.error), change: value - curve.start, guess: predict(line, curve, to), atRest: to === line.start,
    });
  });
  plotCost(line, to);
}

function restart() {
  if (!lines().length) {
    find("nudge").hidden = true;
    return;
  }
  find("nudge").hidden = false;
  const before = names.map((name) => lines().findIndex((line) => line.name === name)).filter((index) => index >= 0);
  const heldBefore = lines().findIndex((line) => line.name === names[0]);
  const slopeOf = (line) => Math.abs(line.curves.at(-1)?.slope ?? 0);
  const ranked = lines().map((_, index) => index).sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)) || slopeOf(lines()[b]) - slopeOf(lines()[a]));
  shown = before.length ? [...new Set(before)].sort((a, b) => a - b) : ranked.slice(0, SHOWN).sort((a, b) => a - b);
  held = heldBefore >= 0 ? heldBefore : mostCurves(shown) ?? shown[0];
  if (!shown.includes(held)) shown = [held, ...shown];
  to = lines()[held].start;
  build();
}

/** The parameter with the most curves. */
function mostCurves(among) {
  const parameters = among.filter((index) => kind(lines()[index]) === "parameter");
  return parameters.sort((a, b) => lines()[b].curves.length - lines()[a].curves.length)[0];
}

const isEntry = (index) => lines()[index].entry.length > 0;

function revive(scene) {
  for (const line of scene.lines) {
    if (line.revived) continue;
    line.revived = true;
    line.start = parseNumber(line.start);
    line.grid = line.grid.map(parseNumber);
    line.error = parseNumber(line.error);
    for (const curve of line.curves) {
      curve.values = curve.values.map(parseNumber);
      curve.start = parseNumber(curve.start);
      curve.slope = parseNumber(curve.slope);
    }
  }
}

export function startHandles() {
  find("nudge-hint").textContent = `Drag a handle, or use Tab and the arrow keys; Home, End and 0 jump. One number moves at a time. Dashed: the derivative's prediction, Δ${data.cost} ≈ slope · Δ. Solid: actual ${data.cost}.`;
  const start = () => {
    revive(state.view);
    restart();
  };
  on("view", start);
  start();
  new ResizeObserver(() => lines().length && plotCost(lines()[held], to)).observe(find("plot"));
}
