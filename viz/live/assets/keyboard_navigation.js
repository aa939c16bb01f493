// Keyboard navigation of the neuron picture: one Tab stop, then arrow keys to every neuron and weight.

import { parsePart } from "./network_parts.js";

/** Help text. */
export const KEYS = "Up and down: neurons of a layer. Left: weights into a neuron, then their source. Right: the next layer. Enter: explain.";

export class KeyboardNavigation {
  /** Keyboard navigation of the picture in a panel. */
  constructor(panel) {
    this.panel = panel;
    panel.addEventListener("focusin", (event) => this.#rove(event.target));
    panel.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Index a new picture; the Tab stop stays where it was. */
  load() {
    this.lines = new Map(); // by line: its source, its target, and all lines into the target
    this.stops = []; // column by column, from top to bottom
    const columns = new Map();
    for (const part of this.panel.querySelectorAll(".interactive")) {
      const { kind, numbers: [depth = 0, i, before, k] } = parsePart(part, this.panel);
      if (kind === "weight") this.#line(part, this.#part("neuron", before, k) ?? this.#part("image"), this.#part("neuron", depth, i), before + k / 1e6);
      else if (kind === "blame") this.#line(part, this.#part("neuron", depth, i), this.#part("cost"), i, before !== undefined);
      else {
        const column = kind === "cost" ? Infinity : kind === "target" ? depth + 0.5 : depth;
        columns.set(column, [...(columns.get(column) ?? []), part]);
        part.setAttribute("tabindex", "-1");
      }
    }
    this.stops = [...columns.keys()].sort((a, b) => a - b).map((column) => columns.get(column));
    for (const { among } of this.lines.values()) among.sort((a, b) => this.lines.get(a).order - this.lines.get(b).order);
    this.#rove(document.getElementById(this.at?.id) ?? this.stops[0][0]);
  }

  #part(...words) {
    return document.getElementById([this.panel.id.replace("panel-", ""), ...words].join("-"));
  }

  #line(part, source, target, order, isHalf = false) {
    if (isHalf) return; // the other half shows the same
    const among = this.arriving(target);
    among.push(part);
    this.lines.set(part, { source, target, order, among });
  }

  /** Return the lines into a part. */
  arriving(target) {
    for (const { target: other, among } of this.lines.values()) if (other === target) return among;
    return [];
  }

  #key(event) {
    const next = event.altKey || event.ctrlKey || event.metaKey ? null : this.#next(event.target, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise the player would step
    if (next) this.to(next);
  }

  /** Return the part that a key leads to; undefined if there is no such part, null for another key. */
  #next(part, key) {
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity, ArrowLeft: 0, ArrowRight: 0 }[key];
    if (by === undefined) return null;
    part = document.getElementById(part.id.replace(/-before$/, "")) ?? part; // a line in two halves is indexed by one of them
    const line = this.lines.get(part);
    const column = this.stops.findIndex((stops) => stops.includes(part));
    if (by) return along(line?.among ?? this.stops[column], part, by);
    if (key === "ArrowRight") return line ? line.target : nearest(this.stops[column + 1], part);
    return line ? line.source : this.arriving(part)[0] ?? nearest(this.stops[column - 1], part);
  }

  to(part) {
    this.#rove(part);
    part.focus();
  }

  /** Move the Tab stop. */
  #rove(part) {
    if (!part?.classList.contains("interactive")) return;
    this.at?.setAttribute("tabindex", "-1");
    part.setAttribute("tabindex", "0");
    this.at = part;
  }
}

const along = (parts, part, by) => parts[Math.max(0, Math.min(parts.length - 1, parts.indexOf(part) + by))];

const height = (part) => {
  const { top, bottom } = part.getBoundingClientRect();
  return (top + bottom) / 2;
};

function nearest(parts, part) {
  const away = (other) => Math.abs(height(other) - height(part));
  return parts?.reduce((best, other) => (away(other) < away(best) ? other : best));
}
