// Number lines: a handle on each number, and how everything behind it answers. The page knows no formula of the
// network; it draws straight lines between points that the network itself computed, so close that nobody can tell.

import { data, on, state } from "./data.js";
import { find, isCalm, make } from "./dom.js";
import { answerAt, places, predicted, rangeOf } from "./interpolating.js";
import { decimals, number, revived } from "./numbers.js";
import { plot } from "./plot.js";
import { drawLine, moveLine } from "./track.js";

const SHOWN = 8;
const [list, answers] = [find("handles"), find("answers")];
let held = 0; // the line that is held
let shown = []; // the lines that are seen
let to = 0; // where the held handle is
let rows = new Map();
let names = []; // what is seen by name, the held one first: another example may have other lines

const lines = () => state.scene.lines;

/** Take a handle; scrolling there if it is asked for from elsewhere. */
export function hold(line, fromElsewhere = false) {
  held = line;
  to = lines()[line].start;
  if (!shown.includes(line)) shown = [line, ...shown];
  build();
  if (fromElsewhere) {
    find("nudge").scrollIntoView({ behavior: isCalm() ? "auto" : "smooth" });
    rows.get(line).querySelector(".knob").focus({ preventScroll: true });
  }
}

export function move(line, t) {
  if (line !== held) {
    const before = rows.get(held);
    held = line;
    if (before) moveLine(before, lines()[rows.get("index of").get(before)].start);
    to = t;
    refresh();
  }
  const { at } = lines()[line];
  to = Math.max(at[0], Math.min(at.at(-1), t));
  paint();
}

export const heldTo = () => ({ line: lines()[held], to });

// -- what is seen

function build() {
  names = [lines()[held].name, ...shown.map((index) => lines()[index].name)];
  rows = new Map([["index of", new Map()]]);
  const made = shown.map((index) => {
    const line = lines()[index];
    const row = drawLine(line.name, line.at[0], line.at.at(-1), { handle: true, start: line.start, onmove: (t) => move(index, t), about: kind(line) });
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
    lines().map((line, index) => (shown.includes(index) ? null : make("option", { value: index }, `${line.name} = ${number(revived(line.start), 3)}`))));
  return make("div", { class: "picker" }, make("label", { for: "pick" }, "Move"), choice,
    make("span", {}, `${lines().length} can be moved`));
}

let answering = [];

/** New answers, when another handle is taken. */
function refresh() {
  const line = lines()[held];
  for (const [index, row] of rows) if (row.classList) row.classList.toggle("held", index === held);
  answering = line.answers.map((answer) => {
    const { low, high } = rangeOf(answer);
    const room = (high - low || Math.abs(low) || 1) * 0.06;
    return drawLine(answer.name, low - room, high + room, { start: answer.at });
  });
  answers.replaceChildren(
    ...answering,
    make("p", { class: "fine" },
      `The hollow mark is where it was, the triangle where the derivative predicts it. Computed at ${line.at.length} places by the network itself; in between the page draws straight lines, which are off by no more than ${decimals(revived(line.error), 2)} of a pixel, measured half-way. Every line has a scale of its own.`),
  );
}

function paint() {
  const line = lines()[held];
  const row = rows.get(held);
  const step = (line.at.at(-1) - line.at[0]) / 1000;
  moveLine(row, to, { digits: Math.max(2, Math.ceil(-Math.log10(step))), change: to - line.start });
  line.answers.forEach((answer, place) => {
    const value = answerAt(line, answer, to);
    moveLine(answering[place], value, {
      digits: places(answer, line.error), change: value - answer.at, guess: predicted(line, answer, to), atRest: to === line.start,
    });
  });
  plot(line, to);
}

function restart() {
  if (!lines().length) {
    find("nudge").hidden = true;
    return;
  }
  find("nudge").hidden = false;
  const before = names.map((name) => lines().findIndex((line) => line.name === name)).filter((index) => index >= 0);
  const heldBefore = lines().findIndex((line) => line.name === names[0]);
  const strength = (line) => Math.abs(line.answers.at(-1)?.rate ?? 0);
  const ranked = lines().map((_, index) => index).sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)) || strength(lines()[b]) - strength(lines()[a]));
  shown = before.length ? [...new Set(before)].sort((a, b) => a - b) : ranked.slice(0, SHOWN).sort((a, b) => a - b);
  held = heldBefore >= 0 ? heldBefore : longest(shown) ?? shown[0];
  if (!shown.includes(held)) shown = [held, ...shown];
  to = lines()[held].start;
  build();
}

/** The parameter behind which most happens. */
function longest(among) {
  const parameters = among.filter((index) => kind(lines()[index]) === "parameter");
  return parameters.sort((a, b) => lines()[b].answers.length - lines()[a].answers.length)[0];
}

const isEntry = (index) => lines()[index].entry.length > 0;

function revive(scene) {
  for (const line of scene.lines) {
    if (line.revived) continue;
    line.revived = true;
    line.start = revived(line.start);
    line.at = line.at.map(revived);
    line.error = revived(line.error);
    for (const answer of line.answers) {
      answer.values = answer.values.map(revived);
      answer.at = revived(answer.at);
      answer.rate = revived(answer.rate);
    }
  }
}

export function startHandles() {
  find("nudge-hint").textContent = `Drag a handle, or reach it with Tab and use the arrow keys. One number moves at a time, the others stay as they were in the run. The dashed tangent is what the derivative promises: Δ${data.cost} ≈ slope · Δ. The curve is what really happens.`;
  const start = () => {
    revive(state.scene);
    restart();
  };
  on("scene", start);
  start();
  new ResizeObserver(() => lines().length && plot(lines()[held], to)).observe(find("plot"));
}
