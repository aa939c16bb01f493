// The tooltip of a box, an arrow or a part of a picture.

import { rowOfBox, state } from "./data.js";
import { find, make } from "./dom.js";
import { typeset } from "./math_text.js";
import { formatNumber, parseNumber, formatSigned } from "./number_format.js";

const tooltip = find("tooltip");
const MAX_CONTRIBUTIONS = 5;
const FAR = 34; // pixels, more than half the size of a neuron

/** Format a value or a gradient in one line. */
export function formatQuantity(quantity, withSign = false) {
  if (!quantity) return "no gradient";
  if ("scalar" in quantity) return (withSign ? formatSigned : formatNumber)(parseNumber(quantity.scalar));
  const shape = quantity.shape ? `${formatShape(quantity.shape)}  ` : "";
  return shape + (quantity.summary ?? "");
}

/** Format a shape; that of a vector with a noun, so that it is not read as a number. */
function formatShape(shape) {
  return shape.length === 1 ? `${shape[0]} ${shape[0] === 1 ? "entry" : "entries"}` : shape.join("×");
}

/** Format a contribution: a product and the number it is equal to, or a summary of the array. */
function formatContribution({ from, product, contribution }) {
  return `from ${from}:  ${product}${"scalar" in contribution ? " = " : ":  "}${formatQuantity(contribution)}`;
}

function makeLines(element) {
  const text = element.dataset.tooltip.split("\n");
  const node = element.classList.contains("box") ? state.view.nodes[rowOfBox(element.id)] : null;
  if (!node) return text.slice(1).map((line) => make("div", {}, typeset(line)));
  const rows = [make("div", {}, `value: ${formatQuantity(node.value)}`)];
  if (node.gradient) rows.push(make("div", {}, `gradient: ${formatQuantity(node.gradient, true)}`));
  const contributions = node.contributions ?? [];
  for (const contribution of contributions.slice(0, MAX_CONTRIBUTIONS)) {
    rows.push(make("div", { class: "from" }, typeset(formatContribution(contribution))));
  }
  if (contributions.length > MAX_CONTRIBUTIONS) rows.push(make("div", { class: "from" }, `and ${contributions.length - MAX_CONTRIBUTIONS} more`));
  return rows;
}

/** Replace an element's title, which the browser would show as a second tooltip. */
export function moveTitle(element) {
  const title = element.querySelector("title");
  element.setAttribute("aria-label", title.textContent.replaceAll("\n", ", "));
  element.dataset.tooltip = title.textContent;
  title.remove();
}

export function showTooltip(element, event = null) {
  tooltip.replaceChildren(make("b", {}, typeset(element.dataset.tooltip.split("\n")[0])), ...makeLines(element));
  tooltip.hidden = false;
  const around = element.getBoundingClientRect();
  const { width, height } = tooltip.getBoundingClientRect();
  const [x, y] = (element.classList.contains("box") ? placeBeside(around, width) : null)
    ?? (event ? [event.clientX + 16, event.clientY + 18] : placeBelow(element, around, height));
  tooltip.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  tooltip.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

/** Position below a part, or above it where there is no room, without hiding the ends of a line. */
function placeBelow(element, { left, top, bottom }, height) {
  const away = element.classList.contains("edge") ? FAR : 8;
  return [left, bottom + away + height < innerHeight - 8 ? bottom + away : top - away - height];
}

/** Position to the right or left of a box; null where there is no room. */
function placeBeside({ left, right, top, width: own }, width) {
  if (own > innerWidth / 2) return null;
  if (right + 14 + width < innerWidth - 8) return [right + 14, top];
  return left - 14 - width > 8 ? [left - 14 - width, top] : null;
}

export function hideTooltip() {
  tooltip.hidden = true;
}
