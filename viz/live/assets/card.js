// The card beside the pointer: what a box or an arrow says at a glance.

import { placeOfBox, state } from "./data.js";
import { find, make } from "./dom.js";
import { typeset } from "./mathematics.js";
import { number, revived, signed } from "./numbers.js";

const card = find("card");
const MOST = 5;
const FAR = 34; // pixels, more than half of what a line ends at

/** A value or a gradient in a few words. */
export function inWords(quantity, withSign = false) {
  if (!quantity) return "none";
  if ("one" in quantity) return (withSign ? signed : number)(revived(quantity.one));
  const shape = quantity.shape ? `${quantity.shape.join("×")}  ` : "";
  return shape + (quantity.about ?? "");
}

function lines(element) {
  const told = element.dataset.told.split("\n");
  const node = element.classList.contains("box") ? state.scene.nodes[placeOfBox(element.id)] : null;
  if (!node) return told.slice(1).map((line) => make("div", {}, typeset(line)));
  const rows = [make("div", {}, `value: ${inWords(node.value)}`)];
  if (node.gradient) rows.push(make("div", {}, `gradient: ${inWords(node.gradient, true)}`));
  const arrived = node.arrived ?? [];
  for (const { from, what, share } of arrived.slice(0, MOST)) {
    rows.push(make("div", { class: "from" }, typeset(`from ${from}:  ${what} = ${inWords(share)}`)));
  }
  if (arrived.length > MOST) rows.push(make("div", { class: "from" }, `and ${arrived.length - MOST} more`));
  return rows;
}

/** What a part tells, taken from its title, which would show a second card. */
export function takeTitle(element) {
  const title = element.querySelector("title");
  element.setAttribute("aria-label", title.textContent.replaceAll("\n", ", "));
  element.dataset.told = title.textContent;
  title.remove();
}

export function showCard(element, event = null) {
  card.replaceChildren(make("b", {}, typeset(element.dataset.told.split("\n")[0])), ...lines(element));
  card.hidden = false;
  const around = element.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const [x, y] = (element.classList.contains("box") ? beside(around, width) : null)
    ?? (event ? [event.clientX + 16, event.clientY + 18] : below(element, around, height));
  card.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  card.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

/** Under a part, or above it where there is no room; so far from a line that neither end is hidden. */
function below(element, { left, top, bottom }, height) {
  const away = element.classList.contains("edge") ? FAR : 8;
  return [left, bottom + away + height < innerHeight - 8 ? bottom + away : top - away - height];
}

/** Right or left of a box, where it hides nothing of it; null where there is no room, and for arrows. */
function beside({ left, right, top, width: own }, width) {
  if (own > innerWidth / 2) return null;
  if (right + 14 + width < innerWidth - 8) return [right + 14, top];
  return left - 14 - width > 8 ? [left - 14 - width, top] : null;
}

export function hideCard() {
  card.hidden = true;
}
