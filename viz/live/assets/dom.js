// Elements, made from words that can only ever be text.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; a string child is text, never markup. */
export function make(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

export function draw(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

function filled(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const find = (id) => document.getElementById(id);

/** A button with a small drawing in it, and its meaning in words. */
export function icon(label, shapes, onclick, more = {}) {
  const drawn = shapes.map(([d, solid]) => draw("path", { d, class: solid ? "solid" : null }));
  return make(
    "button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...more },
    draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, ...drawn),
  );
}

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
