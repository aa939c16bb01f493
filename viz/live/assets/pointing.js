// The pictures beside the diagram: each part tells what it is in the same card as boxes and arrows do, and where it is
// known which node it shows, it is explained as a box is.

import { hideCard, showCard, takeTitle } from "./card.js";
import { choose, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { read, shownBy } from "./parts.js";
import { KEYS, Walk } from "./walking.js";

const EASY = 11; // pixels that a line is wide for a pointer

/** Titles become cards, and thin lines are reached by a finger. */
function prepare(panel, parts) {
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
    part.setAttribute("role", parts ? "button" : "img");
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

/** A panel that is pointed at, touched, and walked through; `parts` say what its parts show. Gives what is to be done
 * when there is another picture in it. */
export function listen(panel, parts) {
  const walk = parts ? walked(panel, parts) : null;
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
  const again = () => {
    prepare(panel, parts);
    if (!walk) return;
    walk.load();
    describe(panel);
    const chosen = state.part && find(state.part);
    if (panel.contains(chosen)) state.entry = shownBy(parts, read(chosen, panel)).entry; // which an average over examples has not
  };
  again();
  return again;
}

/** The keyboard leads to every part, and what is chosen is explained. */
function walked(panel, parts) {
  const explain = (event) => {
    const part = event.target.closest(".tells");
    const shown = part && shownBy(parts, read(part, panel));
    if (shown) choose(shown.place, shown.entry, part.id);
    else if (!part) choose(null);
    return part;
  };
  const walk = new Walk(panel);
  panel.addEventListener("click", (event) => {
    const part = explain(event);
    if (part) walk.to(part);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    explain(event);
    hideCard(); // the explanation says it all
  });
  panel.parentElement.append(make("p", { id: `${panel.id}-keys`, hidden: true }, KEYS));
  on("chosen", () => {
    for (const part of panel.querySelectorAll(".chosen")) part.classList.remove("chosen");
    if (state.part) find(state.part)?.classList.add("chosen");
  });
  return walk;
}

/** To a screen reader it is something that has keys of its own. */
function describe(panel) {
  const svg = panel.querySelector("svg");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-roledescription", "network of neurons");
  svg.setAttribute("aria-describedby", `${panel.id}-keys`);
}
