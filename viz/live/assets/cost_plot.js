// The cost as a function of one number: the actual curve, the tangent, and the gap between them.

import { data } from "./data.js";
import { draw, find, make } from "./dom.js";
import { valueAt, countDecimals, predict, findRange } from "./interpolation.js";
import { typeset } from "./math_text.js";
import { formatChange, formatDecimals, formatNumber } from "./number_format.js";
import { tickMarks } from "./number_line.js";

const figure = find("plot");
const HEIGHT = 300;
const EDGE = { left: 56, right: 16, top: 18, bottom: 36 };

export function plotCost(line, t) {
  const cost = line.curves.at(-1);
  if (!cost) return;
  const width = Math.max(280, figure.clientWidth);
  const scale = makeScales(line, cost, width);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img", "aria-label": `${data.cost} along ${line.name}` });
  drawAxes(svg, scale, line, width);
  drawCurves(svg, scale, line, cost);
  drawPosition(svg, scale, line, cost, t);
  figure.replaceChildren(svg, makeReadout(line, cost, t));
}

function makeScales(line, cost, width) {
  const { low, high } = findRange(cost);
  const room = (high - low || Math.abs(low) || 1) * 0.14;
  const [x0, x1, y0, y1] = [line.grid[0], line.grid.at(-1), low - room, high + room];
  return {
    x0, x1, y0, y1,
    x: (t) => EDGE.left + ((t - x0) / (x1 - x0)) * (width - EDGE.left - EDGE.right),
    y: (c) => HEIGHT - EDGE.bottom - ((c - y0) / (y1 - y0)) * (HEIGHT - EDGE.top - EDGE.bottom),
  };
}

function drawAxes(svg, { x0, x1, y0, y1, x, y }, line, width) {
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

function drawCurves(svg, scale, line, cost) {
  let [path, pen] = ["", "M"];
  line.grid.forEach((t, i) => {
    const c = cost.values[i];
    if (Number.isFinite(c)) path += `${pen}${scale.x(t).toFixed(2)} ${scale.y(c).toFixed(2)}`;
    pen = Number.isFinite(c) ? "L" : "M";
  });
  if (Number.isFinite(cost.start) && Number.isFinite(cost.slope)) svg.append(drawTangent(line, cost, scale));
  svg.append(draw("path", { class: "actual", d: path }));
}

function drawTangent(line, cost, scale) {
  const ends = clipTangent(line, cost, scale);
  const at = (t) => [scale.x(t), scale.y(predict(line, cost, t))];
  const [[x1, y1], [x2, y2]] = ends.map(at);
  return draw("line", { class: "tangent", x1, y1, x2, y2 });
}

/** Clip the tangent to the frame. */
function clipTangent(line, cost, { x0, x1, y0, y1 }) {
  if (!cost.slope) return [x0, x1];
  const reaches = [y0, y1].map((y) => line.start + (y - cost.start) / cost.slope).sort((a, b) => a - b);
  return [Math.max(x0, reaches[0]), Math.min(x1, reaches[1])];
}

function drawPosition(svg, scale, line, cost, t) {
  const [value, guess] = [valueAt(line, cost, t), predict(line, cost, t)];
  const inside = (c) => Math.max(scale.y1 < c ? scale.y1 : c, scale.y0);
  const [x, from] = [scale.x(t), scale.x(line.start)];
  if (Number.isFinite(value) && Number.isFinite(guess) && t !== line.start) {
    svg.append(
      draw("path", { class: "rise", fill: "none", d: `M${from} ${scale.y(cost.start)}H${x}V${scale.y(inside(guess))}` }),
      draw("line", { class: "gap", x1: x, x2: x, y1: scale.y(inside(guess)), y2: scale.y(value) }),
    );
  }
  if (Number.isFinite(cost.start)) svg.append(draw("circle", { class: "start", cx: from, cy: scale.y(cost.start), r: 5 }));
  if (Number.isFinite(value)) svg.append(draw("circle", { class: "here", cx: x, cy: scale.y(value), r: 5.5 }));
}

function makeReadout(line, cost, t) {
  const digits = countDecimals(cost, line.error);
  const by = t - line.start;
  const predictedChange = cost.slope * by;
  const actualChange = valueAt(line, cost, t) - cost.start;
  const format = (value) => (digits === null ? formatChange(value) : (value > 0 ? "+" : "") + formatDecimals(value, digits));
  const item = (words, value, tone = "") => make("div", {}, make("small", { class: tone }, typeset(words)), make("b", {}, value));
  return make("figcaption", { class: "readout", id: "readout" },
    item(`Δ${line.name}`, by ? formatChange(by, 3) : "0"),
    item(`predicted: ${formatNumber(cost.slope)} · Δ${line.name}`, by ? format(predictedChange) : "0", "falls"),
    item(`actual Δ${data.cost}`, by ? format(actualChange) : "0", "rises"));
}
