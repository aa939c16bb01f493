// One number line: ticks, original value, current value, prediction, and optionally a handle.

import { make } from "./dom.js";
import { typeset } from "./math_text.js";
import { formatChange, formatDecimals, formatNumber } from "./number_format.js";

/** Make a line from low to high. */
export function makeNumberLine(name, low, high, { handle = false, start, onmove = null, about = "" }) {
  const track = make("div", { class: "track" }, ...makeTicks(low, high));
  const row = make("div", { class: handle ? "line handle" : "line" },
    make("div", { class: "name" }, typeset(name), about ? make("small", {}, about) : null), track, make("div", { class: "now" }));
  Object.assign(row, { low, high, start, handle });
  row.moved = make("span", { class: "moved" });
  row.guess = handle ? null : make("span", { class: "guess" });
  row.now = make("span", handle ? { class: "knob", role: "slider", tabindex: 0, "aria-label": name, "aria-valuemin": low, "aria-valuemax": high } : { class: "at" });
  track.append(row.moved, put(make("span", { class: "at start" }), row, start), ...[row.guess, row.now].filter(Boolean));
  if (handle) listen(row, track, onmove);
  moveNumberLine(row, start);
  return row;
}

/** Move the marks of a line. */
export function moveNumberLine(row, value, { digits = null, change: by = 0, guess = null, atRest = true } = {}) {
  put(row.now, row, value);
  row.now.hidden = !Number.isFinite(value);
  const shown = digits === null || (atRest && by === 0) ? formatNumber(value) : formatDecimals(value, digits);
  const text = row.lastChild;
  text.replaceChildren(shown, make("small", {}, by ? formatBy(by, digits) : "\u00a0"));
  const [from, to] = [row.start, Math.max(row.low, Math.min(row.high, value))].sort((a, b) => a - b);
  row.moved.style.left = `${percent(row, from)}%`;
  row.moved.style.width = `${percent(row, to) - percent(row, from)}%`;
  row.moved.classList.toggle("down", by < 0);
  if (row.guess) {
    put(row.guess, row, Math.max(row.low, Math.min(row.high, guess ?? row.start)));
    row.guess.hidden = guess === null || guess < row.low || guess > row.high;
  }
  if (row.handle) {
    row.now.setAttribute("aria-valuenow", value);
    row.now.setAttribute("aria-valuetext", shown);
  }
}

function formatBy(by, digits) {
  return digits === null ? formatChange(by) : `${by > 0 ? "+" : ""}${formatDecimals(by, digits)}`;
}

function listen(row, track, onmove) {
  const follow = (event) => {
    const { left, width } = track.getBoundingClientRect();
    onmove(row.low + ((event.clientX - left) / width) * (row.high - row.low));
  };
  track.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    row.now.focus({ preventScroll: true });
    track.setPointerCapture(event.pointerId);
    follow(event);
  });
  track.addEventListener("pointermove", (event) => track.hasPointerCapture(event.pointerId) && follow(event));
  row.now.addEventListener("keydown", (event) => {
    const step = ((row.high - row.low) / 100) * (event.shiftKey ? 5 : 1);
    const now = Number(row.now.getAttribute("aria-valuenow"));
    const to = {
      ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step,
      PageUp: now + 10 * step, PageDown: now - 10 * step, Home: row.low, End: row.high, Escape: row.start, 0: row.start,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onmove(Math.abs(to - row.start) < step * 1e-6 ? row.start : to);
  });
  track.addEventListener("dblclick", () => onmove(row.start));
}

const percent = (row, value) => (100 * (value - row.low)) / (row.high - row.low);

function put(element, row, value) {
  if (Number.isFinite(value)) element.style.left = `${Math.max(-2, Math.min(102, percent(row, value)))}%`;
  return element;
}

/** Round a distance up to 1, 2 or 5 times a power of ten. */
export function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= rough * (1 - 1e-9));
}

/** Return the positions and labels of ticks. */
export function tickMarks(low, high, about = 5) {
  const step = niceStep((high - low) / about);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const marks = [];
  for (let n = Math.ceil(low / step); n * step <= high && marks.length < 20; n++) {
    const value = n * step;
    marks.push([value, decimals > 6 || Math.abs(value) >= 1e6 ? formatNumber(value, 3) : formatDecimals(value, decimals)]);
  }
  return marks;
}

function makeTicks(low, high) {
  return tickMarks(low, high).map(([value, label]) => {
    const tick = make("span", { class: "tick", "aria-hidden": "true" }, make("span", {}, label));
    tick.style.left = `${(100 * (value - low)) / (high - low)}%`;
    return tick;
  });
}
