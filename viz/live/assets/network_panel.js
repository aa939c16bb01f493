// The pictures beside the diagram: each part has a tooltip, and an explanation if the node that it shows is listed.

import { hideTooltip, showTooltip, moveTitle } from "./tooltip.js";
import { select, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { findNode, parsePart } from "./network_parts.js";
import { KEYS, KeyboardNavigation } from "./keyboard_navigation.js";

const HIT_WIDTH = 11; // width in pixels of the area that reacts to a pointer

/** Turn titles into tooltips, and make thin lines easy to touch. */
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
    moveTitle(part);
    part.classList.add("interactive");
    if (part.classList.contains("edge")) part.append(...[...part.querySelectorAll("path")].map(widen));
    else part.setAttribute("tabindex", "0");
    part.setAttribute("role", parts ? "button" : "img");
  }
}

/** Return an invisible wider copy of a line. */
function widen(path) {
  const reach = path.cloneNode();
  for (const name of ["stroke-dasharray", "stroke-opacity"]) reach.removeAttribute(name);
  reach.setAttribute("class", "reach");
  reach.setAttribute("stroke-width", HIT_WIDTH);
  return reach;
}

/** Make a panel interactive; `parts` are the nodes that its parts show. Return a function to call after its picture
 * has been replaced. */
export function listen(panel, parts) {
  const navigation = parts ? makeNavigation(panel, parts) : null;
  const show = (event) => {
    const part = event.target.closest?.(".interactive");
    if (part) showTooltip(part, event);
    else hideTooltip();
  };
  panel.addEventListener("pointerover", show);
  panel.addEventListener("click", show);
  panel.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hideTooltip());
  panel.addEventListener("focusin", (event) => event.target.matches(".interactive:focus-visible") && showTooltip(event.target));
  panel.addEventListener("focusout", hideTooltip);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && hideTooltip());
  const update = () => {
    prepare(panel, parts);
    if (!navigation) return;
    navigation.load();
    describe(panel);
    const chosen = state.part && find(state.part);
    if (panel.contains(chosen)) state.entry = findNode(parts, parsePart(chosen, panel)).entry; // an average over examples has none
  };
  update();
  return update;
}

/** Select parts by keyboard and pointer. */
function makeNavigation(panel, parts) {
  const explain = (event) => {
    const part = event.target.closest(".interactive");
    const shown = part && findNode(parts, parsePart(part, panel));
    if (shown) select(shown.row, shown.entry, part.id);
    else if (!part) select(null);
    return part;
  };
  const navigation = new KeyboardNavigation(panel);
  panel.addEventListener("click", (event) => {
    const part = explain(event);
    if (part) navigation.to(part);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    explain(event);
    hideTooltip(); // the explanation has the same content
  });
  panel.parentElement.append(make("p", { id: `${panel.id}-keys`, hidden: true }, KEYS));
  on("selection", () => {
    for (const part of panel.querySelectorAll(".selected")) part.classList.remove("selected");
    if (state.part) find(state.part)?.classList.add("selected");
  });
  return navigation;
}

/** Announce the picture to screen readers as an application with its own keys. */
function describe(panel) {
  const svg = panel.querySelector("svg");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-roledescription", "network of neurons");
  svg.setAttribute("aria-describedby", `${panel.id}-keys`);
}
