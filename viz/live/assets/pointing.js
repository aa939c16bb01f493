// The pictures beside the diagram: each part tells what it is in the same card as boxes and arrows do.

import { hideCard, showCard, takeTitle } from "./card.js";

const EASY = 11; // pixels that a line is wide for a pointer

/** Titles become cards; circles are reached by the keyboard in order of computation, thin lines by a finger. */
export function prepare(panel) {
  const svg = panel.querySelector("svg");
  const name = svg?.querySelector(":scope > g > title");
  if (name) {
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", name.textContent);
    name.remove();
  }
  for (const title of panel.querySelectorAll("g > title")) {
    const part = title.parentElement;
    takeTitle(part);
    part.classList.add("tells");
    if (part.classList.contains("edge")) part.append(...[...part.querySelectorAll("path")].map(widened));
    else part.setAttribute("tabindex", "0");
    part.setAttribute("role", "img");
  }
}

/** The same line, unseen and easy to point at. */
function widened(path) {
  const reach = path.cloneNode();
  for (const name of ["stroke-dasharray", "stroke-opacity"]) reach.removeAttribute(name);
  reach.setAttribute("class", "reach");
  reach.setAttribute("stroke-width", EASY);
  return reach;
}

/** What the panel does when it is pointed at, touched, or walked through with Tab. */
export function listen(panel) {
  const show = (event) => {
    const part = event.target.closest?.(".tells");
    if (part) showCard(part, event);
    else hideCard();
  };
  panel.addEventListener("pointerover", show);
  panel.addEventListener("click", show);
  panel.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hideCard());
  panel.addEventListener("focusin", (event) => event.target.matches(".tells:focus-visible") && showCard(event.target));
  panel.addEventListener("focusout", hideCard);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && hideCard());
}
