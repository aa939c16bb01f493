// The cost along one number: the true curve, the tangent that the derivative is, and the gap between them.

import { data } from "./data.js";
import { draw, find, make } from "./dom.js";
import { answerAt, places, predicted, rangeOf } from "./interpolating.js";
import { typeset } from "./mathematics.js";
import { change, decimals, number } from "./numbers.js";
import { tickMarks } from "./track.js";

const figure = find("plot");
const HEIGHT = 300;
const EDGE = { left: 56, right: 16, top: 18, bottom: 36 };

export function plot(line, t) {
  const cost = line.answers.at(-1);
  if (!cost) return;
  const width = Math.max(280, figure.clientWidth);
  const scale = scales(line, cost, width);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img", "aria-label": `${data.cost} along ${line.name}` });
  axes(svg, scale, line, width);
  curves(svg, scale, line, cost);
  here(svg, scale, line, cost, t);
  figure.replaceChildren(svg, readout(line, cost, t));
}

function scales(line, cost, width) {
  const { low, high } = rangeOf(cost);
  const room = (high - low || Math.abs(low) || 1) * 0.14;
  const [x0, x1, y0, y1] = [line.at[0], line.at.at(-1), low - room, high + room];
  return {
    x0, x1, y0, y1,
    x: (t) => EDGE.left + ((t - x0) / (x1 - x0)) * (width - EDGE.left - EDGE.right),
    y: (c) => HEIGHT - EDGE.bottom - ((c - y0) / (y1 - y0)) * (HEIGHT - EDGE.top - EDGE.bottom),
  };
}

function axes(svg, { x0, x1, y0, y1, x, y }, line, width) {
  for (const [value, label] of tickMarks(x0, x1, Math.max(3, width / 90))) {
    svg.append(draw("line", { class: "axis", x1: x(value), x2: x(value), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }),
      draw("text", { x: x(value), y: HEIGHT - EDGE.bottom + 15, "text-anchor": "middle" }, label));
  }
  for (const [value, label] of tickMarks(y0, y1, 4)) {
    svg.append(draw("line", { class: "axis", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
      draw("text", { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, label));
  }
  svg.append(draw("text", { x: width - EDGE.right, y: HEIGHT - 5, "text-anchor": "end" }, line.name),
    draw("text", { x: 12, y: 13 }, data.cost));
}

function curves(svg, scale, line, cost) {
  let [path, pen] = ["", "M"];
  line.at.forEach((t, place) => {
    const c = cost.values[place];
    if (Number.isFinite(c)) path += `${pen}${scale.x(t).toFixed(2)} ${scale.y(c).toFixed(2)}`;
    pen = Number.isFinite(c) ? "L" : "M";
  });
  if (Number.isFinite(cost.at) && Number.isFinite(cost.rate)) svg.append(tangent(line, cost, scale));
  svg.append(draw("path", { class: "true", d: path }));
}

function tangent(line, cost, scale) {
  const ends = clipped(line, cost, scale);
  const at = (t) => [scale.x(t), scale.y(predicted(line, cost, t))];
  const [[x1, y1], [x2, y2]] = ends.map(at);
  return draw("line", { class: "tangent", x1, y1, x2, y2 });
}

/** The tangent as far as it stays in the frame. */
function clipped(line, cost, { x0, x1, y0, y1 }) {
  if (!cost.rate) return [x0, x1];
  const reaches = [y0, y1].map((y) => line.start + (y - cost.at) / cost.rate).sort((a, b) => a - b);
  return [Math.max(x0, reaches[0]), Math.min(x1, reaches[1])];
}

function here(svg, scale, line, cost, t) {
  const [value, guess] = [answerAt(line, cost, t), predicted(line, cost, t)];
  const inside = (c) => Math.max(scale.y1 < c ? scale.y1 : c, scale.y0);
  const [x, from] = [scale.x(t), scale.x(line.start)];
  if (Number.isFinite(value) && Number.isFinite(guess) && t !== line.start) {
    svg.append(
      draw("path", { class: "rise", fill: "none", d: `M${from} ${scale.y(cost.at)}H${x}V${scale.y(inside(guess))}` }),
      draw("line", { class: "gap", x1: x, x2: x, y1: scale.y(inside(guess)), y2: scale.y(value) }),
    );
  }
  if (Number.isFinite(cost.at)) svg.append(draw("circle", { class: "start", cx: from, cy: scale.y(cost.at), r: 5 }));
  if (Number.isFinite(value)) svg.append(draw("circle", { class: "here", cx: x, cy: scale.y(value), r: 5.5 }));
}

function readout(line, cost, t) {
  const digits = places(cost, line.error);
  const by = t - line.start;
  const promised = cost.rate * by;
  const really = answerAt(line, cost, t) - cost.at;
  const told = (value) => (digits === null ? change(value) : (value > 0 ? "+" : "") + decimals(value, digits));
  const item = (words, value, tone = "") => make("div", {}, make("small", { class: tone }, typeset(words)), make("b", {}, value));
  return make("figcaption", { class: "readout", id: "readout" },
    item(`Δ${line.name}`, by ? change(by, 3) : "0"),
    item(`predicted: ${number(cost.rate)} · Δ${line.name}`, by ? told(promised) : "0", "falls"),
    item(`Δ${data.cost}, as it really is`, by ? told(really) : "0", "rises"));
}
