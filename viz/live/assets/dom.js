// Elements; strings are always inserted as text.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element with attributes and children; a string child is text, never markup. */
export function make(tag, given = {}, ...children) {
  return fill(document.createElement(tag), given, children);
}

export function draw(tag, given = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), given, children);
}

function fill(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const find = (id) => document.getElementById(id);

/** Make a button with an icon and a label for screen readers. */
export function makeIconButton(label, shapes, onclick, more = {}) {
  const drawn = shapes.map(([d, solid]) => draw("path", { d, class: solid ? "solid" : null }));
  return make(
    "button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...more },
    draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, ...drawn),
  );
}

export const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
